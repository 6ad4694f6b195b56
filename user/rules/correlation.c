/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the names of rules to the rules, and then to their numbers.
 */
#include "rules/correlation.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "rules/nearest.h"
#include "rules/strings.h"

bool rule_is(const struct rule *rule, const char *reference)
{
	return (rule->id && !strcasecmp(reference, rule->id)) ||
	       (rule->name && !strcmp(reference, rule->name)) ||
	       strings_have(&rule->former_names, reference);
}

static void rule_miss(const char *text, const struct place *place, struct rule *const *rules,
		      size_t count, struct diagnostics *diagnostics)
{
	struct nearest nearest;

	nearest_start(&nearest, text);
	for (size_t i = 0; i < count; i++)
		if (rules[i]->name)
			nearest_offer(&nearest, rules[i]->name);
	diagnose(diagnostics, SEVERITY_ERROR, place, "no rule has the id or name '%s'%s", text,
		 nearest_hint(&nearest, "names are"));
}

struct rule *rule_find(const char *text, const struct place *place, struct rule *const *rules,
		       size_t count, struct diagnostics *diagnostics)
{
	struct rule *near = NULL, *far = NULL;
	size_t near_count = 0, far_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct rule *rule = rules[i];

		if (!rule_is(rule, text))
			continue;
		if (!strcmp(rule->place.file, place->file)) {
			near = rule;
			near_count++;
		} else {
			far = rule;
			far_count++;
		}
	}
	if (near_count == 1 || (!near_count && far_count == 1))
		return near ? near : far;
	if (near_count || far_count)
		diagnose(diagnostics, SEVERITY_ERROR, place,
			 "'%s' is the name of %zu rules; refer to it by id", text,
			 near_count ? near_count : far_count);
	else
		rule_miss(text, place, rules, count, diagnostics);
	return NULL;
}

int correlation_resolve(struct correlation *correlation, struct rule *const *rules, size_t count,
			struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t i = 0; i < correlation->steps.count; i++) {
		const struct reference *step = &correlation->steps.list[i];
		struct rule *rule = rule_find(step->text, &step->place, rules, count, diagnostics);

		if (!rule)
			r = -EINVAL;
		correlation->resolved[i] = rule;
	}
	return r;
}

static size_t index_of(const struct ruleset *ruleset, const struct rule *rule)
{
	size_t i = 0;

	while (ruleset->rules[i] != rule)
		i++;
	return i;
}

static void steps_silence(const struct ruleset *ruleset, const struct rule *correlation,
			  bool silent)
{
	for (size_t i = 0; i < correlation->step_count; i++)
		ruleset->rules[correlation->steps[i]]->silent = silent;
}

void rules_silence(const struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->count; i++)
		ruleset->rules[i]->silent = false;
	for (size_t i = 0; i < ruleset->count; i++)
		steps_silence(ruleset, ruleset->rules[i], true);
	for (size_t i = 0; i < ruleset->count; i++)
		if (ruleset->rules[i]->generate)
			steps_silence(ruleset, ruleset->rules[i], false);
}

static void responses_warn(const struct ruleset *ruleset, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < ruleset->count; i++) {
		const struct rule *rule = ruleset->rules[i];

		if (rule->silent && rule->response != RESPONSE_alert)
			diagnose(diagnostics, SEVERITY_WARNING, &rule->place,
				 "its response '%s' is never carried out: it is a step of a "
				 "correlation without 'generate: true'",
				 response_table[rule->response]);
	}
}

int correlations_link(struct ruleset *ruleset, struct correlation *const *correlations,
		      size_t count, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < count; i++) {
		const struct correlation *correlation = correlations[i];
		struct rule *rule = correlation->rule;

		rule->steps = calloc(correlation->steps.count, sizeof(*rule->steps));
		if (!rule->steps)
			return -ENOMEM;
		rule->step_count = correlation->steps.count;
		rule->generate = correlation->generate;
		for (size_t j = 0; j < rule->step_count; j++)
			rule->steps[j] = index_of(ruleset, correlation->resolved[j]);
	}
	rules_silence(ruleset);
	responses_warn(ruleset, diagnostics);
	return 0;
}
