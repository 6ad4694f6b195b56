/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations: what is accepted, and how they are linked to their rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "unit.h"

#define STEP(name)                                                                                 \
	"---\n"                                                                                    \
	"title: " name "\n"                                                                        \
	"name: " name "\n"                                                                         \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {Access: read}\n"                                                                    \
	"  condition: s\n"

#define STEP_ID "6f0c0f0e-0000-4000-8000-000000000001"

static const struct rule *rule_named(const struct ruleset *ruleset, const char *title)
{
	for (size_t i = 0; ruleset && i < ruleset->count; i++)
		if (!strcmp(ruleset->rules[i]->title, title))
			return ruleset->rules[i];
	CU_FAIL("a rule is missing");
	unit_note("%s", title);
	return NULL;
}

UNIT_TEST(correlation, linked)
{
	struct rule_read read;
	const struct rule *chain;

	rule_read_text(&read, "title: chain\n"
			      "level: critical\n"
			      "response: kill-agent\n"
			      "correlation:\n"
			      "  type: temporal_ordered\n"
			      "  rules: [two, one, 6F0C0F0E-0000-4000-8000-000000000001]\n"
			      "  group-by: [AgentSession]\n"
			      "  timespan: 5m\n" STEP("one") STEP("two") STEP("three")
				      STEP("other") "id: " STEP_ID "\n");
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 5);
	chain = read.ruleset->rules[0]; /* in the order of reading */
	CU_ASSERT_STRING_EQUAL(chain->title, "chain");
	CU_ASSERT_PTR_NULL(chain->condition);
	CU_ASSERT_EQUAL(chain->timespan, 300000000000ULL);
	CU_ASSERT_EQUAL(chain->response, RESPONSE_kill_agent);
	CU_ASSERT_EQUAL_FATAL(chain->step_count, 3);
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[chain->steps[0]]->title, "two");
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[chain->steps[1]]->title, "one");
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[chain->steps[2]]->title, "other");
	CU_ASSERT(!chain->silent);
	CU_ASSERT(rule_named(read.ruleset, "one")->silent);
	CU_ASSERT(!rule_named(read.ruleset, "three")->silent);
	rule_read_done(&read);
}

#define CHAIN(title, more)                                                                         \
	"---\n"                                                                                    \
	"title: " title "\n"                                                                       \
	"correlation:\n"                                                                           \
	"  type: temporal_ordered\n"                                                               \
	"  timespan: 1h\n" more

UNIT_TEST(correlation, generate)
{
	struct rule_read read;

	rule_read_text(&read,
		       CHAIN("a", "  rules: [one, two]\n")
			       CHAIN("b", "  rules: [two, three]\n  generate: true\n")
				       CHAIN("c", "  rules: [three, four]\ngenerate: false\n")
					       CHAIN("d", "  rules: [four, five]\ngenerate: true\n")
						       STEP("one") STEP("two") STEP("three")
							       STEP("four") STEP("five"));
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT(rule_named(read.ruleset, "one")->silent);
	CU_ASSERT(!rule_named(read.ruleset, "two")->silent);
	CU_ASSERT(!rule_named(read.ruleset, "three")->silent);
	CU_ASSERT(!rule_named(read.ruleset, "four")->silent);
	CU_ASSERT(!rule_named(read.ruleset, "five")->silent);
	CU_ASSERT_EQUAL(rule_named(read.ruleset, "a")->timespan, 3600000000000ULL);
	rule_read_done(&read);
}

UNIT_TEST(correlation, response_of_a_step)
{
	struct rule_read read;

	rule_read_text(&read, CHAIN("a", "  rules: [one, two]\n")
				      STEP("one") "response: deny\n" STEP("two"));
	rule_expect_diagnostic(&read.diagnostics,
			       "8:1: warning: its response 'deny' is never carried out");
	CU_ASSERT_EQUAL(read.diagnostics.count, 1);
	rule_read_done(&read);
}

