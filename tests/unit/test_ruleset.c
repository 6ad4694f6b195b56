/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders: which are read, in which order, and what replaces what. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "rules/rule_files.h"
#include "unit.h"

#define RULE(title)                                                                                \
	"title: " title "\n"                                                                       \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {Access: read}\n"                                                                    \
	"  condition: s\n"
#define ID(digit) "id: 6f0c0f0e-0000-4000-8000-00000000000" digit "\n"

static void write_text(const struct rule_folder *folder, const char *name, const char *text)
{
	rule_folder_write(folder, name, text, strlen(text));
}

/* The titles of all rules with spaces between. */
static void expect_titles(const struct rule_read *read, const char *expected)
{
	char titles[256] = "";

	for (size_t i = 0; read->ruleset && i < read->ruleset->count; i++) {
		strcat(titles, i ? " " : "");
		strcat(titles, read->ruleset->rules[i]->title);
	}
	CU_ASSERT_STRING_EQUAL(titles, expected);
}

UNIT_TEST(ruleset, folders)
{
	struct rule_folder folder;
	struct rule_read read;

	rule_folder_make(&folder);
	write_text(&folder, "b.yml", RULE("b"));
	write_text(&folder, "a/z.yaml", RULE("az"));
	write_text(&folder, "a/deep/er/x.yml", RULE("deep"));
	write_text(&folder, "a.yml", RULE("a"));
	write_text(&folder, "B.yml", RULE("B"));
	/* none of these */
	write_text(&folder, ".hidden.yml", RULE("hidden"));
	write_text(&folder, ".git/x.yml", RULE("hidden"));
	write_text(&folder, "README.md", "# not a rule: at all\n");
	write_text(&folder, "a/notes.yml.orig", "x: [");
	write_text(&folder, "maestro.yml", "not a rule\n");
	rule_read_path(&read, &folder, "");
	CU_ASSERT_EQUAL(read.result, 0);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	/* byte order of paths: '.' comes before '/' */
	expect_titles(&read, "B a deep az b");
	CU_ASSERT_EQUAL(read.ruleset->files.count, 5);
	rule_read_done(&read);

	rule_read_path(&read, &folder, "a/");
	expect_titles(&read, "deep az");
	rule_read_done(&read);
	/* a file that is named is read, whatever it is called */
	rule_read_path(&read, &folder, ".hidden.yml");
	expect_titles(&read, "hidden");
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

UNIT_TEST(ruleset, links)
{
	struct rule_folder folder;
	struct rule_read read;
	char from[96];

	rule_folder_make(&folder);
	write_text(&folder, "a/x.yml", RULE("x"));
	snprintf(from, sizeof(from), "%s/a/loop", folder.path);
	CU_ASSERT_EQUAL(symlink("..", from), 0);
	snprintf(from, sizeof(from), "%s/y.yml", folder.path);
	CU_ASSERT_EQUAL(symlink("a/x.yml", from), 0);
	snprintf(from, sizeof(from), "%s/gone.yml", folder.path);
	CU_ASSERT_EQUAL(symlink("nowhere", from), 0);
	rule_read_path(&read, &folder, "");
	expect_titles(&read, "x");
	rule_expect_diagnostic(&read.diagnostics, "0:0: error: cannot read: No such file");
	CU_ASSERT_EQUAL(read.diagnostics.count, 1);
	CU_ASSERT_EQUAL(read.result, 0);
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

/* Nothing in a folder can make reading wait. */
UNIT_TEST(ruleset, fifo_in_folder)
{
	struct rule_folder folder;
	struct rule_read read;
	char path[96];

	rule_folder_make(&folder);
	write_text(&folder, "a.yml", RULE("a"));
	snprintf(path, sizeof(path), "%s/b.yml", folder.path);
	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
	rule_read_path(&read, &folder, "");
	rule_expect_diagnostic(&read.diagnostics, "0:0: error: not a regular file");
	expect_titles(&read, "a");
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

UNIT_TEST(ruleset, nesting)
{
	struct rule_folder folder;
	struct rule_read read;
	char name[256] = "";

	rule_folder_make(&folder);
	for (int i = 0; i < RULE_FOLDERS_DEPTH_MAX; i++)
		strcat(name, "d/");
	strcat(name, "x.yml");
	write_text(&folder, name, RULE("deep"));
	write_text(&folder, name + 2, RULE("allowed"));
	rule_read_path(&read, &folder, "");
	expect_titles(&read, "allowed");
	rule_expect_diagnostic(&read.diagnostics,
			       "0:0: error: folders are nested deeper than the limit of 32");
	CU_ASSERT_EQUAL(read.result, 0);
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

UNIT_TEST(ruleset, replaced)
{
	struct rule_folder folder;
	struct rule_read read = { 0 };
	char shipped[96], site[96], expected[160];
	const char *paths[] = { shipped, site };

	rule_folder_make(&folder);
	write_text(&folder, "shipped/a.yml", ID("1") RULE("old") "---\n" ID("2") RULE("other"));
	write_text(&folder, "site/b.yml", ID("1") RULE("new"));
	snprintf(shipped, sizeof(shipped), "%s/shipped", folder.path);
	snprintf(site, sizeof(site), "%s/site", folder.path);
	read.result = ruleset_read(&read.ruleset, paths, 2, NULL, &read.diagnostics);
	expect_titles(&read, "other new");
	snprintf(expected, sizeof(expected),
		 "1:1: warning: it replaces the rule with the same id at %s/a.yml:1", shipped);
	rule_expect_diagnostic(&read.diagnostics, expected);
	CU_ASSERT_EQUAL(read.diagnostics.count, 1);
	CU_ASSERT_PTR_NULL(read.ruleset->rules[0]->replaces.file);
	snprintf(expected, sizeof(expected), "%s/a.yml", shipped);
	CU_ASSERT_STRING_EQUAL(read.ruleset->rules[1]->replaces.file, expected);
	CU_ASSERT_EQUAL(read.ruleset->rules[1]->replaces.line, 1);
	rule_read_done(&read);

	/* the same path twice is read once */
	paths[1] = shipped;
	read = (struct rule_read) { 0 };
	read.result = ruleset_read(&read.ruleset, paths, 2, NULL, &read.diagnostics);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	expect_titles(&read, "old other");
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

/* A correlation's step is the rule that replaced the one it was written for. */
UNIT_TEST(ruleset, replaced_step)
{
	struct rule_read read;

	rule_read_text(&read,
		       "title: chain\n"
		       "correlation:\n"
		       "  type: temporal_ordered\n"
		       "  timespan: 1m\n"
		       "  rules: [6f0c0f0e-0000-4000-8000-000000000001, two]\n"
		       "---\n" ID("1") RULE("old") "---\nname: two\n" RULE("second") "---\n" ID("1")
			       RULE("new"));
	expect_titles(&read, "chain second new");
	CU_ASSERT_EQUAL_FATAL(read.ruleset->rules[0]->step_count, 2);
	CU_ASSERT_EQUAL(read.ruleset->rules[0]->steps[0], 2);
	CU_ASSERT_EQUAL(read.ruleset->rules[0]->steps[1], 1);
	rule_read_done(&read);
}

/* Also one that refers to it by a name that the rule in its place does not have, or
 * that is written in the same file as the shipped rule. */
UNIT_TEST(ruleset, replaced_step_by_name)
{
	struct rule_folder folder;
	struct rule_read read = { 0 };
	char shipped[96], site[96], later[96];
	const char *paths[] = { shipped, site, later };

	rule_folder_make(&folder);
	write_text(&folder, "shipped/a.yml",
		   "name: one\n" ID("1") RULE("old") "---\nname: two\n" RULE(
			   "second") "---\ntitle: chain\ncorrelation:\n  type: temporal_ordered\n"
				     "  timespan: 1m\n  rules: [one, two]\n  group-by: "
				     "[AgentSession]\n");
	write_text(&folder, "site/b.yml", ID("1") RULE("nameless"));
	write_text(&folder, "later/c.yml", "name: uno\n" ID("1") RULE("new"));
	snprintf(shipped, sizeof(shipped), "%s/shipped", folder.path);
	snprintf(site, sizeof(site), "%s/site", folder.path);
	snprintf(later, sizeof(later), "%s/later", folder.path);
	read.result = ruleset_read(&read.ruleset, paths, 3, NULL, &read.diagnostics);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	expect_titles(&read, "second chain new");
	CU_ASSERT_EQUAL_FATAL(read.ruleset->rules[1]->step_count, 2);
	CU_ASSERT_EQUAL(read.ruleset->rules[1]->steps[0], 2);
	CU_ASSERT_EQUAL(read.ruleset->rules[1]->steps[1], 0);
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

/* What cannot take its place leaves the shipped rule in force. */
UNIT_TEST(ruleset, replaced_by_nothing)
{
	static const char *const drop_ins[] = {
		ID("1") "title: broken\nlogsource: {category: file_open}\ndetection: {}\n",
		ID("1") "title: other\nlogsource: {product: windows}\ndetection: {}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(drop_ins); i++) {
		struct rule_folder folder;
		struct rule_read read;

		rule_folder_make(&folder);
		write_text(&folder, "a.yml", ID("1") RULE("shipped"));
		write_text(&folder, "b.yml", drop_ins[i]);
		rule_read_path(&read, &folder, "");
		expect_titles(&read, "shipped");
		CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], !i);
		CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_SKIPPED], i);
		rule_read_done(&read);
		rule_folder_remove(&folder);
	}
}

UNIT_TEST(ruleset, bad_paths)
{
	struct rule_folder folder;
	struct rule_read read;

	rule_folder_make(&folder);
	write_text(&folder, "a.yml", RULE("a"));
	write_text(&folder, "b.yml", "title: [\n");
	rule_read_path(&read, &folder, "nowhere.yml");
	CU_ASSERT_EQUAL(read.result, -ENOENT);
	CU_ASSERT_PTR_NULL(read.ruleset);
	rule_expect_diagnostic(&read.diagnostics, "0:0: error: cannot read: No such file");
	rule_read_done(&read);
	/* one bad file does not stop the others */
	rule_read_path(&read, &folder, "");
	CU_ASSERT_EQUAL(read.result, 0);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 1);
	expect_titles(&read, "a");
	rule_read_done(&read);
	rule_folder_remove(&folder);
}

#define CORRELATION                                                                                \
	"{title: c, correlation: {type: temporal_ordered, rules: [a, b], timespan: 1s}}\n"

UNIT_TEST(ruleset, limit)
{
	_cleanup_free_ char *text = malloc((RULES_MAX + 1) * sizeof("---\n" RULE("x")));
	struct rule_read read;

	*text = 0;
	for (size_t i = 0, length = 0; i <= RULES_MAX; i++)
		length += (size_t)sprintf(text + length, "---\n" RULE("x"));
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics,
			       "24578:1: error: nothing is read from here on: the limit of 4096 "
			       "rules is reached");
	CU_ASSERT_EQUAL(read.ruleset->count, RULES_MAX);
	rule_read_done(&read);

	*text = 0;
	for (size_t i = 0, length = 0; i <= CORRELATIONS_MAX; i++)
		length += (size_t)sprintf(text + length, "---\n" CORRELATION);
	rule_read_text(&read, text);
	rule_expect_diagnostic(&read.diagnostics,
			       "1026:1: error: nothing is read from here on: the limit of 512 "
			       "correlations is reached");
	rule_read_done(&read);
}

