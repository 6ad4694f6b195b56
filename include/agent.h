/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who is an agent: the tag that every thread of one carries, and its row.
 */
#ifndef FERMATA_AGENT_H
#define FERMATA_AGENT_H

#include "hook.h"
#include "policy.h"

#define AGENTS_MAX 1024 /* rows; `run` needs one and makes the map that small */
#define FACT_ATOMS_MAX 46

/* Atoms that hold for the strings of one program. */
struct facts {
	__u16 count;
	__u16 incomplete; /* bit per FACT_FIELDS row: the string or this list did not fit */
	__u16 atom[FACT_ATOMS_MAX];
};

/* The execution that made a program what it is: the time and the process of its
 * process_creation record. All zero: none that was told. */
struct program_key {
	__u64 time;
	__u64 process_id;
};

/* Atoms of one program under the policy of that generation. */
struct program_facts {
	__u64 generation;
	struct facts own, as_parent;
};

/* A program whose facts were computed when policies were switched: by policy slot. */
struct renewal {
	struct program_facts slot[2];
};

#define RENEWALS_MAX 4096 /* programs that live at a switch; what is beyond is incomplete then */

/* Of a task, to be compared where no hook is told of a change. */
struct privileges {
	__u32 user, effective_user, group, effective_group;
	__u64 capabilities; /* effective ones */
};

/* In task storage, one per thread, copied to the child when a task is created:
 * at most 512 bytes, because fork pays for it. */
struct tag {
	__u64 session;
	__u32 agent; /* row */
	__u32 parent_process_id; /* who created this process; stays when that one has gone */
	__u64 parent_start_time;
	struct facts own; /* Image, CommandLine, CurrentDirectory */
	struct facts as_parent; /* the same program's, as ParentImage, ParentCommandLine */
	struct facts parent; /* the parent's as_parent, when this process was created */
	__u64 generation; /* of the policy that the facts are atoms of */
	struct program_key program, parent_program; /* whose facts they are */
	__u64 ended; /* on the group leader: process_termination was told */
	__u64 exec_id; /* task_struct.self_exec_id of the exec that was examined last */
	__u64 examined[HOOK_WORDS]; /* by hook: another of its programs has examined the event */
	__u64 seen; /* EVENT_BIT: examined by fmod_ret in the current system call */
	struct privileges privileges; /* as they were at the last look */
	__u64 trial; /* 1: of the loader's throw-away child, see bpf/trial.bpf.h */
};

enum agent_state {
	AGENT_CONDEMNED = 1 << 0, /* every act of every member is refused and kills it */
	AGENT_OBSERVE = 1 << 1, /* responses are told, not carried out */
	AGENT_RECORD = 1 << 2, /* events that no rule matches are told, too */
};

struct agent {
	__u64 session; /* 0: the row is free */
	__u64 state; /* enum agent_state, changed atomically */
	__u64 events; /* seen, by hooks past the tag test */
	__u64 pid_level; /* depth of Fermata's pid namespace: ids are told as seen from there */
	struct facts facts[2]; /* AgentName, AgentSession, AgentProfile, by policy slot */
	__u64 refuses; /* in a trial: the hook that refuses, as enum hook + 1 */
	__u64 fired[COPIES_MAX][HOOK_WORDS]; /* in a trial: hooks that were run, by copy */
};

/* State of the correlations of one session that the kernel advances: see correlate.h. */
struct chains {
	__u64 word[CHAIN_WORDS];
};

/* Why something was not delivered or not decided; each is counted. The kernel itself counts
 * `skipped` (bpf_prog_info.recursion_misses), of agents and others alike. */
/* clang-format off */
#define LOSSES(L)                                                              \
	L(verdict_ring,   "verdict ring full: a verdict was carried out and not told")     \
	L(telemetry_ring, "telemetry ring full: a process or recorded event was not told") \
	L(scratch,        "no memory to examine an event with: refused where that is possible") \
	L(tag,            "no memory for a tag: the new process was refused or its session condemned") \
	L(renewal,        "rules were switched under a program that is not known: conditions on it count as true where a rule refuses or kills") \
	L(label,          "no room for a name: a file that an agent linked or renamed is known by its new name only") \
	L(peer,           "no room for an address: what is sent to it is not added up, and counts as true where a rule that refuses or kills tests it") \
	L(skipped,        "pre-empted tasks kept the kernel from examining acts on this host")
/* clang-format on */
enum loss {
#define L(name, ...) LOSS_##name,
	LOSSES(L)
#undef L
		LOSS_MAX
};

enum ring_kind { RING_verdict, RING_telemetry, RING_MAX };

/* Per CPU: losses by cause, and the sequence numbers of each ring's records. */
struct counters {
	__u64 loss[LOSS_MAX];
	__u64 sequence[RING_MAX];
};

/* Parameters and results of the iterators that tag and list running processes. */
struct seed {
	struct tag tag; /* put on each thread; its session is the one that is listed */
	__u64 tagged; /* threads that got the tag */
	__u64 failed; /* threads that there was no memory for */
};

/* A living thread of a session, as list_processes tells it. */
struct member {
	__u32 process_id;
	__u32 ending; /* it runs no user code any more */
};

_Static_assert(sizeof(struct tag) <= 512, "fork pays for every byte");

#endif
