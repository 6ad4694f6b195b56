/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of the sensor only.
 */
#ifndef FERMATA_SENSOR_INTERNAL_H
#define FERMATA_SENSOR_INTERNAL_H

#include "agent.h"
#include "sensor/handles.h"
#include "sensor/plan.h"

#define LINKS_MAX (HOOK_MAX * COPIES_MAX) /* no hook is in two shells that both have copies */

struct compiled;
union bpf_iter_link_info;
struct fermata_bpf;
struct fermata_bpf__bss;
struct ring_buffer;
struct sensor_config;

struct link {
	const char *program;
	int fd;
};

struct sensor_session;

struct sensor {
	struct fermata_bpf *bpf; /* as it was loaded; NULL: adopted */
	struct handles handles;
	struct fermata_bpf__bss *globals; /* of the kernel side, itself */
	size_t globals_size; /* 0: they are unmapped with `bpf` */
	struct link links[LINKS_MAX]; /* what we attached, until they are closed */
	size_t link_count;
	int lock; /* of what was adopted; -1 */
	struct ring_buffer *verdicts, *telemetry;
	struct agent *rows; /* the agents map itself */
	void (*record)(void *context, const void *data, size_t size);
	void (*condemned)(void *context, __u32 row, __u64 session);
	void *context;
	struct plan plan; /* what is loaded */
	__u32 agents, telemetry_size;
	struct counters *before; /* by CPU: see sensor_before(); NULL: nothing */
	__u64 taken; /* bytes of the telemetry ring, in the current pass over it */
	__u64 deadline; /* of reading verdicts, CLOCK_BOOTTIME */
	__u64 until; /* reading them ends with the first of a later event; 0: it does not */
	int cpus;
};

/* Every act of the session's members is refused and kills from here on. */
void sensor_session_condemn(struct sensor *sensor, __u32 row, __u64 session);

/* owner.c: makes the session the owner of its cgroup, if it has one of its own. -errno. */
int sensor_owner_put(const struct sensor *sensor, const struct sensor_session *session, __u32 row);

/* owner.c: and forgets that, with what the session has sent. */
void sensor_owner_forget(const struct sensor *sensor, __u64 session);

/* adopt.c: takes over what sensor_pin() left in config->pinned, with the policy of `config`.
 * The caller undoes a half-done one by sensor_close(). */
int sensor_adopt(struct sensor *sensor, const struct sensor_config *config, const char **ret_step);

/* adopt.c: ends the sessions of earlier owners that have no members any more. */
int sensor_sessions_settle(struct sensor *sensor);

/* attach.c: attaches what was loaded; of what was adopted, the cgroup programs. -EAGAIN: one
 * did not attach, and the plan has to do without. */
int sensor_attach(struct sensor *sensor, struct plan *plan, int cgroup);

/* policy.c: the policy of a kernel side that was loaded and is not attached yet. */
int sensor_policy_first(struct sensor *sensor, const struct compiled *compiled);

/* policy.c: puts the policy in force, for events that begin from here on. -E2BIG: the kernel
 * side was loaded for smaller ones. */
int sensor_policy_put(struct sensor *sensor, const struct compiled *compiled);

/* policy.c: of the policy in force. */
__u64 sensor_generation(const struct sensor *sensor);

/* A row of the agents map itself: the kernel side and children of ours write it, too. */
struct agent *sensor_row(struct sensor *sensor, __u32 row);

/* Runs an iterator over the tasks that `of` says, and fills the buffer with what it writes;
 * more than fits is not read. 0 or -errno. */
int sensor_iterate(int program, union bpf_iter_link_info *of, void *buffer, size_t size,
		   size_t *ret_size);

#endif
