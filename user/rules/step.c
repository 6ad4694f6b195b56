/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/step.h"

#include <errno.h>

#include "base/cleanup.h"

void steps_done(struct steps *steps)
{
	free(steps->correlations);
	free(steps->list);
	free(steps->rules);
	*steps = (struct steps) { 0 };
}

const char *rule_title(const struct rule *rule)
{
	return rule->title ? rule->title : rule->name ? rule->name : rule->id ? rule->id : "?";
}

const char *rule_key(const struct rule *rule)
{
	return rule->id ? rule->id : rule->name ? rule->name : rule_title(rule);
}

static int correlation_check(const struct ruleset *ruleset, const struct rule *rule,
			     struct diagnostics *diagnostics)
{
	if (rule->step_count < 2 || rule->step_count > STEPS_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
				"correlation '%s' has %zu steps; it must have 2 to %d",
				rule_title(rule), rule->step_count, STEPS_MAX);
	for (size_t i = 0; i < rule->step_count; i++)
		if (rule->steps[i] >= ruleset->count || !ruleset->rules[rule->steps[i]]->condition)
			return diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
					"step %zu of correlation '%s' is not a detection rule",
					i + 1, rule_title(rule));
	return 0;
}

/* Counts the steps of one correlation in its rules. */
static int correlation_count_steps(struct steps *steps, const struct ruleset *ruleset,
				   const struct rule *rule, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < rule->step_count; i++) {
		struct rule_steps *of = &steps->rules[rule->steps[i]];

		if (of->count == RULE_STEPS_MAX)
			return diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
					"rule '%s' is a step in more than %d places",
					rule_title(ruleset->rules[rule->steps[i]]), RULE_STEPS_MAX);
		of->count++;
		of->levels |= 1u << i;
		of->enforcing |= rule->response >= RESPONSE_deny;
		steps->count++;
	}
	return 0;
}

static int correlations_check(struct steps *steps, const struct ruleset *ruleset,
			      struct diagnostics *diagnostics)
{
	int result = 0, r;

	for (size_t i = 0; i < ruleset->count; i++) {
		const struct rule *rule = ruleset->rules[i];

		if (rule->condition)
			continue;
		r = correlation_check(ruleset, rule, diagnostics);
		if (r >= 0)
			r = correlation_count_steps(steps, ruleset, rule, diagnostics);
		if (r < 0)
			result = r;
		if (++steps->correlation_count == CORRELATIONS_MAX + 1)
			result = diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
					  "'%s' is one correlation more than the %d that a "
					  "policy can hold",
					  rule_title(rule), CORRELATIONS_MAX);
	}
	return result;
}

/* Fills the tables, which have the room that was counted. */
static void steps_fill(struct steps *steps, const struct ruleset *ruleset)
{
	size_t first = 0, word = 0, correlation = 0;

	for (size_t i = 0; i < ruleset->count; i++) {
		steps->rules[i].first = first;
		first += steps->rules[i].count;
		steps->rules[i].count = 0;
	}
	for (size_t i = 0; i < ruleset->count; i++) {
		const struct rule *rule = ruleset->rules[i];

		if (rule->condition)
			continue;
		for (size_t k = 0; k < rule->step_count; k++) {
			struct rule_steps *of = &steps->rules[rule->steps[k]];

			steps->list[of->first + of->count++] =
				(struct policy_step) { .correlation = correlation, .index = k };
		}
		steps->correlations[correlation++] =
			(struct policy_correlation) { .timespan = rule->timespan,
						      .rule = i,
						      .word = word,
						      .steps = rule->step_count };
		word += rule->step_count;
	}
}

int steps_collect(struct steps *ret_steps, const struct ruleset *ruleset,
		  struct diagnostics *diagnostics)
{
	_cleanup_(steps_done) struct steps steps = { 0 };
	int r;

	steps.rules = calloc(ruleset->count + 1, sizeof(*steps.rules));
	if (!steps.rules)
		return -ENOMEM;
	r = correlations_check(&steps, ruleset, diagnostics);
	if (r < 0)
		return r;
	steps.list = calloc(steps.count + 1, sizeof(*steps.list));
	steps.correlations = calloc(steps.correlation_count + 1, sizeof(*steps.correlations));
	if (!steps.list || !steps.correlations)
		return -ENOMEM;
	steps_fill(&steps, ruleset);
	*ret_steps = steps;
	steps = (struct steps) { 0 };
	return 0;
}

_Static_assert(CORRELATIONS_MAX *STEPS_MAX <= CHAIN_WORDS, "words suffice for all");
