/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlations of detections first, then what refers to them, and so on: whatever is never
 * reached that way refers to itself.
 */
#include <errno.h>

#include "rules/correlation.h"
#include "rules/correlation_keys.h"

struct order {
	struct correlation *const *correlations;
	size_t count;
	struct diagnostics *diagnostics;
};

/* The correlation that the step is, or NULL: it is a detection. */
static struct correlation *step_correlation(const struct order *order,
					    const struct correlation *correlation, size_t step)
{
	const struct rule *rule = correlation->resolved[step];
	size_t i = 0;

	if (rule->condition)
		return NULL;
	while (order->correlations[i]->rule != rule)
		i++;
	return order->correlations[i];
}

/* How deep the steps are: -EAGAIN when that of one is not known yet, -EINVAL when one has
 * failed (diagnosed). */
static int depth_of_steps(const struct order *order, const struct correlation *correlation)
{
	unsigned int depth = 0;
	bool open = false;

	for (size_t i = 0; i < correlation->steps.count; i++) {
		const struct correlation *step = step_correlation(order, correlation, i);

		if (!step)
			continue;
		if (step->failed)
			return diagnose(order->diagnostics, SEVERITY_ERROR,
					&correlation->steps.list[i].place,
					"the rule '%s' has errors",
					correlation->steps.list[i].text);
		open = open || !step->depth;
		depth = step->depth > depth ? step->depth : depth;
	}
	return open ? -EAGAIN : (int)depth;
}

/* The events that complete it: of the last step when all are taken in order, else of any. */
static __u32 events_of(const struct correlation *correlation)
{
	size_t count = correlation->steps.count, first = 0;
	__u32 events = 0;

	if (correlation->rule->type == CORRELATION_temporal_ordered &&
	    !correlation->rule->threshold_count)
		first = count - 1;
	for (size_t i = first; i < count; i++)
		events |= correlation->resolved[i]->events;
	return events;
}

/* Finishes one whose steps are finished. 0, -EAGAIN: they are not; -EINVAL (diagnosed);
 * -ENOMEM. */
static int correlation_finish(const struct order *order, struct correlation *correlation)
{
	int depth = depth_of_steps(order, correlation);

	if (depth < 0)
		return depth;
	if (depth == CORRELATION_DEPTH_MAX)
		return diagnose(order->diagnostics, SEVERITY_ERROR, &correlation->rule->place,
				"it is a correlation of correlations, more than %d deep",
				CORRELATION_DEPTH_MAX);
	correlation->depth = (unsigned int)depth + 1;
	correlation->rule->events = events_of(correlation);
	return correlation_keys_find(correlation, order->diagnostics);
}

/* The first step that is not finished. */
static size_t open_step(const struct order *order, const struct correlation *correlation)
{
	size_t i = 0;

	for (;; i++) {
		const struct correlation *step = step_correlation(order, correlation, i);

		if (step && !step->depth)
			return i;
	}
}

/* From one that is never finished, such steps lead into a circle: finds one in it. */
static struct correlation *circle_find(const struct order *order, struct correlation *correlation)
{
	for (size_t i = 0; i < order->count; i++)
		correlation = step_correlation(order, correlation, open_step(order, correlation));
	return correlation;
}

/* Fails one of a circle; those that refer to it fail with it. */
static void circle_fail(const struct order *order, struct correlation *correlation)
{
	struct correlation *in = circle_find(order, correlation);
	size_t step = open_step(order, in);

	in->failed = true;
	diagnose(order->diagnostics, SEVERITY_ERROR, &in->steps.list[step].place,
		 step_correlation(order, in, step) == in
			 ? "'%s' is the correlation itself"
			 : "'%s' is a correlation that refers, in the end, back to this one",
		 in->steps.list[step].text);
}

int correlations_order(struct correlation *const *correlations, size_t count,
		       struct diagnostics *diagnostics)
{
	const struct order order = { correlations, count, diagnostics };
	struct correlation *open;
	bool changed;

	do {
		open = NULL;
		changed = false;
		for (size_t i = 0; i < count; i++) {
			struct correlation *correlation = correlations[i];
			int r;

			if (correlation->failed || correlation->depth)
				continue;
			r = correlation_finish(&order, correlation);
			if (r == -ENOMEM)
				return r;
			if (r == -EAGAIN)
				open = correlation;
			else
				changed = true;
			correlation->failed = r == -EINVAL;
		}
		if (open && !changed)
			circle_fail(&order, open);
	} while (open);
	return 0;
}