UNIT_TEST(ruleset, empty)
{
	struct rule_folder folder;
	struct rule_read read;

	rule_folder_make(&folder);
	rule_read_path(&read, &folder, "");
	CU_ASSERT_EQUAL(read.result, 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 0);
	CU_ASSERT_EQUAL(read.diagnostics.count, 0);
	rule_read_done(&read);
	rule_folder_remove(&folder);
	ruleset_free(NULL);
}

/* Whether a diagnostic of that file says so. */
static bool skipped_for(const struct rule_read *read, const char *file, const char *why)
{
	for (size_t i = 0; i < read->diagnostics.count; i++) {
		const struct diagnostic *item = &read->diagnostics.list[i];

		if (item->severity == SEVERITY_SKIPPED && strstr(item->file, file) &&
		    strstr(item->message, why))
			return true;
	}
	return false;
}

/* A public tree has rules for everything: what is not for us is skipped with its reason. */
UNIT_TEST(ruleset, foreign_tree)
{
#define DETECTION "detection:\n  selection: {EventID: 4625, Foo|re: '^x'}\n  condition: selection\n"
	static const struct {
		const char *file, *text, *why; /* NULL: it is kept */
	} files[] = {
		{ "windows/process_creation/a.yml",
		  "title: a\nlogsource: {product: windows, category: process_creation}\n" DETECTION,
		  "product 'windows'" },
		{ "windows/builtin/security/b.yml",
		  "title: b\nlogsource: {product: windows, service: security}\n"
		  "detection: {selection: {EventID: 1}, timeframe: 5m,"
		  " condition: selection | count() by User > 5}\n",
		  "product 'windows'" },
		{ "cloud/aws/c.yml",
		  "title: c\nlogsource: {product: aws, service: cloudtrail}\n" DETECTION,
		  "product 'aws'" },
		{ "application/d.yml", "title: d\nlogsource: {category: application}\n" DETECTION,
		  "category 'application'" },
		{ "network/e.yml", "title: e\nlogsource: {category: firewall}\n" DETECTION,
		  "category 'firewall'" },
		{ "web/f.yml",
		  "title: f\nlogsource: {category: webserver}\n"
		  "detection: {keywords: [one, two], condition: keywords}\n",
		  "category 'webserver'" },
		{ "linux/auditd/g.yml",
		  "title: g\nlogsource: {product: linux, service: auditd}\n" DETECTION,
		  "service 'auditd'" },
		{ "linux/builtin/h.yml",
		  "title: h\nlogsource: {product: linux}\n"
		  "detection: {keywords: [one, two], condition: keywords}\n",
		  "no category" },
		{ "linux/other/i.yml",
		  "title: i\nlogsource: {product: linux, category: process_creation}\n"
		  "detection: {keywords: [one, two], condition: keywords}\n",
		  "a search for keywords" },
		{ "linux/other/j.yml",
		  "title: j\nstatus: unsupported\n"
		  "logsource: {product: linux, category: process_creation}\n"
		  "detection: {s: {Image: x}, timeframe: 5m, condition: s | count() > 1}\n",
		  "status 'unsupported'" },
		{ "linux/other/k.yml",
		  "title: k\nlogsource: {product: linux, category: image_load}\n" DETECTION,
		  "category 'image_load'" },
		{ "macos/l.yml",
		  "title: l\nlogsource: {product: macos, category: file_event}\n" DETECTION,
		  "product 'macos'" },
		{ "old/m.yml",
		  "action: global\ntitle: m\ndetection: {condition: s}\n---\n"
		  "logsource: {product: windows}\ndetection: {s: {EventID: 1}}\n",
		  "rule collection" },
		{ "ecs/n.yml",
		  "title: n\ntaxonomy: ecs\nlogsource: {category: process_creation}\n" DETECTION,
		  "taxonomy 'ecs'" },
		{ "correlation/o.yml",
		  "title: o\ncorrelation: {type: event_count, rules: [base],"
		  " group-by: [User], timespan: 1h, condition: {gte: 10}}\n---\n"
		  "title: base\nname: base\nlogsource: {product: windows}\n" DETECTION,
		  "a correlation of 'base', which was skipped" },
		{ "filter/p.yml",
		  "title: p\nlogsource: {product: windows, category: process_creation}\n"
		  "filter: {rules: [base], selection: {User|startswith: adm_},"
		  " condition: selection}\n",
		  "product 'windows'" },
		{ "linux/file_event/q.yml",
		  "title: q\nlogsource: {product: linux, category: file_event}\n"
		  "detection: {s: {TargetFilename: /x}, condition: s}\n",
		  NULL },
		{ "README.md", "# rules\n", NULL },
		{ "tools/config.json", "{\n", NULL },
	};
	struct rule_folder folder;
	struct rule_read read;
	size_t skipped = 2; /* two files have two documents */

	rule_folder_make(&folder);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		write_text(&folder, files[i].file, files[i].text);
		skipped += files[i].why != NULL;
	}
	rule_read_path(&read, &folder, "");
	CU_ASSERT_EQUAL(read.result, 0);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_WARNING], 0);
	CU_ASSERT_EQUAL(read.ruleset->skipped, skipped);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_SKIPPED], skipped);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i].why && !skipped_for(&read, files[i].file, files[i].why)) {
			CU_FAIL("it is not told why it was skipped");
			unit_note("%s: %s", files[i].file, files[i].why);
		}
	expect_titles(&read, "q");
	rule_read_done(&read);
	rule_folder_remove(&folder);
#undef DETECTION
}
