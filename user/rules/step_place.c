/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel advances what it can follow in a few words of the session's row: all else is
 * left to the user side, and so is what finds no room there.
 */
#include "rules/correlation_condition.h"
#include "rules/step.h"

static __u16 ring_of(__u64 count)
{
	__u64 ring = 1;

	while (ring < count)
		ring *= 2;
	return (__u16)ring;
}

/* How many steps or events suffice; 0 when it is not as simple as that. */
static __u16 need_of(const struct rule *rule)
{
	bool steps = rule->type == CORRELATION_temporal;
	struct counts counts =
		counts_of(rule->threshold, rule->threshold_count, steps ? rule->step_count : 1);
	__u64 most = steps ? rule->step_count : COUNT_UNBOUNDED;

	if ((!steps && rule->type != CORRELATION_event_count) || counts.holes ||
	    counts.high < most || counts.low > COUNT_MAX)
		return 0;
	return (__u16)counts.low;
}

/* Times that event_count keeps: at least one more than it compares with, so that more is
 * told from as many. */
static __u16 times_of(const struct rule *rule, __u16 need)
{
	__u64 most = need;

	for (size_t i = 0; !need && i < rule->threshold_count; i++)
		if ((__u64)rule->threshold[i].whole + 1 > most)
			most = (__u64)rule->threshold[i].whole + 1;
	return ring_of(most);
}

static size_t words_of(const struct policy_correlation *correlation)
{
	switch (correlation->type) {
	case CORRELATION_temporal_ordered:
		return correlation->steps;
	case CORRELATION_temporal:
		return correlation->steps + 1u;
	default:
		return 2u + correlation->ring;
	}
}

static enum why_user why_of(const struct ruleset *ruleset, const struct rule *rule,
			    const struct policy_correlation *row, const enum why_user *why,
			    size_t room)
{
	for (size_t i = 0; i < rule->step_count; i++)
		if (!ruleset->rules[rule->steps[i]]->condition)
			return WHY_chain;
	if (rule->type > CORRELATION_event_count)
		return WHY_type;
	if (rule->group_by.count)
		return WHY_group;
	if (rule->type == CORRELATION_temporal_ordered ? rule->threshold_count : !row->need)
		return WHY_comparison;
	for (size_t i = 0; i < rule->step_count; i++)
		if (why[rule->steps[i]] != WHY_none)
			return WHY_step;
	if (rule->type == CORRELATION_event_count && row->need > COUNT_KERNEL_MAX)
		return WHY_count;
	return words_of(row) > room ? WHY_room : WHY_none;
}

static void rows_make(struct steps *steps, const struct ruleset *ruleset, enum why_user *why)
{
	size_t word = 0;

	for (size_t i = 0; i < steps->correlation_count; i++) {
		size_t index = steps->order[i];
		const struct rule *rule = ruleset->rules[index];
		struct policy_correlation *row = &steps->correlations[i];

		row->timespan = rule->timespan;
		row->rule = (__u16)index;
		row->type = (__u8)rule->type;
		row->steps = (__u8)rule->step_count;
		row->need = need_of(rule);
		if (rule->type == CORRELATION_event_count)
			row->ring = times_of(rule, row->need);
		why[index] = why_of(ruleset, rule, row, why, CHAIN_WORDS - word);
		if (why[index] != WHY_none) {
			/* so that an alert can tell how many there were */
			if (row->ring && row->ring < COUNT_KERNEL_MAX)
				row->ring = COUNT_KERNEL_MAX;
			continue;
		}
		row->word = (__u16)word;
		word += words_of(row);
	}
}

/* Adds the steps of the correlations of one side. */
static void steps_add(struct steps *steps, const struct ruleset *ruleset, const enum why_user *why,
		      bool user)
{
	for (size_t i = 0; i < steps->correlation_count; i++) {
		const struct rule *rule = ruleset->rules[steps->order[i]];

		if ((why[steps->order[i]] != WHY_none) != user)
			continue;
		for (size_t k = 0; k < rule->step_count; k++) {
			struct rule_steps *of = &steps->rules[rule->steps[k]];

			steps->list[of->first + of->kernel + of->user] =
				(struct policy_step) { .correlation = (__u16)i, .index = (__u16)k };
			of->kernel += !user;
			of->user += user;
			of->levels |= user ? 0 : (__u8)(1u << k);
		}
	}
}

void steps_place(struct steps *steps, const struct ruleset *ruleset, enum why_user *why)
{
	size_t first = 0;

	rows_make(steps, ruleset, why);
	for (size_t i = 0; i < ruleset->count; i++) {
		steps->rules[i].first = first;
		first += steps->rules[i].user; /* all, as they were counted */
		steps->rules[i].user = 0;
	}
	steps_add(steps, ruleset, why, false);
	steps_add(steps, ruleset, why, true);
}
