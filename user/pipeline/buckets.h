/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sum of the values of a time span that moves along, in constant room. Values are summed
 * up by parts of the span, and leave with their part: a value counts for as long as the span,
 * and for up to a 32nd of it longer.
 */
#ifndef FERMATA_BUCKETS_H
#define FERMATA_BUCKETS_H

#include <linux/types.h>

#define BUCKETS 32 /* parts of the span */

struct buckets {
	struct {
		__u64 part; /* which since time began */
		__u64 count;
		__int128 sum;
	} bucket[BUCKETS + 1];
};

/* Adds a value at that time. All zero is no value yet. */
void buckets_add(struct buckets *buckets, __u64 span, __u64 now, __s64 value);

/* The sum and number of the values. */
void buckets_total(const struct buckets *buckets, __u64 span, __u64 now, __int128 *ret_sum,
		   __u64 *ret_count);

#endif