/* Rules that come later, in other files, are found. */
UNIT_TEST(correlation, across_files)
{
	static const char chain[] = CHAIN("chain", "  rules: [one, two]\n");
	static const char one[] = STEP("one"), two[] = STEP("two");
	struct rule_folder folder;
	struct rule_read read;
	const struct rule *rule;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "b.yml", chain, sizeof(chain) - 1);
	rule_folder_write(&folder, "a.yml", one, sizeof(one) - 1);
	rule_folder_write(&folder, "c/d.yml", two, sizeof(two) - 1);
	rule_read_path(&read, &folder, "");
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 3);
	rule = read.ruleset->rules[1];
	CU_ASSERT_STRING_EQUAL(rule->title, "chain");
	CU_ASSERT_EQUAL_FATAL(rule->step_count, 2);
	CU_ASSERT_EQUAL(rule->steps[0], 0);
	CU_ASSERT_EQUAL(rule->steps[1], 2);
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

/* A name that another file has as well is the one of the same file; two strangers of
 * the same name are one too many. */
UNIT_TEST(correlation, names_twice)
{
	static const char chain[] = CHAIN("chain", "  rules: [one, two]\n") STEP("one");
	static const char other[] = STEP("one") STEP("two"), more[] = STEP("two");
	struct rule_folder folder;
	struct rule_read read;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", chain, sizeof(chain) - 1);
	rule_folder_write(&folder, "b.yml", other, sizeof(other) - 1);
	rule_read_path(&read, &folder, "");
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 4);
	CU_ASSERT_EQUAL(read.ruleset->rules[0]->steps[0], 1);
	rule_read_done(&read);

	rule_folder_write(&folder, "c.yml", more, sizeof(more) - 1);
	rule_read_path(&read, &folder, "");
	rule_expect_diagnostic(&read.diagnostics,
			       "6:16: error: 'two' is the name of 2 rules; refer to it by id");
	CU_ASSERT_EQUAL(read.ruleset->count, 4);
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

/* A correlation of rules for other systems is skipped with them. */
UNIT_TEST(correlation, skipped)
{
	struct rule_read read;

	rule_read_text(&read, "title: c\n"
			      "correlation:\n"
			      "  type: event_count\n"
			      "  rules: [logins]\n"
			      "  group-by: [User]\n"
			      "  timespan: 1h\n"
			      "---\n"
			      "title: logins\n"
			      "name: logins\n"
			      "logsource: {product: windows, service: security}\n"
			      "detection: {}\n");
	rule_expect_diagnostic(&read.diagnostics,
			       "4:11: skipped: a correlation of 'logins', which was skipped");
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL(read.ruleset->skipped, 2);
	CU_ASSERT_EQUAL(read.ruleset->count, 0);
	rule_read_done(&read);
}

/* Nor is it skipped when another rule has the name. */
UNIT_TEST(correlation, skipped_namesake)
{
	struct rule_read read;

	rule_read_text(&read,
		       CHAIN("c", "  rules: [one, two]\n") STEP("one")
			       STEP("two") "---\n"
					   "title: windows\n"
					   "name: one\n"
					   "logsource: {product: windows, category: file_event}\n"
					   "detection: {}\n");
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL(read.ruleset->skipped, 1);
	CU_ASSERT_EQUAL(read.ruleset->count, 3);
	rule_read_done(&read);
}

