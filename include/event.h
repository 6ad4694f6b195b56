/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Records: schema.h expanded. A record is a header, the fields of its event and
 * a tail of bytes that the spans point into; it crosses the ring buffers as it
 * stands, and the user side checks it once (pipeline/decode.c).
 */
#ifndef FERMATA_EVENT_H
#define FERMATA_EVENT_H

#include "both.h"
#include "schema.h"
#include "shells.h"

enum event_type {
#define E(event, ...) EVENT_##event,
	EVENTS(E)
#undef E
		EVENT_MAX
};

enum response {
#define R(name, ...) RESPONSE_##name,
	RESPONSES(R)
#undef R
		RESPONSE_MAX
};

enum shell {
#define S(name, ...) SHELL_##name,
	SHELLS(S)
#undef S
		SHELL_MAX
};

/* One id per row of every field list. A field of one event and the field of the
 * same name of another are two. */
enum field {
#define F(event, kind, member, ...) FIELD_##event##_##member,
#define E(event, fields, ...) fields(F)
	COMMON_FIELDS(F) FACT_FIELDS(F) AGENT_FIELDS(F) ENRICHED_FIELDS(F) EVENTS(E)
#undef E
#undef F
		FIELD_MAX
};

/* Bits: what Access holds, and so on. */
enum {
#define N(name, number, ...) ACCESS_##name = 1 << (number),
	ACCESS_NAMES(N)
#undef N
};
enum {
#define N(name, number, ...) CHANGE_##name = number,
	CHANGE_NAMES(N)
#undef N
#define N(name, number, ...) LISTEN_##name = number,
		LISTEN_NAMES(N)
#undef N
#define N(name, number, ...) REACH_##name = number,
			REACH_NAMES(N)
#undef N
#define N(name, number, ...) PRIVILEGE_##name = number,
				PRIVILEGE_NAMES(N)
#undef N
#define N(name, number, ...) KEY_USE_##name = number,
					KEY_USE_NAMES(N)
#undef N
#define N(name, number, ...) MOUNT_##name = number,
						MOUNT_NAMES(N)
#undef N
#define N(name, number, ...) NAMESPACE_##name = number,
							NAMESPACE_ACT_NAMES(N)
#undef N
#define N(name, number, ...) MODULE_##name = number,
								MODULE_NAMES(N)
#undef N
#define N(name, number, ...) URING_##name = number,
									URING_NAMES(N)
#undef N
#define N(name, number, ...) MEMORY_##name = number,
										MEMORY_NAMES(N)
#undef N
#define N(name, number, ...) MEMORY_ACT_##name = number,
											MEMORY_ACT_NAMES(
												N)
#undef N
#define N(name, number, ...) HANDOVER_##name = number,
												HANDOVER_NAMES(
													N)
#undef N
};

/* What values of the field are tested as beside itself; itself: nothing. */
static __always_inline enum field field_tested_as(enum field field)
{
	switch (field) {
#define S(second, first)                                                                           \
	case FIELD_##second:                                                                       \
		return FIELD_##first;
		SECOND_VALUES(S)
#undef S
	default:
		return field;
	}
}

/* The field whose values are tested as this one, too; itself: none. */
static __always_inline enum field field_second(enum field field)
{
	switch (field) {
#define S(second, first)                                                                           \
	case FIELD_##first:                                                                        \
		return FIELD_##second;
		SECOND_VALUES(S)
#undef S
	default:
		return field;
	}
}

/* An address, network byte order; IPv4 as ::ffff:a.b.c.d. */
struct address {
	__u64 half[2];
};

/* Bytes of the record's tail, or of a text buffer. `offset` counts from the start
 * of the record. */
struct span {
	__u32 offset;
	__u32 length;
};

#define MEMBER_num __u64
#define MEMBER_bool __u64
#define MEMBER_one __u64
#define MEMBER_set __u64
#define MEMBER_ip struct address
#define MEMBER_text struct span
#define F(event, kind, member, ...) MEMBER_##kind member;
#define E(event, fields, ...)                                                                      \
	struct event_##event {                                                                     \
		fields(F)                                                                          \
	};
EVENTS(E)
#undef E

struct event_common {
	COMMON_FIELDS(F)
};

/* Slots: a field's place in the `present` and `incomplete` bitmaps of a record.
 * The lists that every event has come first, the event's own fields after. */
enum slot {
#undef F
#define F(event, kind, member, ...) SLOT_##event##_##member,
	COMMON_FIELDS(F) FACT_FIELDS(F) AGENT_FIELDS(F) ENRICHED_FIELDS(F) SLOT_OWN
};
#define E(event, fields, ...) enum { SLOT_##event##_ = SLOT_OWN - 1, fields(F) SLOT_##event##_end };
EVENTS(E)
#undef E
#undef F

