/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a policy image's tables, for the user side, which has nothing to mask:
 * the image was compiled here or has passed policy_check().
 */
#ifndef FERMATA_POLICY_ROWS_H
#define FERMATA_POLICY_ROWS_H

#include <stdbool.h>

#include "policy.h"

static inline const struct policy_rule *policy_rule_row(const struct policy *policy, __u32 rule)
{
	return (const struct policy_rule *)((const char *)policy + policy->rules) + rule;
}

static inline const struct policy_clause *policy_clause_row(const struct policy *policy,
							    __u32 clause)
{
	return (const struct policy_clause *)((const char *)policy + policy->clauses) + clause;
}

/* Place `index` of those in which correlations refer to the rule, the kernel's first. */
static inline const struct policy_step *policy_step_row(const struct policy *policy,
							const struct policy_rule *rule, __u32 index)
{
	return (const struct policy_step *)((const char *)policy + rule->steps) + index;
}

static inline const struct policy_correlation *policy_correlation_row(const struct policy *policy,
								      __u32 correlation)
{
	return (const struct policy_correlation *)((const char *)policy + policy->correlations) +
	       correlation;
}

/* Whether what a correlation only folded is a step of this one: a state goes on, but is not
 * counted again. */
static inline bool correlation_takes_folded(const struct policy_correlation *correlation)
{
	return correlation->type <= CORRELATION_temporal;
}

#endif
