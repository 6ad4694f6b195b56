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
#include "rules/item.h"

struct context {
	struct item_context item;
	bool filter; /* the block of a filter */
	struct diagnostics *diagnostics;
};

static int map_read(const struct context *context, struct expression **ret_expression,
		    const struct node *map)
{
	_cleanup_(expression_freep) struct expression *all = expression_new(EXPRESSION_AND);
	int r = all ? 0 : -ENOMEM;

	for (size_t i = 0; i < map->count && r != -ENOMEM; i++) {
		_cleanup_(expression_freep) struct expression *item = NULL;
		int q = item_read(&item, &context->item, map->key[i], map->child[i]);

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
		   const struct item_context *item)
{
	const struct context context = { .item = *item, .diagnostics = item->diagnostics };
	_cleanup_(searches_done) struct searches searches = { 0 };

	return block_read(&context, ret_condition, node, &searches);
}

int filter_block_read(struct expression **ret_stays, const struct node *node,
		      const struct item_context *item)
{
	const struct context context = { .item = *item,
					 .filter = true,
					 .diagnostics = item->diagnostics };
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
