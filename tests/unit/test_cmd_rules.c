/* SPDX-License-Identifier: Apache-2.0 */
/* `fermata rules` as it is called: what it prints, and its exit status. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "program.h"
#include "rule_text.h"
#include "unit.h"

#define GOOD                                                                                       \
	"title: good\n"                                                                            \
	"id: 6f0c0f0e-0000-4000-8000-000000000001\n"                                               \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {Access: read, TargetFilename: /etc/shadow}\n"                                       \
	"  condition: s\n"

/* Asks `fermata rules`. */
static bool ask(struct answer *answer, const char *arguments)
{
	char command[1024];

	snprintf(command, sizeof(command), "rules %s", arguments);
	return program_ask(answer, command);
}

/* Asks about the folder: `command` with the path of `name` in it behind. */
static bool ask_about(struct answer *answer, const struct rule_folder *folder, const char *command,
		      const char *name, const char *redirection)
{
	char arguments[256];

	snprintf(arguments, sizeof(arguments), "%s %s/%s %s", command, folder->path, name,
		 redirection);
	return ask(answer, arguments);
}

UNIT_TEST(cmd_rules, check)
{
	static const char bad[] = "title: bad\n"
				  "logsource: {product: linux, category: file_open}\n"
				  "detection:\n"
				  "  s: {Acess: read}\n"
				  "  condition: s\n";
	static const char windows[] = "title: w\nlogsource: {product: windows}\ndetection: {}\n";
	struct rule_folder folder;
	static struct answer answer;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "good/a.yml", GOOD, strlen(GOOD));
	rule_folder_write(&folder, "warn.yml", "odd: 1\n" GOOD, strlen("odd: 1\n" GOOD));
	rule_folder_write(&folder, "bad\n.yml", bad, strlen(bad));
	rule_folder_write(&folder, "windows.yml", windows, strlen(windows));
	if (!ask_about(&answer, &folder, "check", "good", "2>&1"))
		goto out;
	answer_expect(&answer, 0,
		      "1 rules (1 detections, 0 correlations), 0 skipped, 0 errors, 0 warnings\n");
	answer_expect(&answer, 0, " atoms, 1 clauses, image of ");
	ask_about(&answer, &folder, "check", "'bad\n.yml'", "2>&1 >/dev/null");
	answer_expect(&answer, 1,
		      "/bad\\n.yml:4:7: error: file_open has no field 'Acess'; did you mean "
		      "'Access'?\n");
	ask_about(&answer, &folder, "check", "'bad\n.yml'", "2>/dev/null");
	answer_expect(&answer, 1, "0 rules (0 detections, 0 correlations), 0 skipped, 1 errors");
	ask_about(&answer, &folder, "check", "windows.yml", "2>&1");
	answer_expect(&answer, 0, "windows.yml:2:12: skipped: product 'windows'\n");
	answer_expect(&answer, 0, "1 skipped, 0 errors");
	ask_about(&answer, &folder, "check", "warn.yml", "2>&1");
	answer_expect(&answer, 0, ":1:1: warning: unknown attribute 'odd' is ignored\n");
	ask_about(&answer, &folder, "check --strict", "warn.yml", "2>&1");
	answer_expect(&answer, 1, "0 errors, 1 warnings");
	ask_about(&answer, &folder, "check", "nowhere", "2>&1");
	answer_expect(&answer, 2, "nowhere: error: cannot read: No such file or directory\n");
	ask_about(&answer, &folder, "check", "good", ">/dev/full 2>&1");
	CU_ASSERT_EQUAL(answer.status, 3);
out:
	rule_folder_remove(&folder);
}

UNIT_TEST(cmd_rules, json)
{
	struct rule_folder folder;
	static struct answer answer;
	json_t *root;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", "odd: 1\n" GOOD, strlen("odd: 1\n" GOOD));
	if (!ask_about(&answer, &folder, "check --json", "", "2>&1"))
		goto out;
	root = json_loads(answer.text, 0, NULL);
	CU_ASSERT_EQUAL(answer.status, 0);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "rules")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "warnings")), 1);
	CU_ASSERT(json_integer_value(json_object_get(json_object_get(root, "policy"), "bytes")) >
		  0);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(
				json_array_get(json_object_get(root, "diagnostics"), 0), "line")),
			1);
	json_decref(root);

	ask_about(&answer, &folder, "list --json", "", "2>/dev/null");
	root = json_loads(answer.text, 0, NULL);
	CU_ASSERT_EQUAL_FATAL(json_array_size(root), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(root, 0), "event")),
			       "file_open");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(root, 0), "where")),
			       "kernel");
	json_decref(root);
out:
	rule_folder_remove(&folder);
}

