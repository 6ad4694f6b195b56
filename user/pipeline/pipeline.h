/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to a record on the user side, from the ring to the alert log. One
 * thread, no waiting, no libbpf: records are handed in, acts go out through the
 * responder, so that all of it runs without a kernel side too.
 */
#ifndef FERMATA_PIPELINE_H
#define FERMATA_PIPELINE_H

#include <limits.h>
#include <stdbool.h>

#include "agent.h"
#include "base/clock.h"
#include "pipeline/alert_log.h"
#include "pipeline/renewal.h"
#include "rules/compile.h"
#include "rules/rule.h"

struct connection;
struct outlet;
struct pipeline;
struct recording;

/*
 * Who acts for the user side. Each returns 0 or -errno; -ESRCH: it was gone already,
 * which is as good. A member that is NULL cannot be done, and the alert says so.
 */
struct responder {
	/* Kills that process and no other that has its pid by now. */
	int (*kill_process)(void *context, __u32 pid, __u64 start_time);
	/* Condemns the session in that row and kills every member. Also called after
	 * the kernel condemned it, once a session: the kernel finishes only members
	 * that act. What it cannot finish now it goes on with itself. */
	int (*kill_agent)(void *context, __u32 row, __u64 session);
	/* Aborts a TCP connection of the process, of which a packet was refused. */
	int (*abort_connection)(void *context, const struct connection *connection, __u32 pid);
	/* Reads the telemetry ring now, through pipeline_record(). Called when a verdict
	 * names a process that is not known yet: its creation may be waiting there. */
	int (*catch_up)(void *context);
	/* The alert log failed (once for each record that it did not take). */
	void (*log_failed)(void *context, int error);
	/* The recording failed (once for each write). */
	void (*recording_failed)(void *context, int error);
	void *context;
};

/* All pointers are borrowed until pipeline_free(). */
struct pipeline_config {
	const struct ruleset *rules;
	const struct compiled *compiled;
	struct alert_log *log; /* NULL: no alert log */
	struct recording *recording; /* NULL: none; recording_begin() was called */
	struct outlet *readable; /* NULL: no readable lines */
	bool colour; /* readable lines may carry terminal colours */
	struct responder responder;
	/* Finds the path of a cgroup in the v2 hierarchy by its id: 0 or -errno. NULL:
	 * nobody knows. */
	int (*cgroup_path)(__u64 id, char path[PATH_MAX]);
	/* The kernel's counters, by CPU, when records began to be taken: read until
	 * pipeline_new() returns. NULL: all were 0. */
	const struct counters *before;
	__u32 cpus;

	/* For tests and replay; zero otherwise. */
	const char *root; /* in front of /proc */
	const char *host; /* instead of the host's name */
	struct clock clock; /* `fixed` */
	int (*random)(void *bytes, size_t size); /* instead of getrandom(2); 0 or -errno */
};

/* -EINVAL: the rules are not those that were compiled; -ENOMEM. */
int pipeline_new(struct pipeline **ret_pipeline, const struct pipeline_config *config);
void pipeline_free(struct pipeline *pipeline);

/*
 * Other rules from here on, for records of that policy's generation, which is another than the
 * one in force; records of the one before may still come, and are told by its rules. Before
 * the next switch they have all been taken. `rules` and `compiled` are borrowed until the
 * second switch after this one. Correlations, and what is folded into their alerts, begin
 * anew. -EINVAL: the rules are not those that were compiled; -ENOMEM: nothing has changed.
 */
int pipeline_policy(struct pipeline *pipeline, const struct ruleset *rules,
		    const struct compiled *compiled);

/* What holds of living programs under the next policy: see renew(). */
int pipeline_renew(const struct pipeline *pipeline, const struct policy *policy, renewal_fn take,
		   void *context);

/* One life of one agent; the strings are copied. */
struct pipeline_agent {
	__u32 row; /* in the agents map */
	__u64 session;
	const char *name, *id, *profile; /* AgentName, AgentSession, AgentProfile; NULL: none */
	bool observe; /* AGENT_OBSERVE: the user side, too, only says what it would do */
};

/* Makes a session known, before its first record. -EEXIST: the row is in use; -EINVAL:
 * it is not below AGENTS_MAX, or the session is 0; -ENOMEM. */
int pipeline_session_begin(struct pipeline *pipeline, const struct pipeline_agent *agent);

/* Forgets the session in that row, after its last record; tells folded matches that
 * no alert has carried yet, and writes what the recording has not. */
void pipeline_session_end(struct pipeline *pipeline, __u32 row);

/*
 * Takes one record from either ring. The telemetry ring should be read before the
 * verdict ring. A record that is not one is counted as a loss and told at the next
 * pipeline_losses(). 0, or the error of the alert log (log_failed() was called).
 */
int pipeline_record(struct pipeline *pipeline, const void *data, size_t size);

/*
 * Tells what was lost since the last call: the kernel's counters (by enum loss, running
 * totals), what the sequence numbers say beyond them, and what was lost on this side.
 * To be called now and then and once at the end. 0 or the error of the alert log.
 */
int pipeline_losses(struct pipeline *pipeline, const __u64 counters[LOSS_MAX]);

/* To be called when both rings have been read: see recording_flush(). At the end with `all`,
 * before the last pipeline_losses(). */
void pipeline_flush(struct pipeline *pipeline, bool all);

/* Running totals. */
struct pipeline_counters {
	__u64 records; /* taken from the rings */
	__u64 alerts; /* told, one for each match */
	__u64 denied, killed; /* events with that answer, not simulated */
	__u64 simulated; /* events that would have had one */
	__u64 folded; /* matches that were counted only */
	__u64 refuted; /* candidates of the kernel that were none */
	__u64 lost; /* of all causes, as told so far */
	__u64 unlogged; /* records that the alert log did not take */
	__u64 evicted; /* processes forgotten because there were too many */
};

const struct pipeline_counters *pipeline_counters(const struct pipeline *pipeline);

#endif
