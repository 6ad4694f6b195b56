/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules are read and compiled by the real reader and compiler.
 */
#include "pipeline_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "record_builder.h"
#include "rules/compile.h"
#include "unit.h"

#define LOGSOURCE(category) "logsource: {product: linux, category: " category "}\n"

/* clang-format off */
static const char rules[] =
	"title: Secret read\n"
	"id: 11111111-1111-4111-8111-111111111111\n"
	"name: agent_reads_secret\n"
	LOGSOURCE("file_open")
	"detection: {sel: {TargetFilename|contains: credentials}, condition: sel}\n"
	"---\n"
	"title: Connection outside\n"
	"id: 22222222-2222-4222-8222-222222222222\n"
	"name: agent_connects_outside\n"
	LOGSOURCE("network_connection")
	"detection: {sel: {DestinationPort: 443}, condition: sel}\n"
	"---\n"
	"title: Secret read, then a connection outside\n"
	"id: 33333333-3333-4333-8333-333333333333\n"
	"name: secret_then_outside\n"
	"description: Both together are the theft.\n"
	"references: [https://example.org/a, https://example.org/b]\n"
	"tags: [attack.credential-access, attack.t1552.001, attack.t1041,\n"
	"       attack.command-and-control, owasp.asi03, attack.g0016]\n"
	"level: critical\n"
	"correlation:\n"
	"    type: temporal_ordered\n"
	"    rules: [agent_reads_secret, agent_connects_outside]\n"
	"    group-by: [AgentSession]\n"
	"    timespan: 5m\n"
	"maestro: {framework: v2, layer: tools-ecosystem, threats: [L6-T06], category: exfiltration}\n"
	"response: kill-agent\n"
	"---\n"
	"title: Shadow file opened\n"
	"id: 44444444-4444-4444-8444-444444444444\n"
	LOGSOURCE("file_open")
	"detection: {sel: {TargetFilename: /etc/shadow}, condition: sel}\n"
	"level: medium\n"
	"---\n"
	"title: Inner secret\n"
	"id: 55555555-5555-4555-8555-555555555555\n"
	LOGSOURCE("file_open")
	"detection: {sel: {TargetFilename: '/opt/*/secret'}, condition: sel}\n"
	"level: high\n"
	"response: kill\n"
	"---\n"
	"title: Bad port\n"
	"id: 66666666-6666-4666-8666-666666666666\n"
	"name: bad_port\n"
	LOGSOURCE("network_connection")
	"detection: {sel: {DestinationPort: 4444}, condition: sel}\n"
	"level: low\n"
	"response: deny\n"
	"---\n"
	"title: Marked\n"
	"id: 77777777-7777-4777-8777-777777777777\n"
	"name: marked\n"
	LOGSOURCE("file_open")
	"detection: {sel: {TargetFilename: '/marked/*/x'}, condition: sel}\n"
	"---\n"
	"title: Marked, then a bad port\n"
	"id: 88888888-8888-4888-8888-888888888888\n"
	"level: high\n"
	"correlation:\n"
	"    type: temporal_ordered\n"
	"    rules: [marked, bad_port]\n"
	"    group-by: [AgentSession]\n"
	"    timespan: 1m\n"
	"    generate: true\n"
	"response: kill-agent\n";
/* clang-format on */

void fixture_rules(struct rule_read *read)
{
	rule_read_text(read, rules);
	if (read->diagnostics.count)
		diagnostics_print(&read->diagnostics, stderr);
	CU_ASSERT_EQUAL_FATAL(read->result, 0);
	CU_ASSERT_EQUAL_FATAL(read->diagnostics.total[SEVERITY_ERROR], 0);
	CU_ASSERT_EQUAL_FATAL(read->ruleset->count, RULE_marked_then_port + 1);
}

static int kill_process(void *context, __u32 pid, __u64 start_time)
{
	struct fixture *fixture = context;

	(void)start_time;
	fixture->calls.kill_process++;
	fixture->calls.pid = pid;
	return fixture->calls.answer;
}

static int kill_agent(void *context, __u32 row, __u64 session)
{
	struct fixture *fixture = context;

	CU_ASSERT_EQUAL(session, 7);
	fixture->calls.kill_agent++;
	fixture->calls.row = row;
	return fixture->calls.answer;
}