UNIT_TEST(cmd_rules, list)
{
	static const char inner[] = "response: kill\n"
				    "title: \"inner\\e[2J wildcard\"\n"
				    "level: critical\n"
				    "logsource: {category: process_creation}\n"
				    "detection:\n"
				    "  s: {CommandLine: 'a*b'}\n"
				    "  condition: s\n";
	struct rule_folder folder;
	static struct answer answer;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", GOOD, strlen(GOOD));
	rule_folder_write(&folder, "b.yml", inner, strlen(inner));
	if (!ask_about(&answer, &folder, "list", "", "2>/dev/null"))
		goto out;
	answer_expect(
		&answer, 0,
		"\n6f0c0f0e-0000-4000-8000-000000000001  medium         alert       file_open  "
		"          kernel         good\n");
	answer_expect(
		&answer, 0,
		"critical       kill        process_creation     user confirms  inner\\x1b[2J "
		"wildcard\n");
out:
	rule_folder_remove(&folder);
}

/* A correlation that the kernel advances, and one that the user side decides alone. */
UNIT_TEST(cmd_rules, list_correlations)
{
#define CORRELATION(title, rest)                                                                   \
	"---\ntitle: " title "\ncorrelation: {rules: [6f0c0f0e-0000-4000-8000-000000000001], "     \
	"timespan: 1m, " rest "}\n"
	static const char text[] = GOOD CORRELATION("many",
						    "type: event_count, condition: {gte: 3}")
		CORRELATION("grouped", "type: event_count, group-by: [Image], condition: {gte: 3}");
#undef CORRELATION
	static const char *const where[] = { "kernel", "kernel", "user" };
	struct rule_folder folder;
	static struct answer answer;
	json_t *list;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", text, strlen(text));
	if (!ask_about(&answer, &folder, "list", "", "2>/dev/null"))
		goto out;
	answer_expect(&answer, 0, "  kernel         many\n");
	answer_expect(&answer, 0, "  user           grouped\n");

	ask_about(&answer, &folder, "list --json", "", "2>/dev/null");
	list = json_loads(answer.text, 0, NULL);
	CU_ASSERT_EQUAL_FATAL(json_array_size(list), ARRAY_SIZE(where));
	for (size_t i = 0; i < ARRAY_SIZE(where); i++)
		CU_ASSERT_STRING_EQUAL(
			json_string_value(json_object_get(json_array_get(list, i), "where")),
			where[i]);
	json_decref(list);
out:
	rule_folder_remove(&folder);
}

/* Filters are told, and what a drop-in replaces. */
UNIT_TEST(cmd_rules, filters_and_drop_ins)
{
	static const char filter[] = "title: ours\n"
				     "logsource: {category: file_open}\n"
				     "filter:\n"
				     "  rules: any\n"
				     "  s: {Image: /usr/bin/x}\n"
				     "  condition: s\n";
	json_t *list, *item;
	struct rule_folder folder;
	struct answer answer;
	char expected[256];

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", GOOD, strlen(GOOD));
	rule_folder_write(&folder, "b.yml", GOOD, strlen(GOOD));
	rule_folder_write(&folder, "c.yml", filter, strlen(filter));
	if (!ask_about(&answer, &folder, "list", "", "2>/dev/null"))
		goto out;
	snprintf(expected, sizeof(expected), "  good  (replaces %s/a.yml:1)\n", folder.path);
	answer_expect(&answer, 0, expected);
	answer_expect(&answer, 0, "  filter               1    rule      ours\n");
	ask_about(&answer, &folder, "check", "", "2>/dev/null");
	answer_expect(&answer, 0, " 0 errors, 1 warnings\n1 filters\n");

	ask_about(&answer, &folder, "list --json", "", "2>/dev/null");
	list = json_loads(answer.text, 0, NULL);
	CU_ASSERT_EQUAL(json_array_size(list), 2);
	item = json_array_get(list, 0);
	CU_ASSERT_EQUAL(
		json_integer_value(json_object_get(json_object_get(item, "replaces"), "line")), 1);
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_array_get(json_object_get(item, "filters"), 0)), "ours");
	item = json_array_get(list, 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(item, "event")), "filter");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(item, "rules")), 1);
	json_decref(list);
out:
	rule_folder_remove(&folder);
}

UNIT_TEST(cmd_rules, usage)
{
	static struct answer answer;

	if (!ask(&answer, "2>&1"))
		return;
	answer_expect(&answer, 2, "rules takes check");
	ask(&answer, "frobnicate 2>&1");
	answer_expect(&answer, 2, "rules takes check");
	ask(&answer, "check --bogus 2>&1");
	answer_expect(&answer, 2, "unknown option '--bogus'");
	ask(&answer, "-h 2>/dev/null");
	answer_expect(&answer, 0, "fermata rules list [OPTION…] [PATH…]");
	ask(&answer, "check -h 2>/dev/null");
	answer_expect(&answer, 0, "--strict");
	ask(&answer, "list --help 2>/dev/null");
	answer_expect(&answer, 0, "--json");
}

