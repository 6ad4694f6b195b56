/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a correlation has reached in one group: a number, compared with those of its
 * condition. And for the types that look at values, how it is reached.
 *
 * value_count       different values; above VALUE_COUNT_MAX more are not told from as many
 * value_sum, _avg   buckets.h; fields without a value are left out
 * value_percentile  samples.h; without a percentile, how many of a hundred values are the
 *                   one that the event has
 */
#ifndef FERMATA_MEASURE_H
#define FERMATA_MEASURE_H

#include "base/buffer.h"
#include "pipeline/fingerprint.h"

/* sum / count, exact. */
struct reached {
	__int128 sum;
	__u64 count;
	bool at_least; /* there may be more */
};

/* Whether all comparisons hold of it. */
bool reached_satisfies(const struct reached *reached, const struct policy_detail *detail);

/* Adds it as a decimal number, with at most three decimals. */
int reached_print(struct buffer *out, const struct reached *reached);

struct measure;

/* For that correlation, of which both are borrowed. -ENOMEM. */
int measure_new(struct measure **ret_measure, const struct policy_correlation *correlation,
		const struct policy_detail *detail);
void measure_free(struct measure *measure);
DEFINE_CLEANUP(struct measure *, measure_free)

/* Takes the value of an event at `now`: a number, or what tells it apart. Returns how many
 * values that should count do not (0 or 1), or -ENOMEM. */
int measure_take(struct measure *measure, __u64 now, __s64 number, const struct fingerprint *id,
		 struct reached *ret_reached);

/* How many bytes it takes. */
size_t measure_bytes(const struct measure *measure);

#endif
