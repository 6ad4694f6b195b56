/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches are maps (and) or lists of maps (or); a field with a list of values is one
 * test. All searches are read even if one is wrong, so that an author sees every
 * mistake at once.
 */
#include "rules/detection.h"

#include <errno.h>
#include <string.h>

#include "rules/condition.h"
#include "rules/expression.h"
#include "rules/modifier.h"
#include "rules/value.h"
#include "rules/weak_value.h"

struct context {
	enum event_type event;
	bool filter; /* the block of a filter */
	struct diagnostics *diagnostics;
};

static int test_expression(struct expression **ret_expression, const struct field_key *key,
			   struct node *const *values, size_t count,
			   struct diagnostics *diagnostics)
{
	_cleanup_(expression_freep) struct expression *test = expression_new(EXPRESSION_TEST);
	int r = test ? test_read(&test->test, key, values, count, diagnostics) : -ENOMEM;

	if (r < 0)
		return r;
	weak_values_warn(&test->test, values, count, diagnostics);
	*ret_expression = take_ptr(test);
	return 0;
}

/* "The field has a value", or that it has none. */
static int exists_expression(struct expression **ret_expression, const struct field_info *field,
			     bool exists)
{
	_cleanup_(expression_freep) struct expression *test = expression_new(EXPRESSION_TEST);
	int r = 0;

	if (!test)
		return -ENOMEM;
	test->test.field = field->id;
	test->test.op = TEST_EXISTS;
	if (!exists)
		r = expression_negate(&test);
	if (r < 0)
		return r;
	*ret_expression = take_ptr(test);
	return 0;
}

/* `field: null` and `field|exists:`. */
static int presence_read(struct expression **ret_expression, const struct field_key *key,
			 const struct node *node, struct diagnostics *diagnostics)
{
	bool exists;

	if (node_is_null(node)) {
		if (key->modifiers & ~MODIFIER_BIT(neq))
			return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
					"null takes no modifier but 'neq'");
		exists = key->modifiers;
	} else if (bool_read(&exists, node, "'exists'", diagnostics) < 0) {
		return -EINVAL;
	}
	return exists_expression(ret_expression, key->field, exists);
}

static int values_check(const struct context *context, const struct field_key *key,
			const struct node *node)
{
	int r = 0;

	if (node->kind == NODE_MAP)
		return diagnose(context->diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' takes a value or a list of values, not a map",
				key->field->name);
	if (node->kind == NODE_LIST && !node->count)
		return diagnose(context->diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' has an empty list of values", key->field->name);
	for (size_t i = 0; i < node->count; i++) {
		const struct node *value = node->child[i];

		if (value->kind != NODE_TEXT)
			r = diagnose(context->diagnostics, SEVERITY_ERROR, &value->place,
				     "'%s' takes single values in its list", key->field->name);
		else if (node_is_null(value))
			r = diagnose(context->diagnostics, SEVERITY_ERROR, &value->place,
				     "null cannot be one of several values: give it a search of "
				     "its own");
	}
	return r;
}

/* Each value is a test of its own, and all must hold. */
static int all_expression(struct expression **ret_expression, const struct field_key *key,
			  struct node *const *values, size_t count, struct diagnostics *diagnostics)
{
	_cleanup_(expression_freep) struct expression *all = expression_new(EXPRESSION_AND);
	int r = all ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && r != -ENOMEM; i++) {
		_cleanup_(expression_freep) struct expression *one = NULL;
		int q = test_expression(&one, key, values + i, 1, diagnostics);

		if (q >= 0)
			q = expression_add(all, &one);
		r = q < 0 ? q : r;
	}
	if (r < 0)
		return r;
	expression_unwrap(&all);
	*ret_expression = take_ptr(all);
	return 0;
}

/*
 * One `field|modifiers: values`. `neq` is "not any of the values", the same as `not` in
 * the condition: so it also holds when the field has no value. The specification says
 * only that the field is different from the values, and what has no value (null) is.
 * A rule that wants a value to be there adds `field|exists: true`.
 */
