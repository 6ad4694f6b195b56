/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/leave_out.h"

#include <errno.h>

#include "rules/correlation.h"
#include "rules/sigma.h"
#include "rules/step.h"

/* The first step that is left out, or NULL. */
static const struct rule *step_left_out(const struct ruleset *ruleset, const struct rule *rule,
					const bool *out)
{
	for (size_t i = 0; i < rule->step_count; i++)
		if (out[rule->steps[i]])
			return ruleset->rules[rule->steps[i]];
	return NULL;
}

/* Adds the correlations of what is left out, and those of them. */
static void correlations_add(const struct ruleset *ruleset, bool *out,
			     struct diagnostics *diagnostics)
{
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < ruleset->count; i++) {
			const struct rule *rule = ruleset->rules[i];
			const struct rule *step = step_left_out(ruleset, rule, out);

			if (out[i] || !step)
				continue;
			diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
				 "it is a correlation of '%s', which has errors", rule_title(step));
			out[i] = again = true;
		}
	} while (again);
}

/* A filter knows how many rules it applies to. */
static void filters_count(const struct ruleset *ruleset, const struct rule *rule)
{
	for (size_t i = 0; i < ruleset->filter_count; i++)
		for (size_t k = 0; k < rule->filter_count; k++)
			ruleset->filters[i]->rule_count -= rule->filters[k] == ruleset->filters[i];
}

int rules_leave_out(struct ruleset *ruleset, bool *out, struct diagnostics *diagnostics)
{
	_cleanup_free_ size_t *number = calloc(ruleset->count + 1, sizeof(*number));
	size_t left = 0;

	if (!number)
		return -ENOMEM;
	correlations_add(ruleset, out, diagnostics);
	for (size_t i = 0; i < ruleset->count; i++) {
		struct rule *rule = ruleset->rules[i];

		number[i] = left;
		if (!out[i]) {
			ruleset->rules[left++] = rule;
			continue;
		}
		filters_count(ruleset, rule);
		rule_free(rule);
	}
	ruleset->count = left;
	for (size_t i = 0; i < left; i++)
		for (size_t k = 0; k < ruleset->rules[i]->step_count; k++)
			ruleset->rules[i]->steps[k] = number[ruleset->rules[i]->steps[k]];
	rules_silence(ruleset);
	return 0;
}
