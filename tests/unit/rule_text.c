/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers of the rule tests; their own mistakes end the run. */
#include "rule_text.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "unit.h"

#define SHIPPED_MAESTRO "rules/maestro.yml" /* tests run in the source tree */

static const struct placeholders *read_placeholders;

void rule_read_with(const struct placeholders *placeholders)
{
	read_placeholders = placeholders;
}

static void must(bool done, const char *what)
{
	if (done)
		return;
	perror(what);
	abort();
}

void rule_folder_make(struct rule_folder *folder)
{
	snprintf(folder->path, sizeof(folder->path), "/tmp/fermata-unit-XXXXXX");
	must(mkdtemp(folder->path), "mkdtemp");
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

void rule_folder_remove(struct rule_folder *folder)
{
	must(!nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), "nftw");
}

void rule_folder_write(const struct rule_folder *folder, const char *name, const void *data,
		       size_t length)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	for (char *slash = path + strlen(folder->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "w");
	must(file, path);
	must(fwrite(data, 1, length, file) == length, path);
	must(!fclose(file), path);
}

void rule_read_path(struct rule_read *read, const struct rule_folder *folder, const char *name)
{
	const struct rule_inputs inputs = { SHIPPED_MAESTRO, read_placeholders };
	char path[256];
	const char *paths[] = { path };

	*read = (struct rule_read) { 0 };
	snprintf(path, sizeof(path), "%s%s%s", folder->path, *name ? "/" : "", name);
	read->result = ruleset_read(&read->ruleset, paths, 1, &inputs, &read->diagnostics);
}

void rule_read_data(struct rule_read *read, const void *data, size_t length)
{
	struct rule_folder folder;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "rule.yml", data, length);
	rule_read_path(read, &folder, "rule.yml");
	rule_folder_remove(&folder);
}

void rule_read_text(struct rule_read *read, const char *text)
{
	rule_read_data(read, text, strlen(text));
}

void rule_read_done(struct rule_read *read)
{
	ruleset_free(read->ruleset);
	diagnostics_done(&read->diagnostics);
}

char *rule_diagnostics_text(const struct diagnostics *diagnostics)
{
	static const char *const severities[] = { "error", "warning", "skipped" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out, "open_memstream");
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = &diagnostics->list[i];

		fprintf(out, "%u:%u: %s: %s\n", item->line, item->column,
			severities[item->severity], item->message);
	}
	fclose(out);
	return text;
}

static void value_print(FILE *out, const struct test *test, const union test_value *value)
{
	switch (test->op) {
	case TEST_TEXT:
	case TEST_TEXT_CASED:
		fputc('\'', out);
		for (size_t i = 0; i < value->pattern.length; i++) {
			if (value->pattern.bytes[i] == WILDCARD)
				fprintf(out, "<%c>", value->pattern.bytes[++i]);
			else
				fputc(value->pattern.bytes[i], out);
		}
		fputc('\'', out);
		break;
	case TEST_REGEX:
		fprintf(out, "/%.*s/%u", (int)value->pattern.length,
			(const char *)value->pattern.bytes, test->flags);
		break;
	case TEST_FIELD:
		fprintf(out, "%s/%u", field_table[value->other].name, test->flags);
		break;
	case TEST_TIME:
		fprintf(out, "%u:", test->flags);
		/* fallthrough */
	case TEST_RANGE:
		fprintf(out, "%lld..%lld", (long long)value->range.low,
			(long long)value->range.high);
		break;
	case TEST_ADDRESS:
		for (size_t i = 0; i < 16; i++)
			fprintf(out, "%02x", value->address.low[i]);
		fputs("..", out);
		for (size_t i = 0; i < 16; i++)
			fprintf(out, "%02x", value->address.high[i]);
		break;
	case TEST_BITS:
		fprintf(out, "%llx", (unsigned long long)value->bits);
		break;
	case TEST_EXISTS:
		break;
	}
}

static void expression_print(FILE *out, const struct expression *expression)
{
	static const char *const ops[] = { "", "and", "or", "not" };
	static const char *const signs[] = { "~", "~~", "=", "@", "&", "?", "=~", "<>", "@@" };

	if (expression->op == EXPRESSION_TEST) {
		const struct test *test = &expression->test;

		fprintf(out, "%s%s", field_table[test->field].name, signs[test->op]);
		for (size_t i = 0; i < test->count; i++) {
			fputs(i ? "," : "", out);
			value_print(out, test, &test->values[i]);
		}
		return;
	}
	fprintf(out, "%s(", ops[expression->op]);
	for (size_t i = 0; i < expression->count; i++) {
		fputs(i ? " " : "", out);
		expression_print(out, expression->child[i]);
	}
	fputc(')', out);
}

char *rule_expression_text(const struct expression *expression)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out, "open_memstream");
	expression_print(out, expression);
	fclose(out);
	return text;
}

void rule_expect_diagnostic(const struct diagnostics *diagnostics, const char *expected)
{
	_cleanup_free_ char *text = rule_diagnostics_text(diagnostics);
	size_t length = strlen(expected);
	const char *line = text;

	while (line && *line && strncmp(line, expected, length)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (line && *line)
		return;
	CU_FAIL("a diagnostic is missing");
	unit_note("expected: %s", expected);
	unit_note("got:      %s", *text ? text : "nothing");
}

void rule_expect_condition(const char *text, const char *expected)
{
	_cleanup_free_ char *got = NULL, *diagnostics = NULL;
	struct rule_read read;

	rule_read_text(&read, text);
	diagnostics = rule_diagnostics_text(&read.diagnostics);
	if (read.ruleset && read.ruleset->count == 1 && read.ruleset->rules[0]->condition)
		got = rule_expression_text(read.ruleset->rules[0]->condition);
	if (!got || strcmp(got, expected) || *diagnostics) {
		CU_FAIL("the condition is not what was expected");
		unit_note("of:       %s", text);
		unit_note("expected: %s", expected);
		unit_note("got:      %s", got ? got : "no rule");
		unit_note("%s", diagnostics);
	}
	rule_read_done(&read);
}
