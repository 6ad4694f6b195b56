/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The policy image: compiled rules, one value that the kernel and the user side
 * read alike. It is position-independent: every reference is a byte offset from
 * its start. user/rules/ writes it; match.h and decide.h read it.
 *
 * A *list* is `__u16 count` followed by `count` numbers of 16 bits, 2-byte
 * aligned; offset 0 is the empty list.
 */
#ifndef FERMATA_POLICY_H
#define FERMATA_POLICY_H

#include "event.h"

#define POLICY_MAGIC 0x464d5250u /* "FMRP" */
#define POLICY_VERSION 3

/* Limits. Each is checked when rules are compiled and named in the message. */
#define ATOMS_MAX 8192
#define CLAUSES_MAX 4096
#define LITERALS_MAX 16 /* per clause */
#define RULES_MAX 4096 /* detections and correlations together */
#define CORRELATIONS_MAX 512
#define STEPS_MAX 8 /* per correlation */
#define HELD_MAX 256 /* atoms that may hold in one event; beyond: incomplete */
#define BOUNDS_MAX (1 << 14) /* interval bounds per field */
#define POLICY_SIZE_MAX (8u << 20)
#define POLICY_SIZE_MIN (64u << 10)
#define CHAIN_WORDS 4096 /* of a session's correlation state in the kernel, a power of two */
#define COUNT_KERNEL_MAX 64 /* events that a correlation counts in the kernel */
#define COUNT_MAX 16383 /* events that one counts on the user side */
#define VALUE_COUNT_MAX 1023 /* different values that one counts */
#define KEY_FIELDS_MAX 8 /* fields of `group-by`, and of `field` */
#define CORRELATION_DEPTH_MAX 8 /* correlations of correlations */

#define BYTES 256
#define SCAN_STEP_BIT 0x80000000u /* in a row entry: the state has an output list */

/*
 * How the atoms of one field are found.
 * text:          `start` is the automaton's state before the first byte.
 * num one bool ip: `table` holds `count` struct policy_bound, ascending; the
 *                last bound not above the value names the atoms that hold.
 * set:           `table` holds `count` offsets of lists (__u32), one per bit.
 * `exists` is the list of atoms that hold when the field has a value.
 */
struct policy_field {
	__u32 start;
	__u32 table;
	__u32 count;
	__u32 exists;
};

/* A number is held as {0, value with its sign bit flipped}, an address as two
 * big-endian halves, so that one unsigned comparison serves both. */
struct policy_bound {
	__u64 high;
	__u64 low;
	__u32 list;
	__u32 pad[3];
};

/* Fields of an event that are not text, as far as rules test them. */
struct policy_number {
	__u16 field; /* enum field */
	__u8 slot;
	__u8 kind; /* enum kind */
	__u32 offset; /* of the member in struct record */
};

enum kind {
	KIND_num,
	KIND_bool,
	KIND_one,
	KIND_set,
	KIND_ip,
	KIND_text,
	KIND_time,
	KIND_MAX,
};

struct policy_event {
	__u64 use; /* by slot: fields that some rule tests */
	__u32 always; /* list of atoms that hold in every such event */
	__u32 numbers; /* offset of `number_count` struct policy_number */
	__u32 number_count;
	/* list of the clauses of rules that refuse or kill: all are looked at when a
	 * field is incomplete, because then their pivot may have been missed */
	__u32 enforcing;
	/* offset of `confirm_count` struct policy_confirm */
	__u32 confirms;
	__u32 confirm_count;
};

enum atom_flag {
	/* some event other than process_creation tests it: as a fact of a program it is kept
	 * in the tag */
	ATOM_KEPT = 1 << 0,
};

/* Clauses whose pivot is this atom: clause[first .. first + count). */
struct policy_atom {
	__u32 first;
	__u16 count;
	__u16 flags; /* enum atom_flag */
};

#define LITERAL_ATOM(l) ((l)&0x1fff)
#define LITERAL_SLOT(l) (((l) >> 16) & 63)
#define LITERAL_NOT (1u << 24)
/* The kernel cannot see it (enriched field, inner wildcard, case, regular expression): it
 * takes the literal for true and leaves the clause to the user side to confirm. */
