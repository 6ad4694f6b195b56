// SPDX-License-Identifier: Apache-2.0
/*
 * The recording: golden lines, names of any bytes, the order of lines from two rings, and
 * files that take no more.
 *
 * tests/golden/recording.ndjson has the lines. GOLDEN_UPDATE=1 in the environment writes
 * them anew: look at the difference before it is committed.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "pipeline/decision.h"
#include "pipeline/flat_event.h"
#include "pipeline/recording.h"
#include "pipeline_fixture.h"
#include "record_builder.h"
#include "unit.h"

#define SECOND CLOCK_SECOND
#define PEER 0xcb007109 /* 203.0.113.9 */
#define GOLDEN "tests/golden/recording.ndjson"

static const char stamp[] = "2026-01-02T03:03:31.100000000Z";

static void set_text(struct event_view *view, enum field field, const char *text)
{
	view->text[field] = (struct bytes) { text, strlen(text) };
}

static void write_line(struct buffer *out, struct event_view *view, const struct decision *decision,
		       const struct ruleset *rules)
{
	_cleanup_buffer_ struct buffer facts = BUFFER(FLAT_EVENT_MAX);

	set_text(view, FIELD_fact_command_line, "curl -s \"https://203.0.113.9\"");
	set_text(view, FIELD_agent_agent_name, "dem\xc3\xb6");
	set_text(view, FIELD_agent_agent_session, "s-1");
	set_text(view, FIELD_enriched_user, "u");
	set_text(view, FIELD_enriched_process_guid, "b-4711-1");
	CU_ASSERT_EQUAL(flat_facts_write(&facts, view), 0);
	CU_ASSERT_EQUAL(flat_event_write(out, view, stamp,
					 (struct bytes) { facts.data, facts.length }, decision,
					 rules),
			0);
}

/* Names of all kinds of bytes, values that have no name, fields that did not fit. */
static void write_open(struct buffer *out, const struct ruleset *rules)
{
	struct decision *decision = calloc(1, sizeof(*decision));
	union built_record built;
	struct event_view view;

	record_open(&built, 20 * SECOND, "/usr/bin/c\xfft",
		    "/opt/\x1b[31m\n\xff\"\\\xe2\x80\xae\x7f\xc2\x85/\xf0\x9f\x98\x80");
	built.record.file_open.access = ACCESS_read | ACCESS_write | 1ULL << 40;
	built.record.file_open.inode = ~0ULL;
	record_has(&built, SLOT_file_open_created);
	built.record.header.incomplete =
		SLOT_BIT(SLOT_file_open_target_filename) | SLOT_BIT(SLOT_fact_command_line);
	view = record_view(&built);
	write_line(out, &view, decision, rules);
	free(decision);
}

static void write_connection(struct buffer *out, const struct ruleset *rules)
{
	struct decision *decision = calloc(1, sizeof(*decision));
	union built_record built;
	struct event_view view;

	record_connection(&built, 30 * SECOND, "/usr/bin/curl", PEER, 443);
	built.record.network_connection.protocol = 99;
	record_has(&built, SLOT_network_connection_protocol);
	built.record.header.flags = RECORD_VERDICT;
	*decision = (struct decision) {
		.outcome = { .done = DONE_DENIED | DONE_KILLED | DONE_CONDEMNED,
			     .shell = SHELL_fmod_ret },
		.count = 4,
		.unnamed = 2,
		.match = { { RULE_port, 0 },
			   { RULE_marked_then_port, MATCH_FOLDED },
			   { RULE_connects_outside, 0 },
			   { RULE_secret_then_outside, 0 } },
	};
	view = record_view(&built);
	write_line(out, &view, decision, rules);
	free(decision);
}

static void write_creation(struct buffer *out, const struct ruleset *rules)
{
	struct decision *decision = calloc(1, sizeof(*decision));
	union built_record built;
	struct event_view view;

	record_creation(&built, 40 * SECOND, "/bin/sh", "sh", 2);
	record_string(&built, &built.record.process_creation.original_file_name, "./s");
	record_has(&built, SLOT_process_creation_original_file_name);
	built.record.header.flags = RECORD_VERDICT | RECORD_REFUSED;
	decision->outcome = (struct outcome) { .done = DONE_KILLED | DONE_SIMULATED | DONE_AFTER,
					       .gone = true };
	view = record_view(&built);
	write_line(out, &view, decision, rules);
	free(decision);
}

