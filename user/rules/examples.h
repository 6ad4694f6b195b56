/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `tests` block of a rule: events on which it fires or does not. Its form is
 * checked when the rule is read, so that a mistake in it shows at once.
 */
#ifndef FERMATA_EXAMPLES_H
#define FERMATA_EXAMPLES_H

#include "rules/node.h"

/* 0, or -EINVAL (diagnosed). */
int examples_check(const struct node *node, struct diagnostics *diagnostics);

#endif
