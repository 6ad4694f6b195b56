/* SPDX-License-Identifier: Apache-2.0 */
/*
 * temporal_ordered with a condition has words of its own:
 *   [length * STEPS_MAX + step] the latest start of a chain of length + 1 rules, in order,
 *                               that ends at that step
 *   [STEPS_MAX * STEPS_MAX]     when it fired last
 */
#include "pipeline/group.h"

#include <errno.h>

#define ORDERED_FIRED (STEPS_MAX * STEPS_MAX)
#define RING_MIN 8

/* Whether the chain is counted, rather than all steps needed. */
static bool is_counted_chain(const struct group *group)
{
	return group->correlation->type == CORRELATION_temporal_ordered &&
	       group->detail->threshold_count;
}

static size_t words_of(const struct group *group)
{
	if (is_counted_chain(group))
		return ORDERED_FIRED + 1;
	if (group->correlation->type == CORRELATION_event_count)
		return COUNT_RING + group->ring;
	return STEPS_MAX + 1;
}

/* A single word for when a measure fired. */
static bool has_measure(const struct group *group)
{
	return group->correlation->type > CORRELATION_event_count;
}

size_t group_bytes(const struct group *group)
{
	return sizeof(*group) + words_of(group) * sizeof(*group->word) +
	       (group->measure ? measure_bytes(group->measure) : 0);
}

int group_new(struct group **ret_group, const struct policy_correlation *correlation,
	      const struct policy_detail *detail, __u32 id, const struct fingerprint *key)
{
	_cleanup_(group_freep) struct group *group = calloc(1, sizeof(*group));
	int r = 0;

	if (!group)
		return -ENOMEM;
	group->row.kind = id;
	group->row.key = *key;
	group->correlation = correlation;
	group->detail = detail;
	group->ring = correlation->ring < RING_MIN ? correlation->ring : RING_MIN;
	group->word = calloc(words_of(group), sizeof(*group->word));
	if (!group->word)
		return -ENOMEM;
	if (has_measure(group))
		r = measure_new(&group->measure, correlation, detail);
	if (r < 0)
		return r;
	group->row.bytes = group_bytes(group);
	*ret_group = take_ptr(group);
	return 0;
}

void group_free(struct group *group)
{
	if (group->measure)
		measure_free(group->measure);
	free(group->word);
	free(group);
}

/* The condition holds, or not: whether that is to be told. */
static enum advance fire_if(bool holds, const struct progress *p, __u32 fired)
{
	return holds ? advance_fire(p, fired) : ADVANCE_none;
}

/* The same of a group that has a number to compare. */
static enum advance compare(const struct group *group, const struct progress *p,
			    const struct reached *reached, __u32 fired)
{
	return fire_if(reached_satisfies(reached, group->detail), p, fired);
}

/* Doubles the ring when the time that would be overwritten still counts. */
static int ring_grow(struct group *group, const struct progress *p)
{
	__u64 events = group->word[COUNT_EVENTS], *word;
	__u32 ring = group->ring;

	if (ring == group->correlation->ring || !counted_recently(p, ring, ring))
		return 0;
	word = calloc(COUNT_RING + 2 * ring, sizeof(*word));
	if (!word)
		return -ENOMEM;
	word[COUNT_FIRED] = group->word[COUNT_FIRED];
	word[COUNT_EVENTS] = events;
	for (__u64 i = events - ring; i < events; i++)
		word[COUNT_RING + (i & (2 * ring - 1))] =
			group->word[COUNT_RING + (i & (ring - 1))];
	free(group->word);
	group->word = word;
	group->ring = 2 * ring;
	return 0;
}