#define LITERAL_USER (1u << 25)

enum clause_flag {
	CLAUSE_CONFIRM = 1 << 0, /* has a LITERAL_USER */
};

/* A conjunction. It is looked at when its pivot, its rarest positive atom, holds; one of
 * a rule that refuses or kills also when a field is incomplete, so its pivot is among its
 * literals. */
struct policy_clause {
	__u16 rule;
	__u8 event; /* enum event_type */
	__u8 flags; /* enum clause_flag */
	__u32 count; /* literals; of rules that do not enforce, the pivot is left out */
	__u32 literal[LITERALS_MAX];
};

enum rule_flag {
	/* only a step of correlations: no alert of its own */
	RULE_SILENT = 1 << 0,
	RULE_CORRELATION = 1 << 1,
	/* a correlation that the user side advances */
	RULE_USER = 1 << 2,
};

struct policy_rule {
	__u8 response; /* enum response */
	__u8 flags; /* enum rule_flag */
	/* places where correlations refer to it that the kernel side advances: bit per step
	 * index that occurs, and how many there are */
	__u8 step_levels;
	__u8 step_count;
	__u32 steps; /* offset of those struct policy_step, and then of the user side's */
	__u16 user_step_count;
	__u16 pad;
};

#define RULE_STEPS_MAX 64 /* places where correlations refer to one rule */

struct policy_step {
	__u16 correlation;
	__u16 index;
};

/* clang-format off */
/* What a correlation asks of its steps. C(name) */
#define CORRELATION_TYPES(C)                                                   \
	C(temporal_ordered) C(temporal) C(event_count)                         \
	C(value_count) C(value_sum) C(value_avg) C(value_percentile)

/* How it compares. C(name) */
#define THRESHOLDS(C) C(gt) C(gte) C(lt) C(lte) C(eq) C(neq)
/* clang-format on */

enum correlation_type {
#define C(name) CORRELATION_##name,
	CORRELATION_TYPES(C)
#undef C
		CORRELATION_TYPE_MAX
};

enum threshold_op {
#define C(name) THRESHOLD_##name,
	THRESHOLDS(C)
#undef C
		THRESHOLD_MAX
};

/*
 * A correlation. Its number is above those of the correlations that are its steps, so that
 * one event advances a whole chain of them in one pass. Its groups are within the session.
 */
struct policy_correlation {
	__u64 timespan; /* ns */
	__u16 rule; /* its own row in the rule table */
	__u16 word; /* where its state is in the session's row; of RULE_USER: 0 */
	__u8 type; /* enum correlation_type */
	__u8 steps;
	/* temporal, event_count: so many steps or events suffice. temporal_ordered: all steps
	 * are needed. 0: the thresholds tell */
	__u16 need;
	__u16 ring; /* event_count: times that are kept, at most on the user side */
	__u16 pad;
	__u32 detail; /* offset of its struct policy_detail, which only RULE_USER needs; or 0 */
};

/* A value is compared with whole + millionths / 1000000. */
struct policy_threshold {
	__s64 whole;
	__u32 millionths;
	__u32 op; /* enum threshold_op */
};

/* No `percentile` in the rule: what is compared is how many of a hundred values of the time
 * span are the one that the event has. */
#define PERCENTILE_SHARE 255

struct policy_detail {
	struct policy_threshold threshold[THRESHOLD_MAX]; /* all must hold */
	__u8 threshold_count;
	__u8 percentile; /* value_percentile: 0 to 100, or PERCENTILE_SHARE */
	__u8 group_count; /* fields by which it groups; 0: the session is the group */
	__u8 value_count; /* fields whose values it looks at */
	__u32 keys; /* offset of that many struct policy_key: of the group, then of the value */
};

/* The field that stands for a key in an event that is that step, and FIELD_MAX when the
 * step is never such an event. */
struct policy_key {
	__u16 field[STEPS_MAX][EVENT_MAX];
};

