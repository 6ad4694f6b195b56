/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The matcher: from the fields of an event to the atoms that hold. One pass of
 * the automaton for a text, one binary search for a number. The only one there
 * is: the kernel and the user-space evaluator compile this file.
 *
 * Comes after the record is filled; hands the held atoms to decide.h.
 */
#ifndef FERMATA_MATCH_H
#define FERMATA_MATCH_H

#include "agent.h"

/*
 * POLICY_AT(p, type, offset): what the image holds there. In the kernel the image
 * is a power of two in size, fixed before the programs are loaded, so that masking
 * an offset bounds it; on the user side offsets were checked when it was loaded,
 * and only the automaton's flag bit is taken off.
 */
#ifdef __bpf__
const volatile __u32 policy_mask = POLICY_SIZE_MAX - 1;
#define POLICY_MASK policy_mask
#else
#define POLICY_MASK (SCAN_STEP_BIT - 1)
#endif
#define POLICY_AT(p, type, offset)                                                                 \
	(*(const type *)((const char *)(p) +                                                       \
			 ((offset) & (POLICY_MASK & ~(__u32)(sizeof(type) - 1)))))

/* Where a mount is mounted, and its own root: addresses in the kernel. */
struct mount_head {
	__u64 above, mountpoint, root;
};

/* A string on its way through the matcher. `offset` may be anywhere: paths are
 * written backwards from the end. The bytes behind TEXT_MAX are read by the last
 * unrolled steps, and by the copy of a last path component. */
#define TEXT_PAD 272
struct text {
	__u32 offset;
	__u32 length;
	__u32 incomplete; /* it did not fit: these are its last (path) or first bytes */
	__u32 renames; /* of the path walk: rename_lock before it */
	__u64 partly; /* of the path walk: the mount shows a part of its file system */
	__u64 dentry, mount; /* of the path walk: where it stands */
	struct mount_head head; /* of that mount */
	__u8 byte[TEXT_MAX + TEXT_PAD];
};

#define STEPPED_MAX 60 /* steps taken per event; one more makes the event incomplete */

/* Everything one event needs while it is decided. In the kernel it is the task's
 * scratch: one value of task storage, at most 8,000 bytes (7.3 cannot allocate
 * more). */
struct work {
	struct record record; /* first: event bodies fill it in place */

	__u32 state; /* of the automaton, between chunks */
	__u32 position; /* next byte of the text, literal or number */
	__u32 hits;
	__u32 cursor; /* of the lists, and of the binary search */
	__u32 hit[16];

	__u32 policy_slot; /* kernel side: which of the two images the event uses */
	__u32 held_count;
	__u32 matched_count;
	__u32 strongest; /* response + 1, 0: no match */
	__u32 step_levels; /* step indices that the stepped rules have, a set */
	__u32 unsure; /* of a clause: a literal was taken for true that only the user side sees */
	__u64 key_high, key_low; /* what the binary search looks for */
	__u64 atom[ATOMS_MAX / 64]; /* by atom: holds */
	__u16 held[HELD_MAX]; /* the atoms that hold */
	__u64 rule[RULES_MAX / 64]; /* by rule: matched */
	/* by rule: matched as far as the kernel sees; on the user side, where no rule is: only
	 * folded */
	__u64 candidate[RULES_MAX / 64];
	__u32 stepped_count;
	__u16 stepped[STEPPED_MAX]; /* matched rules that are steps of correlations */
	__u64 counted[CORRELATIONS_MAX / 64]; /* by correlation: has counted the event */

	struct text text;
};

_Static_assert(sizeof(struct work) <= 8000, "task storage");

/* Where the loops find their operands; nothing in it changes meanwhile. */
struct matching {
	struct work *work;
	const struct policy *policy;
	const struct text *text;
};

static __always_inline void hold_atom(struct work *work, __u32 atom)
{
	__u64 bit = 1ULL << (atom & 63);
	__u64 *word = &work->atom[(atom / 64) & (ATOMS_MAX / 64 - 1)];

	if (*word & bit)
		return;
	if (work->held_count >= HELD_MAX) {
		work->record.header.incomplete = ~0ULL;
		return;
	}
	*word |= bit;
	work->held[work->held_count & (HELD_MAX - 1)] = atom;
	work->held_count++;
}

