// SPDX-License-Identifier: Apache-2.0
/* Events through rules without a kernel side. */
#include <stdio.h>
#include <string.h>

#include "pipeline/flat_read.h"
#include "pipeline/replay.h"
#include "base/buffer.h"
#include "rule_text.h"
#include "unit.h"

DEFINE_CLEANUP(struct compiled *, compiled_free)

/* Rules of a text at work. */
struct trial {
	struct rule_read read;
	struct compiled *compiled;
	struct replay *replay;
	struct flat_reader *reader;
	__u64 lines;
};

static bool trial_open(struct trial *trial, const char *rules)
{
	*trial = (struct trial) { 0 };
	rule_read_text(&trial->read, rules);
	if (!trial->read.ruleset || trial->read.diagnostics.total[SEVERITY_ERROR] ||
	    compile(&trial->compiled, trial->read.ruleset, 1, &trial->read.diagnostics) < 0 ||
	    replay_new(&trial->replay, trial->read.ruleset, trial->compiled) < 0 ||
	    flat_reader_new(&trial->reader) < 0) {
		CU_FAIL("the rules cannot be used");
		unit_note("%s", rules);
		return false;
	}
	return true;
}

static void trial_close(struct trial *trial)
{
	flat_reader_freep(&trial->reader);
	replay_freep(&trial->replay);
	compiled_freep(&trial->compiled);
	rule_read_done(&trial->read);
}

/* Evaluates a line; returns the matches. */
static const struct replay_match *trial_line(struct trial *trial, const char *line,
					     size_t *ret_count)
{
	struct flat_event *event;

	*ret_count = 0;
	if (flat_read(trial->reader, line, strlen(line), &event) != FLAT_EVENT) {
		CU_FAIL("the line is no event");
		unit_note("%s: %s", line, flat_reader_error(trial->reader));
		return NULL;
	}
	event->record.header.sequence = ++trial->lines;
	CU_ASSERT_EQUAL(replay_event(trial->replay, &event->view), 0);
	return replay_matches(trial->replay, ret_count);
}

/* A value of the field, and another one, as they are written in a rule and in an event. */
static void values_of(const struct field_info *field, const char **one, const char **other)
{
	static const char *const ones[] = {
		[KIND_num] = "5",	[KIND_bool] = "true", [KIND_one] = "99",
		[KIND_ip] = "10.0.0.1", [KIND_text] = "/x/y",
	};
	static const char *const others[] = {
		[KIND_num] = "-5",	[KIND_bool] = "false", [KIND_one] = "98",
		[KIND_ip] = "10.0.0.2", [KIND_text] = "/x/z",
	};
	bool set = field->kind == KIND_set;

	*one = set ? field->names[0].name : ones[field->kind];
	*other = set ? field->names[1].name : others[field->kind];
}

static void expect_field(enum event_type event, const struct field_info *field)
{
	const char *value[2];
	char rules[512], line[256];
	struct trial trial;

	values_of(field, &value[0], &value[1]);
	for (int i = 0; i < 2; i++) {
		snprintf(rules, sizeof(rules),
			 "title: t\nlogsource: {category: %s}\n"
			 "detection:\n  s: {%s: '%s'}\n  condition: s\n",
			 event_table[event].name, field->name, value[i]);
		if (!trial_open(&trial, rules))
			continue;
		for (int j = 0; j < 2; j++) {
			size_t count;

			snprintf(line, sizeof(line), "{\"category\":\"%s\",\"%s\":\"%s\"}",
				 event_table[event].name, field->name, value[j]);
			trial_line(&trial, line, &count);
			CU_ASSERT_EQUAL(count, i == j);
			if (count != (size_t)(i == j))
				unit_note("%s, %s", rules, line);
		}
		trial_close(&trial);
	}
}

/* A rule on any field of any event finds its value, and only that. */
UNIT_TEST(replay, every_field)
{
	for (int event = 0; event < EVENT_MAX; event++)
		for (size_t i = 0; i < FIELD_MAX; i++)
			/* a time is not of the record, but @timestamp */
			if (field_table[i].kind != KIND_time &&
			    (field_table[i].event < 0 || field_table[i].event == event))
				expect_field((enum event_type)event, &field_table[i]);
}

