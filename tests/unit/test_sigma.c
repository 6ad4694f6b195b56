/* SPDX-License-Identifier: Apache-2.0 */
/* Whole rule documents: metadata, log source, response, tests; what is skipped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "rules/examples.h"
#include "unit.h"

#define REST                                                                                       \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {Access: read}\n"                                                                    \
	"  condition: s\n"

UNIT_TEST(sigma, metadata)
{
	struct rule_read read;
	const struct rule *rule;

	rule_read_text(&read, "title: A rule\n"
			      "id: 929A690E-bef0-4204-a928-ef5e620d6fcc\n"
			      "name: a_rule\n"
			      "related:\n"
			      "  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}\n"
			      "status: test\n"
			      "description: What it is\n"
			      "license: Apache-2.0\n"
			      "author: Someone\n"
			      "references: [https://example.org]\n"
			      "date: 2026-01-02\n"
			      "modified: 2026-01-03\n"
			      "taxonomy: sigma\n"
			      "tags: [attack.t1552.001, attack.credential-access]\n"
			      "level: high\n"
			      "fields: [Image]\n"
			      "scope: [server]\n"
			      "falsepositives: [Backups, None]\n"
			      "response: kill-agent\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 1);
	rule = read.ruleset->rules[0];
	CU_ASSERT_STRING_EQUAL(rule->title, "A rule");
	CU_ASSERT_STRING_EQUAL(rule->id, "929a690e-bef0-4204-a928-ef5e620d6fcc");
	CU_ASSERT_STRING_EQUAL(rule->name, "a_rule");
	CU_ASSERT_STRING_EQUAL(rule->status, "test");
	CU_ASSERT_STRING_EQUAL(rule->description, "What it is");
	CU_ASSERT_EQUAL(rule->level, LEVEL_high);
	CU_ASSERT_EQUAL(rule->response, RESPONSE_kill_agent);
	CU_ASSERT_EQUAL(rule->event, EVENT_file_open);
	CU_ASSERT_EQUAL(rule->tags.count, 2);
	CU_ASSERT_STRING_EQUAL(rule->tags.list[1], "attack.credential-access");
	CU_ASSERT_EQUAL(rule->references.count, 1);
	CU_ASSERT_EQUAL(rule->falsepositives.count, 2);
	CU_ASSERT_EQUAL(rule->place.line, 1);
	CU_ASSERT(!rule->silent);
	CU_ASSERT_EQUAL(rule->step_count, 0);
	rule_read_done(&read);
}

UNIT_TEST(sigma, defaults)
{
	struct rule_read read;

	rule_read_text(&read, "title: A rule\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 1);
	CU_ASSERT_EQUAL(read.ruleset->rules[0]->level, LEVEL_medium);
	CU_ASSERT_EQUAL(read.ruleset->rules[0]->response, RESPONSE_alert);
	CU_ASSERT_PTR_NULL(read.ruleset->rules[0]->id);
	CU_ASSERT_PTR_NULL(read.ruleset->rules[0]->maestro.layer);
	rule_read_done(&read);
}

/* Every attribute of the three schemas, with every value of those that have a choice. */
UNIT_TEST(sigma, all_that_the_schemas_allow)
{
	static const char *const status[] = { "stable", "test", "experimental", "deprecated" };
	static const char *const level[] = { "informational", "low", "medium", "high", "critical" };
	static const char all[] =
		"title: Every attribute\n"
		"id: 929a690e-bef0-4204-a928-ef5e620d6fc%zu\n"
		"related:\n"
		"  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}\n"
		"  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: obsolete}\n"
		"  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: merged}\n"
		"  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: renamed}\n"
		"  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: similar}\n"
		"name: every_attribute_%zu\n"
		"taxonomy: sigma\n"
		"status: %s\n"
		"description: ''\n"
		"license: ''\n"
		"author: ''\n"
		"references: ['https://example.org/1', 'https://example.org/2']\n"
		"date: 2026-01-31\n"
		"modified: 2026-12-01\n"
		"fields: [Image, CommandLine]\n"
		"falsepositives: [Backups, Unknown]\n"
		"level: %s\n"
		"tags: [attack.t1552.001, attack.credential-access, cve.2026-1234, car.2016_04]\n"
		"scope: [server, workstation]\n"
		"logsource: {product: linux, category: file_open, definition: 'all of it'}\n"
		"detection:\n"
		"  selection: {Access: read}\n"
		"  list:\n"
		"    - {TargetFilename: /a}\n"
		"    - {TargetFilename: /b}\n"
		"  condition: selection and list\n";
	char text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(status) + ARRAY_SIZE(level); i++) {
		size_t k = i < ARRAY_SIZE(status) ? 0 : i - ARRAY_SIZE(status);
		struct rule_read read;

		snprintf(text, sizeof(text), all, i, i, status[i % ARRAY_SIZE(status)], level[k]);
		rule_read_text(&read, text);
		CU_ASSERT_EQUAL(read.diagnostics.count, 0);
		CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 1);
		CU_ASSERT_STRING_EQUAL(level_table[read.ruleset->rules[0]->level], level[k]);
		CU_ASSERT_PTR_NULL(read.ruleset->rules[0]->description);
		rule_read_done(&read);
	}
}

