/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/step.h"

#include <errno.h>

#include "base/cleanup.h"

const char *const why_table[WHY_MAX] = {
#define W(name, meaning) [WHY_##name] = (meaning),
	WHY_USER(W)
#undef W
};

void steps_done(struct steps *steps)
{
	free(steps->order);
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

static size_t steps_least(const struct rule *rule)
{
	return rule->type <= CORRELATION_temporal ? 2 : 1;
}

static int correlation_check(const struct ruleset *ruleset, const struct rule *rule,
			     struct diagnostics *diagnostics)
{
	if (rule->step_count < steps_least(rule) || rule->step_count > STEPS_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
				"correlation '%s' has %zu steps; it must have %zu to %d",
				rule_title(rule), rule->step_count, steps_least(rule), STEPS_MAX);
	for (size_t i = 0; i < rule->step_count; i++)
		if (rule->steps[i] >= ruleset->count)
			return diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
					"step %zu of correlation '%s' is not a rule", i + 1,
					rule_title(rule));
	return 0;
}

/* Counts the steps of one correlation in its rules. */
static int correlation_count_steps(struct steps *steps, const struct ruleset *ruleset,
				   const struct rule *rule, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < rule->step_count; i++) {
		struct rule_steps *of = &steps->rules[rule->steps[i]];

		/* which side takes them is not known yet */
		if (of->user == RULE_STEPS_MAX)
			return diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
					"rule '%s' is a step in more than %d places",
					rule_title(ruleset->rules[rule->steps[i]]), RULE_STEPS_MAX);
		of->user++;
		steps->count++;
	}
	return 0;
}

static int correlations_check(struct steps *steps, const struct ruleset *ruleset, bool *refused,
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
		refused[i] = r < 0;
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

/* Whether all steps that are correlations are among the first `count` of the order. */
static bool steps_ordered(const struct steps *steps, const struct ruleset *ruleset,
			  const struct rule *rule, size_t count)
{
	for (size_t i = 0; i < rule->step_count; i++) {
		size_t at = 0;

		if (ruleset->rules[rule->steps[i]]->condition)
			continue;
		while (at < count && steps->order[at] != rule->steps[i])
			at++;
		if (at == count)
			return false;
	}
	return true;
}

static int order_make(struct steps *steps, const struct ruleset *ruleset,
		      struct diagnostics *diagnostics)
{
	_cleanup_free_ bool *done = calloc(ruleset->count + 1, sizeof(*done));
	size_t count = 0, before;

	steps->order = calloc(steps->correlation_count + 1, sizeof(*steps->order));
	if (!done || !steps->order)
		return -ENOMEM;
	do {
		before = count;
		for (size_t i = 0; i < ruleset->count; i++) {
			const struct rule *rule = ruleset->rules[i];

			if (rule->condition || done[i] ||
			    !steps_ordered(steps, ruleset, rule, count))
				continue;
			steps->order[count++] = i;
			done[i] = true;
		}
	} while (count > before);
	for (size_t i = 0; i < ruleset->count; i++)
		if (!ruleset->rules[i]->condition && !done[i])
			return diagnose(diagnostics, SEVERITY_ERROR, &ruleset->rules[i]->place,
					"correlation '%s' refers, in the end, to itself",
					rule_title(ruleset->rules[i]));
	return 0;
}

/* What a correlation enforces, its steps enforce, and theirs. */
static void enforcing_mark(struct steps *steps, const struct ruleset *ruleset)
{
	for (size_t i = steps->correlation_count; i-- > 0;) {
		const struct rule *rule = ruleset->rules[steps->order[i]];

		for (size_t k = 0; k < rule->step_count; k++)
			steps->rules[rule->steps[k]].enforcing |=
				rule->response >= RESPONSE_deny ||
				steps->rules[steps->order[i]].enforcing;
	}
}

int steps_collect(struct steps *ret_steps, const struct ruleset *ruleset, bool *refused,
		  struct diagnostics *diagnostics)
{
	_cleanup_(steps_done) struct steps steps = { 0 };
	int r;

	steps.rules = calloc(ruleset->count + 1, sizeof(*steps.rules));
	if (!steps.rules)
		return -ENOMEM;
	r = correlations_check(&steps, ruleset, refused, diagnostics);
	if (r >= 0)
		r = order_make(&steps, ruleset, diagnostics);
	if (r < 0)
		return r;
	steps.list = calloc(steps.count + 1, sizeof(*steps.list));
	steps.correlations = calloc(steps.correlation_count + 1, sizeof(*steps.correlations));
	if (!steps.list || !steps.correlations)
		return -ENOMEM;
	enforcing_mark(&steps, ruleset);
	*ret_steps = steps;
	steps = (struct steps) { 0 };
	return 0;
}
