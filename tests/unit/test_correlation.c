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
		{ GOOD "  rules: [one, broken]\n", "5:16: error: the rule 'broken' has errors" },
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

/* One `correlation` block after another in the flow style, of rules about two events. */
#define NETWORK(name)                                                                              \
	"---\ntitle: " name "\nname: " name "\n"                                                   \
	"logsource: {product: linux, category: network_connection}\n"                              \
	"detection: {s: {DestinationPort: 1}, condition: s}\n"

static void expect_of_block(const char *block, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	struct rule_read read;

	if (asprintf(&text,
		     "{title: c, name: c, correlation: {%s}}\n" STEP("one") STEP("two")
			     NETWORK("net"),
		     block) < 0)
		abort();
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics, expected);
	if (strstr(expected, "error:"))
		for (size_t j = 0; read.ruleset && j < read.ruleset->count; j++)
			CU_ASSERT(strcmp(read.ruleset->rules[j]->title, "c"));
	rule_read_done(&read);
}

/* The block begins in column 35. */
UNIT_TEST(correlation, mistakes_of_conditions)
{
#define COUNT "type: event_count, rules: [one], timespan: 5m"
#define VALUE(type) "type: " type ", rules: [net], timespan: 5m"
	static const struct {
		const char *block, *expected;
	} cases[] = {
		{ COUNT, "1:34: error: 'correlation' has no 'condition', like '{gte: 10}', which "
			 "event_count needs" },
		{ VALUE("value_sum"),
		  "1:34: error: 'correlation' has no 'condition', like '{field: Image, gte: 10}', "
		  "which value_sum needs" },
		{ COUNT ", condition: 3", "1:93: error: 'condition' must be a map" },
		{ COUNT ", condition: {}", "1:93: error: 'condition' compares with nothing; it "
					   "takes gt, gte, lt, lte, eq or neq and a number" },
		{ COUNT ", condition: {ge: 3}",
		  "1:94: error: 'condition' has no 'ge'; did you mean 'gt'?" },
		{ COUNT ", condition: {gte: many}",
		  "1:99: error: 'gte' of event_count takes a whole number from 0 to 16383" },
		{ COUNT ", condition: {gte: '3'}", "1:99: error: 'gte' of event_count takes" },
		{ COUNT ", condition: {gte: -1}", "1:99: error: 'gte' of event_count takes" },
		{ COUNT ", condition: {gte: 1.5}", "1:99: error: 'gte' of event_count takes" },
		{ COUNT ", condition: {gte: [3]}", "1:99: error: 'gte' of event_count takes" },
		{ COUNT ", condition: {gte: 16384}",
		  "1:99: error: 'gte' of event_count is above the limit of 16383" },
		{ COUNT ", condition: {gte: 99999999999999999999}",
		  "1:99: error: 'gte' of event_count takes" },
		{ COUNT ", condition: {field: Image, gte: 3}",
		  "1:94: error: 'field' is for types that look at values, not for event_count" },
		{ COUNT ", condition: {percentile: 50, gte: 3}",
		  "1:94: error: 'percentile' is for value_percentile, not for event_count" },
		{ COUNT ", condition: {lt: 1}",
		  "1:93: warning: the condition can never hold: it is looked at when an event "
		  "comes, which is counted" },
		{ COUNT ", condition: {eq: 0}", "1:93: warning: the condition can never hold" },
		{ COUNT ", condition: {gt: 5, lt: 6}",
		  "1:93: warning: the condition can never hold" },
		{ "type: temporal, rules: [one, two], timespan: 5m, condition: {gte: 3}",
		  "1:95: warning: the condition can never hold: it is looked at when an event "
		  "comes, which is counted, and there are fewer rules" },
		{ "type: temporal, rules: [one, two], timespan: 5m, condition: {gte: 9}",
		  "1:101: error: 'gte' of temporal is above the limit of 8" },
		{ "type: temporal, rules: [one, two], timespan: 5m, condition: {field: Image, "
		  "gte: 2}",
		  "1:96: error: 'field' is for types that look at values, not for temporal" },
		{ VALUE("value_count") ", condition: {gte: 3}",
		  "1:93: error: 'condition' has no 'field', whose values value_count looks at" },
		{ VALUE("value_count") ", condition: {field: DestinationPort, gte: 1024}",
		  "1:123: error: 'gte' of value_count is above the limit of 1023" },
		{ VALUE("value_count") ", condition: {field: Destination, gte: 3}",
		  "1:101: error: events of 'net' (network_connection) have no field "
		  "'Destination'" },
		{ VALUE("value_count") ", condition: {field: {x: y}, gte: 3}",
		  "1:101: error: a field must be a text" },
		{ VALUE("value_sum") ", condition: {field: [UserId, SourcePort], gte: 3}",
		  "1:99: error: 'field' of value_sum takes one field" },
		{ VALUE("value_sum") ", condition: {field: Image, gte: 3}",
		  "1:99: error: value_sum needs a field that is a number, and Image is none" },
		{ VALUE("value_avg") ", condition: {field: DestinationIp, gte: 3}",
		  "1:99: error: value_avg needs a field that is a number, and DestinationIp is "
		  "none" },
		{ VALUE("value_avg") ", condition: {field: Initiated, gte: 3}",
		  "1:99: error: value_avg needs a field that is a number, and Initiated is none" },
		{ VALUE("value_percentile") ", condition: {field: Image, percentile: 50, gte: 3}",
		  "1:106: error: value_percentile needs a field that is a number, and Image is "
		  "none" },
		{ VALUE("value_percentile") ", condition: {field: UserId, percentile: 101, gte: 3}",
		  "1:126: error: 'percentile' takes a whole number from 0 to 100" },
		{ VALUE("value_percentile") ", condition: {field: UserId, percentile: 5.5, gte: 3}",
		  "1:126: error: 'percentile' takes a whole number from 0 to 100" },
		{ VALUE("value_avg") ", condition: {field: UserId, gte: 1.1234567}",
		  "1:112: error: 'gte' takes a number with at most 18 digits before the point and "
		  "6 after it" },
		{ VALUE("value_avg") ", condition: {field: UserId, gte: 1.}",
		  "1:112: error: 'gte' takes a number" },
		{ VALUE("value_avg") ", condition: {field: UserId, gte: 1e3}",
		  "1:112: error: 'gte' takes a number" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_of_block(cases[i].block, cases[i].expected);
	unit_note("%zu cases", ARRAY_SIZE(cases));
}

UNIT_TEST(correlation, mistakes_of_groups)
{
#define BOTH "type: temporal, rules: [one, net], timespan: 5m"
	static const struct {
		const char *block, *expected;
	} cases[] = {
		{ BOTH ", group-by: [Images]",
		  "1:95: error: events of 'one' (file_open) have no field 'Images'; did you mean "
		  "'Image'?" },
		{ BOTH ", group-by: [Image, DestinationPort]",
		  "1:102: error: events of 'one' (file_open) have no field 'DestinationPort'" },
		{ BOTH ", group-by: [TargetFilename]",
		  "1:95: error: events of 'net' (network_connection) have no field "
		  "'TargetFilename'" },
		{ BOTH ", group-by: {a: b}", "1:94: error: a field must be a text" },
		{ BOTH ", group-by: [[Image]]", "1:95: error: a field must be a text" },
		{ BOTH ", group-by: ['']",
		  "1:95: error: a field must be a text that is not empty" },
		{ BOTH
		  ", group-by: [Image, Image, Image, Image, Image, Image, Image, Image, Image]",
		  "1:94: error: 'group-by' has 9 entries; at most 8 are possible" },
		{ BOTH ", group-by: [x], aliases: {x: {one: Image, two: Image}}",
		  "1:125: error: 'two' is not one of the rules of this correlation; they are "
		  "one, net" },
		{ BOTH ", group-by: [x], aliases: {x: {one: Image, nobody: Image}}",
		  "1:125: error: 'nobody' is not one of the rules of this correlation" },
		{ BOTH ", group-by: [x], aliases: {x: {one: Image}}",
		  "1:95: error: events of 'net' (network_connection) have no field 'x'" },
		{ BOTH ", group-by: [x], aliases: {x: {one: DestinationPort, net: Image}}",
		  "1:118: error: events of 'one' (file_open) have no field 'DestinationPort'" },
		{ BOTH ", group-by: [Image], aliases: {x: {one: Image, net: Image}}",
		  "1:113: warning: the alias 'x' is not used: neither 'group-by' nor 'field' has "
		  "it" },
		{ BOTH ", aliases: [x]", "1:93: error: 'aliases' must be a map" },
		{ BOTH ", aliases: {x: Image}", "1:97: error: an alias must be a map" },
		{ BOTH ", aliases: {x: {one: [Image]}}", "1:103: error: a field must be a text" },
		{ "type: event_count, rules: [], timespan: 5m, condition: {gte: 1}",
		  "1:61: error: 'rules' has 0 steps; 1 to 8 are possible" },
		{ "type: temporal, rules: [one], timespan: 5m",
		  "1:58: error: 'rules' has 1 steps; 2 to 8 are possible" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_of_block(cases[i].block, cases[i].expected);
	unit_note("%zu cases", ARRAY_SIZE(cases));
}

#define LINK(name, step)                                                                           \
	"---\n{title: " name ", name: " name ", correlation: {type: event_count, timespan: 1m, "   \
	"rules: [" step "], condition: {gte: 1}}}\n"

UNIT_TEST(correlation, of_correlations)
{
	static const struct {
		const char *text, *expected;
		size_t rules; /* that are left */
	} cases[] = {
		{ LINK("c1", "one") LINK("c2", "c1") LINK("c3", "c2"), "", 4 },
		{ LINK("c3", "c2") LINK("c2", "c1") LINK("c1", "one"), "", 4 },
		{ LINK("c1", "c1"), "2:78: error: 'c1' is the correlation itself", 1 },
		{ LINK("c1", "c2") LINK("c2", "c3") LINK("c3", "c1"),
		  "6:78: error: 'c1' is a correlation that refers, in the end, back to this one",
		  1 },
		{ LINK("c0", "c1") LINK("c1", "c2") LINK("c2", "c1"),
		  "2:78: error: the rule 'c1' has errors", 1 },
		{ LINK("c1", "c2") LINK("c2", "nobody"), "2:78: error: the rule 'c2' has errors",
		  1 },
		{ LINK("c1", "c2") "---\n{title: c2, name: c2, correlation: {type: none}}\n",
		  "2:78: error: the rule 'c2' has errors", 1 },
		{ LINK("c1", "c2") LINK("c2", "c3") "---\n{title: c3, name: c3, correlation: "
						    "{type: none}}\n",
		  "2:78: error: the rule 'c2' has errors", 1 },
		{ LINK("c1", "c2") LINK("c2", "windows") "---\ntitle: w\nname: windows\n"
							 "logsource: {product: windows}\n"
							 "detection: {}\n",
		  "2:78: skipped: a correlation of 'c2', which was skipped", 1 },
		{ LINK("c1", "one") LINK("c2", "c1") LINK("c3", "c2") LINK("c4", "c3")
			  LINK("c5", "c4") LINK("c6", "c5") LINK("c7", "c6") LINK("c8", "c7"),
		  "", 9 },
		{ LINK("c9", "c8") LINK("c1", "one") LINK("c2", "c1") LINK("c3", "c2")
			  LINK("c4", "c3") LINK("c5", "c4") LINK("c6", "c5") LINK("c7", "c6")
				  LINK("c8", "c7"),
		  "2:1: error: it is a correlation of correlations, more than 8 deep", 9 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;
		struct rule_read read;

		if (asprintf(&text, "%s" STEP("one"), cases[i].text) < 0)
			abort();
		rule_read_text(&read, text);
		CU_ASSERT_EQUAL(read.ruleset->count, cases[i].rules);
		if (*cases[i].expected)
			rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		else
			CU_ASSERT_EQUAL(read.diagnostics.count, 0);
		rule_read_done(&read);
	}
}

/* What the specification has as examples is read, but for fields that are not ours. */
UNIT_TEST(correlation, of_the_specification)
{
	static const char *const blocks[] = {
		"type: event_count, rules: [one], group-by: [UserId], timespan: 1h, condition: "
		"{gte: 100}",
		"type: value_count, rules: [net], group-by: [Image, UserId], timespan: 1d, "
		"condition: {field: User, gte: 100}",
		"type: temporal, rules: [one, two], group-by: [ProcessId, User], timespan: 5m",
		"type: temporal_ordered, rules: [one, two], group-by: [User], timespan: 1h",
		"type: value_sum, rules: [net], group-by: [SourceIp, User], timespan: 1h, "
		"condition: {field: DestinationPort, gt: 1000000}",
		"type: value_avg, rules: [net], group-by: [SourceIp, User], timespan: 24h, "
		"condition: {field: DestinationPort, gt: 500}",
		"type: value_percentile, rules: [net], group-by: [User], timespan: 24h, condition: "
		"{field: Image, lte: 1}",
		"type: event_count, rules: [one], group-by: [User], timespan: 1m, condition: {gt: "
		"100, lte: 200}",
		"type: temporal, rules: [one, net], group-by: [x, y], timespan: 10s, aliases: {x: "
		"{one: ProcessId, net: SourcePort}, y: {one: UserId, net: DestinationPort}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		_cleanup_free_ char *text = NULL, *told = NULL;
		struct rule_read read;

		if (asprintf(&text,
			     "{title: c, correlation: {%s}}\n" STEP("one") STEP("two")
				     NETWORK("net"),
			     blocks[i]) < 0)
			abort();
		rule_read_text(&read, text);
		told = rule_diagnostics_text(&read.diagnostics);
		CU_ASSERT_STRING_EQUAL(told, "");
		CU_ASSERT_EQUAL(read.ruleset->count, 4);
		rule_read_done(&read);
	}
}
