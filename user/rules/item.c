/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/item.h"

#include <errno.h>

#include "rules/expression.h"
#include "rules/modifier.h"
#include "rules/value.h"
#include "rules/weak_value.h"

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

static int null_refuse(const struct node *node, struct diagnostics *diagnostics)
{
	return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
			"null takes no modifier but 'neq'");
}

/* `field: null` and `field|exists:`. */
static int presence_read(struct expression **ret_expression, const struct field_key *key,
			 const struct node *node, struct diagnostics *diagnostics)
{
	bool exists;

	if (node_is_null(node)) {
		if (key->modifiers & ~MODIFIER_BIT(neq))
			return null_refuse(node, diagnostics);
		exists = key->modifiers;
	} else if (bool_read(&exists, node, "'exists'", diagnostics) < 0) {
		return -EINVAL;
	}
	return exists_expression(ret_expression, key->field, exists);
}

static int values_check(const struct item_context *context, const struct field_key *key,
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
		else if (node_is_null(value) && key->modifiers & ~MODIFIER_BIT(neq))
			r = null_refuse(value, context->diagnostics);
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
 * Any of the values, of which some may be null. The specification writes null as a search
 * of its own; beside other values it can only mean one thing.
 */
static int any_expression(struct expression **ret_expression, const struct field_key *key,
			  struct node *const *values, size_t count, struct diagnostics *diagnostics)
{
	_cleanup_(expression_freep) struct expression *any = expression_new(EXPRESSION_OR);
	_cleanup_(expression_freep) struct expression *part = NULL;
	_cleanup_free_ struct node **others = calloc(count + 1, sizeof(*others));
	size_t left = 0;
	int r = any && others ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && r >= 0; i++) {
		if (!node_is_null(values[i])) {
			others[left++] = values[i];
			continue;
		}
		diagnose(diagnostics, SEVERITY_WARNING, &values[i]->place,
			 "null as one of several values is not in the specification; it is taken "
			 "for 'or it has no value'");
	}
	if (r >= 0 && left < count) {
		r = exists_expression(&part, key->field, false);
		if (r >= 0)
			r = expression_add(any, &part);
	}
	if (r >= 0 && (left || !count)) {
		r = test_expression(&part, key, others, left, diagnostics);
		if (r >= 0)
			r = expression_add(any, &part);
	}
	if (r < 0)
		return r;
	expression_unwrap(&any);
	*ret_expression = take_ptr(any);
	return 0;
}

static int values_expand(struct expanded *expanded, const struct item_context *context,
			 struct node *const *values, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r != -ENOMEM; i++) {
		int q = placeholders_expand(context->placeholders, expanded, values[i],
					    context->diagnostics);

		r = q < 0 ? q : r;
	}
	return r;
}

/*
 * `neq` is "not any of the values", the same as `not` in the condition: so it also holds
 * when the field has no value. The specification says only that the field is different
 * from the values, and what has no value (null) is. A rule that wants a value to be there
 * adds `field|exists: true`. No values at all, of an empty list of the site's: nothing
 * fits, also with `all`.
 */
static int values_read(struct expression **ret_expression, const struct item_context *context,
		       const struct field_key *key, struct node *const *values, size_t count)
{
	_cleanup_(expression_freep) struct expression *item = NULL;
	_cleanup_(expanded_done) struct expanded expanded = { 0 };
	int r = 0;

	if (key->modifiers & MODIFIER_BIT(expand)) {
		r = values_expand(&expanded, context, values, count);
		values = expanded.list;
		count = expanded.count;
	}
	if (r < 0)
		return r;
	if (key->modifiers & MODIFIER_BIT(all) && count)
		r = all_expression(&item, key, values, count, context->diagnostics);
	else
		r = any_expression(&item, key, values, count, context->diagnostics);
	if (r >= 0 && key->modifiers & MODIFIER_BIT(neq))
		r = expression_negate(&item);
	if (r < 0)
		return r;
	*ret_expression = take_ptr(item);
	return 0;
}

int item_read(struct expression **ret_expression, const struct item_context *context,
	      const struct node *key_node, struct node *node)
{
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
	if (key.modifiers & MODIFIER_BIT(all) && count == 1 &&
	    !(key.modifiers & MODIFIER_BIT(expand)))
		return diagnose(diagnostics, SEVERITY_ERROR, &key_node->place,
				"'all' needs a list of two values or more: leave it out; to test "
				"a field twice, use a second search");
	return values_read(ret_expression, context, &key, values, count);
}
