/* SPDX-License-Identifier: Apache-2.0 */
/* Sigma filters: what they do to their rules, and every mistake with its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_builder.h"
#include "rule_text.h"
#include "rules/rule_filter.h"
#include "unit.h"

#define ID(digit) "6f0c0f0e-0000-4000-8000-00000000000" digit

/* Two files opened and a program, lines 1 to 23. */
#define RULES                                                                                      \
	"title: one\n"                                                                             \
	"name: one\n"                                                                              \
	"id: " ID("1") "\n"                                                                        \
		       "logsource: {product: linux, category: file_open}\n"                        \
		       "detection:\n"                                                              \
		       "  s: {TargetFilename: /1}\n"                                               \
		       "  condition: s\n"                                                          \
		       "---\n"                                                                     \
		       "title: two\n"                                                              \
		       "name: two\n"                                                               \
		       "logsource: {category: file_open}\n"                                        \
		       "detection:\n"                                                              \
		       "  s: {TargetFilename: /2, Access: read}\n"                                 \
		       "  condition: s\n"                                                          \
		       "---\n"                                                                     \
		       "title: program\n"                                                          \
		       "name: program\n"                                                           \
		       "logsource: {product: linux, category: process_creation}\n"                 \
		       "detection:\n"                                                              \
		       "  s: {UserId: 3}\n"                                                        \
		       "  condition: s\n"                                                          \
		       "---\n"
#define FILES "logsource: {product: linux, category: file_open}\n"
#define LINUX "logsource: {product: linux}\n"

/* The conditions of all rules with spaces between. */
static char *conditions_of(const struct ruleset *ruleset)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; ruleset && i < ruleset->count; i++) {
		const struct expression *condition = ruleset->rules[i]->condition;
		_cleanup_free_ char *one = condition ? rule_expression_text(condition) : NULL;

		fprintf(out, "%s%s", i ? " " : "", one ? one : "-");
	}
	fclose(out);
	return text;
}

#define ONE "TargetFilename~'/1'"
#define TWO "and(TargetFilename~'/2' Access&1)"
#define PROGRAM "UserId=3..3"

