/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ruleset without some of its rules: those that turn out to be unusable after it was read.
 */
#ifndef FERMATA_LEAVE_OUT_H
#define FERMATA_LEAVE_OUT_H

#include "rules/rule.h"

/*
 * Takes out the rules that `out` has, by their numbers, and the correlations of them
 * (diagnosed, and then in `out` as well). The others are numbered anew. -ENOMEM, and then
 * nothing has changed.
 */
int rules_leave_out(struct ruleset *ruleset, bool *out, struct diagnostics *diagnostics);

#endif