/* What the other two schemas have beside that of detections. */
UNIT_TEST(sigma, correlations_and_filters_of_the_schemas)
{
	struct rule_read read;

	rule_read_text(&read,
		       "title: A step\nname: step\n" REST "---\n"
		       "title: A filter\n"
		       "id: 929a690e-bef0-4204-a928-ef5e620d6fcc\n"
		       "description: ''\n"
		       "date: 2026-01-31\n"
		       "modified: 2026-12-01\n"
		       "taxonomy: sigma\n"
		       "logsource: {product: linux, category: file_open}\n"
		       "filter: {rules: [step], selection: [{UserId: 0}], condition: selection}\n"
		       "---\n"
		       "title: A correlation\n"
		       "status: test\n"
		       "author: Someone\n"
		       "references: ['https://example.org']\n"
		       "date: 2026-01-31\n"
		       "taxonomy: sigma\n"
		       "falsepositives: Backups\n"
		       "level: high\n"
		       "generate: true\n"
		       "correlation:\n"
		       "  type: temporal_ordered\n"
		       "  rules: [step, step]\n"
		       "  group-by: [AgentSession]\n"
		       "  timespan: 1m\n");
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 2);
	CU_ASSERT_EQUAL(read.ruleset->filter_count, 1);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->rules[1]->falsepositives.count, 1);
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[1]->falsepositives.list[0], "Backups");
	rule_read_done(&read);
}

enum fate { LEFT_OUT, SKIPPED, KEPT };