#define SLOT_BIT(slot) (1ULL << (slot))

/* Fields of process_creation that are known before the program is executed. */
#define FIELDS_EARLY                                                                               \
	(SLOT_BIT(SLOT_OWN) - 1 - SLOT_BIT(SLOT_fact_command_line) -                               \
	 SLOT_BIT(SLOT_fact_current_directory))

/* What was done, a set. */
enum done {
	DONE_DENIED = 1 << 0, /* the call was refused */
	DONE_KILLED = 1 << 1, /* SIGKILL was sent to the process */
	DONE_CONDEMNED = 1 << 2, /* the session is condemned */
	DONE_SIMULATED = 1 << 3, /* observe mode: the above is what would be done */
	DONE_AFTER = 1 << 4, /* the act had taken effect when it was decided */
};

enum match_flag {
	/* the kernel saw what it can see of the rule; the user side confirms */
	MATCH_CANDIDATE = 1 << 0,
	/* a correlation that fired within its time span already: counted only */
	MATCH_FOLDED = 1 << 1,
	/* taken for a match because a field did not fit (see incomplete) */
	MATCH_ASSUMED = 1 << 2,
};

struct match {
	__u16 rule; /* index in the policy's rule table */
	__u16 flags; /* enum match_flag */
};

#define MATCHES_MAX 32 /* matches told per event; more are counted, not named */

struct verdict {
	__u8 asked; /* enum response: the strongest of all matches */
	__u8 done; /* enum done */
	__u8 shell; /* enum shell that decided */
	__u8 pad;
	__u16 matches; /* rules that matched, also beyond MATCHES_MAX */
	__u16 strongest; /* rule index of the match that asked for it */
	__u64 latency; /* ns from the hook's entry to the act */
	struct match match[MATCHES_MAX];
};

enum record_flag {
	RECORD_VERDICT = 1 << 0, /* came through the verdict ring */
	RECORD_REFUSED = 1 << 1, /* safe answer, not a rule: no memory to decide with */
};

/* The head of every record. */
struct record_header {
	__u32 size; /* of the whole record with its tail, in bytes */
	__u16 event; /* enum event_type */
	__u16 flags; /* enum record_flag */
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 sequence; /* per CPU and ring, from 0; a failed reserve takes one too */
	__u32 cpu;
	__u32 agent; /* row of the agent */
	__u64 session; /* its session */
	__u64 generation; /* of the policy that decided */
	__u64 present; /* by slot: fields that have a value */
	__u64 incomplete; /* by slot: fields that did not fit */
	__u64 start_time; /* of the process, CLOCK_BOOTTIME ns */
	__u64 parent_start_time;
	__u64 cgroup; /* id of its cgroup in the v2 hierarchy */
	struct span image; /* program of the process, in verdict records */
	struct verdict verdict;
	struct event_common common;
};

/* The fixed part; strings follow. process_creation carries the facts' texts. */
struct record {
	struct record_header header;
	struct span command_line; /* process_creation only */
	struct span current_directory; /* process_creation only */
	union {
#define E(event, ...) struct event_##event event;
		EVENTS(E)
#undef E
		__u64 word[1];
	};
};

#define TEXT_MAX 4096 /* bytes captured of one string; longer paths are incomplete */
#define DIRECTORY_MAX 2560 /* bytes captured of the working directory */
#define NAME_MAX_CAPTURE 256 /* bytes captured of file names as the caller gave them */
/* of an exec, or of an act on two paths with the program behind it */
#define TAIL_MAX (2 * TEXT_MAX + (EXEC_NAMES_MAX > TEXT_MAX ? EXEC_NAMES_MAX : TEXT_MAX))
#define EXEC_NAMES_MAX (DIRECTORY_MAX + 2 * NAME_MAX_CAPTURE)
#define RECORD_MAX (sizeof(struct record) + TAIL_MAX)

_Static_assert(sizeof(struct match) == 4, "matches are packed");
_Static_assert(sizeof(struct verdict) % 8 == 0, "no padding");
_Static_assert(sizeof(struct record_header) % 8 == 0, "no padding");
_Static_assert(sizeof(struct record) % 8 == 0, "no padding");
#define E(event, ...)                                                                              \
	_Static_assert(sizeof(struct event_##event) % 8 == 0, "no padding");                       \
	_Static_assert(SLOT_##event##_end <= 64, "slots are bits of a __u64");
EVENTS(E)
#undef E

#endif