UNIT_TEST(recording, golden)
{
	_cleanup_buffer_ struct buffer out = BUFFER(1 << 20);
	char *expected = NULL;
	struct rule_read read;
	json_error_t error;
	FILE *file;

	fixture_rules(&read);
	write_open(&out, read.ruleset);
	write_connection(&out, read.ruleset);
	write_creation(&out, read.ruleset);
	if (getenv("GOLDEN_UPDATE")) {
		file = fopen(GOLDEN, "we");
		CU_ASSERT_PTR_NOT_NULL_FATAL(file);
		fwrite(out.data, 1, out.length, file);
		fclose(file);
	}
	CU_ASSERT_EQUAL_FATAL(file_read(GOLDEN, 1 << 20, &expected, NULL), 0);
	if (strcmp(expected, out.data))
		unit_note("%s differs: %s", GOLDEN, out.data);
	CU_ASSERT_STRING_EQUAL(expected, out.data);
	for (char *line = out.data; *line; line = strchr(line, '\n') + 1) {
		json_t *root =
			json_loads(line, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);

		CU_ASSERT_PTR_NOT_NULL(root);
		json_decref(root);
	}
	free(expected);
	rule_read_done(&read);
}

struct recorded {
	char folder[64], path[96];
	struct recording *recording;
	struct fixture *fixture;
};

static void recorded_open(struct recorded *recorded)
{
	static const __u8 sha256[32] = { 0x12, 0xab };
	struct recording_head head = { .version = "0.0.0",
				       .boot_id = "b",
				       .policy_sha256 = sha256,
				       .clock = { .offset = FIXTURE_WALL, .fixed = true } };

	strcpy(recorded->folder, "/tmp/fermata-recording-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(recorded->folder));
	snprintf(recorded->path, sizeof(recorded->path), "%s/r", recorded->folder);
	CU_ASSERT_EQUAL_FATAL(recording_open(&recorded->recording, recorded->path, 0), 0);
	CU_ASSERT_EQUAL(recording_begin(recorded->recording, &head), 0);
	recorded->fixture = calloc(1, sizeof(*recorded->fixture));
	CU_ASSERT_PTR_NOT_NULL_FATAL(recorded->fixture);
	fixture_open_recorded(recorded->fixture, recorded->recording);
}

/* Ends the session, so that all is written; the file stays to be looked at. */
static void recorded_end(struct recorded *recorded)
{
	pipeline_session_end(recorded->fixture->pipeline, 0);
}

static void recorded_close(struct recorded *recorded)
{
	fixture_close(recorded->fixture);
	recording_close(recorded->recording);
	CU_ASSERT_EQUAL(remove(recorded->path), 0);
	CU_ASSERT_EQUAL(remove(recorded->folder), 0);
	free(recorded->fixture);
}

static size_t line_count(const struct recorded *recorded)
{
	char *content = NULL;
	size_t count = 0;

	CU_ASSERT_EQUAL_FATAL(file_read(recorded->path, 64 << 20, &content, NULL), 0);
	for (const char *at = content; (at = strchr(at, '\n')); at++)
		count++;
	free(content);
	return count;
}

static void expect_text(const struct recorded *recorded, size_t index, const char *name,
			const char *expected)
{
	json_t *line = fixture_line(recorded->path, index);

	CU_ASSERT_STRING_EQUAL(string_at(line, name), expected);
	json_decref(line);
}

static __u64 number_at(const struct recorded *recorded, size_t index, const char *name)
{
	json_t *line = fixture_line(recorded->path, index);
	json_int_t number = json_integer_value(json_object_get(line, name));

	json_decref(line);
	return (__u64)number;
}

/* An event of the process that no rule matched, as the kernel tells it. */
static void open_told(struct recorded *recorded, __u64 time, const char *path)
{
	union built_record built;

	record_open(&built, time, "", path);
	built.record.header.image = (struct span) { 0 };
	fixture_record(recorded->fixture, &built, 0);
}

UNIT_TEST(recording, events_with_and_without_a_verdict)
{
	struct recorded recorded;
	union built_record built;
	json_t *line, *list;

	recorded_open(&recorded);
	record_creation(&built, 5 * SECOND, "/usr/bin/curl", "curl\0x", 6);
	fixture_record(recorded.fixture, &built, 0);
	open_told(&recorded, 6 * SECOND, "/etc/hosts");
	record_connection(&built, 7 * SECOND, "/usr/bin/curl", PEER, 4444);
	record_match(&built, RULE_port, 0);
	built.record.header.verdict.asked = RESPONSE_deny;
	built.record.header.verdict.done = DONE_DENIED;
	fixture_record(recorded.fixture, &built, 0);
	/* a candidate that is none */
	record_open(&built, 8 * SECOND, "/usr/bin/curl", "/opt/secret");
	record_match(&built, RULE_inner, MATCH_CANDIDATE);
	fixture_record(recorded.fixture, &built, 0);
	CU_ASSERT_EQUAL(line_count(&recorded), 1);
	recorded_end(&recorded);

	CU_ASSERT_EQUAL(line_count(&recorded), 5);
	expect_text(&recorded, 0, "recording", "fermata");
	expect_text(&recorded, 0, "boot_id", "b");
	CU_ASSERT_EQUAL(number_at(&recorded, 0, "schema"), RECORD_SCHEMA);
	for (size_t i = 1; i < 5; i++) {
		expect_text(&recorded, i, "Image", "/usr/bin/curl");
		expect_text(&recorded, i, "CommandLine", "curl x");
		expect_text(&recorded, i, "CurrentDirectory", "/home/u");
		expect_text(&recorded, i, "AgentName", "demo");
		CU_ASSERT_EQUAL(number_at(&recorded, i, "ProcessId"), 4711);
		CU_ASSERT_EQUAL(number_at(&recorded, i, "time"), (4 + i) * SECOND);
	}
	expect_text(&recorded, 1, "@timestamp", "2026-01-02T03:03:25.000000000Z");
	expect_text(&recorded, 2, "TargetFilename", "/etc/hosts");
	line = fixture_line(recorded.path, 2);
	CU_ASSERT_PTR_NULL(json_object_get(line, "verdict"));
	json_decref(line);
	expect_text(&recorded, 3, "verdict", "denied");
	expect_text(&recorded, 3, "asked", "deny");
	line = fixture_line(recorded.path, 3);
	list = json_object_get(line, "matches");
	CU_ASSERT_EQUAL(json_array_size(list), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_array_get(list, 0)),
			       "66666666-6666-4666-8666-666666666666");
	json_decref(line);
	line = fixture_line(recorded.path, 4);
	CU_ASSERT_PTR_NULL(json_object_get(line, "matches"));
	CU_ASSERT_PTR_NULL(json_object_get(line, "verdict"));
	json_decref(line);
	recorded_close(&recorded);
}