static int item_read(const struct context *context, struct expression **ret_expression,
		     const struct node *key_node, struct node *node)
{
	_cleanup_(expression_freep) struct expression *item = NULL;
	struct diagnostics *diagnostics = context->diagnostics;
	struct node *const *values = node->kind == NODE_LIST ? node->child : &node;
	size_t count = node->kind == NODE_LIST ? node->count : 1;
	struct field_key key;
	int r = field_key_read(&key, key_node, context->event, diagnostics);

	if (r < 0)
		return r;
	if (node_is_null(node) || key.modifiers & MODIFIER_BIT(exists))
		return presence_read(ret_expression, &key, node, diagnostics);
	r = values_check(context, &key, node);
	if (r < 0)
		return r;
	if (key.modifiers & MODIFIER_BIT(all) && count == 1)
		diagnose(diagnostics, SEVERITY_WARNING, &key_node->place,
			 "'all' with a single value says nothing");
	if (key.modifiers & MODIFIER_BIT(all))
		r = all_expression(&item, &key, values, count, diagnostics);
	else
		r = test_expression(&item, &key, values, count, diagnostics);
	if (r >= 0 && key.modifiers & MODIFIER_BIT(neq))
		r = expression_negate(&item);
	if (r < 0)
		return r;
	*ret_expression = take_ptr(item);
	return 0;
}

static int map_read(const struct context *context, struct expression **ret_expression,
		    const struct node *map)
{
	_cleanup_(expression_freep) struct expression *all = expression_new(EXPRESSION_AND);
	int r = all ? 0 : -ENOMEM;

	for (size_t i = 0; i < map->count && r != -ENOMEM; i++) {
		_cleanup_(expression_freep) struct expression *item = NULL;
		int q = item_read(context, &item, map->key[i], map->child[i]);

		if (q >= 0)
			q = expression_add(all, &item);
		r = q < 0 ? q : r;
	}
	if (r < 0)
		return r;
	expression_unwrap(&all);
	*ret_expression = take_ptr(all);
	return 0;
}

static int search_read(const struct context *context, struct expression **ret_expression,
		       const struct node *key, const struct node *node)
{
	_cleanup_(expression_freep) struct expression *any = NULL;
	int r = 0;

	if (strlen(key->text) > SEARCH_NAME_MAX)
		return diagnose(context->diagnostics, SEVERITY_ERROR, &key->place,
				"the name of a search is longer than the limit of %d bytes",
				SEARCH_NAME_MAX);
	if (node->kind == NODE_TEXT && !node_is_null(node))
		return diagnose(context->diagnostics, SEVERITY_ERROR, &node->place,
				!strcmp(key->text, "timeframe")
					? "'timeframe' is not supported: Sigma has replaced it by "
					  "correlations"
					: "keyword searches (without a field) are not supported");
	if (node->kind == NODE_TEXT || !node->count)
		return diagnose(context->diagnostics, SEVERITY_ERROR, &node->place,
				"the search '%s' is empty", key->text);
	if (node->kind == NODE_MAP)
		return map_read(context, ret_expression, node);
	any = expression_new(EXPRESSION_OR);
	if (!any)
		return -ENOMEM;
	for (size_t i = 0; i < node->count && r != -ENOMEM; i++) {
		_cleanup_(expression_freep) struct expression *item = NULL;
		const struct node *child = node->child[i];
		int q;

		if (child->kind != NODE_MAP || !child->count)
			q = diagnose(
				context->diagnostics, SEVERITY_ERROR, &child->place,
				child->kind == NODE_TEXT
					? "keyword searches (without a field) are not "
					  "supported"
					: "a search is a map of fields or a list of such maps");
		else
			q = map_read(context, &item, child);
		if (q >= 0)
			q = expression_add(any, &item);
		r = q < 0 ? q : r;
	}
	if (r < 0)
		return r;
	expression_unwrap(&any);
	*ret_expression = take_ptr(any);
	return 0;
}

