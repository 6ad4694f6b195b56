/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The type first, then the other members in the order of the file: what they may be
 * depends on it. The condition comes last, because it depends on the steps.
 */
#include <errno.h>
#include <string.h>

#include "rules/correlation.h"
#include "rules/correlation_condition.h"
#include "rules/correlation_type.h"
#include "rules/duration.h"
#include "rules/nearest.h"
#include "rules/value.h"

#define ALIASES_MAX 64 /* of one correlation: names of aliases times rules */

static void alias_done(struct alias *alias)
{
	free(alias->name.text);
	free(alias->rule.text);
	free(alias->field.text);
}

void correlation_free(struct correlation *correlation)
{
	if (!correlation)
		return;
	for (size_t i = 0; i < correlation->alias_count; i++)
		alias_done(&correlation->aliases[i]);
	free(correlation->aliases);
	reference_list_done(&correlation->steps);
	reference_list_done(&correlation->group_by);
	reference_list_done(&correlation->fields);
	free(correlation->resolved);
	free(correlation);
}

static int type_read(struct rule *rule, const struct node *node, struct diagnostics *diagnostics)
{
	struct nearest nearest;

	if (node_expect(node, NODE_TEXT, "'type'", diagnostics) < 0)
		return -EINVAL;
	nearest_start(&nearest, node->text);
	for (int i = 0; i < CORRELATION_TYPE_MAX; i++) {
		nearest_offer(&nearest, correlation_type_table[i]);
		if (strcmp(correlation_type_table[i], node->text))
			continue;
		rule->type = (enum correlation_type)i;
		return 0;
	}
	return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
			"unknown correlation type '%s'%s", node->text,
			nearest_hint(&nearest, "known are"));
}

static int steps_read(struct correlation *correlation, const struct node *node,
		      struct diagnostics *diagnostics)
{
	size_t least = correlation->rule->type <= CORRELATION_temporal ? 2 : 1;
	int r = node_expect(node, NODE_LIST, "'rules'", diagnostics);

	if (r < 0)
		return r;
	if (node->count < least || node->count > STEPS_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'rules' has %zu steps; %zu to %d are possible", node->count, least,
				STEPS_MAX);
	correlation->resolved = calloc(node->count, sizeof(*correlation->resolved));
	if (!correlation->resolved)
		return -ENOMEM;
	return reference_list_read(&correlation->steps, node, STEPS_MAX, "'rules'", "a step",
				   diagnostics);
}

/* One alias: for each rule the field. */
static int alias_read(struct correlation *correlation, const struct node *name,
		      const struct node *fields, struct diagnostics *diagnostics)
{
	int r = node_expect(fields, NODE_MAP, "an alias", diagnostics);

	for (size_t i = 0; r >= 0 && i < fields->count; i++) {
		struct alias *alias;

		if (correlation->alias_count == ALIASES_MAX)
			return diagnose(diagnostics, SEVERITY_ERROR, &fields->key[i]->place,
					"'aliases' has more than %d fields", ALIASES_MAX);
		alias = &correlation->aliases[correlation->alias_count++];
		r = reference_read(&alias->name, name, "an alias", diagnostics);
		if (r >= 0)
			r = reference_read(&alias->rule, fields->key[i], "a rule", diagnostics);
		if (r >= 0)
			r = reference_read(&alias->field, fields->child[i], "a field", diagnostics);
	}
	return r;
}

static int aliases_read(struct correlation *correlation, const struct node *node,
			struct diagnostics *diagnostics)
{
	int r = node_expect(node, NODE_MAP, "'aliases'", diagnostics);

	if (r < 0)
		return r;
	correlation->aliases = calloc(ALIASES_MAX, sizeof(*correlation->aliases));
	if (!correlation->aliases)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < node->count; i++)
		r = alias_read(correlation, node->key[i], node->child[i], diagnostics);
	return r;
}

/* Reads one member of the block. */
static int member_read(struct correlation *correlation, const struct node *key,
		       const struct node *node, struct diagnostics *diagnostics)
{
	static const char *const known[] = { "type",	 "rules",     "group-by", "timespan",
					     "generate", "condition", "aliases" };
	struct nearest nearest;

	if (!strcmp(key->text, "type") || !strcmp(key->text, "condition"))
		return 0; /* read before and after */
	if (!strcmp(key->text, "rules"))
		return steps_read(correlation, node, diagnostics);
	if (!strcmp(key->text, "group-by"))
		return reference_list_read(&correlation->group_by, node, KEY_FIELDS_MAX,
					   "'group-by'", "a field", diagnostics);
	if (!strcmp(key->text, "timespan"))
		return duration_read(&correlation->rule->timespan, node, "'timespan'", diagnostics);
	if (!strcmp(key->text, "generate"))
		return bool_read(&correlation->generate, node, "'generate'", diagnostics);
	if (!strcmp(key->text, "aliases"))
		return aliases_read(correlation, node, diagnostics);
	nearest_start(&nearest, key->text);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		nearest_offer(&nearest, known[i]);
	return diagnose(diagnostics, SEVERITY_ERROR, &key->place, "'correlation' has no '%s'%s",
			key->text, nearest_hint(&nearest, "it has"));
}

/* All members but the condition. */
static int members_read(struct correlation *correlation, const struct node *node,
			struct diagnostics *diagnostics)
{
	static const char *const required[] = { "type", "rules", "timespan" };
	const struct node *type = node_find(node, "type");
	int r = type ? type_read(correlation->rule, type, diagnostics) : 0;

	for (size_t i = 0; i < node->count && r != -ENOMEM; i++) {
		int q = member_read(correlation, node->key[i], node->child[i], diagnostics);

		r = q < 0 ? q : r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		if (!node_find(node, required[i]))
			r = diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				     "'correlation' has no '%s'", required[i]);
	return r;
}

int correlation_read(struct correlation **ret_correlation, struct rule *rule,
		     const struct node *document, struct diagnostics *diagnostics)
{
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
	r = members_read(correlation, node, diagnostics);
	/* The specification has it beside the block, other tools read it inside. */
	if (generate && bool_read(&correlation->generate, generate, "'generate'", diagnostics) < 0)
		r = -EINVAL;
	if (r >= 0)
		r = correlation_condition_read(correlation, node_find(node, "condition"),
					       &node->place, diagnostics);
	if (r < 0)
		return r;
	*ret_correlation = take_ptr(correlation);
	return 0;
}
