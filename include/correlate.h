/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How a correlation goes forward, as far as the kernel can follow one: the only code that
 * does. The state of one group is a few words, wherever they are: in the kernel a part of
 * the session's row, on the user side an array of the group.
 *
 * temporal_ordered  [0 .. steps-2] the latest start of a chain that has reached that step,
 *                   [steps-1] when it fired last
 * temporal          [0 .. steps-1] when that step was taken last, [steps] when it fired last
 * event_count       [0] when it fired last, [1] events so far, [2 .. 2+ring) their times
 *
 * A time of 0 is never. Each word is written at once; where two processors are at the same
 * group, the later one counts.
 *
 * A correlation that has fired only folds what would fire it again within its time span,
 * the end included; then it is armed anew. Nothing else is forgotten when it fires.
 */
#ifndef FERMATA_CORRELATE_H
#define FERMATA_CORRELATE_H

#include "policy.h"

enum advance {
	ADVANCE_none,
	ADVANCE_folds, /* it holds, and has fired within its time span already */
	ADVANCE_fires,
};

/* Where the state of the group is, and what time it is. Index i is word[(at + i) & mask]. */
struct progress {
	__u64 *word;
	__u32 at, mask;
	__u64 now;
	__u64 since; /* the time span begins, see recent_since() */
};

/* When a time span that ends now began, its end included; never before the first moment, as a
 * time of 0 is none. */
static __always_inline __u64 recent_since(__u64 now, __u64 span)
{
	return now > span ? now - span : 1;
}

static __always_inline __u64 *progress_word(const struct progress *p, __u32 i)
{
	return &p->word[(p->at + i) & p->mask];
}

/* Whether it was within the time span. Another processor may have noted a time that is later
 * than now. */
static __always_inline int is_recent(const struct progress *p, __u64 time)
{
	return time >= p->since;
}

/* The condition holds: whether that is told anew, by the word that has when it was. */
static __always_inline enum advance advance_fire(const struct progress *p, __u32 fired)
{
	__u64 *word = progress_word(p, fired);

	if (is_recent(p, *word))
		return ADVANCE_folds;
	*word = p->now;
	return ADVANCE_fires;
}

/* Each of these takes a step, and returns whether the condition holds then. */

/* Of an event that is several steps, the last is to be taken first: so that it serves as
 * one step of a chain only. */
static __always_inline int take_ordered(const struct progress *p, __u32 step, __u32 steps)
{
	__u64 start = p->now;

	if (step) {
		start = *progress_word(p, step - 1);
		if (!is_recent(p, start))
			return 0;
	}
	if (step + 1 >= steps)
		return 1;
	*progress_word(p, step) = start;
	return 0;
}

/* How many steps were taken within the time span. Without a branch for each, of which the
 * verifier would follow every combination: what is negative has its highest bit set. */
static __always_inline __u64 recent_steps(const struct progress *p, __u32 steps)
{
	__u64 count = 0;

#pragma unroll
	for (__u64 i = 0; i < STEPS_MAX; i++)
		count += (i - steps) >> 63 & ~(*progress_word(p, i) - p->since) >> 63;
	return count;
}

static __always_inline int take_temporal(const struct progress *p, __u32 step, __u32 steps,
					 __u32 need)
{
	*progress_word(p, step) = p->now;
	return recent_steps(p, steps) >= need;
}

#define COUNT_FIRED 0
#define COUNT_EVENTS 1
#define COUNT_RING 2

/* Notes one more event; `ring`, a power of two, is how many times are kept. */
static __always_inline void count_event(const struct progress *p, __u32 ring)
{
	__u64 number = __sync_fetch_and_add(progress_word(p, COUNT_EVENTS), 1);

	*progress_word(p, COUNT_RING + (number & (ring - 1))) = p->now;
}

/* Whether the last `count` events, at most `ring`, were within the time span. */
static __always_inline int counted_recently(const struct progress *p, __u32 ring, __u32 count)
{
	__u64 number = *progress_word(p, COUNT_EVENTS) - count;

	return is_recent(p, *progress_word(p, COUNT_RING + (number & (ring - 1))));
}

static __always_inline int take_counted(const struct progress *p, __u32 ring, __u32 need)
{
	count_event(p, ring);
	return counted_recently(p, ring, need);
}

#endif