#define CHAIN                                                                                      \
	"title: a\nname: a\nlogsource: {category: file_open}\n"                                    \
	"detection: {s: {TargetFilename: /a}, condition: s}\n---\n"                                \
	"title: b\nname: b\nlogsource: {category: file_open}\n"                                    \
	"detection: {s: {TargetFilename: /b}, condition: s}\n---\n"                                \
	"title: c\ncorrelation: {type: temporal_ordered, rules: [a, b], timespan: 10s, "           \
	"group-by: [AgentSession]}\nresponse: kill\n"

#define OPEN(session, path, time)                                                                  \
	"{\"category\":\"file_open\",\"AgentSession\":\"" session "\",\"TargetFilename\":\"" path  \
	"\",\"time\":" #time "000000000}"

UNIT_TEST(replay, chain)
{
	const struct replay_match *match;
	struct trial trial;
	size_t count;

	if (!trial_open(&trial, CHAIN))
		return;
	trial_line(&trial, OPEN("1", "/a", 1), &count);
	CU_ASSERT_EQUAL(count, 0);
	CU_ASSERT(replay_is_true(trial.replay, 0));
	trial_line(&trial, OPEN("2", "/b", 2), &count);
	CU_ASSERT_EQUAL(count, 0);
	match = trial_line(&trial, OPEN("1", "/b", 3), &count);
	CU_ASSERT_EQUAL_FATAL(count, 1);
	CU_ASSERT(match->number == 2 && !match->user);
	CU_ASSERT_EQUAL_FATAL(match->evidence_count, 2);
	CU_ASSERT(match->evidence[0] == 1 && match->evidence[1] == 3);
	/* counted within its time span, told after it */
	trial_line(&trial, OPEN("1", "/b", 4), &count);
	CU_ASSERT_EQUAL(count, 0);
	trial_line(&trial, OPEN("1", "/a", 12), &count);
	match = trial_line(&trial, OPEN("1", "/b", 14), &count);
	CU_ASSERT_EQUAL_FATAL(count, 1);
	CU_ASSERT(match->evidence[0] == 5 && match->evidence[1] == 6);
	CU_ASSERT_EQUAL(replay_counts(trial.replay)[2].matches, 2);
	CU_ASSERT_EQUAL(replay_counts(trial.replay)[2].folded, 1);
	trial_close(&trial);
}

UNIT_TEST(replay, where)
{
	const struct replay_match *match;
	struct trial trial;
	size_t count;

	if (!trial_open(&trial, "title: t\nlogsource: {category: file_open}\n"
				"detection:\n  k: {TargetFilename: /k}\n"
				"  u: {TargetFilename: '/u/*/x'}\n  condition: k or u\n"))
		return;
	match = trial_line(&trial, OPEN("1", "/k", 1), &count);
	CU_ASSERT(count == 1 && !match->user);
	match = trial_line(&trial, OPEN("1", "/u/v/x", 1), &count);
	CU_ASSERT(count == 1 && match->user);
	trial_close(&trial);
}

/* More sessions than evidence is kept for, and more matches than a record names. */
UNIT_TEST(replay, is_bounded)
{
	struct trial trial;
	char line[256];
	size_t count;

	if (!trial_open(&trial, CHAIN))
		return;
	for (int i = 0; i < REPLAY_SESSIONS_MAX + 10; i++) {
		snprintf(line, sizeof(line),
			 "{\"category\":\"file_open\",\"AgentSession\":\"s%d\","
			 "\"TargetFilename\":\"/a\"}",
			 i);
		trial_line(&trial, line, &count);
	}
	snprintf(line, sizeof(line),
		 "{\"category\":\"file_open\",\"AgentSession\":\"s%d\",\"TargetFilename\":\"/b\"}",
		 REPLAY_SESSIONS_MAX + 9);
	CU_ASSERT_EQUAL(trial_line(&trial, line, &count)->evidence_count, 2);
	CU_ASSERT_EQUAL(count, 1);
	trial_close(&trial);
}

