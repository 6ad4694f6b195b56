/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links and events are shared and counted. A trail is what one correlation has in one
 * group; the latest chain that it got an event by is kept apart, for who asks afterwards.
 */
#include "pipeline/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/act.h"
#include "pipeline/event_json.h"
#include "pipeline/group_keys.h"
#include "pipeline/policy_rows.h"
#include "pipeline/trail.h"

/* Bytes of one event: four texts of TEXT_MAX, each of which JSON makes up to six times
 * as long. */
#define EVENT_BYTES_MAX (128u << 10)

struct evidence {
	const struct policy *policy;
	struct fingerprinter *fingerprinter;
	struct recent trails;
	__u64 events; /* noted so far */
	struct led_to *latest; /* by correlation; its link is owned */
};

static void trail_release(struct recent_row *row)
{
	trail_free((struct trail *)row);
}

int evidence_new(struct evidence **ret_evidence, const struct policy *policy)
{
	_cleanup_(evidence_freep) struct evidence *evidence = calloc(1, sizeof(*evidence));
	int r;

	if (!evidence)
		return -ENOMEM;
	evidence->policy = policy;
	recent_init(&evidence->trails, EVIDENCE_GROUPS_MAX, EVIDENCE_BYTES_MAX, trail_release);
	evidence->latest = calloc(policy->correlation_count + 1, sizeof(*evidence->latest));
	if (!evidence->latest)
		return -ENOMEM;
	r = fingerprinter_new(&evidence->fingerprinter);
	if (r < 0)
		return r;
	*ret_evidence = take_ptr(evidence);
	return 0;
}

void evidence_free(struct evidence *evidence)
{
	for (size_t i = 0; evidence->latest && i < evidence->policy->correlation_count; i++)
		link_unref((struct evidence_link *)evidence->latest[i].last);
	free(evidence->latest);
	recent_done(&evidence->trails);
	if (evidence->fingerprinter)
		fingerprinter_free(evidence->fingerprinter);
	free(evidence);
}

static int event_new(struct evidence_event **ret_event, const struct event_view *view,
		     struct clock *clock)
{
	_cleanup_(event_unrefp) struct evidence_event *event = calloc(1, sizeof(*event));
	_cleanup_json_tree_ struct json_tree tree;
	struct json w;
	int r;

	json_tree_init(&tree, EVENT_BYTES_MAX);
	if (!event)
		return -ENOMEM;
	event->references = 1;
	event->time = view->record->header.time;
	event->sequence = view->record->header.sequence;
	buffer_init(&event->json, EVENT_BYTES_MAX);
	buffer_init(&event->words, EVENT_BYTES_MAX);
	event_json_add(&tree, view, clock, EVENT_JSON_BRIEF);
	json_init(&w, &event->json);
	r = json_tree_write(&tree, &w, NULL);
	if (r < 0)
		return r;
	act_describe_process(&event->words, view);
	buffer_add_byte(&event->words, ' ');
	act_describe(&event->words, view, ACT_PLAIN);
	if (event->words.error)
		return event->words.error;
	*ret_event = take_ptr(event);
	return 0;
}

/* One event on its way into the trails. */
struct noting {
	struct evidence *evidence;
	const struct event_view *view;
	const struct match *matches;
	size_t match_count;
	struct evidence_event *event;
	__u8 *steps; /* by correlation, bit per step: what the event is */
	__u16 (*rules)[STEPS_MAX]; /* by correlation and step: by which rule */
};

static int trail_get(struct evidence *evidence, __u32 id, const struct fingerprint *key,
		     struct trail **ret_trail)
{
	_cleanup_(trail_freep) struct trail *made = NULL;
	struct recent_row *row = recent_find(&evidence->trails, id, key);
	int r;

	if (!row) {
		r = trail_new(&made, id, key);
		if (!r)
			r = recent_add(&evidence->trails, &made->row);
		if (r < 0)
			return r;
		row = &take_ptr(made)->row;
	}
	*ret_trail = (struct trail *)row;
	return 0;
}

/* Whether the correlation was completed by the event. */
static bool is_completed(const struct noting *n, const struct policy_correlation *correlation)
{
	for (size_t i = 0; i < n->match_count; i++)
		if (n->matches[i].rule == correlation->rule)
			return true;
	return false;
}

/* Whether that many events are all that are to be named: where the condition compares a
 * number, nobody says how many those are. */
