// SPDX-License-Identifier: Apache-2.0
/*
 * Records in, alerts and kills out: the whole user side behind the rings.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "pipeline/loss.h"
#include "pipeline_fixture.h"
#include "record_builder.h"
#include "unit.h"

#define SECOND CLOCK_SECOND
#define PEER 0xcb007109 /* 203.0.113.9 */

/* A fixture with a log of its own. */
struct logged {
	struct fixture fixture;
	struct alert_log *log;
	char path[64];
};

static void logged_open(struct logged *logged, bool observe)
{
	int fd;

	strcpy(logged->path, "/tmp/fermata-pipeline-XXXXXX");
	fd = mkstemp(logged->path);
	CU_ASSERT_FATAL(fd >= 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&logged->log, logged->path, 0), 0);
	fixture_open(&logged->fixture, logged->log, observe);
}

static void logged_close(struct logged *logged)
{
	fixture_close(&logged->fixture);
	alert_log_close(logged->log);
	unlink(logged->path);
}

static void create(struct fixture *fixture, __u32 pid, __u64 start, __u64 time, const char *image,
		   const char *arguments, size_t length)
{
	union built_record built;

	record_creation(&built, time, image, arguments, length);
	record_process(&built, pid, start, 4700, 3 * SECOND);
	fixture_record(fixture, &built, 0);
}

static void read_secret(struct fixture *fixture, __u64 time)
{
	union built_record built;

	record_open(&built, time, "/usr/bin/cat", "/home/u/.aws/credentials");
	record_process(&built, 4709, 5 * SECOND, 4700, 3 * SECOND);
	record_match(&built, RULE_reads_secret, 0);
	fixture_record(fixture, &built, 0);
}

/* The connection that completes the chain, with what the kernel did about it. */
static void connect_outside(struct fixture *fixture, __u64 time, unsigned int done, __u16 flags,
			    int expected)
{
	union built_record built;
	struct verdict *verdict = &built.record.header.verdict;

	record_connection(&built, time, "/usr/bin/curl", PEER, 443);
	record_process(&built, 4711, 6 * SECOND, 4700, 3 * SECOND);
	record_match(&built, RULE_connects_outside, 0);
	record_match(&built, RULE_secret_then_outside, flags);
	verdict->asked = RESPONSE_kill_agent;
	verdict->done = (__u8)done;
	verdict->shell = SHELL_fmod_ret;
	verdict->latency = 1834;
	fixture_record(fixture, &built, expected);
}

