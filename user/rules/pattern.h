/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sigma's strings as patterns: wildcards and escapes of the specification become the
 * byte string of rule.h, WILDCARD and '*' or '?'.
 */
#ifndef FERMATA_PATTERN_H
#define FERMATA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/rule.h"

struct pattern {
	unsigned char *bytes; /* owned */
	size_t length;
};

/*
 * Reads a Sigma string. `before` and `after` put a '*' there (contains: both). Runs
 * of '*' become one, and of '*' and '?' mixed the '?' come first. 0 or -ENOMEM.
 */
int pattern_read(struct pattern *ret_pattern, const char *text, bool before, bool after);

/* Whether it is '*' alone: every value fits. */
bool pattern_is_any(const struct pattern *pattern);

/* Whether it holds any wildcard. */
bool pattern_has_wildcard(const struct pattern *pattern);

/* Whether the text fits, as glob_matches(). */
bool pattern_matches(const struct pattern *pattern, const char *text, bool cased);

/* Orders patterns; those that mean the same are equal (0). */
int pattern_compare(const struct pattern *a, const struct pattern *b, bool cased);

#endif