UNIT_TEST(sigma, documents)
{
	static const struct {
		const char *text;
		enum fate fate;
		const char *expected;
	} cases[] = {
		{ REST, LEFT_OUT, "1:1: error: the rule has no 'title'" },
		{ "title: [a]\n" REST, LEFT_OUT, "1:8: error: title must be a text" },
		{ "title: ''\n" REST, LEFT_OUT,
		  "1:8: error: title must be a text that is not empty" },
		{ "title: t\nid: 1234\n" REST, LEFT_OUT,
		  "2:5: error: 'id' must be a UUID, not '1234'" },
		{ "title: t\nid: 929a690e-bef0-4204-a928-ef5e620d6fcg\n" REST, LEFT_OUT,
		  "2:5: error: 'id' must be a UUID" },
		{ "title: t\nlevel: hihg\n" REST, LEFT_OUT,
		  "2:8: error: unknown level 'hihg'; did you mean 'high'?" },
		{ "title: t\nstatus: done\n" REST, LEFT_OUT,
		  "2:9: error: unknown status 'done'; known are stable, test, experimental, "
		  "deprecated, unsupported" },
		{ "title: t\ntags: attack.t1\n" REST, LEFT_OUT, "2:7: error: tags must be a list" },
		{ "title: t\ntags: [[a.b]]\n" REST, LEFT_OUT, "2:8: error: an item of this list" },
		{ "title: t\ntags: [T1234]\n" REST, KEPT,
		  "2:8: warning: the tag 'T1234' is not of the form 'namespace.name'" },
		{ "title: t\ntags: [attack.]\n" REST, KEPT, "2:8: warning: the tag" },
		{ "title: t\ndate: 2026/01/02\n" REST, KEPT,
		  "2:7: warning: 'date' is not a date that is written as YYYY-MM-DD" },
		{ "title: t\nmodified: 2026-13-02\n" REST, KEPT,
		  "2:11: warning: 'modified' is not a date" },
		{ "title: t\ndate: 2026-12-00\n" REST, KEPT, "2:7: warning: 'date' is not a" },
		{ "title: t\ndate: [2026-12-01]\n" REST, KEPT, "2:7: warning: 'date' is not a" },
		{ "title: t\nreferences: [a, b, a]\n" REST, KEPT,
		  "2:20: warning: 'a' is listed twice in 'references'" },
		{ "title: t\nscope: [x]\n" REST, KEPT,
		  "2:9: warning: an item of 'scope' has at least 2 characters" },
		{ "title: t\nfalsepositives: [x]\n" REST, KEPT,
		  "2:18: warning: an item of 'falsepositives' has at least 2" },
		{ "title: t\nfalsepositives: {a: b}\n" REST, LEFT_OUT,
		  "2:17: error: falsepositives must be a list" },
		{ "title: t\nauthor: [a, b]\n" REST, LEFT_OUT,
		  "2:9: error: author must be a text" },
		{ "title: t\nlicense: {a: b}\n" REST, LEFT_OUT,
		  "2:10: error: license must be a text" },
		{ "title: t\nrelated: [{id: x, type: similar}]\n" REST, KEPT,
		  "2:16: warning: the related id 'x' is not a UUID" },
		{ "title: t\nrelated: [x]\n" REST, LEFT_OUT,
		  "2:11: error: 'related' lists maps of 'id' and 'type'" },
		{ "title: t\nrelated: [{id: x, type: cousin}]\n" REST, LEFT_OUT,
		  "2:25: error: unknown related 'cousin'" },
		{ "title: t\nlevle: high\n" REST, KEPT,
		  "2:1: warning: unknown attribute 'levle' is ignored; did you mean 'level'?" },
		{ "title: t\ncustom: {a: b}\n" REST, KEPT,
		  "2:1: warning: unknown attribute 'custom' is ignored\n" },
		{ "title: t\nresponse: freeze\n" REST, LEFT_OUT,
		  "2:11: error: response 'freeze' is not supported yet" },
		{ "title: t\nresponse: quarantine\n" REST, LEFT_OUT,
		  "2:11: error: response 'quarantine' is not supported yet" },
		{ "title: t\nresponse: tag\n" REST, LEFT_OUT,
		  "2:11: error: response 'tag' is not supported yet" },
		{ "title: t\nresponse: kil\n" REST, LEFT_OUT,
		  "2:11: error: unknown response 'kil'; did you mean 'kill'?" },
		{ "title: t\nresponse: terminate\n" REST, LEFT_OUT,
		  "2:11: error: unknown response 'terminate'; known are alert, deny, kill, "
		  "kill-agent" },
		{ "- a\n- b\n", LEFT_OUT, "1:1: error: a rule is a map" },
		{ "just text\n", LEFT_OUT, "1:1: error: a rule is a map" },
		{ "title: t\n", LEFT_OUT,
		  "1:1: error: neither 'detection' nor 'correlation' nor 'filter'" },
		{ "title: t\ncorrelation: {}\n" REST, LEFT_OUT,
		  "1:1: error: a document has 'detection' or 'correlation', not both" },
		{ "title: t\nfilter: {}\n" REST, LEFT_OUT,
		  "1:1: error: a document has 'detection' or 'filter', not both" },
		{ "title: t\ndetection: {a: {b: c}, condition: a}\n", LEFT_OUT,
		  "1:1: error: the rule has no 'logsource'" },
		{ "title: t\nlogsource: linux\ndetection: {}\n", LEFT_OUT,
		  "2:12: error: 'logsource' must be a map" },
		{ "title: t\nlogsource: {category: [a]}\ndetection: {}\n", LEFT_OUT,
		  "2:23: error: category must be a text" },
		{ "title: t\nlogsource: {category: file_open}\ndetection: x\n", LEFT_OUT,
		  "3:12: error: 'detection' must be a map" },
		{ "action: global\ntitle: t\n" REST, SKIPPED,
		  "1:1: skipped: part of a rule collection ('action: …'), which Sigma has" },
		{ "action: something\ntitle: t\n" REST, KEPT,
		  "1:1: warning: unknown attribute 'action' is ignored" },
		/* not for us: nothing else in it matters */
		{ "title: t\nlogsource: {product: windows, category: file_open}\n"
		  "detection: {x: {Foo|re: x}, condition: y}\n",
		  SKIPPED, "2:12: skipped: product 'windows'" },
		{ "title: t\nlogsource: {product: linux, service: auditd}\ndetection: {}\n",
		  SKIPPED, "2:12: skipped: service 'auditd'" },
		{ "title: t\nlogsource: {product: linux, category: webserver}\ndetection: {}\n",
		  SKIPPED, "2:39: skipped: category 'webserver'; seen are process_creation" },
		{ "title: t\nlogsource: {product: linux, category: file_opne}\ndetection: {}\n",
		  SKIPPED, "2:39: skipped: category 'file_opne'; did you mean 'file_open'?" },
		{ "title: t\nlogsource: {product: linux}\ndetection: {}\n", SKIPPED,
		  "2:12: skipped: its log source has no category" },
		{ "title: t\nlogsource: {category: file_open}\n"
		  "detection: {k: [one, two], condition: k}\n",
		  SKIPPED, "3:17: skipped: a search for keywords in whole log lines" },
		{ "title: t\nlogsource: {category: file_open}\n"
		  "detection: {k: {'|all': [one, two]}, condition: k}\n",
		  SKIPPED, "3:17: skipped: a search for keywords in whole log lines" },
		{ "title: t\nlogsource: {category: file_open}\n"
		  "detection: {k: [{Access: read}, two], condition: k}\n",
		  SKIPPED, "3:33: skipped: a search for keywords in whole log lines" },
		{ "title: t\nstatus: unsupported\n" REST, SKIPPED,
		  "1:1: skipped: status 'unsupported'" },
		{ "title: t\ntaxonomy: ecs\n" REST, SKIPPED, "1:1: skipped: taxonomy 'ecs'" },
		{ "# nothing\n", LEFT_OUT, "0:0: warning: there is nothing in it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rule_read read;
		bool right;

		rule_read_text(&read, cases[i].text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		right = !read.result && read.ruleset &&
			read.ruleset->count == (cases[i].fate == KEPT) &&
			read.ruleset->skipped == (cases[i].fate == SKIPPED);
		if (!right) {
			CU_FAIL("its fate is not what was expected");
			unit_note("%s", cases[i].text);
		}
		if (cases[i].fate == SKIPPED)
			CU_ASSERT_EQUAL(read.diagnostics.count, 1);
		rule_read_done(&read);
	}
}

/* A category alone is one of every product. */
UNIT_TEST(sigma, without_product)
{
	rule_expect_condition("title: t\n"
			      "logsource: {category: file_open, definition: any}\n"
			      "detection:\n"
			      "  s: {Access: read}\n"
			      "  condition: s\n",
			      "Access&1");
}

UNIT_TEST(sigma, long_title)
{
	char text[1024] = "title: ";
	struct rule_read read;

	for (int i = 0; i < 257; i++)
		strcat(text, "\xc3\xa9");
	strcat(text, "\n" REST);
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics, "1:8: warning: 'title' is longer than the 256");
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	rule_read_done(&read);

	/* one character, of two bytes, less */
	memmove(text + 7, text + 9, strlen(text + 9) + 1);
	rule_read_text(&read, text);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	rule_read_done(&read);
}

/* What is kept of the last block of the test below. */
static void expect_examples(const struct examples *examples)
{
	const struct example *fires;

	CU_ASSERT_PTR_NOT_NULL_FATAL(examples);
	CU_ASSERT_EQUAL_FATAL(examples->count, 2);
	fires = &examples->list[0];
	CU_ASSERT(fires->fires && fires->place.line == 3);
	CU_ASSERT_EQUAL_FATAL(fires->count, 2);
	CU_ASSERT_STRING_EQUAL(fires->events[0].line,
			       "{\"category\":\"file_open\",\"TargetFilename\":\"/x\","
			       "\"Access\":[\"read\",\"write\"]}");
	CU_ASSERT_EQUAL(fires->events[0].after, 0);
	CU_ASSERT_EQUAL(fires->events[1].after, 10000000000);
	CU_ASSERT_EQUAL(fires->events[1].place.line, 6);
	CU_ASSERT(!examples->list[1].fires);
	CU_ASSERT_STRING_EQUAL(examples->list[1].events[0].line, "{\"category\":\"file_open\"}");
}

UNIT_TEST(sigma, tests_block)
{
	static const struct {
		const char *tests, *expected;
	} cases[] = {
		{ "tests: x\n", "2:8: error: 'tests' must be a list" },
		{ "tests:\n  - x\n", "3:5: error: a test must be a map" },
		{ "tests:\n  - {fires: true}\n",
		  "3:5: error: a test must have 'fires' and 'events'" },
		{ "tests:\n  - {fires: perhaps, events: []}\n",
		  "3:13: error: 'fires' takes true or false, not 'perhaps'" },
		{ "tests:\n  - {fires: true, events: []}\n", "3:27: error: 'events' is empty" },
		{ "tests:\n  - {fires: true, events: [{Access: read}]}\n",
		  "3:28: error: an event must have a 'category'" },
		{ "tests:\n  - {fires: true, events: [{category: file_opened}]}\n",
		  "3:39: error: unknown category 'file_opened'; did you mean 'file_open'?" },
		{ "tests:\n  - {fires: true, events: [{category: file_open, Acces: read}]}\n",
		  "3:50: error: file_open has no field 'Acces'; did you mean 'Access'?" },
		{ "tests:\n  - {fires: true, events: [{category: file_open, after: soon}]}\n",
		  "3:57: error: 'after' takes a number above 0 and one of s, m, h, d" },
		{ "tests:\n  - {fires: true, events: [{category: file_open, Image: [a, b]}]}\n",
		  "3:57: error: 'Image' takes a text" },
		{ "tests:\n  - {fires: true, events: [{category: file_open, Inode: many}]}\n",
		  "3:57: error: 'Inode' takes a whole number of 64 bits, not 'many'" },
		{ "tests:\n  - {fires: true, events: [{category: file_open, Access: [read, "
		  "look]}]}\n",
		  "3:65: error: 'Access' takes its names, one or a list of them, not 'look'" },
		{ "tests:\n  - {fires: true, evnts: [], events: [{category: file_open}]}\n",
		  "3:19: error: a test has no 'evnts'" },
	};
	struct rule_read read;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[512];

		snprintf(text, sizeof(text), "title: t\n%s" REST, cases[i].tests);
		rule_read_text(&read, text);
		rule_expect_diagnostic(&read.diagnostics, cases[i].expected);
		CU_ASSERT_EQUAL(read.ruleset->count, 0);
		rule_read_done(&read);
	}
	rule_read_text(&read,
		       "title: t\n"
		       "tests:\n"
		       "  - fires: true\n"
		       "    events:\n"
		       "      - {category: file_open, TargetFilename: /x, Access: [read, write]}\n"
		       "      - {after: 10s, category: network_connection, DestinationPort: 443,\n"
		       "         AgentSession: s1}\n"
		       "  - fires: false\n"
		       "    events: [{category: file_open, Image: null}]\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 1);
	expect_examples(read.ruleset->rules[0]->examples);
	rule_read_done(&read);
}

/* One bad document does not take the others of its file with it. */
UNIT_TEST(sigma, several_documents)
{
	struct rule_read read;

	rule_read_text(&read, "title: one\n" REST "---\n"
			      "title: two\nlevel: bad\n" REST "---\n"
			      "title: three\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 1);
	rule_expect_diagnostic(&read.diagnostics, "8:8: error: unknown level 'bad'");
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 2);
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[1]->title, "three");
	CU_ASSERT_EQUAL(read.ruleset->rules[1]->place.line, 14);
	rule_read_done(&read);
}

/* A collection is skipped from its first document to the end of the file. */
UNIT_TEST(sigma, collections)
{
	struct rule_read read;

	rule_read_text(&read, "title: before\n" REST "---\n"
			      "action: global\ntitle: all\n---\n" REST "---\n"
			      "action: reset\n---\n"
			      "title: after\n" REST);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_SKIPPED], 4);
	CU_ASSERT_EQUAL(read.ruleset->skipped, 4);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 1);
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[0]->title, "before");
	rule_read_done(&read);
}