/* How many events there were within the time span: all that the ring tells. */
static __u32 recent_events(const struct group *group, const struct progress *p)
{
	__u32 low = 0, high = group->ring;

	while (low < high) {
		__u32 middle = (low + high + 1) / 2;

		if (counted_recently(p, group->ring, middle))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static int count_advance(struct group *group, struct progress *p, struct reached *ret_reached)
{
	__u32 need = group->correlation->need, count;
	int r = ring_grow(group, p);

	if (r < 0)
		return r;
	p->word = group->word;
	count_event(p, group->ring);
	count = recent_events(group, p);
	*ret_reached = (struct reached) { count, 1, count == group->correlation->ring };
	return need ? fire_if(count >= need, p, COUNT_FIRED)
		    : compare(group, p, ret_reached, COUNT_FIRED);
}

/* Takes one step of a chain that is counted. Returns the length of the longest that it
 * ends. */
static __u32 chain_lengthen(const struct progress *p, __u32 step)
{
	__u32 longest = 1;

	for (__u32 length = 1; length <= step; length++) {
		__u64 start = 0;

		for (__u32 before = 0; before < step; before++) {
			__u64 other = *progress_word(p, (length - 1) * STEPS_MAX + before);

			if (is_recent(p, other) && other > start)
				start = other;
		}
		if (!start)
			break;
		*progress_word(p, length * STEPS_MAX + step) = start;
		longest = length + 1;
	}
	*progress_word(p, step) = p->now;
	return longest;
}

/* Takes one step. Returns the number that it is compared by, if the group compares one. */
static __u32 step_take(const struct group *group, const struct progress *p, __u32 step)
{
	if (is_counted_chain(group))
		return chain_lengthen(p, step);
	*progress_word(p, step) = p->now;
	return recent_steps(p, group->correlation->steps);
}

/* Where the condition is not just that so many suffice: compared once, by the most. */
static enum advance steps_compare(const struct group *group, const struct progress *p, __u32 steps)
{
	struct reached reached = { .count = 1 };

	for (__u32 step = STEPS_MAX; step-- > 0;)
		if (steps >> step & 1) {
			__u32 number = step_take(group, p, step);

			reached.sum = number > reached.sum ? number : reached.sum;
		}
	return compare(group, p, &reached,
		       is_counted_chain(group) ? ORDERED_FIRED : group->correlation->steps);
}

/* The last step first, see take_ordered(). */
static enum advance steps_advance(const struct group *group, const struct progress *p, __u32 taken)
{
	const struct policy_correlation *correlation = group->correlation;
	bool ordered = correlation->type == CORRELATION_temporal_ordered;
	__u32 steps = correlation->steps;
	enum advance best = ADVANCE_none, advance;

	if (is_counted_chain(group) || (!ordered && !correlation->need))
		return steps_compare(group, p, taken);
	for (__u32 step = STEPS_MAX; step-- > 0;) {
		if (!(taken >> step & 1))
			continue;
		if (ordered)
			advance = fire_if(take_ordered(p, step, steps), p, step);
		else
			advance =
				fire_if(take_temporal(p, step, steps, correlation->need), p, steps);
		best = advance > best ? advance : best;
	}
	return best;
}

static int measure_advance(struct group *group, const struct progress *p,
			   const struct occurrence *event, struct reached *ret_reached, __u64 *lost)
{
	int r = measure_take(group->measure, event->time, event->value, &event->id, ret_reached);

	if (r < 0)
		return r;
	*lost += (__u64)r;
	return ret_reached->count ? compare(group, p, ret_reached, 0) : ADVANCE_none;
}

int group_advance(struct group *group, const struct occurrence *event, struct reached *ret_reached,
		  __u64 *lost)
{
	struct progress p = { .word = group->word,
			      .mask = ~0u,
			      .now = event->time,
			      .since = recent_since(event->time, group->correlation->timespan) };

	*ret_reached = (struct reached) { 0 };
	if (group->correlation->type <= CORRELATION_temporal)
		return steps_advance(group, &p, event->steps);
	if (has_measure(group))
		return measure_advance(group, &p, event, ret_reached, lost);
	return count_advance(group, &p, ret_reached);
}
