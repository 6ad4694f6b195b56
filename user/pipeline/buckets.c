/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/buckets.h"

/* Rounded up, so that all the parts together are no less than the span. */
static __u64 part_of(__u64 span, __u64 time)
{
	return time / (span / BUCKETS + 1);
}

void buckets_add(struct buckets *buckets, __u64 span, __u64 now, __s64 value)
{
	__u64 part = part_of(span, now), i = part % (BUCKETS + 1);

	if (part < buckets->bucket[i].part)
		return; /* from before the span */
	if (part > buckets->bucket[i].part) {
		buckets->bucket[i].part = part;
		buckets->bucket[i].count = 0;
		buckets->bucket[i].sum = 0;
	}
	buckets->bucket[i].count++;
	buckets->bucket[i].sum += value;
}

void buckets_total(const struct buckets *buckets, __u64 span, __u64 now, __int128 *ret_sum,
		   __u64 *ret_count)
{
	__u64 part = part_of(span, now), count = 0;
	__int128 sum = 0;

	for (int i = 0; i <= BUCKETS; i++) {
		if (buckets->bucket[i].part + BUCKETS < part)
			continue;
		sum += buckets->bucket[i].sum;
		count += buckets->bucket[i].count;
	}
	*ret_sum = sum;
	*ret_count = count;
}
