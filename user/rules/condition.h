/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition of a detection: `a and not 1 of b_*` over its searches. Comes after
 * detection.c, which has read the searches.
 */
#ifndef FERMATA_CONDITION_H
#define FERMATA_CONDITION_H

#include "rules/node.h"
#include "rules/rule.h"

#define CONDITION_LENGTH_MAX 8192 /* bytes of one condition */
#define CONDITION_DEPTH_MAX 64 /* parentheses in parentheses, and 'not' after 'not' */
#define CONDITIONS_MAX 64 /* in a list of conditions */

struct search {
	const struct node *key; /* its name and place; borrowed */
	struct expression *expression; /* owned by whoever made the list */
	bool used; /* a condition names it */
};

struct searches {
	struct search *list;
	size_t count;
};

/*
 * Reads a condition, or a list of conditions (any of them), into one expression. The
 * searches are copied into it and marked as used. 0, -EINVAL (diagnosed) or -ENOMEM.
 */
int condition_read(struct expression **ret_expression, const struct node *node,
		   struct searches *searches, struct diagnostics *diagnostics);

/*
 * Whether the condition, which condition_read() has read, is true when none of the
 * searches is. 0 or -ENOMEM.
 */
int condition_of_nothing(bool *ret_true, const struct node *node, const struct searches *searches);

#endif