UNIT_TEST(rule_filter, joined)
{
	static const struct {
		const char *filter, *expected;
	} cases[] = {
		/* the specification's form: what goes */
		{ FILES "filter: {rules: [one], s: {Image: /x}, condition: s}\n",
		  "and(" ONE " not(Image~'/x')) " TWO " " PROGRAM },
		/* that of other tools: what stays */
		{ FILES "filter: {rules: [one], s: {Image: /x}, condition: not s}\n",
		  "and(" ONE " not(Image~'/x')) " TWO " " PROGRAM },
		{ FILES "filter: {rules: [two], a: {Image: /x}, b: {Image: /y},"
			" condition: not a and not b}\n",
		  ONE " and(TargetFilename~'/2' Access&1 and(not(Image~'/x') "
		      "not(Image~'/y'))) " PROGRAM },
		{ FILES "filter: {rules: [two], a: {Image: /x}, b: {Image: /y},"
			" condition: a and not b}\n",
		  ONE " and(TargetFilename~'/2' Access&1 not(and(Image~'/x' "
		      "not(Image~'/y')))) " PROGRAM },
		{ FILES "filter: {rules: [one], f_1: {Image: /x}, f_2: {Image: /y},"
			" condition: not 1 of f_*}\n",
		  "and(" ONE " not(or(Image~'/x' Image~'/y'))) " TWO " " PROGRAM },
		/* `neq` is part of a search, and says nothing about which form it is */
		{ FILES "filter: {rules: [one], s: {Image|neq: /x}, condition: s}\n",
		  "and(" ONE " not(not(Image~'/x'))) " TWO " " PROGRAM },
		/* by id in any case, by name, one without a list, several */
		{ FILES "filter: {rules: [6F0C0F0E-0000-4000-8000-000000000001], s: {UserId: 9},"
			" condition: s}\n",
		  "and(" ONE " not(UserId=9..9)) " TWO " " PROGRAM },
		{ FILES "filter: {rules: one, s: {UserId: 9}, condition: s}\n",
		  "and(" ONE " not(UserId=9..9)) " TWO " " PROGRAM },
		{ FILES "filter: {rules: [one, two], s: {UserId: 9}, condition: s}\n",
		  "and(" ONE " not(UserId=9..9)) and(TargetFilename~'/2' Access&1 "
		  "not(UserId=9..9)) " PROGRAM },
		/* any rule of its log source */
		{ FILES "filter: {rules: any, s: {UserId: 9}, condition: s}\n",
		  "and(" ONE " not(UserId=9..9)) and(TargetFilename~'/2' Access&1 "
		  "not(UserId=9..9)) " PROGRAM },
		{ LINUX "filter: {rules: all, s: {UserId: 9}, condition: s}\n",
		  "and(" ONE
		  " not(UserId=9..9)) and(TargetFilename~'/2' Access&1 not(UserId=9..9)) "
		  "and(" PROGRAM " not(UserId=9..9))" },
		{ LINUX "filter: {rules: [one, program], s: {UserId: 9}, condition: s}\n",
		  "and(" ONE " not(UserId=9..9)) " TWO " and(" PROGRAM " not(UserId=9..9))" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL, *got = NULL, *diagnostics = NULL;
		struct rule_read read;

		/* the order of documents does not matter */
		for (int first = 0; first < 2; first++) {
			if (asprintf(&text, "%stitle: filter\n%s%s%s", first ? "" : RULES,
				     cases[i].filter, first ? "---\n" : "", first ? RULES : "") < 0)
				abort();
			rule_read_text(&read, text);
			got = conditions_of(read.ruleset);
			diagnostics = rule_diagnostics_text(&read.diagnostics);
			if (strcmp(got, cases[i].expected) || *diagnostics) {
				CU_FAIL("the conditions are not what was expected");
				unit_note("of:       %s", cases[i].filter);
				unit_note("expected: %s", cases[i].expected);
				unit_note("got:      %s %s", got, diagnostics);
			}
			CU_ASSERT_EQUAL(read.ruleset->count, 3);
			CU_ASSERT_EQUAL(read.ruleset->filter_count, 1);
			rule_read_done(&read);
			free(text);
			free(got);
			free(diagnostics);
			text = got = diagnostics = NULL;
		}
	}
}

/* The filter begins in line 23, its block in line 25. */
UNIT_TEST(rule_filter, mistakes)
{
	static const struct {
		const char *filter, *expected;
	} cases[] = {
		{ "filter: {rules: any, s: {UserId: 1}, condition: s}\n",
		  "23:1: error: the filter has no 'logsource'" },
		{ FILES "filter: x\n", "25:9: error: 'filter' must be a map" },
		{ FILES "filter: {s: {UserId: 1}, condition: s}\n",
		  "25:9: error: 'filter' has no 'rules'" },
		{ FILES "filter: {rules: [], s: {UserId: 1}, condition: s}\n",
		  "25:17: error: 'rules' lists ids and names of rules, or is 'any'" },
		{ FILES "filter: {rules: {a: b}, s: {UserId: 1}, condition: s}\n",
		  "25:17: error: 'rules' lists ids and names of rules, or is 'any'" },
		{ FILES "filter: {rules: [[one]], s: {UserId: 1}, condition: s}\n",
		  "25:18: error: an id or name of a rule must be a text" },
		{ FILES "filter: {rules: [one], s: {UserId: 1}}\n",
		  "25:9: error: 'filter' has no 'condition'" },
		{ FILES "filter: {rules: [one], s: {UserId: 1}, condition: [s, s]}\n",
		  "25:51: error: the condition of a filter must be a text" },
		{ FILES "filter: {rules: [one], s: {UserId: 1}, condition: t}\n",
		  "25:51: error: no search is named 't'; there are s" },
		{ FILES "filter: {rules: [one], condition: rules}\n",
		  "25:35: error: no search is named 'rules'" },
		{ FILES "filter: {rules: [nine], s: {UserId: 1}, condition: s}\n",
		  "25:18: error: no rule has the id or name 'nine'; did you mean 'one'?" },
		{ FILES "filter: {rules: [one, program], s: {UserId: 1}, condition: s}\n",
		  "25:23: error: 'program' is a rule of process_creation, and the filter's log "
		  "source is file_open" },
		{ FILES "filter: {rules: [one], s: {DestinationIp: 1.2.3.4}, condition: s}\n",
		  "25:28: error: file_open has no field 'DestinationIp'" },
		{ FILES "filter: {rules: any, s: {Nonsense: x}, condition: s}\n",
		  "25:26: error: file_open has no field 'Nonsense'" },
		/* a field that only one of the categories has */
		{ LINUX "filter: {rules: any, s: {Access: read}, condition: s}\n",
		  "25:26: error: process_creation has no field 'Access'" },
		{ FILES "filter: {rules: [broken], s: {UserId: 1}, condition: s}\n",
		  "25:18: error: the rule 'broken' has errors" },
		{ FILES "filter: {rules: [chain], s: {UserId: 1}, condition: s}\n",
		  "25:18: error: 'chain' is a correlation: a filter is for the rules that it "
		  "counts" },
		{ "id: " ID("1") "\n" FILES
				 "filter: {rules: [one], s: {UserId: 1}, condition: s}\n",
		  "23:1: error: its id is that of the rule at " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL, *got = NULL;
		struct rule_read read;

		if (asprintf(&text,
			     RULES
			     "title: filter\n%s---\n"
			     "title: broken\nname: broken\n" FILES "detection: {}\n---\n"
			     "title: chain\nname: chain\ncorrelation: {type: temporal_ordered, "
			     "rules: [one, two], timespan: 1s, group-by: [AgentSession], "
			     "generate: true}\n",
			     cases[i].filter) < 0)
			abort();
		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		/* the broken rule's, and the filter's */
		CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 2);
		got = conditions_of(read.ruleset);
		CU_ASSERT_STRING_EQUAL(got, ONE " " TWO " " PROGRAM " -");
		CU_ASSERT_EQUAL(read.ruleset->filter_count, 0);
		rule_read_done(&read);
	}
}

UNIT_TEST(rule_filter, skipped)
{
	static const struct {
		const char *filter, *expected;
		size_t skipped;
	} cases[] = {
		{ "title: f\nlogsource: {product: windows}\nfilter: {rules: any}\n",
		  "2:12: skipped: product 'windows'", 2 },
		{ "title: f\n" FILES "filter: {rules: [w], s: {UserId: 1}, condition: s}\n",
		  "3:18: skipped: a filter of 'w', which was skipped", 2 },
		{ "title: f\n" FILES "filter: {rules: [w, one], s: {UserId: 1}, condition: s}\n",
		  "3:18: skipped: a filter of 'w', which was skipped", 1 },
		{ "title: f\ntaxonomy: ecs\n" FILES "filter: {rules: [one]}\n",
		  "1:1: skipped: taxonomy 'ecs'", 2 },
		{ "title: f\nlogsource: {category: dns}\nfilter: {rules: any}\n",
		  "2:23: skipped: category 'dns'", 2 },
		{ "title: f\nlogsource: {category: network_connection}\n"
		  "filter: {rules: any, s: {UserId: 1}, condition: s}\n",
		  "1:1: warning: the filter applies to no rule", 1 },
		{ "title: f\n" FILES "filter: {rules: [one, one], s: {UserId: 1}, condition: s}\n",
		  "3:23: warning: the rule 'one' is listed twice", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;
		struct rule_read read;

		if (asprintf(&text,
			     "%s---\n" RULES "title: w\nname: w\nlogsource: {product: windows}\n"
			     "detection: {}\n",
			     cases[i].filter) < 0)
			abort();
		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
		CU_ASSERT_EQUAL(read.ruleset->skipped, cases[i].skipped);
		CU_ASSERT_EQUAL(read.ruleset->filter_count, 2 - cases[i].skipped);
		rule_read_done(&read);
	}
}

/* A rule knows its filters, and several are joined one after the other. */
UNIT_TEST(rule_filter, listed)
{
	struct rule_read read;
	const struct rule *rule;
	_cleanup_free_ char *got = NULL;

	rule_read_text(&read,
		       RULES "title: first\nid: " ID(
			       "7") "\n"
				    "description: why\n" FILES
				    "filter: {rules: [one], s: {UserId: 8}, condition: s}\n---\n"
				    "title: second\n" FILES
				    "filter: {rules: any, s: {UserId: 9}, condition: s}\n");
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 3);
	rule = read.ruleset->rules[0];
	CU_ASSERT_EQUAL_FATAL(rule->filter_count, 2);
	CU_ASSERT_PTR_EQUAL(rule->filters[0], read.ruleset->filters[0]);
	CU_ASSERT_STRING_EQUAL(rule->filters[0]->title, "first");
	CU_ASSERT_STRING_EQUAL(rule->filters[0]->id, ID("7"));
	CU_ASSERT_STRING_EQUAL(rule->filters[0]->description, "why");
	CU_ASSERT_EQUAL(rule->filters[0]->place.line, 23);
	CU_ASSERT_EQUAL(rule->filters[0]->rule_count, 1);
	CU_ASSERT_STRING_EQUAL(rule->filters[1]->title, "second");
	CU_ASSERT_EQUAL(rule->filters[1]->rule_count, 2);
	CU_ASSERT_EQUAL(read.ruleset->rules[1]->filter_count, 1);
	CU_ASSERT_EQUAL(read.ruleset->rules[2]->filter_count, 0);
	got = rule_expression_text(rule->condition);
	CU_ASSERT_STRING_EQUAL(got, "and(" ONE " not(UserId=8..8) not(UserId=9..9))");
	rule_read_done(&read);
}

/* A drop-in filter replaces the one with its id; a filter stays with the rule that
 * replaces the one it was written for. */
UNIT_TEST(rule_filter, replaced)
{
	struct rule_read read;
	_cleanup_free_ char *got = NULL;

	rule_read_text(&read,
		       RULES "title: old\nid: " ID(
			       "7") "\n" FILES
				    "filter: {rules: [one], s: {UserId: 8}, condition: s}\n---\n"
				    "title: new\nid: " ID(
					    "7") "\n" FILES "filter: {rules: [one], s: {UserId: "
						 "9}, condition: s}\n---\n"
						 "title: drop-in\nid: " ID(
							 "1") "\n" FILES "detection: {s: {Access: "
							      "write}, condition: s}\n");
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	rule_expect_diagnostic(&read.diagnostics,
			       "28:1: warning: it replaces the filter with the same id at ");
	CU_ASSERT_EQUAL_FATAL(read.ruleset->filter_count, 1);
	CU_ASSERT_STRING_EQUAL(read.ruleset->filters[0]->title, "new");
	CU_ASSERT_EQUAL(read.ruleset->filters[0]->replaces.line, 23);
	got = conditions_of(read.ruleset);
	CU_ASSERT_STRING_EQUAL(got, TWO " " PROGRAM " and(Access&2 not(UserId=9..9))");
	CU_ASSERT_EQUAL(read.ruleset->rules[2]->replaces.line, 1);
	rule_read_done(&read);
}

UNIT_TEST(rule_filter, limits)
{
	_cleanup_free_ char *text = malloc(4u << 20);
	struct rule_read read;
	size_t length = (size_t)sprintf(text, "%s", RULES);

	for (size_t i = 0; i <= FILTERS_MAX; i++)
		length += (size_t)sprintf(
			text + length, "title: f\n" FILES
				       "filter: {rules: any, s: {UserId: 1}, condition: s}\n---\n");
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics,
			       "4119:1: error: nothing is read from here on: the limit of 1024 "
			       "filters is reached");
	CU_ASSERT_EQUAL(read.ruleset->filter_count, FILTERS_MAX);
	rule_read_done(&read);

	/* 10 times two rules, 7 searches and 8,000 values: more than all filters may add */
	length = (size_t)sprintf(text, "%s", RULES);
	for (size_t i = 0; i < 10; i++) {
		length += (size_t)sprintf(text + length,
					  "title: f\n" FILES "filter:\n  rules: any\n"
					  "  condition: s or s or s or s or s or s or s\n"
					  "  s:\n    UserId: [0");
		for (int k = 1; k < 8000; k++)
			length += (size_t)sprintf(text + length, ",%d", 2 * k);
		length += (size_t)sprintf(text + length, "]\n---\n");
	}
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics,
			       "95:1: error: with all their rules the filters have more than the "
			       "limit of 1048576 tests and values");
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 1);
	CU_ASSERT_EQUAL(read.ruleset->filter_count, 9);
	CU_ASSERT_EQUAL(read.ruleset->rules[0]->filter_count, 9);
	rule_read_done(&read);
}

/* What is compiled obeys it. */
UNIT_TEST(rule_filter, evaluated)
{
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct verdict verdict;
	struct rule_read read;

	rule_read_text(&read, RULES "title: f\n" FILES
				    "filter: {rules: [one], s: {UserId: 9}, condition: s}\n");
	compiled = read.ruleset ? build_compiled(read.ruleset) : NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(compiled);
	CU_ASSERT_EQUAL_FATAL(evaluator_new(&evaluator, compiled->policy), 0);
	for (__u64 user = 8; user < 10; user++) {
		struct built_event event;

		event_start(&event, EVENT_file_open);
		event_text(&event, FIELD_file_open_target_filename, "/1");
		event_number(&event, FIELD_common_user_id, user);
		CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), user == 8);
	}
	rule_read_done(&read);
}
