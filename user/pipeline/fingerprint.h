/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tells apart the values of some fields: the start of a SHA-256 of them, which nobody
 * can aim at. Values are the same byte for byte; a field without a value is like no value.
 */
#ifndef FERMATA_FINGERPRINT_H
#define FERMATA_FINGERPRINT_H

#include "base/cleanup.h"
#include "pipeline/event_view.h"
#include "policy.h"

struct fingerprint {
	__u64 half[2];
};

static inline bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

struct fingerprinter;

/* -ENOMEM. */
int fingerprinter_new(struct fingerprinter **ret_fingerprinter);
void fingerprinter_free(struct fingerprinter *fingerprinter);
DEFINE_CLEANUP(struct fingerprinter *, fingerprinter_free)

/*
 * Of the fields that stand for the keys in an event that is that step; all zero for no keys.
 * Returns 1, 0 when a field has no value, or -ENOMEM.
 */
int fingerprint_take(struct fingerprint *ret_fingerprint, struct fingerprinter *fingerprinter,
		     const struct event_view *view, const struct policy_key *keys, size_t count,
		     __u32 step);

#endif
