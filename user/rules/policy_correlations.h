/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules and correlations of a policy image from outside. Part of policy_check().
 */
#ifndef FERMATA_POLICY_CORRELATIONS_H
#define FERMATA_POLICY_CORRELATIONS_H

#include <stdbool.h>

#include "policy.h"

/* Whether a table is within the image and aligned. */
bool policy_table_fits(const struct policy *policy, __u32 offset, __u32 count, size_t size,
		       size_t alignment);

/* Whether the rows of rules, steps and correlations are such that nothing is read or written
 * outside of where it may be, and each step leads to a later correlation. The tables
 * themselves fit. */
bool policy_correlations_ok(const struct policy *policy);

#endif