static void searches_done(struct searches *searches)
{
	for (size_t i = 0; i < searches->count; i++)
		expression_free(searches->list[i].expression);
	free(searches->list);
}

/* Members of a block that are no searches. */
static bool is_search(const struct context *context, const char *key)
{
	return strcmp(key, "condition") != 0 && !(context->filter && !strcmp(key, "rules"));
}

/* Reads every search; one with a mistake gets an empty expression, for the condition
 * to be read all the same. */
static int searches_read(const struct context *context, struct searches *searches,
			 const struct node *node)
{
	int r = 0;

	if (node->count > SEARCHES_MAX)
		return diagnose(context->diagnostics, SEVERITY_ERROR, &node->place,
				"more than the limit of %d searches", SEARCHES_MAX);
	searches->list = calloc(node->count + 1, sizeof(*searches->list));
	if (!searches->list)
		return -ENOMEM;
	for (size_t i = 0; i < node->count; i++) {
		struct search *search = &searches->list[searches->count];
		int q;

		if (!is_search(context, node->key[i]->text))
			continue;
		q = search_read(context, &search->expression, node->key[i], node->child[i]);
		r = q < 0 ? q : r;
		if (q < 0)
			search->expression = expression_new(EXPRESSION_AND);
		if (!search->expression)
			return -ENOMEM;
		search->key = node->key[i];
		searches->count++;
	}
	return r;
}

static void unused_warn(const struct searches *searches, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < searches->count; i++)
		if (!searches->list[i].used)
			diagnose(diagnostics, SEVERITY_WARNING, &searches->list[i].key->place,
				 "the condition does not use the search '%s'",
				 searches->list[i].key->text);
}

/* Reads the searches into *searches, empty before, and the condition. */
static int block_read(const struct context *context, struct expression **ret_condition,
		      const struct node *node, struct searches *searches)
{
	const char *name = context->filter ? "'filter'" : "'detection'";
	_cleanup_(expression_freep) struct expression *whole = NULL;
	int r = node_expect(node, NODE_MAP, name, context->diagnostics), q;
	const struct node *condition;

	if (r < 0)
		return r;
	condition = node_find(node, "condition");
	r = searches_read(context, searches, node);
	if (r < 0 && (r == -ENOMEM || !searches->list))
		return r;
	if (!condition)
		return diagnose(context->diagnostics, SEVERITY_ERROR, &node->place,
				"%s has no 'condition'", name);
	q = condition_read(&whole, condition, searches, context->diagnostics);
	if (q < 0)
		return q;
	unused_warn(searches, context->diagnostics);
	if (r < 0)
		return r;
	*ret_condition = take_ptr(whole);
	return 0;
}

int detection_read(struct expression **ret_condition, const struct node *node,
		   enum event_type event, struct diagnostics *diagnostics)
{
	const struct context context = { .event = event, .diagnostics = diagnostics };
	_cleanup_(searches_done) struct searches searches = { 0 };

	return block_read(&context, ret_condition, node, &searches);
}

int filter_block_read(struct expression **ret_stays, const struct node *node, enum event_type event,
		      struct diagnostics *diagnostics)
{
	const struct context context = { .event = event,
					 .filter = true,
					 .diagnostics = diagnostics };
	_cleanup_(expression_freep) struct expression *whole = NULL;
	_cleanup_(searches_done) struct searches searches = { 0 };
	bool stays;
	int r = block_read(&context, &whole, node, &searches);

	if (r >= 0)
		r = condition_of_nothing(&stays, node_find(node, "condition"), &searches);
	if (r >= 0 && !stays)
		r = expression_negate(&whole);
	if (r < 0)
		return r;
	*ret_stays = take_ptr(whole);
	return 0;
}