static int abort_connection(void *context, const struct connection *connection, __u32 pid)
{
	struct fixture *fixture = context;

	fixture->calls.abort_connection++;
	fixture->calls.connection = *connection;
	fixture->calls.pid = pid;
	return -ENOENT; /* it has ended by itself */
}

static int catch_up(void *context)
{
	struct fixture *fixture = context;

	fixture->calls.catch_up++;
	return fixture->on_catch_up ? fixture->on_catch_up(fixture) : 0;
}

static void log_failed(void *context, int error)
{
	struct fixture *fixture = context;

	CU_ASSERT(error < 0);
	fixture->calls.log_failed++;
}

static void recording_failed(void *context, int error)
{
	struct fixture *fixture = context;

	CU_ASSERT(error < 0);
	fixture->calls.recording_failed++;
}

int fixture_random(void *bytes, size_t size)
{
	memset(bytes, 0xab, size);
	return 0;
}

static void open_with(struct fixture *fixture, struct alert_log *log, struct recording *recording,
		      bool observe)
{
	struct pipeline_config config = {
		.log = log,
		.recording = recording,
		.root = "/nonexistent",
		.host = "host-1",
		.clock = { .offset = FIXTURE_WALL, .fixed = true },
		.random = fixture_random,
		.responder = { kill_process, kill_agent, abort_connection, catch_up, log_failed,
			       recording_failed, fixture },
	};
	struct pipeline_agent agent = { .row = 0,
					.session = 7,
					.name = "demo",
					.id = "s-1",
					.profile = "default",
					.observe = observe };

	*fixture = (struct fixture) { 0 };
	setenv("TZ", "UTC", 1);
	fixture_rules(&fixture->read);
	CU_ASSERT_EQUAL_FATAL(compile(&fixture->compiled, fixture->read.ruleset, 3,
				      &fixture->read.diagnostics),
			      0);
	fixture->readable.fd = memfd_create("readable", MFD_CLOEXEC);
	config.rules = fixture->read.ruleset;
	config.compiled = fixture->compiled;
	config.readable = &fixture->readable;
	CU_ASSERT_EQUAL_FATAL(pipeline_new(&fixture->pipeline, &config), 0);
	CU_ASSERT_EQUAL(pipeline_session_begin(fixture->pipeline, &agent), 0);
}

void fixture_open(struct fixture *fixture, struct alert_log *log, bool observe)
{
	open_with(fixture, log, NULL, observe);
}

void fixture_open_recorded(struct fixture *fixture, struct recording *recording)
{
	open_with(fixture, NULL, recording, false);
}

void fixture_close(struct fixture *fixture)
{
	pipeline_free(fixture->pipeline);
	compiled_free(fixture->compiled);
	rule_read_done(&fixture->read);
	outlet_close(&fixture->readable);
	free(fixture->readable_text);
}

void fixture_record(struct fixture *fixture, const union built_record *built, int expected)
{
	CU_ASSERT_EQUAL(pipeline_record(fixture->pipeline, built, built->record.header.size),
			expected);
}

const char *fixture_readable(struct fixture *fixture)
{
	free(fixture->readable_text);
	fixture->readable_text = NULL;
	CU_ASSERT_EQUAL(lseek(fixture->readable.fd, 0, SEEK_SET), 0);
	CU_ASSERT_EQUAL_FATAL(
		file_read_open(fixture->readable.fd, 1 << 20, &fixture->readable_text, NULL), 0);
	return fixture->readable_text;
}

json_t *fixture_line(const char *path, size_t index)
{
	char *content = NULL, *line, *end;
	json_t *root = NULL;
	json_error_t error;

	CU_ASSERT_EQUAL_FATAL(file_read(path, 64 << 20, &content, NULL), 0);
	for (line = content; *line; line = end + 1) {
		end = strchr(line, '\n');
		CU_ASSERT_PTR_NOT_NULL(end);
		if (!end)
			break;
		if (index--)
			continue;
		root = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, &error);
		if (!root)
			unit_note("not JSON: %s", error.text);
		CU_ASSERT_PTR_NOT_NULL(root);
		break;
	}
	free(content);
	return root;
}

json_t *json_at(json_t *root, const char *name)
{
	char part[64];
	const char *dot;

	for (; root && (dot = strchr(name, '.')); name = dot + 1) {
		snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
		root = json_object_get(root, part);
	}
	return json_object_get(root, name);
}

const char *string_at(json_t *root, const char *name)
{
	const char *value = json_string_value(json_at(root, name));

	return value ? value : "(none)";
}