UNIT_TEST(pipeline, the_whole_story_in_one_record)
{
	struct logged logged;
	struct fixture *fixture = &logged.fixture;
	json_t *alert, *evidence;

	logged_open(&logged, false);
	create(fixture, 4709, 5 * SECOND, 7 * SECOND, "/usr/bin/cat",
	       "cat\0/home/u/.aws/credentials", 28);
	create(fixture, 4711, 6 * SECOND, 8 * SECOND, "/usr/bin/curl", "curl\0https://203.0.113.9",
	       24);
	read_secret(fixture, 9 * SECOND);
	connect_outside(fixture, 11 * SECOND + SECOND / 10,
			DONE_DENIED | DONE_KILLED | DONE_CONDEMNED, 0, 0);
	CU_ASSERT_EQUAL(fixture->calls.kill_agent, 1); /* those that only wait */
	CU_ASSERT_EQUAL(fixture->calls.kill_process, 0);

	alert = fixture_line(logged.path, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(alert);
	CU_ASSERT_STRING_EQUAL(string_at(alert, "@timestamp"), "2026-01-02T03:03:31.100000000Z");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "rule.name"),
			       "Secret read, then a connection outside");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "fermata.verdict"), "killed");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "fermata.response.asked"), "kill-agent");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "fermata.response.done"), "killed");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "fermata.response.tier"), "fmod_ret");
	CU_ASSERT(json_is_true(json_at(alert, "fermata.response.condemned")));
	CU_ASSERT_STRING_EQUAL(string_at(alert, "event.outcome"), "failure");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "process.command_line"),
			       "curl https://203.0.113.9");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "destination.ip"), "203.0.113.9");
	CU_ASSERT_STRING_EQUAL(string_at(alert, "gen_ai.agent.name"), "demo");
	CU_ASSERT_EQUAL(json_integer_value(json_at(alert, "fermata.seq")), 1);
	CU_ASSERT_STRING_EQUAL(
		string_at(alert, "event.reason"),
		"curl[4711] of agent demo tried to connect to 203.0.113.9:443; rule \"Secret "
		"read, then a connection outside\" (critical) asks for kill-agent; the process "
		"was killed before the act took effect, and the agent's whole tree with it");
	evidence = json_at(alert, "fermata.evidence");
	CU_ASSERT_EQUAL_FATAL(json_array_size(evidence), 2);
	CU_ASSERT_STRING_EQUAL(string_at(json_array_get(evidence, 0), "step"),
			       "agent_reads_secret");
	CU_ASSERT_STRING_EQUAL(string_at(json_array_get(evidence, 0), "file.path"),
			       "/home/u/.aws/credentials");
	CU_ASSERT_STRING_EQUAL(string_at(json_array_get(evidence, 0), "process.command_line"),
			       "cat /home/u/.aws/credentials");
	CU_ASSERT_STRING_EQUAL(string_at(json_array_get(evidence, 1), "step"),
			       "agent_connects_outside");
	CU_ASSERT_PTR_NULL(json_at(alert, "fermata.evidence_incomplete"));
	json_decref(alert);
	CU_ASSERT_PTR_NULL(fixture_line(logged.path, 1)); /* steps are silent */
	CU_ASSERT_STRING_EQUAL(
		fixture_readable(fixture),
		"03:03:31 KILLED     critical  curl[4711] connect 203.0.113.9:443 — Secret read, "
		"then a connection outside (after cat[4709] read /home/u/.aws/credentials 2.1s "
		"before) — agent demo, session s-1\n");
	logged_close(&logged);
}

UNIT_TEST(pipeline, folded_matches_are_counted)
{
	struct logged logged;
	struct fixture *fixture = &logged.fixture;
	json_t *line;

	logged_open(&logged, false);
	read_secret(fixture, 9 * SECOND);
	connect_outside(fixture, 10 * SECOND, 0, 0, 0);
	for (int i = 0; i < 5; i++)
		connect_outside(fixture, 11 * SECOND, 0, MATCH_FOLDED, 0);
	connect_outside(fixture, 12 * SECOND, 0, 0, 0);
	connect_outside(fixture, 13 * SECOND, 0, MATCH_FOLDED, 0);
	pipeline_session_end(fixture->pipeline, 0);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_PTR_NULL(json_at(line, "fermata.folded"));
	json_decref(line);
	line = fixture_line(logged.path, 1);
	CU_ASSERT_EQUAL(json_integer_value(json_at(line, "fermata.folded")), 5);
	json_decref(line);
	line = fixture_line(logged.path, 2);
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.action"), "folded_matches");
	CU_ASSERT_EQUAL(json_integer_value(json_at(line, "fermata.folded")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_at(line, "fermata.seq")), 3);
	json_decref(line);
	CU_ASSERT_PTR_NULL(fixture_line(logged.path, 3));
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->folded, 6);
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->alerts, 2);
	logged_close(&logged);
}

static void open_file(struct fixture *fixture, __u64 time, const char *path, __u16 rule,
		      __u16 flags)
{
	union built_record built;

	record_open(&built, time, "/usr/bin/cat", path);
	record_match(&built, rule, flags);
	fixture_record(fixture, &built, 0);
}

