/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * All state of the kernel side. Beside each map: what happens when it is full.
 */
#ifndef FERMATA_MAPS_H
#define FERMATA_MAPS_H

#include "decide.h"
#include "label.h"
#include "question.h"
#include "sender.h"

/* Who is an agent. No memory for a child's tag: the fork is refused where a hook can,
 * else the session is condemned. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tag);
} tags SEC(".maps");

/* Scratch of the task that acts, made by its first event: per-CPU scratch is not safe,
 * as a program can be pre-empted by another task's. No memory: the act is refused where
 * it can be, and counted (LOSS_scratch). */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct work);
} works SEC(".maps");

/* More texts at once: of an exec, and of the program behind a verdict. */
struct exec_work {
	struct text image;
	struct renewal renewal; /* of a program that is executed while policies are switched */
	__u32 directory_length, name_length, interpreter_length, pad;
	__u8 directory[DIRECTORY_MAX];
	__u8 name[NAME_MAX_CAPTURE];
	__u8 interpreter[NAME_MAX_CAPTURE];
};
_Static_assert(sizeof(struct exec_work) <= 8000, "7.3 cannot allocate more than about 8.1 KB");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct exec_work);
} exec_works SEC(".maps");

/* The second text of an event, as a label to be. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct label);
} others SEC(".maps");

/* Rows of living sessions; the user side refuses a session when none is free. It maps
 * them, to change a state without undoing what the kernel side changes meanwhile. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, AGENTS_MAX);
	__type(key, __u32);
	__type(value, struct agent);
} agents SEC(".maps");

/* Correlation state, for each row of `agents` one for each policy slot: fixed, so never
 * full. */
#define CHAINS_ROW(agent, slot) (2 * (agent) + ((slot)&1))
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CHAINS_ROW(AGENTS_MAX, 0));
	__type(key, __u32);
	__type(value, struct chains);
} chains SEC(".maps");

/* The policy image: the one in force and the one before it, or the next. An event uses
 * the image of policy_slot as it was when the event began, to its end. */
struct policy_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, POLICY_SIZE_MAX);
} policy_0 SEC(".maps"), policy_1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct policy_map);
} policies SEC(".maps") = { .values = { (void *)&policy_0, (void *)&policy_1 } };

volatile __u32 policy_slot;
volatile __u64 policy_generation[2]; /* of the image in each slot */
volatile __u32 policy_coming; /* the slot that is not in force holds what will be */

/* See bpf/renew.bpf.h. Full: the program's facts are incomplete after the switch. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RENEWALS_MAX);
	__type(key, struct program_key);
	__type(value, struct renewal);
} renewals SEC(".maps");

/* Who sends on a socket, by its cookie: see include/sender.h. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries,
	       SENDERS_MAX); /* the loader makes it small where no packet is looked at */
	__type(key, __u64);
	__type(value, struct sender);
} senders SEC(".maps");

/* By id of the cgroup. The user side fills it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, OWNERS_MAX);
	__type(key, __u64);
	__type(value, struct owner);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PEERS_MAX);
	__type(key, struct peer_key);
	__type(value, struct peer_account);
} peers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HOSTNAMES_MAX);
	__type(key, struct peer_key);
	__type(value, struct hostname);
} hostnames SEC(".maps");

/* Scratch of packets, which are no task's: each CPU looks into some of it, as one can come
 * while another is examined. None is free: the packet is dropped, and counted
 * (LOSS_scratch). */
#define SEATS 64
#define SEATS_TRIED 8
struct seat {
	__u32 busy, pad;
	struct text other;
	struct work work;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SEATS);
	__type(key, __u32);
	__type(value, struct seat);
} seats SEC(".maps");

/* Verdicts have a ring of their own, so that no chatter can push one out. Full: the
 * verdict is carried out all the same, and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20); /* the loader sets it */
} verdict_ring SEC(".maps");

/* Processes of agents as they come and go, and recorded events. Full: counted. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20); /* the loader sets it */
} telemetry_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seed);
} seeds SEC(".maps");

/* Mapped by who asks: each call on a map keeps programs for perf from being run where the
 * caller is pre-empted (bpf_prog_active), and this one is asked as often as an agent likes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct question);
} questions SEC(".maps");

static const __u32 zero_key = 0;

/* The task's value, made if there is none. The kernel keeps one value of that size ready,
 * and gets the next in an interrupt that the first attempt raises: the second finds it. */
#define STORAGE_MAKE(map, task, value)                                                             \
	({                                                                                         \
		void *made_ =                                                                      \
			bpf_task_storage_get(map, task, value, BPF_LOCAL_STORAGE_GET_F_CREATE);    \
		if (!made_)                                                                        \
			made_ = bpf_task_storage_get(map, task, value,                             \
						     BPF_LOCAL_STORAGE_GET_F_CREATE);              \
		made_;                                                                             \
	})

static __always_inline const struct policy *policy_get(__u32 slot)
{
	void *inner = bpf_map_lookup_elem(&policies, &slot);

	return inner ? bpf_map_lookup_elem(inner, &zero_key) : NULL;
}

static __always_inline void count_loss(enum loss loss)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &zero_key);

	if (c)
		__sync_fetch_and_add(&c->loss[loss], 1);
}

#endif