/* Without a path: the rules of the tree that the program was built in. */
UNIT_TEST(cmd_rules, shipped)
{
	static struct answer answer;

	if (!ask(&answer, "check --strict 2>&1"))
		return;
	CU_ASSERT_EQUAL(answer.status, 0);
	answer_expect(&answer, 0, "0 skipped, 0 errors, 0 warnings");
	CU_ASSERT_PTR_NULL(strstr(answer.text, "\n0 rules"));
}

/* A test that holds, one that does not, one that should not, and a name that XML and
 * terminals must not see as it is. */
#define TESTED                                                                                     \
	GOOD "response: kill\n"                                                                    \
	     "tests:\n"                                                                            \
	     "  - {fires: true, events: [{category: file_open, TargetFilename: /etc/shadow, "      \
	     "Access: read}]}\n"                                                                   \
	     "  - {fires: true, events: [{category: file_open, TargetFilename: /etc/group, "       \
	     "Access: read}]}\n"                                                                   \
	     "  - {fires: false, events: [{category: file_open, TargetFilename: /etc/shadow, "     \
	     "Access: [read, write]}]}\n"

UNIT_TEST(cmd_rules, test)
{
	struct rule_folder folder;
	static struct answer answer;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", TESTED, strlen(TESTED));
	rule_folder_write(&folder, "b.yml", GOOD, strlen(GOOD));
	if (!ask_about(&answer, &folder, "test", "a.yml", "2>&1"))
		goto out;
	answer_expect(&answer, 1,
		      "a.yml:10:5: 'good' does not fire on these events; no rule fired\n");
	answer_expect(&answer, 1, "a.yml:11:5: 'good' fires on these events; fired: 'good'\n");
	answer_expect(&answer, 1, "3 tests of 1 rules, 2 failed; 0 rules lack a test");
	ask_about(&answer, &folder, "test --json", "a.yml", "2>&1");
	answer_expect(&answer, 1,
		      "\"line\":9,\"rule\":{\"id\":\"6f0c0f0e-0000-4000-8000-000000000001\","
		      "\"title\":\"good\"},\"fires\":true,\"passed\":true,"
		      "\"fired\":[\"6f0c0f0e-0000-4000-8000-000000000001\"]}");
	answer_expect(&answer, 1, "\"line\":10,");
	ask_about(&answer, &folder, "test --junit /dev/stdout", "a.yml", "2>&1");
	answer_expect(&answer, 1,
		      "<testsuite name=\"fermata rules test\" tests=\"3\" failures=\"2\">\n");
	answer_expect(&answer, 1,
		      "a.yml\" name=\"good (line 10)\">\n      <failure message=\"'good' does not "
		      "fire on these events; no rule fired\"/>\n");
	ask_about(&answer, &folder, "test", "b.yml", "2>&1");
	answer_expect(&answer, 0, "0 tests of 1 rules, 0 failed; 1 rules lack a test");
	ask_about(&answer, &folder, "test --strict", "b.yml", "2>&1");
	answer_expect(&answer, 1,
		      "b.yml:1:1: 'good' lacks a test that fires, or one that does not");
	ask_about(&answer, &folder, "test --junit /nowhere/x", "b.yml", "2>&1");
	answer_expect(&answer, 3, "cannot write '/nowhere/x': No such file or directory");
out:
	rule_folder_remove(&folder);
}

UNIT_TEST(cmd_rules, junit_is_xml)
{
	char arguments[512];
	static const char odd[] = "title: \"<&\\\"'>\\e\\uFFFE\"\n"
				  "logsource: {category: file_open}\n"
				  "detection: {s: {Access: read}, condition: s}\n"
				  "tests: [{fires: true, events: [{category: file_open}]}]\n";
	struct rule_folder folder;
	static struct answer answer;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", odd, strlen(odd));
	if (!ask_about(&answer, &folder, "test --junit /dev/stdout", "a.yml", "2>&1"))
		goto out;
	answer_expect(&answer, 1, " name=\"&lt;&amp;&quot;'&gt;\\x1b\\u{fffe} (line 4)\">");
	snprintf(arguments, sizeof(arguments),
		 "test --junit %s/x.xml %s/a.yml >/dev/null 2>&1; "
		 "python3 -c 'import xml.dom.minidom' 2>/dev/null || exit 77; "
		 "python3 -c 'import xml.dom.minidom as m; "
		 "print(m.parse(\"%s/x.xml\").documentElement.tagName)'",
		 folder.path, folder.path, folder.path);
	ask(&answer, arguments);
	if (answer.status == 77)
		unit_skip("there is no python3 that reads XML");
	else
		answer_expect(&answer, 0, "testsuites\n");
out:
	rule_folder_remove(&folder);
}