/* The kernel sees the pieces of /opt/ * /secret; what lies between is for the user side. */
UNIT_TEST(pipeline, candidates_are_confirmed)
{
	struct logged logged;
	struct fixture *fixture = &logged.fixture;
	json_t *line;

	logged_open(&logged, false);
	create(fixture, 4711, 4 * SECOND, 5 * SECOND, "/usr/bin/cat", "cat", 3);
	open_file(fixture, 9 * SECOND, "/opt/secret", RULE_inner, MATCH_CANDIDATE);
	CU_ASSERT_EQUAL(fixture->calls.kill_process, 0);
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->refuted, 1);
	open_file(fixture, 10 * SECOND, "/opt/a/b/SECRET", RULE_inner, MATCH_CANDIDATE);
	CU_ASSERT_EQUAL(fixture->calls.kill_process, 1);
	CU_ASSERT_EQUAL(fixture->calls.pid, 4711);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_STRING_EQUAL(string_at(line, "rule.name"), "Inner secret");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "killed");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.response.tier"), "user");
	CU_ASSERT(json_is_true(json_at(line, "fermata.response.after_effect")));
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.outcome"), "success");
	json_decref(line);
	CU_ASSERT_PTR_NULL(fixture_line(logged.path, 1));
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->killed, 1);
	/* it was faster */
	fixture->calls.answer = -ESRCH;
	open_file(fixture, 11 * SECOND, "/opt/a/secret", RULE_inner, MATCH_CANDIDATE);
	line = fixture_line(logged.path, 1);
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "alerted");
	CU_ASSERT(json_is_true(json_at(line, "fermata.response.gone")));
	json_decref(line);
	logged_close(&logged);
}

UNIT_TEST(pipeline, observed_sessions_are_only_told_about)
{
	struct logged logged;
	struct fixture *fixture = &logged.fixture;
	json_t *line;

	logged_open(&logged, true);
	open_file(fixture, 10 * SECOND, "/opt/a/secret", RULE_inner, MATCH_CANDIDATE);
	read_secret(fixture, 11 * SECOND);
	connect_outside(fixture, 12 * SECOND,
			DONE_DENIED | DONE_KILLED | DONE_CONDEMNED | DONE_SIMULATED, 0, 0);
	CU_ASSERT_EQUAL(fixture->calls.kill_process + fixture->calls.kill_agent, 0);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "would-kill");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.response.done"), "alerted");
	CU_ASSERT(json_is_true(json_at(line, "fermata.response.simulated")));
	json_decref(line);
	line = fixture_line(logged.path, 1);
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "would-kill-agent");
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.outcome"), "success");
	CU_ASSERT(json_is_false(json_at(line, "fermata.response.condemned")));
	json_decref(line);
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->simulated, 2);
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->killed, 0);
	logged_close(&logged);
}

/* Its first step has to be confirmed, so the kernel leaves the whole chain to the user
 * side. */
UNIT_TEST(pipeline, correlations_of_the_user_side)
{
	struct logged logged;
	struct fixture *fixture = &logged.fixture;
	union built_record built;
	json_t *line;

	logged_open(&logged, false);
	create(fixture, 4711, 4 * SECOND, 5 * SECOND, "/usr/bin/cat", "cat", 3);
	for (int round = 0; round < 2; round++) {
		/* only in the second round the candidate is a match */
		open_file(fixture, (10 + round) * SECOND, round ? "/marked/a/x" : "/marked/x",
			  RULE_marked, MATCH_CANDIDATE);
		record_connection(&built, (20 + round) * SECOND, "/usr/bin/cat", PEER, 4444);
		record_match(&built, RULE_port, 0);
		built.record.header.verdict.asked = RESPONSE_deny;
		built.record.header.verdict.done = DONE_DENIED;
		built.record.header.verdict.shell = SHELL_lsm;
		fixture_record(fixture, &built, 0);
		CU_ASSERT_EQUAL(fixture->calls.kill_agent, (unsigned int)round);
	}
	line = fixture_line(logged.path, 0);
	CU_ASSERT_STRING_EQUAL(string_at(line, "rule.name"), "Bad port");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "denied");
	json_decref(line);
	/* the second time the first step is told (`generate: true`), then two rules
	 * match */
	line = fixture_line(logged.path, 1);
	CU_ASSERT_STRING_EQUAL(string_at(line, "rule.name"), "Marked");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "alerted");
	json_decref(line);
	line = fixture_line(logged.path, 2);
	CU_ASSERT_STRING_EQUAL(string_at(line, "rule.name"), "Bad port");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "killed");
	json_decref(line);
	line = fixture_line(logged.path, 3);
	CU_ASSERT_STRING_EQUAL(string_at(line, "rule.name"), "Marked, then a bad port");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "killed");
	CU_ASSERT(json_is_true(json_at(line, "fermata.response.condemned")));
	/* the kernel had refused the act before */
	CU_ASSERT(json_is_false(json_at(line, "fermata.response.after_effect")));
	CU_ASSERT_EQUAL(json_array_size(json_at(line, "fermata.evidence")), 2);
	CU_ASSERT_STRING_EQUAL(string_at(json_array_get(json_at(line, "fermata.evidence"), 0),
					 "file.path"),
			       "/marked/a/x");
	json_decref(line);
	CU_ASSERT_PTR_NULL(fixture_line(logged.path, 4));
	logged_close(&logged);
}

