/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of a time span that moves along, one by one, for what a sum does not tell: in
 * what order they are, and how many are the same. The last SAMPLES_MAX are kept; one more
 * pushes the oldest out.
 */
#ifndef FERMATA_SAMPLES_H
#define FERMATA_SAMPLES_H

#include "pipeline/fingerprint.h"

#define SAMPLES_MAX 1024

struct sample {
	__u64 time;
	__s64 number;
	struct fingerprint id;
};

struct samples {
	struct sample *list; /* owned; a ring */
	__s64 *sorted; /* owned; the numbers */
	size_t first, count, capacity;
};

void samples_done(struct samples *samples);

/* Adds a value and forgets those from before the span. Returns how many it pushed out that
 * are within it (0 or 1), or -ENOMEM. All zero is no value yet. */
int samples_add(struct samples *samples, __u64 span, const struct sample *sample);

/* The smallest number that so many of a hundred are not above; there is a value. */
__s64 samples_percentile(const struct samples *samples, unsigned int percentile);

/* How many are that one. */
size_t samples_same(const struct samples *samples, const struct fingerprint *id);

#endif
