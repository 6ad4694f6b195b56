/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole pipeline over real rules, with everything that changes from run to run fixed,
 * and a responder that only takes note.
 */
#ifndef FERMATA_PIPELINE_FIXTURE_H
#define FERMATA_PIPELINE_FIXTURE_H

#include <jansson.h>

#include "base/outlet.h"
#include "pipeline/pipeline.h"
#include "rule_text.h"
#include "sender.h"

/* The rules of the fixture, in their order. */
enum fixture_rule {
	RULE_reads_secret, /* silent step: file_open of *credentials* */
	RULE_connects_outside, /* silent step: network_connection to port 443 */
	RULE_secret_then_outside, /* correlation, 5m, kill-agent, critical */
	RULE_shadow, /* file_open of /etc/shadow: alert, medium */
	RULE_inner, /* file_open of /opt/ * /secret (confirmed by the user side): kill, high */
	RULE_port, /* network_connection to port 4444: deny, low */
	RULE_marked, /* step, confirmed by the user side: file_open of /marked/ * /x */
	RULE_marked_then_port, /* correlation of that and RULE_port: kill-agent, high */
};

#define FIXTURE_WALL 1767323000000000000ULL /* 2026-01-02T03:03:20Z, at boot */

struct fixture {
	struct rule_read read;
	struct compiled *compiled;
	struct pipeline *pipeline;
	struct outlet readable; /* to a file in memory */
	char *readable_text;
	struct {
		unsigned int kill_process, kill_agent, catch_up, log_failed, recording_failed;
		unsigned int abort_connection;
		struct connection connection;
		__u32 pid, row;
		int answer; /* what the killers return */
	} calls;
	int (*on_catch_up)(struct fixture *fixture);
};

/* The rules alone. */
void fixture_rules(struct rule_read *read);

/* Opens a pipeline with session 7 in row 0: agent "demo", id "s-1", profile "default".
 * `log` may be NULL. */
void fixture_open(struct fixture *fixture, struct alert_log *log, bool observe);
/* The same with a recording and without a log. */
void fixture_open_recorded(struct fixture *fixture, struct recording *recording);
void fixture_close(struct fixture *fixture);

/* Hands in a record; asserts the result. */
union built_record;
void fixture_record(struct fixture *fixture, const union built_record *built, int expected);

/* The readable lines so far. */
const char *fixture_readable(struct fixture *fixture);

/* The record on line `index` of a log file, or NULL; the caller's to json_decref(). */
json_t *fixture_line(const char *path, size_t index);

/* The value at a dotted name: "process.parent.pid". Borrowed; NULL when there is none. */
json_t *json_at(json_t *root, const char *name);
const char *string_at(json_t *root, const char *name);

/* Bytes that are not random. */
int fixture_random(void *bytes, size_t size);

#endif