/* The tests of the rules that are shipped. */
UNIT_TEST(cmd_rules, shipped_tests)
{
	static struct answer answer;

	if (!ask(&answer, "test --strict 2>&1"))
		return;
	answer_expect(&answer, 0, " rules, 0 failed; 0 rules lack a test");
	CU_ASSERT(strncmp(answer.text, "0 tests", 7) != 0);
}

#define README "rules/README.md"

/* The tables of the page are what the program prints: `fermata rules fields --markdown`. */
UNIT_TEST(cmd_rules, fields)
{
	static const char begin[] = "<!-- fields -->\n", end[] = "<!-- end of fields -->";
	_cleanup_free_ char *page = NULL;
	static struct answer answer;
	char *tables, *after;

	if (!ask(&answer, "fields --markdown"))
		return;
	CU_ASSERT_EQUAL(answer.status, 0);
	CU_ASSERT_EQUAL_FATAL(file_read(README, 1 << 20, &page, NULL), 0);
	tables = strstr(page, begin);
	after = strstr(page, end);
	CU_ASSERT_FATAL(tables && after && after > tables);
	*after = '\0';
	CU_ASSERT_STRING_EQUAL(tables + strlen(begin), answer.text);
	ask(&answer, "fields");
	answer_expect(&answer, 0, "\n  TargetFilename       text  file.path ");
	answer_expect(&answer, 0, "\n  exists       all                  alone: whether the field");
	ask(&answer, "fields --json");
	answer_expect(&answer, 0, "{\"name\":\"read\",\"number\":0,\"meaning\":\"opened for ");
	answer_expect(&answer, 0, "{\"name\":\"cidr\",\"kinds\":[\"ip\"],");
	ask(&answer, "fields rules 2>&1");
	answer_expect(&answer, 2, "rules fields takes no 'rules'");
}

/* The rules that the page shows are rules, and do what their tests say; what they require is
 * had where a kernel can refuse. */
UNIT_TEST(cmd_rules, rules_of_the_page)
{
	static struct answer answer;
	struct rule_folder folder;
	char command[256];

	rule_folder_make(&folder);
	snprintf(command, sizeof(command),
		 "awk '/^```yaml/ { on = 1; next } /^```/ { on = 0 } on' " README " >%s/page.yml",
		 folder.path);
	CU_ASSERT_EQUAL(system(command), 0);
	if (ask_about(&answer, &folder, "check --strict", "page.yml", "2>&1")) {
		answer_expect(&answer, 0, "0 skipped, 0 errors, 0 warnings");
		answer_expect(&answer, 0, "  deny                deny                Key read");
		ask_about(&answer, &folder, "test", "page.yml", "2>&1");
		answer_expect(&answer, 0, "2 tests of 3 rules, 0 failed");
	}
	rule_folder_remove(&folder);
}

/* What this kernel does is left out, which is not the same everywhere, and sizes, which change
 * with the table of fields. */
UNIT_TEST(cmd_rules, explain)
{
	static const struct {
		const char *arguments, *golden;
	} row[] = {
		{ "key_read tests/golden/tools/rules.yml", "explain_step.txt" },
		{ "6F0C0F0E-0000-4000-8000-000000000003 tests/golden/tools/rules.yml",
		  "explain_correlation.txt" },
		{ "every_test tests/golden/tools/every_test.yml", "explain_every_test.txt" },
		{ "--json every_test tests/golden/tools/every_test.yml | jq 'del(.strength.here, "
		  ".takes.bytes)'",
		  "explain_every_test.json" },
		{ "--json 'key read, then outside' tests/golden/tools/rules.yml | "
		  "jq 'del(.strength.here, .takes.bytes)'",
		  "explain_correlation.json" },
	};
	static struct answer answer;
	char command[256];

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		snprintf(command, sizeof(command), "explain %s | sed '/ here: /d; /^takes /d'",
			 row[i].arguments);
		if (!ask(&answer, command))
			return;
		answer_expect_golden(&answer, 0, row[i].golden);
	}
	ask(&answer, "explain 2>&1");
	answer_expect(&answer, 2, "rules explain takes the id, name or title of a rule");
	ask(&answer, "explain nothing 2>&1");
	answer_expect(&answer, 1, "there is no rule 'nothing'; 'fermata rules list' lists them");
}
