/* SPDX-License-Identifier: Apache-2.0 */
/* The condition grammar: what it becomes, and every mistake with its column. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "rules/condition.h"
#include "rules/expression.h"
#include "unit.h"

/* A rule with the searches a, b, sel_1, sel_2, _x, all of which the condition may
 * leave out. The condition's text begins at 9:14. */
static char *rule_of(const char *condition)
{
	char *text;

	if (asprintf(&text,
		     "title: t\n"
		     "logsource: {product: linux, category: process_creation}\n"
		     "detection:\n"
		     "  a: {UserId: 1}\n"
		     "  b: {UserId: 2}\n"
		     "  sel_1: {UserId: 3}\n"
		     "  sel_2: {UserId: 4}\n"
		     "  _x: {UserId: 5}\n"
		     "  condition: %s\n",
		     condition) < 0)
		abort();
	return text;
}

#define A "UserId=1..1"
#define B "UserId=2..2"
#define S1 "UserId=3..3"
#define S2 "UserId=4..4"
#define X "UserId=5..5"

static void expect(const char *condition, const char *expected)
{
	_cleanup_free_ char *text = rule_of(condition), *got = NULL;
	struct rule_read read;

	rule_read_text(&read, text);
	if (read.ruleset && read.ruleset->count == 1)
		got = rule_expression_text(read.ruleset->rules[0]->condition);
	if (!got || strcmp(got, expected)) {
		_cleanup_free_ char *diagnostics = rule_diagnostics_text(&read.diagnostics);

		CU_FAIL("the condition is not what was expected");
		unit_note("of:       %s", condition);
		unit_note("expected: %s", expected);
		unit_note("got:      %s", got ? got : diagnostics);
	}
	rule_read_done(&read);
}

UNIT_TEST(condition, grammar)
{
	expect("a", A);
	expect("a and b", "and(" A " " B ")");
	expect("a or b", "or(" A " " B ")");
	expect("not a", "not(" A ")");
	expect("not not a", "not(not(" A "))");
	expect("a and b and sel_1", "and(" A " " B " " S1 ")");
	expect("a or b and sel_1", "or(" A " and(" B " " S1 "))");
	expect("a and b or sel_1", "or(and(" A " " B ") " S1 ")");
	expect("not a and b", "and(not(" A ") " B ")");
	expect("not (a or b)", "not(or(" A " " B "))");
	expect("(a or b) and sel_1", "and(or(" A " " B ") " S1 ")");
	expect("((a))", A);
	expect("(a)and(b)", "and(" A " " B ")");
	expect("a AND NOT b", "and(" A " not(" B "))");
	expect("_x", X);
	expect("a and a", "and(" A " " A ")");
}

UNIT_TEST(condition, quantifiers)
{
	expect("1 of sel_*", "or(" S1 " " S2 ")");
	expect("any of sel_*", "or(" S1 " " S2 ")");
	expect("all of sel_*", "and(" S1 " " S2 ")");
	expect("1 of *_1", S1);
	expect("1 of s*1", S1);
	expect("all of a", A);
	expect("1 of them", "or(" A " " B " " S1 " " S2 ")");
	expect("all of them", "and(" A " " B " " S1 " " S2 ")");
	expect("1 of *", "or(" A " " B " " S1 " " S2 " " X ")");
	expect("1 of _*", X);
	expect("a and not 1 of sel_*", "and(" A " not(or(" S1 " " S2 ")))");
	expect("not all of sel_* or b", "or(not(and(" S1 " " S2 ")) " B ")");
	expect("a and 1 of sel_* and b", "and(" A " or(" S1 " " S2 ") " B ")");
}

UNIT_TEST(condition, lists)
{
	expect("[a, b]", "or(" A " " B ")");
	expect("[a and b]", "and(" A " " B ")");
	expect("\n    - a or b\n    - not sel_1", "or(or(" A " " B ") not(" S1 "))");
	expect("|\n    a\n    or b", "or(" A " " B ")");
	expect("'a or b'", "or(" A " " B ")");
}

/* A search may have a name that is a word of the grammar. */
UNIT_TEST(condition, names_like_words)
{
	rule_expect_condition("title: t\n"
			      "logsource: {product: linux, category: process_creation}\n"
			      "detection:\n"
			      "  all: {UserId: 1}\n"
			      "  any-1.x: {UserId: 2}\n"
			      "  condition: all and any-1.x\n",
			      "and(" A " " B ")");
}

