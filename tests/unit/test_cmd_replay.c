// SPDX-License-Identifier: Apache-2.0
/* `fermata replay` as it is called, over tests/golden/tools/. */
#include <stdio.h>
#include <string.h>

#include "program.h"
#include "rule_text.h"
#include "unit.h"

#define TOOLS "tests/golden/tools/"
#define NOW "replay --rules " TOOLS "rules.yml "
#define DIFF NOW "--diff " TOOLS "rules_before.yml "
#define FLAT TOOLS "events.ndjson "

UNIT_TEST(cmd_replay, golden)
{
	static struct answer answer;

	if (!program_ask(&answer, NOW "--json " FLAT "2>/dev/null"))
		return;
	answer_expect_golden(&answer, 0, "replay.ndjson");
	program_ask(&answer, NOW FLAT "2>&1 | sed '$d'");
	answer_expect_golden(&answer, 0, "replay.txt");
	program_ask(&answer, NOW "--json - <" FLAT "2>/dev/null");
	answer_expect_golden(&answer, 0, "replay.ndjson");
}

UNIT_TEST(cmd_replay, diff)
{
	static struct answer answer;

	if (!program_ask(&answer, DIFF "--json " FLAT "2>/dev/null"))
		return;
	answer_expect_golden(&answer, 0, "diff.ndjson");
	program_ask(&answer, DIFF FLAT "2>/dev/null");
	answer_expect_golden(&answer, 0, "diff.txt");
	program_ask(&answer, NOW "--diff " TOOLS "rules.yml --json " FLAT "2>/dev/null");
	CU_ASSERT_EQUAL(answer.status, 0);
	CU_ASSERT_STRING_EQUAL(answer.text, "");
}

UNIT_TEST(cmd_replay, mistakes)
{
	static struct answer answer;

	if (!program_ask(&answer,
			 NOW "- 2>&1 <<'END'\n"
			     "{\"category\":\"file_open\",\"Access\":\"look\"}\n"
			     "{\n"
			     "{\"category\":\"file_open\",\"TargetFilename\":\"/etc/shadow\"}\n"
			     "END"))
		return;
	answer_expect(&answer, 1, "-:1: Access takes its names, one or a list of them, not 'look'");
	answer_expect(&answer, 1, "-:2: not JSON: ");
	answer_expect(&answer, 1, "3: deny ");
	answer_expect(&answer, 1, "1 events, 1 matches, 0 folded, 0 skipped, 2 errors");
	program_ask(&answer,
		    "replay --rules " TOOLS
		    "rules.yml - 2>&1 <<END\n$(head -c 2000000 /dev/zero | tr '\\0' x)\nEND");
	answer_expect(&answer, 1, ":1: it is longer than 1048576 bytes");
	program_ask(&answer, NOW "--quiet --json " FLAT "2>/dev/null");
	answer_expect(&answer, 0, "{\"events\":9,\"matches\":4,\"folded\":1,");
}

/* Rules that count files, by user; and one that takes too long. */
#define LIMITED                                                                                    \
	"title: opens\nname: opens\nlogsource: {category: file_open}\n"                            \
	"detection: {s: {TargetFilename: /x}, condition: s}\n---\n"                                \
	"title: often\ncorrelation:\n    type: event_count\n    rules: [opens]\n"                  \
	"    group-by: [User]\n    timespan: 1d\n    condition: {gte: 2}\n---\n"                   \
	"title: slow\nlogsource: {category: file_open}\n"                                          \
	"detection: {s: {TargetFilename|re: '(a+)+[^a]b'}, condition: s}\n"                        \
	"tests: [{fires: false, events: [{category: file_open, TargetFilename: "                   \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab}]}]\n"

#define EVENT(members) "'{\"category\":\"file_open\"," members "}' "

/* Replays what the command prints; the warnings. */
static bool limit_ask(struct answer *answer, const struct rule_folder *folder, const char *events)
{
	char arguments[512];

	snprintf(arguments, sizeof(arguments),
		 "replay --rules %s/r.yml - 2>&1 >/dev/null <<END\n$(%s)\nEND", folder->path,
		 events);
	return program_ask(answer, arguments);
}

/* What a rule may have missed because of a limit is told. */
UNIT_TEST(cmd_replay, limits)
{
	static struct answer answer;
	struct rule_folder folder;
	char arguments[256];

	rule_folder_make(&folder);
	rule_folder_write(&folder, "r.yml", LIMITED, strlen(LIMITED));
	if (!limit_ask(&answer, &folder,
		       "printf " EVENT("\"TargetFilename\":\"%040db\"") "0 | tr 0 a"))
		goto out;
	answer_expect(&answer, 0,
		      "took too long on 1 events, and counts as not matching there: one of 'slow'");
	limit_ask(&answer, &folder,
		  "seq -f " EVENT("\"TargetFilename\":\"/x\",\"User\":\"u%g\"") "5000");
	answer_expect(&answer, 0, " groups of correlations were forgotten on the way: 4096 of one");
	limit_ask(&answer, &folder,
		  "seq -f " EVENT("\"TargetFilename\":\"/x\",\"AgentSession\":\"%g\"") "1030");
	answer_expect(&answer, 0, "of 6 sessions were forgotten on the way: those of 1024 are");
	snprintf(arguments, sizeof(arguments), "rules test %s/r.yml 2>&1", folder.path);
	program_ask(&answer, arguments);
	answer_expect(&answer, 0, "took too long on 1 events");
out:
	rule_folder_remove(&folder);
}

UNIT_TEST(cmd_replay, usage)
{
	static struct answer answer;

	if (!program_ask(&answer, "replay 2>&1"))
		return;
	answer_expect(&answer, 2, "replay takes one FILE, or - for standard input");
	program_ask(&answer, "replay /nowhere 2>&1");
	answer_expect(&answer, 2, "cannot open '/nowhere': No such file or directory");
	program_ask(&answer, "replay --rules /nowhere " FLAT "2>&1");
	answer_expect(&answer, 2, "/nowhere: error: cannot read");
	program_ask(&answer, NOW "tests 2>&1");
	answer_expect(&answer, 3, "cannot go on with 'tests' at line 0: Is a directory");
	program_ask(&answer, NOW FLAT "2>&1 >/dev/full");
	answer_expect(&answer, 3, "cannot write to standard output");
	program_ask(&answer, "replay -h");
	answer_expect(&answer, 0, "--diff PATH");
}
