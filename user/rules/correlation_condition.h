/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `condition` of a correlation: which value is compared with which numbers.
 */
#ifndef FERMATA_CORRELATION_CONDITION_H
#define FERMATA_CORRELATION_CONDITION_H

#include "rules/correlation.h"

/*
 * Reads it into the correlation, of which the type and the steps are known; `node` is NULL
 * where the file has none. `block` is the place of the correlation. Warns of one that can
 * never hold. 0, -EINVAL (diagnosed) or -ENOMEM.
 */
int correlation_condition_read(struct correlation *correlation, const struct node *node,
			       const struct place *block, struct diagnostics *diagnostics);

/* The counts for which the comparisons hold: low to high, but for those that `neq` takes out
 * in between. high < low: none. Of types that count. */
struct counts {
	__u64 low, high;
	bool holes;
};

#define COUNT_UNBOUNDED (~0ULL)

/* Of `count` comparisons; without any from `without` on. */
struct counts counts_of(const struct policy_threshold *threshold, size_t count, __u64 without);

#endif
