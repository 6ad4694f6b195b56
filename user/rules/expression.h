/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building the expressions of rule.h: what detection.c and condition.c put together.
 */
#ifndef FERMATA_EXPRESSION_H
#define FERMATA_EXPRESSION_H

#include "base/cleanup.h"
#include "rules/rule.h"

/* Nodes and values of one rule's condition; a condition that repeats its searches
 * until there are more is refused. */
#define EXPRESSION_SIZE_MAX 65536

DEFINE_CLEANUP(struct expression *, expression_free)

/* NULL when there is no memory. */
struct expression *expression_new(enum expression_op op);

/* Makes *child the last child of `parent` and clears *child. 0 or -ENOMEM. */
int expression_add(struct expression *parent, struct expression **child);

/* Puts a NOT above *expression. 0 or -ENOMEM. */
int expression_negate(struct expression **expression);

/* Replaces an AND or OR of one child by the child. */
void expression_unwrap(struct expression **expression);

/*
 * Copies the tree and takes its nodes and values off *budget. -E2BIG when the budget
 * does not suffice, -ENOMEM.
 */
int expression_copy(struct expression **ret_expression, const struct expression *expression,
		    size_t *budget);

/* Its nodes and values, as expression_copy() counts them. */
size_t expression_size(const struct expression *expression);

/* Whether its values are patterns, which it owns. */
bool test_has_bytes(const struct test *test);

/* Frees what a test owns and empties it. */
void test_done(struct test *test);

#endif
