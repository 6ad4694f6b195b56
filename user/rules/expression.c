/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions are trees with one owner: a search that a condition names twice is
 * copied, within a budget. Their depth is bounded by that of documents and
 * conditions, so recursion is safe.
 */
#include "rules/expression.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool test_has_bytes(const struct test *test)
{
	return test->op == TEST_TEXT || test->op == TEST_TEXT_CASED || test->op == TEST_REGEX;
}

void test_done(struct test *test)
{
	for (size_t i = 0; test_has_bytes(test) && i < test->count; i++)
		free(test->values[i].pattern.bytes);
	free(test->values);
	test->values = NULL;
	test->count = 0;
}

static int test_copy(struct test *ret_test, const struct test *test)
{
	struct test copy = *test;

	copy.count = 0;
	copy.values = calloc(test->count ? test->count : 1, sizeof(*copy.values));
	if (!copy.values)
		return -ENOMEM;
	for (size_t i = 0; i < test->count; i++) {
		union test_value *value = &copy.values[i];

		*value = test->values[i];
		if (test_has_bytes(test)) {
			/* An empty pattern is a pattern. */
			value->pattern.bytes = malloc(value->pattern.length + 1);
			if (!value->pattern.bytes) {
				test_done(&copy);
				return -ENOMEM;
			}
			memcpy(value->pattern.bytes, test->values[i].pattern.bytes,
			       value->pattern.length);
		}
		copy.count++;
	}
	*ret_test = copy;
	return 0;
}

struct expression *expression_new(enum expression_op op)
{
	struct expression *expression = calloc(1, sizeof(*expression));

	if (expression)
		expression->op = op;
	return expression;
}

void expression_free(struct expression *expression)
{
	if (!expression)
		return;
	for (size_t i = 0; i < expression->count; i++)
		expression_free(expression->child[i]);
	free(expression->child);
	test_done(&expression->test);
	free(expression);
}

int expression_add(struct expression *parent, struct expression **child)
{
	struct expression **list =
		reallocarray(parent->child, parent->count + 1, sizeof(*parent->child));

	if (!list)
		return -ENOMEM;
	parent->child = list;
	list[parent->count++] = take_ptr(*child);
	return 0;
}

int expression_negate(struct expression **expression)
{
	struct expression *negation = expression_new(EXPRESSION_NOT);
	int r = negation ? expression_add(negation, expression) : -ENOMEM;

	if (r < 0) {
		free(negation);
		return r;
	}
	*expression = negation;
	return 0;
}

void expression_unwrap(struct expression **expression)
{
	struct expression *outer = *expression;

	if ((outer->op != EXPRESSION_AND && outer->op != EXPRESSION_OR) || outer->count != 1)
		return;
	*expression = outer->child[0];
	outer->count = 0;
	expression_free(outer);
}

size_t expression_size(const struct expression *expression)
{
	size_t size = 1 + expression->test.count;

	for (size_t i = 0; i < expression->count; i++)
		size += expression_size(expression->child[i]);
	return size;
}

int expression_copy(struct expression **ret_expression, const struct expression *expression,
		    size_t *budget)
{
	_cleanup_(expression_freep) struct expression *copy = NULL;
	int r;

	if (*budget < 1 + expression->test.count)
		return -E2BIG;
	*budget -= 1 + expression->test.count;
	copy = expression_new(expression->op);
	if (!copy)
		return -ENOMEM;
	if (copy->op == EXPRESSION_TEST) {
		r = test_copy(&copy->test, &expression->test);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < expression->count; i++) {
		_cleanup_(expression_freep) struct expression *child = NULL;

		r = expression_copy(&child, expression->child[i], budget);
		if (r >= 0)
			r = expression_add(copy, &child);
		if (r < 0)
			return r;
	}
	*ret_expression = take_ptr(copy);
	return 0;
}