UNIT_TEST(correlation, mistakes)
{
#define GOOD "title: c\ncorrelation:\n  type: temporal_ordered\n  timespan: 5m\n"
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "title: c\ncorrelation: x\n", "2:14: error: 'correlation' must be a map" },
		{ "title: c\ncorrelation: {}\n", "2:14: error: 'correlation' has no 'type'" },
		{ "title: c\ncorrelation: {type: temporal_ordered, rules: [one, two]}\n",
		  "2:14: error: 'correlation' has no 'timespan'" },
		{ GOOD, "3:3: error: 'correlation' has no 'rules'" },
		{ "title: c\ncorrelation: {type: event_count}\n",
		  "2:21: error: correlation type 'event_count' is not supported yet" },
		{ "title: c\ncorrelation: {type: temporal}\n",
		  "2:21: error: correlation type 'temporal' is not supported yet" },
		{ "title: c\ncorrelation: {type: value_percentile}\n",
		  "2:21: error: correlation type 'value_percentile' is not supported yet" },
		{ "title: c\ncorrelation: {type: temporal_orderd}\n",
		  "2:21: error: unknown correlation type 'temporal_orderd'; did you mean "
		  "'temporal_ordered'?" },
		{ GOOD "  rules: one\n", "5:10: error: 'rules' must be a list" },
		{ GOOD "  rules: [one]\n",
		  "5:10: error: 'rules' has 1 steps; 2 to 8 are possible" },
		{ GOOD "  rules: [one, two, one, two, one, two, one, two, one]\n",
		  "5:10: error: 'rules' has 9 steps; 2 to 8" },
		{ GOOD "  rules: [one, [two]]\n", "5:16: error: a step must be a text" },
		{ GOOD "  rules: [one, tow]\n",
		  "5:16: error: no rule has the id or name 'tow'; did you mean 'two'?" },
		{ GOOD "  rules: [one, c2]\n---\ntitle: c2\nname: c2\ncorrelation:\n"
		       "  type: temporal_ordered\n  timespan: 5m\n  rules: [one, two]\n",
		  "5:16: error: 'c2' is a correlation: correlations of correlations are not "
		  "supported yet" },
		{ GOOD "  rules: [one, me]\nname: me\n",
		  "5:16: error: 'me' is a correlation: correlations of correlations" },
		{ GOOD "  rules: [one, broken]\n", "5:16: error: the rule 'broken' has errors" },
		{ GOOD "  rules: [one, two]\n  group-by: [User]\n",
		  "6:13: error: 'group-by' other than [AgentSession] is not supported yet" },
		{ GOOD "  rules: [one, two]\n  group-by: [AgentSession, User]\n",
		  "6:13: error: 'group-by' other than" },
		{ GOOD "  rules: [one, two]\n  condition: {gte: 3}\n",
		  "6:3: error: 'condition' in a correlation is not supported yet" },
		{ GOOD "  rules: [one, two]\n  aliases: {a: {one: x}}\n",
		  "6:3: error: 'aliases' in a correlation is not supported yet" },
		{ GOOD "  rules: [one, two]\n  goup-by: [AgentSession]\n",
		  "6:3: error: 'correlation' has no 'goup-by'; did you mean 'group-by'?" },
		{ GOOD "  rules: [one, two]\ngenerate: maybe\n",
		  "6:11: error: 'generate' takes true or false" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;
		struct rule_read read;

		if (asprintf(&text, "%s" STEP("one") STEP("two") STEP("broken") "level: none\n",
			     cases[i].text) < 0)
			abort();
		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		for (size_t j = 0; read.ruleset && j < read.ruleset->count; j++)
			CU_ASSERT(strcmp(read.ruleset->rules[j]->title, "c"));
		rule_read_done(&read);
	}
}

UNIT_TEST(correlation, timespans)
{
	static const struct {
		const char *text;
		unsigned long long seconds; /* 0: an error */
	} cases[] = {
		{ "1s", 1 },
		{ "90m", 5400 },
		{ "24h", 86400 },
		{ "7d", 604800 },
		{ "3650d", 315360000 },
		{ "3651d", 0 },
		{ "0s", 0 },
		{ "5", 0 },
		{ "m", 0 },
		{ "5M", 0 },
		{ "1h30m", 0 },
		{ "1y", 0 },
		{ "-5m", 0 },
		{ "5 m", 0 },
		{ "1.5h", 0 },
		{ "[5m]", 0 },
		{ "999999999d", 0 },
		{ "9999999999s", 0 },
		{ "18446744073709551617s", 0 },
		{ "''", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rule_read read;
		char text[512];
		bool right;

		snprintf(text, sizeof(text),
			 "title: c\n"
			 "correlation:\n"
			 "  type: temporal_ordered\n"
			 "  rules: [one, two]\n"
			 "  timespan: %s\n" STEP("one") STEP("two"),
			 cases[i].text);
		rule_read_text(&read, text);
		if (cases[i].seconds)
			right = read.ruleset->count == 3 &&
				read.ruleset->rules[0]->timespan == cases[i].seconds * 1000000000;
		else
			right = read.ruleset->count == 2 &&
				read.diagnostics.total[SEVERITY_ERROR] == 1 &&
				read.diagnostics.list[0].line == 5 &&
				read.diagnostics.list[0].column == 13;
		if (!right) {
			CU_FAIL("a time span is read wrongly");
			unit_note("%s", cases[i].text);
		}
		rule_read_done(&read);
	}
}
