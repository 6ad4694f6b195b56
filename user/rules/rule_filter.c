/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter is read once for each category that its rules have, because a field is
 * another one in each. Nothing is joined before all of it could be read.
 */
#include "rules/rule_filter.h"

#include <errno.h>
#include <string.h>

#include "rules/correlation.h"
#include "rules/detection.h"
#include "rules/expression.h"
#include "rules/strings.h"

void rule_filter_free(struct rule_filter *filter)
{
	if (!filter)
		return;
	free(filter->title);
	free(filter->id);
	free(filter->description);
	free(filter);
}

/* `rules: any`; other tools also have `all`. */
static bool is_any(const struct node *rules)
{
	return rules->kind == NODE_TEXT &&
	       (!strcmp(rules->text, "any") || !strcmp(rules->text, "all"));
}

static int references_check(const struct node *rules, struct diagnostics *diagnostics)
{
	int r = 0;

	if (rules->kind == NODE_TEXT)
		return node_expect(rules, NODE_TEXT, "'rules'", diagnostics);
	if (rules->kind == NODE_MAP || !rules->count)
		return diagnose(diagnostics, SEVERITY_ERROR, &rules->place,
				"'rules' lists ids and names of rules, or is 'any'");
	for (size_t i = 0; i < rules->count; i++)
		if (node_expect(rules->child[i], NODE_TEXT, "an id or name of a rule",
				diagnostics) < 0)
			r = -EINVAL;
	return r;
}

int filter_block_check(const struct node *block, struct diagnostics *diagnostics)
{
	const struct node *rules, *condition;
	int r = node_expect(block, NODE_MAP, "'filter'", diagnostics);

	if (r < 0)
		return r;
	rules = node_find(block, "rules");
	condition = node_find(block, "condition");
	if (!rules)
		r = diagnose(diagnostics, SEVERITY_ERROR, &block->place,
			     "'filter' has no 'rules': ids and names of rules, or 'any'");
	else
		r = references_check(rules, diagnostics);
	if (!condition)
		r = diagnose(diagnostics, SEVERITY_ERROR, &block->place,
			     "'filter' has no 'condition'");
	else if (node_expect(condition, NODE_TEXT, "the condition of a filter", diagnostics) < 0)
		r = -EINVAL;
	return r;
}

/* A filter while it is applied. */
struct applying {
	int event; /* of its log source; -1: any */
	const struct node *block;
	struct filter_rules *rules;
	struct diagnostics *diagnostics;
	struct rule **targets;
	size_t count;
	struct expression *stays[EVENT_MAX]; /* by category of a target */
};

static void applying_done(struct applying *a)
{
	free(a->targets);
	for (size_t i = 0; i < EVENT_MAX; i++)
		expression_free(a->stays[i]);
}

static bool is_target(const struct applying *a, const struct rule *rule)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->targets[i] == rule)
			return true;
	return false;
}

static bool fits(const struct applying *a, const struct rule *rule)
{
	return rule->condition && (a->event < 0 || rule->event == (enum event_type)a->event);
}

static void targets_any(struct applying *a)
{
	for (size_t i = 0; i < a->rules->count; i++)
		if (fits(a, a->rules->list[i]))
			a->targets[a->count++] = a->rules->list[i];
}

static bool is_loaded(const struct filter_rules *rules, const char *reference)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rule_is(rules->list[i], reference))
			return true;
	return false;
}

/* 0, -ENOENT when the rule was skipped, or -EINVAL (both diagnosed). */
static int target_add(struct applying *a, const struct node *reference)
{
	const struct filter_rules *rules = a->rules;
	const char *name = reference->text;
	struct rule *rule;

	if (!is_loaded(rules, name) && strings_have(rules->skipped, name)) {
		diagnose(a->diagnostics, SEVERITY_SKIPPED, &reference->place,
			 "a filter of '%s', which was skipped", name);
		return -ENOENT;
	}
	if (!is_loaded(rules, name) && strings_have(rules->failed, name))
		return diagnose(a->diagnostics, SEVERITY_ERROR, &reference->place,
				"the rule '%s' has errors", name);
	rule = rule_find(name, &reference->place, rules->list, rules->count, a->diagnostics);
	if (!rule)
		return -EINVAL;
	if (!rule->condition)
		return diagnose(a->diagnostics, SEVERITY_ERROR, &reference->place,
				"'%s' is a correlation: a filter is for the rules that it counts",
				name);
	if (!fits(a, rule))
		return diagnose(a->diagnostics, SEVERITY_ERROR, &reference->place,
				"'%s' is a rule of %s, and the filter's log source is %s", name,
				event_table[rule->event].name, event_table[a->event].name);
	if (is_target(a, rule))
		diagnose(a->diagnostics, SEVERITY_WARNING, &reference->place,
			 "the rule '%s' is listed twice", name);
	else
		a->targets[a->count++] = rule;
	return 0;
}

