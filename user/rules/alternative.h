/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dead alternatives: parts of a condition that are joined by `or` and add nothing,
 * because they contradict the rest of it or because the others hold whenever they do.
 */
#ifndef FERMATA_ALTERNATIVE_H
#define FERMATA_ALTERNATIVE_H

#include "rules/dnf.h"

#define ALTERNATIVES_MAX 32 /* of more none is examined */

/* Warns of one in each `or` that must hold for the rule to match. `whole` is its
 * condition, made of the same atoms. 0 or -ENOMEM. */
int alternatives_warn(const struct rule *rule, const struct dnf *whole, struct atoms *atoms,
		      struct diagnostics *diagnostics);

#endif