static long hold_listed(__u32 i, struct matching *m)
{
	hold_atom(m->work, POLICY_AT(m->policy, __u16, m->work->cursor + 2 + 2 * i));
	return 0;
}

/* Lets the atoms of the list at `list` hold. */
static __always_inline void hold_list(struct matching *m, __u32 list)
{
	if (!list)
		return;
	m->work->cursor = list;
	repeat(POLICY_AT(m->policy, __u16, list), (void *)hold_listed, m);
}

static long hold_hit(__u32 i, struct matching *m)
{
	__u32 state = m->work->hit[i & 15];

	hold_list(m, POLICY_AT(m->policy, __u32, state + m->policy->list_column));
	return 0;
}

#define SCAN_CHUNK 16

/* One step: the row entry is the offset of the next row, and has the top bit set
 * when that state ends a pattern. At most SCAN_CHUNK hits between two drains. */
#define SCAN_STEP(at)                                                                              \
	do {                                                                                       \
		state = POLICY_AT(policy, __u32, state + column[byte[at]]);                        \
		if (__builtin_expect((__s32)state < 0, 0)) {                                       \
			work->hit[work->hits & 15] = state;                                        \
			work->hits++;                                                              \
		}                                                                                  \
	} while (0)

static __always_inline void scan_drain(struct matching *m)
{
	__u32 hits = m->work->hits;

	if (__builtin_expect(!hits, 1))
		return;
	m->work->hits = 0;
	repeat(hits, (void *)hold_hit, m);
}

static long scan_chunk(__u32 i, struct matching *m)
{
	struct work *work = m->work;
	const struct policy *policy = m->policy;
	const __u16 *column = policy->column;
	__u32 state = work->state;
	const __u8 *byte = &m->text->byte[(work->position + i * SCAN_CHUNK) & (TEXT_MAX - 1)];

	opaque(policy);
	opaque(column);
	opaque(byte);
#pragma unroll
	for (int at = 0; at < SCAN_CHUNK; at++)
		SCAN_STEP(at);
	work->state = state;
	scan_drain(m);
	return 0;
}

static long scan_byte(__u32 i, struct matching *m)
{
	struct work *work = m->work;
	const struct policy *policy = m->policy;
	const __u16 *column = policy->column;
	__u32 state = work->state;
	const __u8 *byte = &m->text->byte[(work->position + i) & (TEXT_MAX - 1)];

	SCAN_STEP(0);
	work->state = state;
	return 0;
}

/* Lets the atoms of `field` that are true of the text hold: equals, startswith,
 * endswith and contains alike. */
static __always_inline void match_text(struct matching *m, enum field field)
{
	struct work *work = m->work;
	const struct policy *policy = m->policy;
	__u32 length = m->text->length, state;

	hold_list(m, policy->field[field].exists);
	if (!policy->field[field].start)
		return;
	work->state = policy->field[field].start;
	work->position = m->text->offset;
	work->hits = 0;
	repeat(length / SCAN_CHUNK, (void *)scan_chunk, m);
	work->position = m->text->offset + length / SCAN_CHUNK * SCAN_CHUNK;
	repeat(length % SCAN_CHUNK, (void *)scan_byte, m);
	state = POLICY_AT(policy, __u32, work->state + policy->end_column);
	if ((__s32)state < 0) {
		work->hit[work->hits & 15] = state;
		work->hits++;
	}
	scan_drain(m);
}

/* Halving by powers of two, downwards: `cursor` ends at the last bound that is not
 * above the key. bound[0] is 0, so there is always one. */
static long bound_step(__u32 i, struct matching *m)
{
	struct work *work = m->work;
	__u32 next = work->cursor + (BOUNDS_MAX >> 1 >> (i & 31));
	__u32 at = work->state + next * sizeof(struct policy_bound);
	__u64 high, low;

	if (next >= work->hits)
		return 0;
	high = POLICY_AT(m->policy, __u64, at);
	low = POLICY_AT(m->policy, __u64, at + 8);
	if (high < work->key_high || (high == work->key_high && low <= work->key_low))
		work->cursor = next;
	return 0;
}

#define BOUND_STEPS 14 /* 1 << 14 is BOUNDS_MAX */

static __always_inline __u64 big_endian(__u64 value)
{
	return __builtin_bswap64(value); /* every supported kernel is little-endian */
}