/* All of a filter's references are looked at, so that each mistake is told. */
static int targets_find(struct applying *a)
{
	const struct node *rules = node_find(a->block, "rules");
	struct node *const *list = rules->kind == NODE_LIST ? rules->child : (void *)&rules;
	size_t count = rules->kind == NODE_LIST ? rules->count : 1;
	bool skipped = false;
	int r = 0;

	a->targets = calloc(a->rules->count + count, sizeof(*a->targets));
	if (!a->targets)
		return -ENOMEM;
	if (is_any(rules)) {
		targets_any(a);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		int q = target_add(a, list[i]);

		skipped |= q == -ENOENT;
		if (q == -EINVAL)
			r = q;
	}
	return r < 0 || a->count || !skipped ? r : -ENOENT;
}

/* Reads the block for events of that kind. Warnings are the same for each and told
 * with the first. */
static int stays_read(struct applying *a, enum event_type event, bool first)
{
	_cleanup_(diagnostics_done) struct diagnostics again = { 0 };
	struct item_context context = { event, a->rules->placeholders, &again };
	int r = -EINVAL;

	if (a->stays[event])
		return 0;
	if (!first)
		r = filter_block_read(&a->stays[event], a->block, &context);
	context.diagnostics = a->diagnostics;
	return r == -EINVAL ? filter_block_read(&a->stays[event], a->block, &context) : r;
}

static int block_read(struct applying *a)
{
	int r = 0;

	/* Also without a rule it says something, or not. */
	if (a->event >= 0)
		return stays_read(a, (enum event_type)a->event, true);
	for (size_t i = 0; i < a->count && r >= 0; i++)
		r = stays_read(a, a->targets[i]->event, !i);
	return r;
}

/* Makes the condition "what it was, and what stays". */
static int condition_join(struct rule *rule, const struct expression *stays)
{
	_cleanup_(expression_freep) struct expression *copy = NULL;
	_cleanup_(expression_freep) struct expression *all = NULL;
	size_t size = expression_size(stays);
	int r = expression_copy(&copy, stays, &size);

	if (r < 0 || rule->condition->op == EXPRESSION_AND)
		return r < 0 ? r : expression_add(rule->condition, &copy);
	all = expression_new(EXPRESSION_AND);
	r = all ? expression_add(all, &rule->condition) : -ENOMEM;
	if (r < 0)
		return r;
	rule->condition = take_ptr(all);
	return expression_add(rule->condition, &copy);
}

static int filter_note(struct rule *rule, const struct rule_filter *filter)
{
	const struct rule_filter **list = reallocarray(rule->filters, rule->filter_count + 1,
						       sizeof(const struct rule_filter *));

	if (!list)
		return -ENOMEM;
	rule->filters = list;
	list[rule->filter_count++] = filter;
	return 0;
}

static int size_check(const struct applying *a, const struct rule_filter *filter)
{
	size_t size = 0;

	for (size_t i = 0; i < a->count; i++)
		size += expression_size(a->stays[a->targets[i]->event]);
	if (size > a->rules->budget)
		return diagnose(a->diagnostics, SEVERITY_ERROR, &filter->place,
				"with all their rules the filters have more than the limit of %u "
				"tests and values",
				FILTERS_SIZE_MAX);
	a->rules->budget -= size;
	return 0;
}

static int targets_join(const struct applying *a, struct rule_filter *filter)
{
	int r = size_check(a, filter);

	for (size_t i = 0; i < a->count && r >= 0; i++) {
		struct rule *rule = a->targets[i];

		r = condition_join(rule, a->stays[rule->event]);
		if (r >= 0)
			r = filter_note(rule, filter);
	}
	filter->rule_count = a->count;
	return r;
}

int rule_filter_apply(struct rule_filter *filter, const struct node *document, int event,
		      struct filter_rules *rules, struct diagnostics *diagnostics)
{
	_cleanup_(applying_done) struct applying a = { .event = event,
						       .block = node_find(document, "filter"),
						       .rules = rules,
						       .diagnostics = diagnostics };
	int r = targets_find(&a), q;

	if (r == -ENOMEM || r == -ENOENT)
		return r;
	q = block_read(&a);
	if (r < 0 || q < 0)
		return q == -ENOMEM ? q : -EINVAL;
	if (!a.count)
		diagnose(diagnostics, SEVERITY_WARNING, &filter->place,
			 "the filter applies to no rule");
	return targets_join(&a, filter);
}
