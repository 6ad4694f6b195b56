/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The decider: from the atoms that hold to the rules that match, the correlations
 * they complete, and the strongest response asked for. The only one there is: the
 * kernel and the user-space evaluator compile this file.
 *
 * Comes after match.h; the shell acts on the verdict, emit tells it.
 */
#ifndef FERMATA_DECIDE_H
#define FERMATA_DECIDE_H

#include "correlate.h"
#include "match.h"

/* Correlations of RULE_USER are advanced by nobody here (pipeline/correlate.h does). */
enum side {
	SIDE_KERNEL, /* LITERAL_USER counts as true */
	SIDE_CONFIRM, /* live user side: exact; the kernel has advanced the correlations */
	SIDE_ALL, /* replay: exact */
};

/* Deciding before an act, while its event has not all its fields (header.incomplete has
 * those that it lacks): no correlation is advanced. */
enum early {
	EARLY_NOT,
	EARLY_KNOWN, /* only clauses on fields that are known count */
	EARLY_ASSUME, /* but those of rules that refuse or kill count as far as they are known */
	/* and who asks has evaluated what of file_open's TargetFilename the kernel cannot */
	EARLY_NAMED,
};

/* Nothing in it changes while the loops run. */
struct deciding {
	struct work *work;
	const struct policy *policy;
	struct chains *chains;
	enum side side;
	__u32 early; /* enum early */
};

/* What becomes of a literal whose field did not fit, or is not known yet. */
enum look {
	LOOK_CAPTURED, /* tested on what was captured */
	LOOK_ASSUME, /* counts as true: the safe answer for rules that refuse or kill */
	LOOK_KNOWN, /* its clause does not count */
};

/* Notes a match once per event: as a candidate, and once more when it is certain. */
static __always_inline void rule_matched(struct deciding *d, __u32 rule, __u32 flags)
{
	struct work *work = d->work;
	struct verdict *verdict = &work->record.header.verdict;
	/* response, flags, step_levels and step_count are the first four bytes */
	__u32 packed =
		POLICY_AT(d->policy, __u32, d->policy->rules + rule * sizeof(struct policy_rule));
	__u32 response = packed & 0xff, n = work->matched_count;
	__u64 *seen = flags & MATCH_CANDIDATE ? work->candidate : work->rule;
	__u64 bit = 1ULL << (rule & 63);

	seen += (rule / 64) & (RULES_MAX / 64 - 1);
	if (*seen & bit)
		return;
	*seen |= bit;
	work->matched_count = n + 1;
	if (n < MATCHES_MAX) {
		verdict->match[n & (MATCHES_MAX - 1)].rule = rule;
		verdict->match[n & (MATCHES_MAX - 1)].flags = flags;
	}
#ifndef __bpf__
	/* what a verdict has no room to say */
	if (flags & MATCH_FOLDED)
		work->candidate[rule / 64] |= bit;
#endif
	if (flags & MATCH_CANDIDATE)
		return;
	if (!(packed >> 8 & RULE_SILENT) && response + 1 > work->strongest) {
		work->strongest = response + 1;
		verdict->strongest = rule;
	}
	if (!(packed >> 16 & 0xff))
		return;
	n = work->stepped_count;
	if (n >= STEPPED_MAX) {
		work->record.header.incomplete = ~0ULL;
		return;
	}
	work->stepped[n] = rule;
	work->stepped_count = n + 1;
	work->step_levels |= packed >> 16 & 0xff;
}