/* A lost step: the alert is told, and says that its evidence is not whole. */
UNIT_TEST(pipeline, evidence_may_be_incomplete)
{
	struct logged logged;
	json_t *line;

	logged_open(&logged, false);
	connect_outside(&logged.fixture, 12 * SECOND, DONE_KILLED | DONE_AFTER, 0, 0);
	line = fixture_line(logged.path, 0);
	CU_ASSERT(json_is_true(json_at(line, "fermata.evidence_incomplete")));
	CU_ASSERT_EQUAL(json_array_size(json_at(line, "fermata.evidence")), 1);
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.outcome"), "success"); /* bytes left */
	json_decref(line);
	logged_close(&logged);
}

static int late_creation(struct fixture *fixture)
{
	create(fixture, 4711, 6 * SECOND, 8 * SECOND, "/usr/bin/curl", "curl\0x", 6);
	return 0;
}

UNIT_TEST(pipeline, catches_up_with_the_other_ring)
{
	struct logged logged;
	json_t *line;

	logged_open(&logged, false);
	logged.fixture.on_catch_up = late_creation;
	connect_outside(&logged.fixture, 12 * SECOND, DONE_KILLED, 0, 0);
	CU_ASSERT_EQUAL(logged.fixture.calls.catch_up, 1);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_STRING_EQUAL(string_at(line, "process.command_line"), "curl x");
	json_decref(line);
	connect_outside(&logged.fixture, 13 * SECOND, DONE_KILLED, 0, 0);
	CU_ASSERT_EQUAL(logged.fixture.calls.catch_up, 1); /* known by now */
	logged_close(&logged);
}

UNIT_TEST(pipeline, refused_for_want_of_memory)
{
	struct logged logged;
	union built_record built;
	json_t *line;

	logged_open(&logged, false);
	record_open(&built, 9 * SECOND, "/usr/bin/cat", "/etc/passwd");
	built.record.header.flags = RECORD_VERDICT | RECORD_REFUSED;
	built.record.header.verdict.done = DONE_DENIED;
	built.record.header.verdict.shell = SHELL_lsm;
	fixture_record(&logged.fixture, &built, 0);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_PTR_NULL(json_at(line, "rule"));
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.verdict"), "denied");
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.reason"),
			       "cat[4711] of agent demo tried to read /etc/passwd; it could not be "
			       "examined for want of memory; the act was refused");
	json_decref(line);
	logged_close(&logged);
}

