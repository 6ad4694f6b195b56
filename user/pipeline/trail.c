/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/trail.h"

#include <errno.h>

void event_unref(struct evidence_event *event)
{
	if (--event->references)
		return;
	buffer_done(&event->json);
	buffer_done(&event->words);
	free(event);
}
void link_unref(struct evidence_link *link)
{
	while (link && !--link->references) {
		struct evidence_link *before = link->before;

		event_unref(link->event);
		free(link);
		link = before;
	}
}

void link_replace(struct evidence_link **at, struct evidence_link *link)
{
	if (link)
		link->references++;
	link_unref(*at);
	*at = link;
}

int trail_new(struct trail **ret_trail, __u32 correlation, const struct fingerprint *key)
{
	struct trail *trail = calloc(1, sizeof(*trail));

	if (!trail)
		return -ENOMEM;
	trail->row.kind = correlation;
	trail->row.key = *key;
	trail->row.bytes = sizeof(*trail);
	*ret_trail = trail;
	return 0;
}

void trail_free(struct trail *trail)
{
	for (size_t i = 0; i < STEPS_MAX; i++)
		for (size_t k = 0; k < STEPS_MAX; k++)
			link_unref(trail->reached[i][k]);
	free(trail);
}

/* Puts a link to the event, after `before`, into its place. */
static int link_add(const struct passing *p, struct evidence_link **at, __u32 rule,
		    struct evidence_link *before)
{
	struct evidence_link *link = calloc(1, sizeof(*link));

	if (!link)
		return -ENOMEM;
	link->rule = rule;
	link->start = before ? before->start : p->event->time;
	link->length = before ? before->length + 1 : 1;
	link->event = p->event;
	p->event->references++;
	link_replace(&link->before, before);
	link_replace(at, link);
	return 0;
}

static bool is_recent_link(const struct passing *p, const struct evidence_link *link, __u64 time)
{
	return link && (time > p->event->time || p->event->time - time <= p->correlation->timespan);
}

/* The latest chain of `length` steps that one more can follow. */
static struct evidence_link *before_step(const struct passing *p, const struct trail *trail,
					 __u32 length, __u32 step)
{
	struct evidence_link *best = NULL;

	for (__u32 i = 0; i < step; i++) {
		struct evidence_link *link = trail->reached[length - 1][i];

		if (is_recent_link(p, link, link ? link->start : 0) &&
		    (!best || link->start > best->start))
			best = link;
	}
	return best;
}

/* A lost record is a step that is missing: the chain is told without it. */
static int ordered_add(const struct passing *p, struct trail *trail, __u32 rule, __u32 step)
{
	int r = 0;

	for (__u32 length = step; length > 0 && r >= 0; length--) {
		struct evidence_link *before = before_step(p, trail, length, step);

		if (before)
			r = link_add(p, &trail->reached[length][step], rule, before);
	}
	return r < 0 ? r : link_add(p, &trail->reached[0][step], rule, NULL);
}

static struct progress progress_of(const struct passing *p, struct trail *trail)
{
	return (struct progress) { .word = trail->word,
				   .mask = ~0u,
				   .now = p->event->time,
				   .since =
					   recent_since(p->event->time, p->correlation->timespan) };
}

int trail_add(const struct passing *p, struct trail *trail, const __u16 *rules, __u32 steps)
{
	struct progress progress = progress_of(p, trail);
	int r = 0;

	if (p->correlation->type > CORRELATION_temporal) {
		__u32 step = 31 - (__u32)__builtin_clz(steps);

		r = link_add(p, &trail->reached[0][trail->word[COUNT_EVENTS] % STEPS_MAX],
			     rules[step], NULL);
		count_event(&progress, COUNT_KERNEL_MAX);
		return r;
	}
	/* the last step first, see take_ordered() */
	for (__u32 step = STEPS_MAX; step-- > 0 && r >= 0;)
		if (steps >> step & 1 && p->correlation->type == CORRELATION_temporal)
			r = link_add(p, &trail->reached[0][step], rules[step], NULL);
		else if (steps >> step & 1)
			r = ordered_add(p, trail, rules[step], step);
	return r;
}

/* The longest chain that the event ends. */
static struct evidence_link *ordered_longest(const struct passing *p, const struct trail *trail)
{
	for (__u32 length = STEPS_MAX; length-- > 0;)
		for (__u32 step = STEPS_MAX; step-- > 0;)
			if (trail->reached[length][step] &&
			    trail->reached[length][step]->event == p->event)
				return trail->reached[length][step];
	return NULL;
}

/* Puts it among those that came before it; of one event the steps stay in their order. */
static void single_insert(struct evidence_link *single[STEPS_MAX], size_t count,
			  struct evidence_link *link)
{
	while (count && single[count - 1]->event->number > link->event->number) {
		single[count] = single[count - 1];
		count--;
	}
	single[count] = link;
}

/* Makes a chain of the single events of the time span. */
static int singles_chain(const struct passing *p, const struct trail *trail,
			 struct evidence_link **ret_chain)
{
	struct evidence_link *single[STEPS_MAX], *chain = NULL, *link;
	size_t count = 0;

	for (size_t i = 0; i < STEPS_MAX; i++) {
		link = trail->reached[0][i];
		if (is_recent_link(p, link, link ? link->event->time : 0))
			single_insert(single, count++, link);
	}
	for (size_t i = 0; i < count; i++) {
		struct passing one = *p;
		struct evidence_link *made = NULL;
		int r;

		one.event = single[i]->event;
		r = link_add(&one, &made, single[i]->rule, chain);
		link_unref(chain);
		if (r < 0)
			return r;
		chain = made;
	}
	*ret_chain = chain;
	return 0;
}

int trail_chain(const struct passing *p, struct trail *trail, struct evidence_link **ret_chain)
{
	if (p->correlation->type != CORRELATION_temporal_ordered)
		return singles_chain(p, trail, ret_chain);
	*ret_chain = NULL;
	link_replace(ret_chain, ordered_longest(p, trail));
	return 0;
}

__u32 trail_count(const struct passing *p, struct trail *trail)
{
	struct progress progress = progress_of(p, trail);
	__u32 count = 0;

	while (count < COUNT_KERNEL_MAX && counted_recently(&progress, COUNT_KERNEL_MAX, count + 1))
		count++;
	return count;
}

size_t trail_bytes(const struct trail *trail)
{
	size_t bytes = sizeof(*trail);

	for (size_t i = 0; i < STEPS_MAX; i++)
		for (size_t k = 0; k < STEPS_MAX; k++)
			for (const struct evidence_link *link = trail->reached[i][k]; link;
			     link = link->before)
				bytes += sizeof(*link) + link->event->json.capacity +
					 link->event->words.capacity;
	return bytes;
}