/* Looks at the literals of a clause; the pivot is known to hold. */
static long literal_step(__u32 i, struct deciding *d)
{
	struct work *work = d->work;
	__u32 literal = POLICY_AT(d->policy, __u32, work->position + i * 4);
	__u32 atom = LITERAL_ATOM(literal);
	__u32 holds;

	if (d->side == SIDE_KERNEL && literal & LITERAL_USER &&
	    (d->early != EARLY_NAMED || LITERAL_SLOT(literal) != SLOT_file_open_target_filename)) {
		work->unsure = 1;
		return 0;
	}
	if (work->hits && work->record.header.incomplete >> LITERAL_SLOT(literal) & 1) {
		work->state = work->hits == LOOK_ASSUME;
		return work->hits != LOOK_ASSUME;
	}
	holds = work->atom[(atom / 64) & (ATOMS_MAX / 64 - 1)] >> (atom & 63) & 1;
	if (holds == !(literal & LITERAL_NOT))
		return 0;
	work->state = 0;
	return 1;
}

/* Matches the clause's rule if all its literals hold. */
static __always_inline void clause_look(struct deciding *d, __u32 clause, enum look look)
{
	struct work *work = d->work;
	__u32 at = d->policy->clauses + clause * sizeof(struct policy_clause);
	__u32 head = POLICY_AT(d->policy, __u32, at); /* rule, event, flags */
	__u32 flags = 0;

	if ((head >> 16 & 0xff) != work->record.header.event)
		return;
	if (look == LOOK_ASSUME)
		flags |= MATCH_ASSUMED;
	work->unsure = 0;
	work->state = 1;
	work->hits = look;
	work->position = at + 8;
	repeat(POLICY_AT(d->policy, __u32, at + 4), (void *)literal_step, d);
	if (!work->state)
		return;
	if (d->side == SIDE_KERNEL && head >> 24 & CLAUSE_CONFIRM && work->unsure)
		flags |= MATCH_CANDIDATE;
	rule_matched(d, head & 0xffff, flags);
}

static long clause_step(__u32 i, struct deciding *d)
{
	clause_look(d, d->work->cursor + i, d->early ? LOOK_KNOWN : LOOK_CAPTURED);
	return 0;
}

/* The clauses that hang on one of the atoms that hold. */
static long pivot_step(__u32 i, struct deciding *d)
{
	struct work *work = d->work;
	__u32 atom = work->held[i & (HELD_MAX - 1)];
	__u32 at = d->policy->atoms + atom * sizeof(struct policy_atom);
	__u32 count = POLICY_AT(d->policy, __u16, at + 4);

	if (!count)
		return 0;
	work->cursor = POLICY_AT(d->policy, __u32, at);
	repeat(count, (void *)clause_step, d);
	return 0;
}

static long enforcing_step(__u32 i, struct deciding *d)
{
	__u32 clause = POLICY_AT(d->policy, __u16, d->work->cursor + 2 + 2 * i);

	clause_look(d, clause, LOOK_ASSUME);
	return 0;
}

/* Whether the event was counted for the correlation before; it is now. */
static __always_inline int counted_before(struct work *work, __u32 id)
{
	__u64 bit = 1ULL << (id & 63), *word = &work->counted[(id / 64) % (CORRELATIONS_MAX / 64)];
	int before = !!(*word & bit);

	*word |= bit;
	return before;
}

/* Takes one step of one correlation. */
static __always_inline void correlation_advance(struct deciding *d, __u32 id, __u32 step)
{
	__u32 at = d->policy->correlations + id * sizeof(struct policy_correlation);
	__u32 rule = POLICY_AT(d->policy, __u16, at + 8);
	__u32 type = POLICY_AT(d->policy, __u8, at + 12);
	__u32 steps = POLICY_AT(d->policy, __u8, at + 13);
	__u32 need = POLICY_AT(d->policy, __u16, at + 14);
	struct progress p = { .word = d->chains->word,
			      .at = POLICY_AT(d->policy, __u16, at + 10),
			      .mask = CHAIN_WORDS - 1,
			      .now = d->work->record.header.time };
	__u32 fired = steps;

	p.since = recent_since(p.now, POLICY_AT(d->policy, __u64, at));
	if (type == CORRELATION_temporal_ordered) {
		if (!take_ordered(&p, step, steps))
			return;
		fired = step;
	} else if (type == CORRELATION_temporal) {
		if (!take_temporal(&p, step, steps, need))
			return;
	} else {
		if (counted_before(d->work, id) ||
		    !take_counted(&p, POLICY_AT(d->policy, __u16, at + 16), need))
			return;
		fired = COUNT_FIRED;
	}
	rule_matched(d, rule, advance_fire(&p, fired) == ADVANCE_folds ? MATCH_FOLDED : 0);
}