/* The parts of a moment that rules ask for, of UTC. P(name, lowest, highest) */
#define TIME_PARTS(P)                                                                              \
	P(minute, 0, 59)                                                                           \
	P(hour, 0, 23)                                                                             \
	P(day, 1, 31)                                                                              \
	P(week, 1, 53) /* of ISO 8601 */                                                           \
	P(month, 1, 12)                                                                            \
	P(year, 1970, 9999)

enum time_part {
	TIME_moment, /* all of it: ns since 1970 */
#define P(name, ...) TIME_##name,
	TIME_PARTS(P)
#undef P
		TIME_PART_MAX
};

enum regex_flag {
	REGEX_IGNORE_CASE = 1 << 0, /* of ASCII letters */
	REGEX_MULTILINE = 1 << 1, /* ^ and $ also at the lines within */
	REGEX_DOT_ALL = 1 << 2, /* . is also a newline */
	REGEX_FLAGS = REGEX_IGNORE_CASE | REGEX_MULTILINE | REGEX_DOT_ALL,
};

/* How the values of two fields are compared: the one is … the other. */
enum comparison {
	COMPARE_equal,
	COMPARE_startswith,
	COMPARE_endswith,
	COMPARE_contains,
	COMPARE_lt,
	COMPARE_lte,
	COMPARE_gt,
	COMPARE_gte,
	COMPARE_MAX,
	COMPARE_CASED = 1 << 4, /* a flag beside it: texts, byte for byte */
};

enum confirm_op {
	/* a text against a pattern; its wildcards are the byte 0xff, which no UTF-8 has, and
	 * then '*' or '?' */
	CONFIRM_GLOB, /* without regard to ASCII case */
	CONFIRM_GLOB_CASED,
	CONFIRM_REGEX, /* a text against a regular expression; flags: enum regex_flag */
	CONFIRM_FIELD, /* the value of another field; flags: enum comparison */
	CONFIRM_TIME, /* a struct policy_span; flags: enum time_part */
	CONFIRM_MAX
};

/*
 * A test that only the user side can make: its atom holds when any row of it is true. The
 * rows of an event ascend by their gate, another atom without which they cannot be true:
 * only the rows of atoms that hold are examined.
 */
struct policy_confirm {
	__u16 atom;
	__u16 gate;
	__u16 field; /* enum field */
	__u16 other; /* enum field: CONFIRM_FIELD */
	__u8 op; /* enum confirm_op */
	__u8 flags;
	__u16 pad;
	__u32 pattern; /* offset of `length` bytes, if the operator takes any */
	__u32 length;
};

/* From the one to the other, both in it. */
struct policy_span {
	__s64 first, last;
};

struct policy {
	__u32 magic;
	__u32 version;
	__u32 size; /* bytes in use */
	__u32 record_schema;
	__u64 generation;
	__u8 sha256[32]; /* of the bytes in use, with generation and this field zero */

	__u32 atom_count, clause_count, rule_count, correlation_count;
	__u32 atoms, clauses, rules, correlations; /* tables */

	__u32 end_column; /* the column taken after the last byte, × 4 */
	__u32 list_column; /* the column that holds a state's output list, × 4 */
	/* byte → column × 4; letters of both cases share one, and so do NUL and space:
	 * arguments are matched as the kernel holds them, each ended by a NUL */
	__u16 column[BYTES];

	struct policy_field field[FIELD_MAX];
	struct policy_event event[EVENT_MAX];
};

_Static_assert(sizeof(struct policy_bound) == 32, "indexed by shift");
_Static_assert(sizeof(struct policy_clause) == 72, "no padding");
_Static_assert(sizeof(struct policy_confirm) == 20, "no padding");
_Static_assert(sizeof(struct policy) % 8 == 0, "tables that follow are aligned");
_Static_assert(sizeof(struct policy_correlation) == 24, "no padding");
_Static_assert(sizeof(struct policy_detail) % 8 == 0, "no padding");
_Static_assert(CLAUSES_MAX <= 0xffff, "an atom counts its clauses in 16 bits");
_Static_assert(ATOMS_MAX - 1 <= 0x1fff, "a literal holds an atom in 13 bits");

#endif
