/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments in UTC: the parts that rules ask for, and moments as rules write them.
 */
#ifndef FERMATA_MOMENT_H
#define FERMATA_MOMENT_H

#include "policy.h"

struct moment {
	__s64 part[TIME_PART_MAX]; /* by enum time_part */
};

/* `wall` is ns since 1970, before the year 2262. Weeks are those of ISO 8601. */
void moment_take_apart(struct moment *ret_moment, __u64 wall);

/*
 * Reads YYYY-MM-DD, or with `T` or a space and HH:MM, HH:MM:SS or HH:MM:SS.fraction, and
 * then `Z` or nothing: all is UTC. What was not written may be anything: the span is the
 * whole day, minute, second or the fraction's unit. 0 or -EINVAL.
 */
int moment_parse(struct policy_span *ret_span, const char *text);

#endif