UNIT_TEST(pipeline, losses_are_told)
{
	struct logged logged;
	struct fixture *fixture = &logged.fixture;
	__u64 counters[LOSS_MAX] = { [LOSS_telemetry_ring] = 12 };
	union built_record built;
	json_t *line;

	logged_open(&logged, false);
	CU_ASSERT_EQUAL(pipeline_record(fixture->pipeline, counters, sizeof(counters)), 0);
	open_file(fixture, 9 * SECOND, "/etc/passwd", 4000, 0); /* no such rule */
	CU_ASSERT_EQUAL(pipeline_losses(fixture->pipeline, counters), 0);
	CU_ASSERT_EQUAL(pipeline_losses(fixture->pipeline, counters), 0);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.kind"), "pipeline_error");
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.loss.cause"), "telemetry_ring");
	CU_ASSERT_EQUAL(json_integer_value(json_at(line, "fermata.loss.count")), 12);
	json_decref(line);
	line = fixture_line(logged.path, 1);
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.loss.cause"), "record");
	json_decref(line);
	line = fixture_line(logged.path, 2);
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.loss.cause"), "rule");
	json_decref(line);
	CU_ASSERT_PTR_NULL(fixture_line(logged.path, 3));
	CU_ASSERT_EQUAL(pipeline_counters(fixture->pipeline)->lost, 14);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(fixture_readable(fixture), "NOTE       lost 12: telemetry ring full"));
	/* more matches than a record names */
	record_open(&built, 9 * SECOND, "/usr/bin/cat", "/etc/shadow");
	for (int i = 0; i < MATCHES_MAX + 5; i++)
		record_match(&built, RULE_shadow, 0);
	fixture_record(fixture, &built, 0);
	line = fixture_line(logged.path, 3);
	CU_ASSERT(json_integer_value(json_at(line, "fermata.unnamed_matches")) >= 5);
	json_decref(line);
	logged_close(&logged);
}

UNIT_TEST(pipeline, a_log_that_fails)
{
	struct fixture fixture = { 0 };
	struct alert_log *log = NULL;
	const __u64 none[LOSS_MAX] = { 0 };

	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, "/dev/full", 0), 0);
	fixture_open(&fixture, log, false);
	read_secret(&fixture, 9 * SECOND);
	connect_outside(&fixture, 12 * SECOND, DONE_KILLED | DONE_CONDEMNED, 0, -ENOSPC);
	CU_ASSERT_EQUAL(fixture.calls.log_failed, 1);
	CU_ASSERT_EQUAL(fixture.calls.kill_agent, 1); /* the response does not wait for the log */
	CU_ASSERT_EQUAL(pipeline_counters(fixture.pipeline)->unlogged, 1);
	CU_ASSERT_EQUAL(pipeline_losses(fixture.pipeline, none), -ENOSPC);
	CU_ASSERT_EQUAL(pipeline_losses(fixture.pipeline, none), -ENOSPC);
	CU_ASSERT_EQUAL(pipeline_counters(fixture.pipeline)->lost,
			1); /* failing to tell is no loss */
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture_readable(&fixture), "KILLED"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(fixture_readable(&fixture), "lost 1: the alert log did not take"));
	fixture_close(&fixture);
	alert_log_close(log);
}

/* Nobody reads standard error: the log has everything, and says what is missing there. */
UNIT_TEST(pipeline, readable_lines_that_nobody_takes)
{
	const __u64 none[LOSS_MAX] = { 0 };
	struct logged logged;
	json_t *line;
	int ends[2];
	char full[4096] = { 0 };

	logged_open(&logged, false);
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(ends[1], full, sizeof(full)) > 0)
		;
	CU_ASSERT_EQUAL(fcntl(ends[1], F_SETFL, 0), 0);
	outlet_close(&logged.fixture.readable);
	outlet_open(&logged.fixture.readable, ends[1]);
	CU_ASSERT_EQUAL(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0); /* that of the others stays */
	read_secret(&logged.fixture, 9 * SECOND);
	connect_outside(&logged.fixture, 12 * SECOND, DONE_KILLED, 0, 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(pipeline_losses(logged.fixture.pipeline, none), 0);
	line = fixture_line(logged.path, 0);
	CU_ASSERT_STRING_EQUAL(string_at(line, "event.kind"), "alert");
	json_decref(line);
	line = fixture_line(logged.path, 1);
	CU_ASSERT_STRING_EQUAL(string_at(line, "fermata.loss.cause"), "readable");
	CU_ASSERT_EQUAL(json_integer_value(json_at(line, "fermata.loss.count")), 1);
	json_decref(line);
	CU_ASSERT_PTR_NULL(fixture_line(logged.path, 2));
	close(ends[0]);
	close(ends[1]);
	logged_close(&logged);
}