static long rule_step(__u32 i, struct deciding *d)
{
	struct work *work = d->work;
	__u32 at = work->cursor + i * sizeof(struct policy_step);

	if (POLICY_AT(d->policy, __u16, at + 2) == work->position)
		correlation_advance(d, POLICY_AT(d->policy, __u16, at), work->position);
	return 0;
}

static long stepped_step(__u32 i, struct deciding *d)
{
	struct work *work = d->work;
	__u32 at;

	if (i >= STEPPED_MAX)
		return 1;
	at = d->policy->rules + work->stepped[i] * sizeof(struct policy_rule);
	work->cursor = POLICY_AT(d->policy, __u32, at + 4);
	repeat(POLICY_AT(d->policy, __u8, at + 3), (void *)rule_step, d);
	return 0;
}

/* Last steps first, see take_ordered(). */
static long level_step(__u32 i, struct deciding *d)
{
	struct work *work = d->work;
	__u32 level = STEPS_MAX - 1 - i;

	if (!(work->step_levels >> (level & 7) & 1))
		return 0;
	work->position = level;
	repeat(work->stepped_count, (void *)stepped_step, d);
	return 0;
}

/* Puts into the record's verdict what was matched. Returns whether any rule matched or may
 * match. */
static __always_inline int decided(struct work *work)
{
	struct verdict *verdict = &work->record.header.verdict;

	verdict->matches = work->matched_count;
	verdict->asked = work->strongest ? work->strongest - 1 : RESPONSE_alert;
	return work->matched_count != 0;
}

/* Notes the rules of which a clause holds, on what is known. */
static __always_inline void decide_clauses(struct deciding *d)
{
	struct work *work = d->work;
	__u32 event = work->record.header.event;

	opaque(event);
	repeat(work->held_count, (void *)pivot_step, d);
	if (d->early != EARLY_KNOWN && work->record.header.incomplete && event < EVENT_MAX) {
		__u32 list = d->policy->event[event].enforcing;

		work->cursor = list;
		if (list)
			repeat(POLICY_AT(d->policy, __u16, list), (void *)enforcing_step, d);
	}
}

/* Takes the steps of correlations that the matched rules are; before its time none is. */
static __always_inline void decide_steps(struct deciding *d)
{
	if (d->side != SIDE_CONFIRM && !d->early && d->work->stepped_count)
		repeat(STEPS_MAX, (void *)level_step, d);
}

/*
 * Decides on the event in d->work: all its atoms hold already. Leaves the matches
 * and the strongest response in the record's verdict; returns whether any rule
 * matched or may match. In the kernel its three parts are in two functions.
 */
static __always_inline int decide(struct deciding *d)
{
	decide_clauses(d);
	decide_steps(d);
	return decided(d->work);
}

/* Makes the work ready for the next event; only what the last one used is cleared. */
static long forget_atom(__u32 i, struct work **of)
{
	struct work *work = *of;
	__u32 atom = work->held[i & (HELD_MAX - 1)];

	work->atom[(atom / 64) & (ATOMS_MAX / 64 - 1)] = 0;
	return 0;
}

static __always_inline void work_forget(struct work *work)
{
	if (work->held_count)
		repeat(work->held_count, (void *)forget_atom, &work);
	if (work->matched_count) {
		__builtin_memset(work->rule, 0, sizeof(work->rule));
		__builtin_memset(work->candidate, 0, sizeof(work->candidate));
		__builtin_memset(work->counted, 0, sizeof(work->counted));
	}
	work->held_count = 0;
	work->matched_count = 0;
	work->stepped_count = 0;
	work->step_levels = 0;
	work->strongest = 0;
}

#endif