UNIT_TEST(condition, mistakes)
{
	static const struct {
		const char *condition, *expected;
	} cases[] = {
		{ "''", "9:14: error: a condition must be a text that is not empty" },
		{ "{}", "9:14: error: a condition must be a text" },
		{ "[]", "9:14: error: a list of conditions has 1 to 64 of them" },
		{ "c", "9:14: error: no search is named 'c'; there are a, b, sel_1, sel_2, _x" },
		{ "sel_3", "9:14: error: no search is named 'sel_3'; did you mean 'sel_1'?" },
		{ "A", "9:14: error: no search is named 'A'; did you mean 'a'?" },
		{ "a and", "9:19: error: expected a search, 'not' or '(', but the condition ends" },
		{ "a or or b", "9:19: error: expected a search, 'not' or '(', found 'or'" },
		{ "and a", "9:14: error: expected a search, 'not' or '(', found 'and'" },
		{ "a b", "9:16: error: expected 'and' or 'or', found 'b'" },
		{ "(a or b", "9:21: error: expected 'and', 'or' or ')', but the condition ends" },
		{ "(a b)", "9:17: error: expected 'and', 'or' or ')', found 'b'" },
		{ "a)", "9:15: error: expected 'and' or 'or', found ')'" },
		{ "()", "9:15: error: expected a search, 'not' or '(', found ')'" },
		{ "not", "9:17: error: expected a search, 'not' or '('" },
		{ "a and not", "9:23: error: expected a search, 'not' or '('" },
		{ "1 of", "9:18: error: expected 'them' or names of searches, but" },
		{ "1 of (a)", "9:19: error: expected 'them' or names of searches, found '('" },
		{ "1 of filter_*", "9:19: error: no search fits 'filter_*'; there are a, b" },
		{ "a and all of se?_1",
		  "9:27: error: '*' is the only wildcard in names of searches" },
		{ "2 of sel_*", "9:14: error: expected '1', 'any' or 'all' before 'of'" },
		{ "none of them", "9:14: error: expected '1', 'any' or 'all' before 'of'" },
		{ "a and sel_*", "9:20: error: expected '1 of' or 'all of' before names with '*'" },
		{ "a | count() > 5", "9:16: error: aggregations after '|' are not supported: Sigma "
				     "has replaced them" },
		{ "a | near b", "9:16: error: aggregations after '|'" },
		{ "'a and zz'", "9:21: error: no search is named 'zz'" },
		{ "[a, b and zz]", "9:24: error: no search is named 'zz'" },
		/* the column inside a folded text is not known: its own place is told */
		{ ">\n    a\n    and zz", "9:14: error: no search is named 'zz'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = rule_of(cases[i].condition);
		struct rule_read read;

		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		if (!read.ruleset || read.ruleset->count) {
			CU_FAIL("a rule with an error is not left out");
			unit_note("%s", cases[i].condition);
		}
		rule_read_done(&read);
	}
}

UNIT_TEST(condition, unused)
{
	_cleanup_free_ char *text = rule_of("a and 1 of sel_*");
	struct rule_read read;

	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics,
			       "5:3: warning: the condition does not use the search 'b'");
	rule_expect_diagnostic(&read.diagnostics,
			       "8:3: warning: the condition does not use the search '_x'");
	CU_ASSERT_EQUAL(read.diagnostics.count, 2);
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	rule_read_done(&read);
}

UNIT_TEST(condition, missing)
{
	struct rule_read read;

	rule_read_text(&read, "title: t\n"
			      "logsource: {product: linux, category: process_creation}\n"
			      "detection:\n"
			      "  a: {UserId: 1}\n");
	rule_expect_diagnostic(&read.diagnostics, "4:3: error: 'detection' has no 'condition'");
	rule_read_done(&read);
}

/* `times` copies of `part`, then `end`. */
static char *repeated(const char *part, int times, const char *end)
{
	char *text = malloc(strlen(part) * (size_t)times + strlen(end) + 1);

	*text = 0;
	for (int i = 0; i < times; i++)
		memcpy(text + strlen(part) * (size_t)i, part, strlen(part) + 1);
	strcat(text, end);
	return text;
}

static void expect_limit(char *condition, const char *expected)
{
	_cleanup_free_ char *text = rule_of(condition);
	struct rule_read read;

	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics, expected);
	rule_read_done(&read);
	free(condition);
}

static void expect_fits(char *condition)
{
	_cleanup_free_ char *text = rule_of(condition);
	struct rule_read read;

	rule_read_text(&read, text);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	rule_read_done(&read);
	free(condition);
}

UNIT_TEST(condition, limits)
{
	expect_fits(repeated("not ", CONDITION_DEPTH_MAX, "a"));
	expect_fits(repeated("(a) and ", 2 * CONDITION_DEPTH_MAX, "not a"));
	expect_fits(repeated("not a and ", 2 * CONDITION_DEPTH_MAX, "a"));
	expect_fits(repeated("\n  - a", CONDITIONS_MAX, ""));
	expect_limit(repeated("\n    - a", CONDITIONS_MAX + 1, ""),
		     "10:5: error: a list of conditions has 1 to 64 of them");
	expect_limit(repeated("not ", CONDITION_DEPTH_MAX + 1, "a"),
		     "9:270: error: nested deeper than the limit of 64");
	expect_limit(repeated("(", CONDITION_DEPTH_MAX + 1, "a"),
		     "9:78: error: nested deeper than the limit of 64");
	expect_limit(repeated("(not ", 1000, ""), "9:174: error: nested deeper");
	expect_limit(repeated("a and ", 1400, "a"),
		     "9:14: error: longer than the limit of 8192 bytes");
}

/* A condition may not multiply its searches without bound. */
UNIT_TEST(condition, budget)
{
	char *text = malloc(1 << 20);
	struct rule_read read;
	int length = sprintf(text, "title: t\n"
				   "logsource: {product: linux, category: process_creation}\n"
				   "detection:\n"
				   "  a:\n"
				   "    Image:\n");

	for (int i = 0; i < 7000; i++)
		length += sprintf(text + length, "    - x%d\n", i);
	sprintf(text + length, "  condition: a or a or a or a or a or a or a or a or a or a\n");
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics,
			       "7006:59: error: with all its searches the condition has more than "
			       "the limit of 65536 tests and values");
	rule_read_done(&read);
	free(text);
}
