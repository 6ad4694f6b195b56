/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The correlations that the user side advances (RULE_USER): what the kernel cannot follow.
 * The types that it can follow are advanced by the same code, include/correlate.h.
 *
 * Which events count where:
 * - Groups are within one session. Fields of `group-by` that have no value are alike; to the
 *   types that look at a value, an event without one did not happen.
 * - An event that is several steps is one step of a chain (temporal_ordered), is all of them
 *   for temporal, and counts once for the types that count.
 * - A step that is a correlation is taken by the event that completes it. What that folded
 *   is a step of temporal and temporal_ordered all the same, but the types that count only
 *   count what it told.
 * - temporal_ordered with a condition counts the most steps, each another rule, that were
 *   taken in order within the time span and end with the event.
 */
#ifndef FERMATA_PIPELINE_CORRELATE_H
#define FERMATA_PIPELINE_CORRELATE_H

#include "decide.h"
#include "pipeline/recent.h"
#include "pipeline/measure.h"

/* Of one session. One more group, or more bytes: the one that was touched least recently is
 * forgotten, and counted. */
#define GROUPS_MAX 4096
#define GROUPS_BYTES_MAX (4u << 20)

/* The groups of one session. */
struct groups {
	struct recent table;
};

void groups_init(struct groups *groups);
void groups_done(struct groups *groups);

/* What is the same for all sessions, and what the last event did. */
struct correlator {
	const struct policy *policy; /* borrowed */
	struct fingerprinter *fingerprinter;
	__u64 pending[CORRELATIONS_MAX / 64]; /* by correlation: the event is a step of it */
	__u8 steps[CORRELATIONS_MAX]; /* which, bit per step */
	struct reached reached[CORRELATIONS_MAX]; /* by correlation; count 0: no number */
	__u64 values_lost; /* values that should have counted */
};

/* NULL: the policy has none of them. -ENOMEM. */
int correlator_new(struct correlator **ret_correlator, const struct policy *policy);
void correlator_free(struct correlator *correlator);
DEFINE_CLEANUP(struct correlator *, correlator_free)

/*
 * Advances them by the event that was decided on, which adds to its verdict. 0, or -ENOMEM:
 * some of them have not noted the event.
 */
int correlate(struct correlator *correlator, struct groups *groups, struct deciding *deciding,
	      const struct event_view *view);

/* What the correlation had reached in the group in which the last event completed it. NULL:
 * that is not known, or it is temporal or temporal_ordered. */
const struct reached *correlator_reached(const struct correlator *correlator, __u32 rule);

#endif
