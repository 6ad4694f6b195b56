/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a field test, by the kind of the field: texts become patterns, names
 * numbers and bits, addresses ranges. Between modifier.c and detection.c.
 */
#ifndef FERMATA_VALUE_H
#define FERMATA_VALUE_H

#include "rules/node.h"
#include "rules/modifier.h"
#include "rules/rule.h"

#define VALUES_MAX 8192 /* in one list */

/*
 * Makes the test "the field fits any of these values" (modifiers `all`, `neq` and
 * `exists` are the caller's). None of the nodes is null. What means the same is in it
 * once; values that fit everything turn it into TEST_EXISTS. 0, -EINVAL (diagnosed)
 * or -ENOMEM. The caller releases it with test_done().
 */
int test_read(struct test *ret_test, const struct field_key *key, struct node *const *values,
	      size_t count, struct diagnostics *diagnostics);

/* Reads true or false. 0 or -EINVAL (diagnosed; `what` takes it). */
int bool_read(bool *ret_value, const struct node *node, const char *what,
	      struct diagnostics *diagnostics);

#endif
