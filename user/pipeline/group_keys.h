/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which groups of a correlation an event is: as each of its steps in one, and as several
 * in the same one unless aliases say otherwise.
 */
#ifndef FERMATA_GROUP_KEYS_H
#define FERMATA_GROUP_KEYS_H

#include "pipeline/fingerprint.h"

struct group_keys {
	struct fingerprint step[STEPS_MAX];
};

/* Of the steps, bit per step, that the event is. 0 or -ENOMEM. */
int group_keys_take(struct group_keys *ret_keys, struct fingerprinter *fingerprinter,
		    const struct policy *policy, const struct policy_correlation *correlation,
		    const struct event_view *view, __u32 steps);

/* Those of the steps that are in the same group as the last of them. */
__u32 group_keys_same(const struct group_keys *keys, __u32 steps);

/* The last of some steps. */
static inline __u32 last_step(__u32 steps)
{
	return 31 - (__u32)__builtin_clz(steps);
}

#endif
