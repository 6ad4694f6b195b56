/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of a configuration, and what values become with them. */
#include "rules/placeholder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "unit.h"

/* A configuration as a file, and what became of it. */
struct configuration {
	struct rule_folder folder;
	char file[128];
	struct diagnostics diagnostics;
	struct placeholders *placeholders;
	int result;
};

static void configuration_open(struct configuration *c, const char *text)
{
	*c = (struct configuration) { 0 };
	rule_folder_make(&c->folder);
	rule_folder_write(&c->folder, "fermata.yml", text, strlen(text));
	snprintf(c->file, sizeof(c->file), "%s/fermata.yml", c->folder.path);
	c->result = placeholders_read(&c->placeholders, c->file, &c->diagnostics);
}

static void configuration_close(struct configuration *c)
{
	placeholders_freep(&c->placeholders);
	diagnostics_done(&c->diagnostics);
	rule_folder_remove(&c->folder);
}

/* Asserts that the value becomes these, joined by '|'. */
static void expect_expanded(struct configuration *c, const char *value, const char *expected)
{
	const struct node node = { .text = (char *)value, .text_column = 1 };
	_cleanup_(expanded_done) struct expanded expanded = { 0 };
	char got[256] = "";
	int r = placeholders_expand(c->placeholders, &expanded, &node, &c->diagnostics);

	CU_ASSERT_EQUAL(r, 0);
	for (size_t i = 0; i < expanded.count; i++) {
		strcat(got, i ? "|" : "");
		strcat(got, expanded.list[i]->text);
		CU_ASSERT(expanded.list[i]->quoted);
	}
	CU_ASSERT_STRING_EQUAL(got, expected);
	if (strcmp(got, expected))
		unit_note("%s became %s", value, got);
}

UNIT_TEST(placeholder, values)
{
	struct configuration c;

	configuration_open(&c, "sinks: {x: y}\n"
			       "expand:\n"
			       "  two: [a, 'b*']\n"
			       "  one: 5\n"
			       "  none: []\n"
			       "  with-dots.and_more: [z]\n");
	CU_ASSERT_EQUAL(c.result, 0);
	expect_expanded(&c, "%two%", "a|b*");
	expect_expanded(&c, "x%two%y", "xay|xb*y");
	expect_expanded(&c, "%two%%one%", "a5|b*5");
	expect_expanded(&c, "%two%-%two%", "a-a|b*-a|a-b*|b*-b*");
	expect_expanded(&c, "%with-dots.and_more%", "z");
	expect_expanded(&c, "%none%", "");
	expect_expanded(&c, "x%none%%two%", "");
	/* what is not a placeholder stays; '\%' is a plain percent sign */
	expect_expanded(&c, "\\%two%", "%two%");
	expect_expanded(&c, "\\%plain%one%", "%plain5");
	expect_expanded(&c, "100% of %one%", "100% of 5");
	expect_expanded(&c, "%%one%%", "%5%");
	expect_expanded(&c, "\\*\\\\%one%\\?", "\\*\\\\5\\?");
	expect_expanded(&c, "%", "%");
	expect_expanded(&c, "\\", "\\");
	CU_ASSERT_EQUAL(c.diagnostics.total[SEVERITY_ERROR], 0);
	configuration_close(&c);
}

UNIT_TEST(placeholder, missing)
{
	const struct node node = { .text = (char *)"ab%nothing%", .text_column = 11 };
	_cleanup_(expanded_done) struct expanded expanded = { 0 };
	struct configuration c;
	char expected[256];

	configuration_open(&c, "expand: {a: b}\n");
	CU_ASSERT_EQUAL(placeholders_expand(c.placeholders, &expanded, &node, &c.diagnostics),
			-EINVAL);
	snprintf(expected, sizeof(expected),
		 "0:13: error: there is no list 'nothing': add 'nothing: [value, …]' to 'expand:' "
		 "in %s\n",
		 c.file);
	rule_expect_diagnostic(&c.diagnostics, expected);
	configuration_close(&c);
}

UNIT_TEST(placeholder, limits)
{
	const struct node many = { .text = (char *)"%l%%l%%l%%l%%l%" };
	_cleanup_(expanded_done) struct expanded expanded = { 0 };
	struct configuration c;

	/* 8^4 values are under the limit of 8192, 8^5 over it */
	configuration_open(&c, "expand: {l: [1, 2, 3, 4, 5, 6, 7, 8]}\n");
	CU_ASSERT_EQUAL(placeholders_expand(c.placeholders, &expanded, &many, &c.diagnostics),
			-EINVAL);
	rule_expect_diagnostic(&c.diagnostics, "0:0: error: more than the limit of 16 "
					       "placeholders, or of 8192 values");
	configuration_close(&c);
}

UNIT_TEST(placeholder, bad_configurations)
{
	static const struct {
		const char *text, *expected;
	} examples[] = {
		{ "[a]\n", "1:1: error: a configuration must be a map" },
		{ "expand: [a]\n", "1:9: error: 'expand' must be a map" },
		{ "expand: {a: [b, null]}\n", "1:17: error: the list 'a' takes values, not null" },
		{ "expand: {a: {b: c}}\n", "1:13: error: the list 'a' takes values, not null" },
		{ "expand: {a b: c}\n", "1:10: error: 'a b' is no name for a list" },
		{ "expand: {a: b}\n---\nexpand: {c: d}\n", "3:1: error: a configuration is one" },
		{ "expand: {a: [b}\n", "1:15: error: " },
	};
	struct configuration c;

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		configuration_open(&c, examples[i].text);
		CU_ASSERT_EQUAL(c.result, -EINVAL);
		CU_ASSERT_PTR_NULL(c.placeholders);
		rule_expect_diagnostic(&c.diagnostics, examples[i].expected);
		configuration_close(&c);
	}
	configuration_open(&c, "");
	CU_ASSERT_EQUAL(c.result, 0);
	placeholders_freep(&c.placeholders);
	c.placeholders = NULL;
	CU_ASSERT_EQUAL(placeholders_read(&c.placeholders, "/nonexistent/x", &c.diagnostics),
			-ENOENT);
	configuration_close(&c);
}
