/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events that one correlation has in one group. By the rules of correlate.h, so that
 * what it tells is what the correlation was completed by.
 */
#ifndef FERMATA_TRAIL_H
#define FERMATA_TRAIL_H

#include "correlate.h"
#include "pipeline/evidence.h"
#include "pipeline/recent.h"

void event_unref(struct evidence_event *event);
DEFINE_CLEANUP(struct evidence_event *, event_unref)

/* NULL is allowed. */
void link_unref(struct evidence_link *link);

/* Puts the link, which may be NULL, in the place of another. */
void link_replace(struct evidence_link **at, struct evidence_link *link);

/* temporal_ordered: [length][step] the latest chain of that length and one that ends there.
 * Of the others [0] has single events: temporal: by step; else the last, in a ring. */
struct trail {
	struct recent_row row; /* kind: the correlation */
	struct evidence_link *reached[STEPS_MAX][STEPS_MAX];
	__u64 word[COUNT_RING + COUNT_KERNEL_MAX]; /* of those that count, as event_count */
};

/* -ENOMEM. */
int trail_new(struct trail **ret_trail, __u32 correlation, const struct fingerprint *key);
void trail_free(struct trail *trail);
DEFINE_CLEANUP(struct trail *, trail_free)

/* An event, and the correlation that it is noted for. */
struct passing {
	struct evidence_event *event;
	const struct policy_correlation *correlation;
};

/* Takes the event as steps of the correlation, bit per step, that `rules` (by step) are. 0 or
 * -ENOMEM. */
int trail_add(const struct passing *passing, struct trail *trail, const __u16 *rules, __u32 steps);

/* The chain that the event ends, NULL if there is none. The caller's. 0 or -ENOMEM. */
int trail_chain(const struct passing *passing, struct trail *trail,
		struct evidence_link **ret_chain);

/* How many events there were within the time span, of those that count: at most
 * COUNT_KERNEL_MAX. */
__u32 trail_count(const struct passing *passing, struct trail *trail);

/* How many bytes it keeps, at most: what several chains share is counted for each. */
size_t trail_bytes(const struct trail *trail);

#endif
