/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensor as `run` has it, in observe mode and recording, over a process that acts: what
 * the kernel side told of it.
 */
#ifndef FERMATA_THEATRE_H
#define FERMATA_THEATRE_H

#include <stddef.h>

#include "base/cleanup.h"
#include "differential.h"
#include "event.h"
#include "rule_set.h"

/* AgentName, AgentSession, AgentProfile. */
extern const char *const agent_names[3];

struct cgroup;
struct sensor;

struct kept {
	__u64 time;
	size_t size;
	struct record *record; /* owned */
};

struct theatre {
	const struct differential *differential;
	struct rule_set set;
	struct cgroup *cgroup;
	struct sensor *sensor;
	struct kept *kept; /* in the order in which they came */
	size_t count;
	__u64 unkept; /* there was no place for them */
	__u64 opened, executed, connected; /* as who acts tells */
};

/* Has the process act to its end, and keeps all that is told of it. -errno, and *ret_step is
 * what failed. */
int theatre_play(struct theatre *theatre, const char **ret_step);
void theatre_done(struct theatre *theatre);

/* Whether the kernel side lost something, which is told on standard output then. -errno. */
int theatre_lost(struct theatre *theatre);

#endif