static bool is_whole(const struct policy *policy, const struct policy_correlation *correlation,
		     __u32 length)
{
	const struct policy_detail *detail =
		(const void *)((const char *)policy + correlation->detail);
	__u32 expected = correlation->need ? correlation->need : 1;

	if (correlation->type == CORRELATION_temporal_ordered &&
	    !(correlation->detail && detail->threshold_count))
		expected = correlation->steps;
	return length >= (expected < STEPS_MAX ? expected : STEPS_MAX);
}

/* Keeps what led to the event, by the longest chain if it is in several groups. */
static int trail_tell(struct evidence *evidence, __u32 id, const struct passing *passing,
		      struct trail *trail)
{
	struct led_to *latest = &evidence->latest[id];
	struct evidence_link *chain, *last = (struct evidence_link *)latest->last;
	__u32 count = trail_count(passing, trail);
	int r = trail_chain(passing, trail, &chain);

	if (r < 0)
		return r;
	if (!last || last->event != passing->event || (chain && chain->length > last->length)) {
		link_replace(&last, chain);
		latest->last = last;
		latest->whole =
			chain && is_whole(evidence->policy, passing->correlation, chain->length);
		latest->count = (struct reached) { 0 };
		if (passing->correlation->type == CORRELATION_event_count)
			latest->count = (struct reached) { count, 1, count == COUNT_KERNEL_MAX };
	}
	link_unref(chain);
	return 0;
}

/* Takes the event into the trails of one correlation, of each group that it is in. */
static int note_correlation(const struct noting *n, __u32 id)
{
	struct evidence *evidence = n->evidence;
	const struct policy_correlation *correlation = policy_correlation_row(evidence->policy, id);
	const struct passing passing = { n->event, correlation };
	__u32 steps = n->steps[id];
	struct group_keys keys;
	int r = group_keys_take(&keys, evidence->fingerprinter, evidence->policy, correlation,
				n->view, steps);

	while (steps && r >= 0) {
		__u32 same = group_keys_same(&keys, steps);
		struct trail *trail;

		steps &= ~same;
		r = trail_get(evidence, id, &keys.step[last_step(same)], &trail);
		if (r >= 0)
			r = trail_add(&passing, trail, n->rules[id], same);
		if (r >= 0 && is_completed(n, correlation))
			r = trail_tell(evidence, id, &passing, trail);
		if (r >= 0)
			recent_resize(&evidence->trails, &trail->row, trail_bytes(trail));
	}
	return r;
}

/* Which steps the event is, by its matches. Returns whether it is any. */
static bool steps_find(struct noting *n)
{
	const struct policy *policy = n->evidence->policy;
	bool any = false;

	for (size_t i = 0; i < n->match_count; i++) {
		const struct policy_rule *row = policy_rule_row(policy, n->matches[i].rule);

		for (__u32 k = 0; k < row->step_count + row->user_step_count; k++) {
			const struct policy_step *step = policy_step_row(policy, row, k);

			if (n->matches[i].flags & MATCH_FOLDED &&
			    !correlation_takes_folded(
				    policy_correlation_row(policy, step->correlation)))
				continue;
			n->steps[step->correlation] |= (__u8)(1u << step->index);
			n->rules[step->correlation][step->index] = n->matches[i].rule;
			any = true;
		}
	}
	return any;
}

int evidence_note(struct evidence *evidence, const struct event_view *view,
		  const struct match *matches, size_t match_count, struct clock *clock)
{
	__u16 rules[CORRELATIONS_MAX][STEPS_MAX];
	__u8 steps[CORRELATIONS_MAX] = { 0 };
	_cleanup_(event_unrefp) struct evidence_event *event = NULL;
	struct noting noting = { .evidence = evidence,
				 .view = view,
				 .matches = matches,
				 .match_count = match_count,
				 .steps = steps,
				 .rules = rules };
	int r, q;

	if (!steps_find(&noting))
		return 0;
	r = event_new(&event, view, clock);
	if (r < 0)
		return r;
	event->number = evidence->events++;
	noting.event = event;
	for (__u32 id = 0; id < evidence->policy->correlation_count; id++) {
		q = steps[id] ? note_correlation(&noting, id) : 0;
		r = q < 0 ? q : r;
	}
	return r;
}

void evidence_find(const struct evidence *evidence, __u32 rule, __u64 time,
		   struct led_to *ret_led_to)
{
	*ret_led_to = (struct led_to) { 0 };
	for (__u32 id = 0; id < evidence->policy->correlation_count; id++) {
		const struct led_to *latest = &evidence->latest[id];

		if (policy_correlation_row(evidence->policy, id)->rule == rule && latest->last &&
		    latest->last->event->time == time)
			*ret_led_to = *latest;
	}
}

__u64 evidence_forgotten(const struct evidence *evidence)
{
	return evidence->trails.evicted;
}