/* Half of a line went out: the next one is not taken for its end. */
UNIT_TEST(pipeline, torn_readable_line)
{
	static char line[100000];
	struct outlet outlet;
	char drain[200000];
	int ends[2];
	ssize_t n;

	memset(line, 'x', sizeof(line));
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	outlet_open(&outlet, ends[1]);
	CU_ASSERT_EQUAL(outlet_write(&outlet, line, sizeof(line)), -EAGAIN);
	n = read(ends[0], drain, sizeof(drain));
	CU_ASSERT(n > 0 && n < (ssize_t)sizeof(line));
	CU_ASSERT_EQUAL(outlet_write(&outlet, "next\n", 5), 0);
	CU_ASSERT_EQUAL(read(ends[0], drain, sizeof(drain)), 6);
	CU_ASSERT_EQUAL(memcmp(drain, "\nnext\n", 6), 0);
	outlet_close(&outlet);
	CU_ASSERT_EQUAL(outlet_write(&outlet, "x", 1), -EBADF);
	close(ends[0]);
	close(ends[1]);
}

UNIT_TEST(pipeline, sessions)
{
	struct fixture fixture = { 0 };
	struct pipeline_agent agent = { .row = 0, .session = 8 };

	fixture_open(&fixture, NULL, false);
	CU_ASSERT_EQUAL(pipeline_session_begin(fixture.pipeline, &agent), -EEXIST);
	agent.row = AGENTS_MAX;
	CU_ASSERT_EQUAL(pipeline_session_begin(fixture.pipeline, &agent), -EINVAL);
	agent.row = 1;
	agent.session = 0;
	CU_ASSERT_EQUAL(pipeline_session_begin(fixture.pipeline, &agent), -EINVAL);
	pipeline_session_end(fixture.pipeline, 0);
	pipeline_session_end(fixture.pipeline, 0);
	pipeline_session_end(fixture.pipeline, AGENTS_MAX);
	/* a record that comes after its session has ended is told, without the agent's
	 * name */
	read_secret(&fixture, 9 * SECOND);
	connect_outside(&fixture, 12 * SECOND, DONE_KILLED, 0, 0);
	connect_outside(&fixture, 12 * SECOND, DONE_KILLED, MATCH_FOLDED, 0);
	CU_ASSERT_EQUAL(pipeline_counters(fixture.pipeline)->alerts, 2);
	agent.row = 0;
	agent.session = 8;
	CU_ASSERT_EQUAL(pipeline_session_begin(fixture.pipeline, &agent), 0);
	connect_outside(&fixture, 12 * SECOND, DONE_KILLED, 0, 0); /* session 7, not 8 */
	CU_ASSERT_PTR_NULL(strstr(fixture_readable(&fixture), "session"));
	fixture_close(&fixture);
}

/* Corrupted records through all of it. */
UNIT_TEST(pipeline, corrupted)
{
	struct logged logged;
	uint64_t seed = unit_seed();
	const struct pipeline_counters *counters;

	logged_open(&logged, false);
	for (int i = 0; i < 5000; i++) {
		union built_record built;
		size_t size;

		if (unit_below(&seed, 2))
			record_connection(&built, i * SECOND, "/usr/bin/curl", PEER, 443);
		else
			record_open(&built, i * SECOND, "/usr/bin/cat", "/opt/a/secret");
		for (int j = 0; j < 3; j++)
			record_match(&built, (__u16)unit_below(&seed, 9),
				     (__u16)unit_below(&seed, 8));
		size = built.record.header.size;
		for (size_t j = unit_below(&seed, 4); j > 0; j--)
			built.bytes[unit_below(&seed, size)] = (char)unit_random(&seed);
		pipeline_record(logged.fixture.pipeline, &built, size);
	}
	counters = pipeline_counters(logged.fixture.pipeline);
	CU_ASSERT(counters->alerts > 100);
	for (size_t i = 0; i < counters->alerts && i < 3; i++)
		json_decref(fixture_line(logged.path, i));
	CU_ASSERT_EQUAL(alert_log_next(logged.log), counters->alerts + 1);
	logged_close(&logged);
}