UNIT_TEST(replay, more_matches_than_a_record_names)
{
	_cleanup_buffer_ struct buffer rules = BUFFER(1 << 20);
	const struct replay_match *match;
	struct trial trial;
	size_t count;

	for (int i = 0; i < 2 * MATCHES_MAX; i++)
		buffer_print(&rules,
			     "---\ntitle: t%d\nlogsource: {category: file_open}\n"
			     "detection: {s: {TargetFilename: [/a, /%d]}, condition: s}\n",
			     i, i);
	if (!trial_open(&trial, buffer_string(&rules)))
		return;
	match = trial_line(&trial, OPEN("1", "/a", 1), &count);
	CU_ASSERT_EQUAL(count, 2 * MATCHES_MAX);
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_EQUAL(match[i].number, i);
	trial_close(&trial);
}

/* Also where an event has more matches than a verdict names: a correlation of the kernel, one
 * of the user side, and one that counts what they complete. */
UNIT_TEST(replay, folds_behind_more_matches)
{
	static const char correlations[] =
		"title: kernel\nname: kernel\ncorrelation:\n    type: event_count\n"
		"    rules: [r0]\n    timespan: 1m\n    condition: {gte: 2}\n    generate: "
		"true\n---\n"
		"title: user\nname: user\ncorrelation:\n    type: event_count\n"
		"    rules: [r0]\n    timespan: 1m\n    condition: {gte: 2, lte: 9}\n"
		"    generate: true\n---\n"
		"title: many\ncorrelation:\n    type: event_count\n    rules: [kernel, user]\n"
		"    timespan: 1h\n    condition: {gte: 2}\n    generate: true\n";
	_cleanup_buffer_ struct buffer rules = BUFFER(64 << 10);
	struct trial trial;
	size_t count;

	for (int i = 0; i < MATCHES_MAX; i++)
		buffer_print(&rules,
			     "title: r%d\nname: r%d\nlogsource: {category: file_open}\ndetection:\n"
			     "    s: {TargetFilename|contains: x%d_}\n    condition: s\n---\n",
			     i, i, i % 4);
	buffer_add_string(&rules, correlations);
	if (trial_open(&trial, buffer_string(&rules))) {
		static const char line[] =
			"{\"category\": \"file_open\", \"TargetFilename\": \"/x0_x1_x2_x3_\"}";

		trial_line(&trial, line, &count);
		CU_ASSERT_EQUAL(count, MATCHES_MAX);
		trial_line(&trial, line, &count);
		CU_ASSERT_EQUAL(count, MATCHES_MAX + 2);
		for (int i = 0; i < 4; i++)
			trial_line(&trial, line, &count);
		CU_ASSERT_EQUAL(count, MATCHES_MAX);
		CU_ASSERT_EQUAL(replay_counts(trial.replay)[MATCHES_MAX].matches, 1);
		CU_ASSERT_EQUAL(replay_counts(trial.replay)[MATCHES_MAX].folded, 4);
		CU_ASSERT_EQUAL(replay_counts(trial.replay)[MATCHES_MAX + 1].matches, 1);
		CU_ASSERT_EQUAL(replay_counts(trial.replay)[MATCHES_MAX + 1].folded, 4);
		CU_ASSERT_EQUAL(replay_counts(trial.replay)[MATCHES_MAX + 2].matches, 0);
	}
	trial_close(&trial);
}

/* Of an event of more tests that hold than are followed in one, that is told. */
UNIT_TEST(replay, crowded)
{
	_cleanup_buffer_ struct buffer rules = BUFFER(1 << 20), line = BUFFER(1 << 20);
	struct replay_losses losses;
	struct trial trial;
	size_t count;

	buffer_add_string(&line, "{\"category\": \"file_open\", \"TargetFilename\": \"");
	for (int i = 0; i <= HELD_MAX; i++) {
		buffer_print(&rules,
			     "---\ntitle: t%d\nlogsource: {category: file_open}\n"
			     "detection: {s: {TargetFilename|contains: x%d_}, condition: s}\n",
			     i, i);
		buffer_print(&line, "x%d_", i);
	}
	buffer_add_string(&line, "\"}");
	if (trial_open(&trial, buffer_string(&rules))) {
		trial_line(&trial, OPEN("1", "/x1_", 1), &count);
		replay_losses(trial.replay, &losses);
		CU_ASSERT_EQUAL(losses.crowded, 0);
		trial_line(&trial, buffer_string(&line), &count);
		CU_ASSERT_EQUAL(count, HELD_MAX);
		replay_losses(trial.replay, &losses);
		CU_ASSERT_EQUAL(losses.crowded, 1);
	}
	trial_close(&trial);
}
