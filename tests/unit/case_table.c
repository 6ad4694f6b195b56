/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes of a table itself end the run. */
#include "case_table.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/moment.h"
#include "rule_builder.h"
#include "rule_text.h"
#include "unit.h"

static void must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "a table of cases has a mistake: %s\n", what);
	abort();
}

/* Adds the rule of a row to the text of a file. */
static void rule_print(FILE *out, const char *category, const struct case_row *row, size_t number)
{
	bool whole = strstr(row->detection, "condition:");
	const char *line = row->detection, *end;

	fprintf(out, "title: row %zu\nlogsource: {product: linux, category: %s}\ndetection:\n%s",
		number, category, whole ? "" : "  s:\n");
	for (; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		fprintf(out, "%s%.*s\n", whole ? "  " : "    ", (int)(end - line), line);
	}
	fprintf(out, "%s---\n", whole ? "" : "  condition: s\n");
}

static void address_set(struct built_event *event, enum field field, const char *value)
{
	unsigned char address[16] = { [10] = 0xff, [11] = 0xff };

	must(inet_pton(AF_INET6, value, address) == 1 ||
		     inet_pton(AF_INET, value, address + 12) == 1,
	     value);
	event_address(event, field, address);
}

static __u64 name_number(const struct field_info *field, const char *value, size_t length)
{
	for (const struct field_name *name = field->names; name->name; name++)
		if (strlen(name->name) == length && !memcmp(name->name, value, length))
			return name->number;
	must(false, value);
	return 0;
}

static __u64 set_bits(const struct field_info *field, const char *value)
{
	__u64 bits = 0;

	while (*value) {
		const char *end = strchrnul(value, ',');

		bits |= 1ULL << name_number(field, value, (size_t)(end - value));
		value = *end ? end + 1 : end;
	}
	return bits;
}

static void field_set(struct built_event *event, const struct field_info *field, const char *value)
{
	struct policy_span span;

	switch (field->kind) {
	case KIND_text:
		event_text(event, field->id, value);
		break;
	case KIND_ip:
		address_set(event, field->id, value);
		break;
	case KIND_set:
		event_number(event, field->id, set_bits(field, value));
		break;
	case KIND_one:
		event_number(event, field->id, name_number(field, value, strlen(value)));
		break;
	case KIND_time:
		must(!moment_parse(&span, value), value);
		event->view.wall = (__u64)span.first;
		break;
	case KIND_bool:
		event_number(event, field->id, !strcmp(value, "true"));
		break;
	default:
		event_number(event, field->id, (__u64)strtoll(value, NULL, 0));
	}
}

/* `text` is taken apart in place, and borrowed by the event. */
static void event_read(struct built_event *event, const char *category, char *text)
{
	enum event_type type = (enum event_type)event_find(category);
	char *part;

	event_start(event, type);
	while ((part = strsep(&text, AND)) && *part) {
		char *value = strchr(part, '=');
		const struct field_info *field;

		must(value, part);
		*value++ = 0;
		field = field_find(type, part);
		must(field, part);
		field_set(event, field, value);
	}
}

/* What only the user side knows is gone. */
static void event_as_seen(struct built_event *event)
{
	event->view.wall = 0;
	for (size_t i = 0; i < FIELD_MAX; i++)
		if (field_table[i].origin == ORIGIN_enriched &&
		    (field_table[i].event < 0 ||
		     field_table[i].event == (int)event->record.header.event))
			event_absent(event, i);
}

static void fail(const struct case_row *row, const char *what)
{
	CU_FAIL("a case is judged wrongly");
	unit_note("%s: %s on '%s', which %s", what, row->detection, row->event,
		  row->fits ? "fits" : "does not");
}

static void row_judge(const char *category, const struct case_row *row,
		      const struct compiled *compiled)
{
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	_cleanup_free_ char *text = strdup(row->event);
	struct built_event event;
	struct verdict verdict;
	bool seen, certain;

	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0) {
		fail(row, "no evaluator");
		return;
	}
	event_read(&event, category, text);
	if (evaluate(evaluator, &event.view, SIDE_ALL, &verdict) != row->fits)
		fail(row, "alone");
	event_as_seen(&event);
	seen = evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict) == 1;
	certain = evaluator_matched(evaluator, 0);
	if (row->fits && !seen)
		fail(row, "the kernel side misses it");
	if (!row->fits && certain)
		fail(row, "the kernel side takes it for a match");
	if (!compiled->rules[0].confirm && seen != row->fits)
		fail(row, "the kernel side decides alone and wrongly");
}

static void row_check(const char *category, const struct case_row *row)
{
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_free_ char *text = NULL, *told = NULL;
	struct rule_read read;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	rule_print(out, category, row, 0);
	fclose(out);
	rule_read_text(&read, text);
	if (!read.ruleset || read.ruleset->count != 1 || read.diagnostics.total[SEVERITY_ERROR]) {
		told = rule_diagnostics_text(&read.diagnostics);
		fail(row, told);
	} else {
		compiled = build_compiled(read.ruleset);
		row_judge(category, row, compiled);
	}
	rule_read_done(&read);
}

/* All rows in one policy: atoms and clauses are shared, and nothing changes by that. */
static void together_check(const char *category, const struct case_row *rows, size_t count)
{
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_free_ char *text = NULL;
	struct rule_read read;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < count; i++)
		rule_print(out, category, &rows[i], i);
	fclose(out);
	rule_read_text(&read, text);
	if (read.ruleset && read.ruleset->count == count)
		compiled = build_compiled(read.ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0) {
		CU_FAIL("the rows of a table do not go into one policy");
		count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		_cleanup_free_ char *event_text_copy = strdup(rows[i].event);
		struct built_event event;
		struct verdict verdict;

		event_read(&event, category, event_text_copy);
		evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
		if (evaluator_matched(evaluator, (__u16)i) != rows[i].fits)
			fail(&rows[i], "in one policy with the others");
	}
	rule_read_done(&read);
}

void case_table_check(const char *category, const struct case_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		row_check(category, &rows[i]);
	together_check(category, rows, count);
	unit_note("%zu cases", count);
}
