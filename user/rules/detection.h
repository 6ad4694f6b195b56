/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `detection` block of a rule: its searches and its condition become one
 * expression. Called by sigma.c.
 */
#ifndef FERMATA_DETECTION_H
#define FERMATA_DETECTION_H

#include "rules/node.h"
#include "rules/rule.h"

#define SEARCHES_MAX 256 /* in one rule */
#define SEARCH_NAME_MAX 128 /* bytes */

/* Reads the block of a rule for events of `event`. 0, -EINVAL (diagnosed) or -ENOMEM. */
int detection_read(struct expression **ret_condition, const struct node *node,
		   enum event_type event, struct diagnostics *diagnostics);

#endif
