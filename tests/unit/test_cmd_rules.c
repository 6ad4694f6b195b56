/* SPDX-License-Identifier: Apache-2.0 */
/* `fermata rules` as it is called: what it prints, and its exit status. */
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "unit.h"

#define GOOD                                                                                       \
	"title: good\n"                                                                            \
	"id: 6f0c0f0e-0000-4000-8000-000000000001\n"                                               \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {Access: read, TargetFilename: /etc/shadow}\n"                                       \
	"  condition: s\n"

struct answer {
	int status;
	char text[8192]; /* both outputs, unless one was sent away */
};

/* Runs the program beside this one; false when there is none. */
static bool ask(struct answer *answer, const char *arguments)
{
	char self[PATH_MAX], command[PATH_MAX + 512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t length;
	FILE *pipe;

	self[n < 0 ? 0 : n] = 0;
	snprintf(command, sizeof(command), "%s/fermata", dirname(self));
	if (access(command, X_OK)) {
		unit_skip("there is no program fermata beside the tests");
		return false;
	}
	length = strlen(command);
	snprintf(command + length, sizeof(command) - length, " rules %s", arguments);
	fflush(stdout);
	pipe = popen(command, "r");
	if (!pipe)
		abort();
	length = fread(answer->text, 1, sizeof(answer->text) - 1, pipe);
	answer->text[length] = 0;
	answer->status = WEXITSTATUS(pclose(pipe));
	return true;
}

static void expect_text(const struct answer *answer, int status, const char *part)
{
	if (answer->status == status && strstr(answer->text, part))
		return;
	CU_FAIL("the answer is not what was expected");
	unit_note("expected %d, %s", status, part);
	unit_note("got %d, %s", answer->status, answer->text);
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
	struct answer answer;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "good/a.yml", GOOD, strlen(GOOD));
	rule_folder_write(&folder, "warn.yml", "odd: 1\n" GOOD, strlen("odd: 1\n" GOOD));
	rule_folder_write(&folder, "bad\n.yml", bad, strlen(bad));
	rule_folder_write(&folder, "windows.yml", windows, strlen(windows));
	if (!ask_about(&answer, &folder, "check", "good", "2>&1"))
		goto out;
	expect_text(&answer, 0,
		    "1 rules (1 detections, 0 correlations), 0 skipped, 0 errors, 0 warnings\n");
	expect_text(&answer, 0, " atoms, 1 clauses, image of ");
	ask_about(&answer, &folder, "check", "'bad\n.yml'", "2>&1 >/dev/null");
	expect_text(&answer, 1,
		    "/bad\\n.yml:4:7: error: file_open has no field 'Acess'; did you mean "
		    "'Access'?\n");
	ask_about(&answer, &folder, "check", "'bad\n.yml'", "2>/dev/null");
	expect_text(&answer, 1, "0 rules (0 detections, 0 correlations), 0 skipped, 1 errors");
	ask_about(&answer, &folder, "check", "windows.yml", "2>&1");
	expect_text(&answer, 0, "windows.yml:2:12: skipped: product 'windows'\n");
	expect_text(&answer, 0, "1 skipped, 0 errors");
	ask_about(&answer, &folder, "check", "warn.yml", "2>&1");
	expect_text(&answer, 0, ":1:1: warning: unknown attribute 'odd' is ignored\n");
	ask_about(&answer, &folder, "check --strict", "warn.yml", "2>&1");
	expect_text(&answer, 1, "0 errors, 1 warnings");
	ask_about(&answer, &folder, "check", "nowhere", "2>&1");
	expect_text(&answer, 2, "nowhere: error: cannot read: No such file or directory\n");
	ask_about(&answer, &folder, "check", "good", ">/dev/full 2>&1");
	CU_ASSERT_EQUAL(answer.status, 3);
out:
	rule_folder_remove(&folder);
}

UNIT_TEST(cmd_rules, json)
{
	struct rule_folder folder;
	struct answer answer;
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
	struct answer answer;

	rule_folder_make(&folder);
	rule_folder_write(&folder, "a.yml", GOOD, strlen(GOOD));
	rule_folder_write(&folder, "b.yml", inner, strlen(inner));
	if (!ask_about(&answer, &folder, "list", "", "2>/dev/null"))
		goto out;
	expect_text(&answer, 0,
		    "\n6f0c0f0e-0000-4000-8000-000000000001  medium         alert       file_open  "
		    "          kernel         good\n");
	expect_text(&answer, 0,
		    "critical       kill        process_creation     user confirms  inner\\x1b[2J "
		    "wildcard\n");
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
	expect_text(&answer, 0, expected);
	expect_text(&answer, 0, "  filter               1    rule      ours\n");
	ask_about(&answer, &folder, "check", "", "2>/dev/null");
	expect_text(&answer, 0, " 0 errors, 1 warnings\n1 filters\n");

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
	struct answer answer;

	if (!ask(&answer, "2>&1"))
		return;
	expect_text(&answer, 2, "rules takes check");
	ask(&answer, "frobnicate 2>&1");
	expect_text(&answer, 2, "rules takes check");
	ask(&answer, "check --bogus 2>&1");
	expect_text(&answer, 2, "unknown option '--bogus'");
	ask(&answer, "-h 2>/dev/null");
	expect_text(&answer, 0, "fermata rules list [OPTION…] [PATH…]");
	ask(&answer, "check -h 2>/dev/null");
	expect_text(&answer, 0, "--strict");
	ask(&answer, "list --help 2>/dev/null");
	expect_text(&answer, 0, "--json");
}

/* Without a path: the rules of the tree that the program was built in. */
UNIT_TEST(cmd_rules, shipped)
{
	struct answer answer;

	if (!ask(&answer, "check --strict 2>&1"))
		return;
	CU_ASSERT_EQUAL(answer.status, 0);
	expect_text(&answer, 0, "0 skipped, 0 errors, 0 warnings");
	CU_ASSERT_PTR_NULL(strstr(answer.text, "\n0 rules"));
}
