/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/group_keys.h"

int group_keys_take(struct group_keys *ret_keys, struct fingerprinter *fingerprinter,
		    const struct policy *policy, const struct policy_correlation *correlation,
		    const struct event_view *view, __u32 steps)
{
	const char *image = (const char *)policy;
	const struct policy_detail *detail = (const void *)(image + correlation->detail);
	int r = 0;

	*ret_keys = (struct group_keys) { 0 };
	for (__u32 step = 0; correlation->detail && step < STEPS_MAX && r >= 0; step++)
		if (steps >> step & 1)
			r = fingerprint_take(&ret_keys->step[step], fingerprinter, view,
					     (const void *)(image + detail->keys),
					     detail->group_count, step);
	return r < 0 ? r : 0;
}

__u32 group_keys_same(const struct group_keys *keys, __u32 steps)
{
	const struct fingerprint *last = &keys->step[last_step(steps)];
	__u32 same = 0;

	for (__u32 step = 0; step < STEPS_MAX; step++)
		if (steps >> step & 1 && fingerprint_equal(&keys->step[step], last))
			same |= 1u << step;
	return same;
}