/* The rings are read one after the other, and what is written together is in order. */
UNIT_TEST(recording, lines_are_in_the_order_of_their_time)
{
	static const __u64 times[] = { 9, 5, 7, 7, 12, 6 };
	static const char *const paths[] = { "/9", "/5", "/7a", "/7b", "/12", "/6" };
	static const char *const ordered[] = { "/5", "/6", "/7a", "/7b", "/9", "/12" };
	struct recorded recorded;

	recorded_open(&recorded);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		open_told(&recorded, times[i] * SECOND, paths[i]);
	recorded_end(&recorded);
	for (size_t i = 0; i < ARRAY_SIZE(ordered); i++)
		expect_text(&recorded, 1 + i, "TargetFilename", ordered[i]);
	recorded_close(&recorded);
}

UNIT_TEST(recording, many_lines_are_written_before_they_are_too_many)
{
	const size_t count = 12000;
	struct recorded recorded;
	union built_record built;
	char path[32];

	recorded_open(&recorded);
	record_creation(&built, 5 * SECOND - 1, "/bin/sh", "sh", 2);
	fixture_record(recorded.fixture, &built, 0);
	for (size_t i = 1; i < count; i++) {
		snprintf(path, sizeof(path), "/file-%zu", i);
		open_told(&recorded, 5 * SECOND + i, path);
	}
	CU_ASSERT(line_count(&recorded) > count / 2);
	recorded_end(&recorded);
	CU_ASSERT_EQUAL(line_count(&recorded), 1 + count);
	expect_text(&recorded, count, "TargetFilename", "/file-11999");
	expect_text(&recorded, count, "@timestamp", "2026-01-02T03:03:25.000011999Z");
	recorded_close(&recorded);
}

