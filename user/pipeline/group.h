/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of one correlation in one group, on the user side.
 */
#ifndef FERMATA_GROUP_H
#define FERMATA_GROUP_H

#include "correlate.h"
#include "pipeline/recent.h"
#include "pipeline/measure.h"

struct group {
	struct recent_row row; /* kind: the correlation */
	const struct policy_correlation *correlation;
	const struct policy_detail *detail;
	__u64 *word; /* owned; as correlate.h has them, or see group.c */
	__u32 ring; /* event_count: times that there is room for */
	struct measure *measure; /* owned; of the types that look at values */
};

/* The event as one group sees it. */
struct occurrence {
	__u64 time;
	__u32 steps; /* that it is, bit per step */
	__s64 value;
	struct fingerprint id; /* of the value */
};

/* -ENOMEM. */
int group_new(struct group **ret_group, const struct policy_correlation *correlation,
	      const struct policy_detail *detail, __u32 id, const struct fingerprint *key);
void group_free(struct group *group);
DEFINE_CLEANUP(struct group *, group_free)

/*
 * Takes the event, once. *ret_reached is what the group has reached, count 0 where there is no
 * number. Returns enum advance, or -ENOMEM: it was not noted. *lost goes up by the values
 * that should count and do not.
 */
int group_advance(struct group *group, const struct occurrence *event, struct reached *ret_reached,
		  __u64 *lost);

/* How many bytes it takes. */
size_t group_bytes(const struct group *group);

#endif
