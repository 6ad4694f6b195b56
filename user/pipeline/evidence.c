/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps are taken from the last to the first, as decide.h takes them: one event cannot
 * serve as two steps of a chain. Links and events are shared and counted.
 */
#include "pipeline/evidence.h"

#include <errno.h>
#include <stdlib.h>

#include "pipeline/act.h"
#include "pipeline/event_json.h"
#include "pipeline/policy_rows.h"

/* Bytes of one event: four texts of TEXT_MAX, each of which JSON makes up to six times
 * as long. */
#define EVENT_BYTES_MAX (128u << 10)

struct evidence {
	const struct policy *policy;
	/* by correlation and step: the latest chain that has reached it */
	struct evidence_link *(*reached)[STEPS_MAX];
};

static void event_unref(struct evidence_event *event)
{
	if (--event->references)
		return;
	buffer_done(&event->json);
	buffer_done(&event->words);
	free(event);
}
DEFINE_CLEANUP(struct evidence_event *, event_unref)

static void link_unref(struct evidence_link *link)
{
	while (link && !--link->references) {
		struct evidence_link *before = link->before;

		event_unref(link->event);
		free(link);
		link = before;
	}
}

int evidence_new(struct evidence **ret_evidence, const struct policy *policy)
{
	_cleanup_(evidence_freep) struct evidence *evidence = calloc(1, sizeof(*evidence));

	if (!evidence)
		return -ENOMEM;
	evidence->policy = policy;
	evidence->reached = calloc(policy->correlation_count + 1, sizeof(*evidence->reached));
	if (!evidence->reached)
		return -ENOMEM;
	*ret_evidence = take_ptr(evidence);
	return 0;
}

void evidence_free(struct evidence *evidence)
{
	for (size_t i = 0; evidence->reached && i < evidence->policy->correlation_count; i++)
		for (size_t step = 0; step < STEPS_MAX; step++)
			link_unref(evidence->reached[i][step]);
	free(evidence->reached);
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

/* Takes one step of one correlation. */
static int take_step(struct evidence *evidence, __u32 id, __u32 step, __u32 rule,
		     struct evidence_event *event)
{
	const struct policy_correlation *correlation = policy_correlation_row(evidence->policy, id);
	struct evidence_link **reached = evidence->reached[id];
	struct evidence_link *before = step ? reached[step - 1] : NULL, *link;

	if (step && (!before || event->time - before->start > correlation->timespan)) {
		/* no step was seen that this one can follow. For a kernel that has
		 * fired that means a lost record: the chain is told without it */
		before = NULL;
		if (step + 1 < correlation->steps)
			return 0;
	}
	link = calloc(1, sizeof(*link));
	if (!link)
		return -ENOMEM;
	link->references = 1;
	link->rule = rule;
	link->start = before ? before->start : event->time;
	link->event = event;
	event->references++;
	link->before = before;
	if (before)
		before->references++;
	link_unref(reached[step]);
	reached[step] = link;
	return 0;
}

static int note_rule(struct evidence *evidence, __u32 rule, __u32 level,
		     struct evidence_event *event)
{
	const struct policy_rule *row = policy_rule_row(evidence->policy, rule);
	int r = 0, q;

	for (__u32 i = 0; i < row->step_count; i++) {
		const struct policy_step *step = policy_step_row(evidence->policy, row, i);

		if (step->index != level ||
		    step->correlation >= evidence->policy->correlation_count)
			continue;
		q = take_step(evidence, step->correlation, level, rule, event);
		r = r < 0 ? r : q;
	}
	return r;
}

int evidence_note(struct evidence *evidence, const struct event_view *view, const __u16 *rules,
		  size_t rule_count, struct clock *clock)
{
	_cleanup_(event_unrefp) struct evidence_event *event = NULL;
	bool any = false;
	int r, q;

	for (size_t i = 0; i < rule_count; i++)
		any = any || policy_rule_row(evidence->policy, rules[i])->step_count;
	if (!any)
		return 0;
	r = event_new(&event, view, clock);
	if (r < 0)
		return r;
	for (__u32 level = STEPS_MAX; level-- > 0;)
		for (size_t i = 0; i < rule_count; i++) {
			q = note_rule(evidence, rules[i], level, event);
			r = r < 0 ? r : q;
		}
	return r;
}

const struct evidence_link *evidence_chain(const struct evidence *evidence, __u32 rule, __u64 time)
{
	for (__u32 id = 0; id < evidence->policy->correlation_count; id++) {
		const struct policy_correlation *correlation =
			policy_correlation_row(evidence->policy, id);
		const struct evidence_link *link;

		if (correlation->rule != rule || !correlation->steps)
			continue;
		link = evidence->reached[id][(correlation->steps - 1) & (STEPS_MAX - 1)];
		return link && link->event->time == time ? link : NULL;
	}
	return NULL;
}