/* How far files of this process may grow. */
static void files_end_at(rlim_t size)
{
	struct rlimit limit;

	CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

UNIT_TEST(recording, a_file_that_takes_no_more)
{
	const __u64 none[LOSS_MAX] = { 0 };
	struct recorded recorded;

	signal(SIGXFSZ, SIG_IGN);
	recorded_open(&recorded);
	files_end_at(2000);
	for (__u64 i = 0; i < 20; i++)
		open_told(&recorded, (5 + i) * SECOND, "/etc/hosts");
	recorded_end(&recorded);
	files_end_at(RLIM_INFINITY);
	CU_ASSERT_EQUAL(recorded.fixture->calls.recording_failed, 1);
	CU_ASSERT_EQUAL(recorded.fixture->calls.log_failed, 0);
	/* whole lines, and room again: what is missing is told */
	const size_t kept = line_count(&recorded);
	CU_ASSERT(kept > 1 && kept < 20);
	CU_ASSERT_EQUAL(pipeline_losses(recorded.fixture->pipeline, none), 0);
	CU_ASSERT_EQUAL(pipeline_counters(recorded.fixture->pipeline)->lost, 21 - kept);
	pipeline_flush(recorded.fixture->pipeline, false);
	CU_ASSERT_EQUAL(line_count(&recorded), kept + 1);
	expect_text(&recorded, kept, "loss", "recording");
	CU_ASSERT_EQUAL(number_at(&recorded, kept, "count"), 21 - kept);
	pipeline_flush(recorded.fixture->pipeline, false);
	CU_ASSERT_EQUAL(line_count(&recorded), kept + 1);
	recorded_close(&recorded);
	signal(SIGXFSZ, SIG_DFL);
}

UNIT_TEST(recording, losses_are_lines)
{
	__u64 losses[LOSS_MAX] = { [LOSS_telemetry_ring] = 3 };
	struct recorded recorded;

	recorded_open(&recorded);
	open_told(&recorded, 5 * SECOND, "/etc/hosts");
	CU_ASSERT_EQUAL(pipeline_losses(recorded.fixture->pipeline, losses), 0);
	losses[LOSS_telemetry_ring] = 7;
	CU_ASSERT_EQUAL(pipeline_losses(recorded.fixture->pipeline, losses), 0);
	recorded_end(&recorded);
	CU_ASSERT_EQUAL(line_count(&recorded), 3);
	expect_text(&recorded, 2, "loss", "telemetry_ring");
	CU_ASSERT_EQUAL(number_at(&recorded, 2, "count"), 7);
	recorded_close(&recorded);
}

UNIT_TEST(recording, head_that_is_not_taken)
{
	static const __u8 sha256[32];
	struct recording_head head = { .version = "0.0.0", .policy_sha256 = sha256 };
	struct recording *recording = NULL;

	CU_ASSERT_EQUAL_FATAL(recording_open(&recording, "/dev/full", 0), 0);
	CU_ASSERT_EQUAL(recording_begin(recording, &head), -ENOSPC);
	recording_close(recording);
	CU_ASSERT_EQUAL(recording_open(&recording, "/dev/null/no", 0), -ENOTDIR);
}

/* A run that was killed may have left half a line. */
UNIT_TEST(recording, goes_on_after_half_a_line)
{
	static const __u8 sha256[32];
	struct recording_head head = { .version = "0.0.0", .policy_sha256 = sha256 };
	struct recording *recording = NULL;
	char path[] = "/tmp/fermata-recording-XXXXXX";
	int fd = mkstemp(path);
	char *content = NULL;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(file_write_all(fd, "{\"half", 6), 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(recording_open(&recording, path, 0), 0);
	CU_ASSERT_EQUAL(recording_begin(recording, &head), 0);
	recording_close(recording);
	CU_ASSERT_EQUAL_FATAL(file_read(path, 1 << 20, &content, NULL), 0);
	CU_ASSERT_EQUAL(strncmp(content, "{\"half\n{\"schema\":", 17), 0);
	free(content);
	CU_ASSERT_EQUAL(remove(path), 0);
}
