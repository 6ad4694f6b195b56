/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time spans as Sigma writes them: a number and one of s, m, h, d.
 */
#ifndef FERMATA_DURATION_H
#define FERMATA_DURATION_H

#include "base/fields.h"
#include "rules/node.h"

#define DURATION_DAYS_MAX 3650 /* longer ones are refused */

/* Reads one of at least a second into *ret_ns. 0 or -EINVAL (diagnosed; `what` takes
 * it). */
int duration_read(__u64 *ret_ns, const struct node *node, const char *what,
		  struct diagnostics *diagnostics);

#endif
