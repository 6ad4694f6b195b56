/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One `field|modifiers: values` of a search becomes an expression. Called by detection.c.
 */
#ifndef FERMATA_ITEM_H
#define FERMATA_ITEM_H

#include "rules/node.h"
#include "rules/placeholder.h"
#include "rules/rule.h"

/* What the items of a rule have in common. */
struct item_context {
	enum event_type event;
	const struct placeholders *placeholders; /* NULL: there are no lists */
	struct diagnostics *diagnostics;
};

/* 0, -EINVAL (diagnosed) or -ENOMEM. */
int item_read(struct expression **ret_expression, const struct item_context *context,
	      const struct node *key, struct node *value);

#endif