static __always_inline void match_bounds(struct matching *m, const struct policy_field *field)
{
	struct work *work = m->work;

	work->state = field->table;
	work->hits = field->count;
	work->cursor = 0;
	repeat(BOUND_STEPS, (void *)bound_step, m);
	hold_list(m, POLICY_AT(m->policy, __u32,
			       field->table + work->cursor * sizeof(struct policy_bound) + 16));
}

static long match_bit(__u32 i, struct matching *m)
{
	__u32 table = m->work->state;

	if (m->work->key_low >> (i & 63) & 1)
		hold_list(m, POLICY_AT(m->policy, __u32, table + i * 4));
	return 0;
}

#define RECORD_WORDS (sizeof(struct record) / 8)

static long match_number(__u32 i, struct matching *m)
{
	struct work *work = m->work;
	__u32 at = work->position + i * sizeof(struct policy_number);
	__u32 id = POLICY_AT(m->policy, __u16, at);
	__u32 packed = POLICY_AT(m->policy, __u16, at + 2); /* slot, kind */
	__u32 word = POLICY_AT(m->policy, __u32, at + 4) / 8;
	const struct policy_field *field;
	const __u64 *value;

	opaque(id);
	opaque(word);
	/* the second word of an address is read below; of a last word, what follows the record */
	if (id >= FIELD_MAX || word >= RECORD_WORDS)
		return 0;
	if (!(work->record.header.present >> (packed & 63) & 1))
		return 0;
	field = &m->policy->field[id];
	value = (const __u64 *)&work->record + word;
	hold_list(m, field->exists);
	switch (packed >> 8) {
	case KIND_ip:
		work->key_high = big_endian(value[0]);
		work->key_low = big_endian(value[1]);
		match_bounds(m, field);
		break;
	case KIND_set:
		work->key_low = value[0];
		work->state = field->table;
		repeat(field->count, (void *)match_bit, m);
		break;
	default:
		work->key_high = 0;
		work->key_low = value[0] ^ 1ULL << 63;
		match_bounds(m, field);
	}
	return 0;
}

/* Lets the atoms of the event itself and of its numbers hold. */
static __always_inline void match_numbers(struct matching *m)
{
	const struct policy_event *event;
	__u32 id = m->work->record.header.event;

	opaque(id);
	if (id >= EVENT_MAX)
		return;
	event = &m->policy->event[id];
	hold_list(m, event->always);
	m->work->position = event->numbers;
	repeat(event->number_count, (void *)match_number, m);
}

/* Keeps atoms that hold now as facts of a program: those held since `first`. */
struct keeping {
	struct work *work;
	const struct policy *policy;
	struct facts *facts;
	__u32 first;
	__u32 flag; /* enum atom_flag that they must have, or 0: all */
};

static long keep_held(__u32 i, struct keeping *k)
{
	__u32 atom = k->work->held[(k->first + i) & (HELD_MAX - 1)], count = k->facts->count;
	__u32 at = k->policy->atoms + atom * sizeof(struct policy_atom);

	if (k->flag && !(POLICY_AT(k->policy, __u16, at + 6) & k->flag))
		return 0;
	if (count >= FACT_ATOMS_MAX) {
		k->facts->incomplete = 0xffff;
		return 1;
	}
	k->facts->atom[count] = atom;
	k->facts->count = count + 1;
	return 0;
}

/* Atoms that do not fit make all facts of the list incomplete. `incomplete`: as of struct
 * facts, those that are already; `fields`: those that the list is about. */
static __always_inline void keep_facts(struct keeping *k, __u16 incomplete, __u16 fields)
{
	k->facts->count = 0;
	k->facts->incomplete = incomplete;
	repeat(k->work->held_count - k->first, (void *)keep_held, k);
	k->facts->incomplete &= fields;
}

/* Lets the atoms of captured facts hold; `slot` is where the fields of the list begin. */
struct holding {
	struct work *work;
	const struct facts *facts;
};

static long hold_fact(__u32 i, struct holding *h)
{
	if (i < FACT_ATOMS_MAX)
		hold_atom(h->work, h->facts->atom[i]);
	return 0;
}

static __always_inline void match_facts(struct work *work, const struct facts *facts, __u32 slot)
{
	struct holding h = { work, facts };

	work->record.header.incomplete |= (__u64)facts->incomplete << slot;
	if (facts->count)
		repeat(facts->count, (void *)hold_fact, &h);
}

#endif
