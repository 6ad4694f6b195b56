/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only what the decider has is accepted: temporal_ordered, per session, of detections.
 * A correlation of another kind is refused and never taken for this one.
 */
#include "rules/correlation.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "rules/duration.h"
#include "rules/nearest.h"
#include "rules/strings.h"
#include "rules/value.h"

#define GROUP "AgentSession"

static const char *const type_table[] = {
	"temporal_ordered", "temporal",	 "event_count",	     "value_count",
	"value_sum",	    "value_avg", "value_percentile",
};

void correlation_free(struct correlation *correlation)
{
	if (!correlation)
		return;
	strings_done(&correlation->steps);
	free(correlation->places);
	free(correlation->resolved);
	free(correlation);
}

static int type_check(const struct node *node, struct diagnostics *diagnostics)
{
	struct nearest nearest;

	if (node_expect(node, NODE_TEXT, "'type'", diagnostics) < 0)
		return -EINVAL;
	nearest_start(&nearest, node->text);
	for (size_t i = 0; i < ARRAY_SIZE(type_table); i++) {
		nearest_offer(&nearest, type_table[i]);
		if (strcmp(type_table[i], node->text))
			continue;
		if (!i)
			return 0;
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"correlation type '%s' is not supported yet", node->text);
	}
	return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
			"unknown correlation type '%s'%s", node->text,
			nearest_hint(&nearest, "known are"));
}

static int group_check(const struct node *node, struct diagnostics *diagnostics)
{
	const struct node *field = node;

	if (node->kind == NODE_LIST && node->count == 1)
		field = node->child[0];
	if (field->kind == NODE_TEXT && !strcmp(field->text, GROUP))
		return 0;
	return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
			"'group-by' other than [" GROUP "] is not supported yet");
}

static int steps_read(struct correlation *correlation, const struct node *node,
		      struct diagnostics *diagnostics)
{
	int r = node_expect(node, NODE_LIST, "'rules'", diagnostics);

	if (r < 0)
		return r;
	if (node->count < 2 || node->count > STEPS_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'rules' has %zu steps; 2 to %d are possible", node->count,
				STEPS_MAX);
	correlation->places = calloc(node->count, sizeof(*correlation->places));
	correlation->resolved = calloc(node->count, sizeof(*correlation->resolved));
	if (!correlation->places || !correlation->resolved)
		return -ENOMEM;
	for (size_t i = 0; i < node->count; i++) {
		r = node_expect(node->child[i], NODE_TEXT, "a step", diagnostics);
		if (r >= 0)
			r = strings_add(&correlation->steps, node->child[i]->text);
		if (r < 0)
			return r;
		correlation->places[i] = node->child[i]->place;
	}
	return 0;
}

/* Reads one member of the block. */
static int member_read(struct correlation *correlation, const struct node *key,
		       const struct node *node, struct diagnostics *diagnostics)
{
	static const char *const known[] = { "type", "rules", "group-by", "timespan", "generate" };
	struct nearest nearest;

	if (!strcmp(key->text, "type"))
		return type_check(node, diagnostics);
	if (!strcmp(key->text, "rules"))
		return steps_read(correlation, node, diagnostics);
	if (!strcmp(key->text, "group-by"))
		return group_check(node, diagnostics);
	if (!strcmp(key->text, "timespan"))
		return duration_read(&correlation->rule->timespan, node, "'timespan'", diagnostics);
	if (!strcmp(key->text, "generate"))
		return bool_read(&correlation->generate, node, "'generate'", diagnostics);
	if (!strcmp(key->text, "condition") || !strcmp(key->text, "aliases"))
		return diagnose(diagnostics, SEVERITY_ERROR, &key->place,
				"'%s' in a correlation is not supported yet", key->text);
	nearest_start(&nearest, key->text);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		nearest_offer(&nearest, known[i]);
	return diagnose(diagnostics, SEVERITY_ERROR, &key->place, "'correlation' has no '%s'%s",
			key->text, nearest_hint(&nearest, "it has"));
}

int correlation_read(struct correlation **ret_correlation, struct rule *rule,
		     const struct node *document, struct diagnostics *diagnostics)
{
	static const char *const required[] = { "type", "rules", "timespan" };
	_cleanup_(correlation_freep) struct correlation *correlation =
		calloc(1, sizeof(*correlation));
	const struct node *node = node_find(document, "correlation");
	const struct node *generate = node_find(document, "generate");
	int r = node_expect(node, NODE_MAP, "'correlation'", diagnostics);

	if (!correlation)
		return -ENOMEM;
	if (r < 0)
		return r;
	correlation->rule = rule;
	for (size_t i = 0; i < node->count && r != -ENOMEM; i++) {
		int q = member_read(correlation, node->key[i], node->child[i], diagnostics);

		r = q < 0 ? q : r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		if (!node_find(node, required[i]))
			r = diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				     "'correlation' has no '%s'", required[i]);
	/* The specification has it beside the block, other tools read it inside. */
	if (generate && bool_read(&correlation->generate, generate, "'generate'", diagnostics) < 0)
		r = -EINVAL;
	if (r < 0)
		return r;
	*ret_correlation = take_ptr(correlation);
	return 0;
}

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
		struct rule *rule = rule_find(correlation->steps.list[i], &correlation->places[i],
					      rules, count, diagnostics);

		if (!rule)
			r = -EINVAL;
		else if (!rule->condition)
			r = diagnose(diagnostics, SEVERITY_ERROR, &correlation->places[i],
				     "'%s' is a correlation: correlations of correlations are not "
				     "supported yet",
				     correlation->steps.list[i]);
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

/* Silent: some correlation refers to it, and none of those says `generate: true`. */
static void silence(const struct ruleset *ruleset, struct correlation *const *correlations,
		    size_t count, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < correlations[i]->steps.count; j++)
			correlations[i]->resolved[j]->silent = true;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; correlations[i]->generate && j < correlations[i]->steps.count;
		     j++)
			correlations[i]->resolved[j]->silent = false;
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
		for (size_t j = 0; j < rule->step_count; j++)
			rule->steps[j] = index_of(ruleset, correlation->resolved[j]);
	}
	silence(ruleset, correlations, count, diagnostics);
	return 0;
}
