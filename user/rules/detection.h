/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `detection` block of a rule or the `filter` block of a filter: its searches and its
 * condition become one expression. Called by sigma.c and rule_filter.c.
 */
#ifndef FERMATA_DETECTION_H
#define FERMATA_DETECTION_H

#include "rules/item.h"
#include "rules/rule.h"

#define SEARCHES_MAX 256 /* in one rule */
#define SEARCH_NAME_MAX 128 /* bytes */

/* Reads the block of a rule. 0, -EINVAL (diagnosed) or -ENOMEM. */
int detection_read(struct expression **ret_condition, const struct node *node,
		   const struct item_context *context);

/*
 * Reads the `filter` block for rules of such events: what it leaves of them.
 *
 * The specification's filters suppress what their condition matches (`selection`); those
 * of other tools are added to the rule as they stand (`not selection`). Both are
 * understood: a condition that is true where none of the searches is says what stays,
 * any other says what goes. So an event that none of its searches fits is never left out.
 */
int filter_block_read(struct expression **ret_stays, const struct node *node,
		      const struct item_context *context);

#endif
