/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts in rules that are so short that nearly every value has them. Called by
 * detection.c for each test that it has read.
 */
#ifndef FERMATA_WEAK_VALUE_H
#define FERMATA_WEAK_VALUE_H

#include "rules/node.h"
#include "rules/rule.h"

/* Warns of the test's weak values. They were read from `values`. */
void weak_values_warn(const struct test *test, struct node *const *values, size_t count,
		      struct diagnostics *diagnostics);

#endif
