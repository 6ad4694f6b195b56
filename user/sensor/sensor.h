/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel side as the user side sees it: opened, loaded and attached as far as this
 * kernel allows and the policy needs. The only user of libbpf.
 */
#ifndef FERMATA_SENSOR_H
#define FERMATA_SENSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "agent.h"
#include "rules/compile.h"
#include "sensor/plan.h"

struct sensor;

struct sensor_config {
	const struct compiled *compiled; /* read until sensor_open() returns */
	struct plan *plan; /* what fails here is entered */
	__u32 agents; /* rows: sessions at the same time, 1 .. AGENTS_MAX */
	int cgroup_fd; /* what cgroup programs are attached to; -1: to nothing */
	/* bytes of the ring of verdicts and of that of telemetry: a power of two, at least a
	 * page */
	__u32 ring_size, telemetry_size;
	/* Other policies are to follow, of up to that many bytes (a power of two; 0: as much as
	 * this one takes). A plan of everything goes with it. */
	__u32 policy_size;
	/* Adopts what is pinned in this directory (sensor/pin.h) instead of loading: the plan
	 * is to be its own (pin_plan()), and agents, the sizes and policy_size are as they were
	 * loaded. NULL: loads. */
	const char *pinned;
	/* Takes one record of either ring. A process is told on the telemetry ring before
	 * it is named in a verdict. */
	void (*record)(void *context, const void *data, size_t size);
	/* The kernel condemned a session, and killed the process that acted: called before
	 * anything else is read, because the other members still run. */
	void (*condemned)(void *context, __u32 row, __u64 session);
	void *context;
};

/*
 * Loads and attaches what the plan wants, and tries each program; plans anew with what is
 * left when some fail. -errno, with *ret_step a constant string that says which step
 * failed. Everything is undone when the process ends, however it ends; but what is pinned
 * stays. Of an adopted kernel side, the policy is replaced, sessions whose members have all
 * ended are ended, and what earlier owners left in the rings is passed over. -EBUSY: it has
 * an owner; -E2BIG: it was loaded for smaller policies; -ESTALE, -ENOENT: see pin_read().
 */
int sensor_open(struct sensor **ret_sensor, const struct sensor_config *config,
		const char **ret_step);
void sensor_close(struct sensor *sensor);

/* What a new session starts with. */
struct sensor_session {
	__u64 session; /* not 0 */
	__u64 state; /* enum agent_state */
	struct facts facts; /* AgentName, AgentSession, AgentProfile */
	__u64 cgroup; /* id of one that is the session's alone; 0: none */
	bool trial;
};

/* Gives the session a row. -ENOSPC: none is free. */
int sensor_session_begin(struct sensor *sensor, const struct sensor_session *session,
			 __u32 *ret_row);

/* Gives the row back; its members are no agent's from then on. */
void sensor_session_end(struct sensor *sensor, __u32 row);

/*
 * Switching the policy under agents that act. In this order:
 *
 *	sensor_policy_prepare()		the image is in the kernel, and not in force
 *	sensor_read_past()		who lives is known then
 *	sensor_policy_session()		for every session
 *	sensor_policy_program()		for every program that lives, or that a living one's
 *					parent was
 *	sensor_policy_commit()		events that begin from here on are decided by it
 *
 * or sensor_policy_abandon(), which leaves everything as it was. No event is undecided
 * meanwhile: one that has begun is decided to its end by the policy that it began with, and
 * its record says by its generation which that was. Correlations begin anew.
 */

/* -EALREADY: that generation is in force; -EBADMSG, -EINVAL: the image is not sound (see
 * policy_check()); -E2BIG: the kernel side was loaded for smaller ones; -EBUSY: another one is
 * prepared. */
int sensor_policy_prepare(struct sensor *sensor, const struct compiled *compiled);

/* What holds of the agent under the next policy. */
void sensor_policy_session(struct sensor *sensor, __u32 row, const struct facts *facts);

/* The same of a program. -E2BIG: there are more than RENEWALS_MAX. */
int sensor_policy_program(struct sensor *sensor, const struct program_key *key,
			  const struct program_facts *facts);

/* -errno: the switch was made, but programs that ended stay in the table. */
int sensor_policy_commit(struct sensor *sensor);
void sensor_policy_abandon(struct sensor *sensor);

/*
 * Tags a running process: all its threads, also those that it makes meanwhile. `facts`
 * are of the program that it runs now. -ESRCH: it has gone; -ENOMEM.
 */
int sensor_tag(struct sensor *sensor, __u32 row, const struct tag *tag, __u32 pid,
	       __u64 *ret_threads);

/* Condemns the session and kills its members, also those that only wait; until none is
 * left, or -EBUSY after two seconds. */
int sensor_kill_agent(struct sensor *sensor, __u32 row, __u64 session);

/* Kills one process of the session. -ESRCH: it has gone, its id may be another's by now. */
int sensor_kill_process(struct sensor *sensor, __u32 pid, __u64 session);

/* Counts the living threads of the session, by looking for them; not beyond 4,096. */
int sensor_session_threads(struct sensor *sensor, __u64 session, size_t *ret_threads);

/* Whether the session was condemned, by whomever: the kernel also does it without a
 * record, when a ring is full or a new process could not be tagged. */
bool sensor_session_condemned(const struct sensor *sensor, __u32 row, __u64 session);

/* Becomes readable when a verdict waits, or much telemetry (TELEMETRY_WAKE). */
int sensor_fd(const struct sensor *sensor);

/*
 * Hands over what is in the rings, within a bounded time, however fast they are filled.
 * 0: they are empty; 1: there may be more; -errno.
 */
int sensor_read(struct sensor *sensor);

/* Hands over the records of all events that have ended by now, however many follow. 0 or
 * -errno. */
int sensor_read_past(struct sensor *sensor);

/* Hands over what is in the telemetry ring, all that was there at the start. The same. */
int sensor_read_telemetry(struct sensor *sensor);

/* The kernel's counters, by CPU, as they were when the sensor was opened: records with lower
 * numbers belonged to earlier owners. NULL: all were 0. Valid until sensor_close(). */
const struct counters *sensor_before(const struct sensor *sensor, __u32 *ret_cpus);

/* Losses since the sensor was opened, over all CPUs. */
int sensor_losses(struct sensor *sensor, __u64 ret_losses[LOSS_MAX]);

#endif
