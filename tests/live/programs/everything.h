/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole kernel side at once, whatever the rules need of it.
 */
#ifndef FERMATA_EVERYTHING_H
#define FERMATA_EVERYTHING_H

#include "sensor/sensor.h"
#include "unheard.h"

#define POLICY_SIZE (1u << 20) /* no test has rules for more */
#define ROWS 16 /* a run needs one; sessions whose members live on keep theirs */
#define RING_SIZE (2u << 20)

/* Loads and attaches it at *tier, which becomes the one that this kernel allows. -errno, and
 * *ret_step says of what. */
static inline int everything_load(const struct compiled *compiled, enum tier *tier,
				  struct sensor **ret_sensor, const char **ret_step)
{
	struct plan plan;
	struct sensor_config config = { .compiled = compiled,
					.plan = &plan,
					.agents = ROWS,
					.ring_size = RING_SIZE,
					.telemetry_size = RING_SIZE,
					.policy_size = POLICY_SIZE,
					.cgroup_fd = -1,
					.record = record_unheard,
					.condemned = condemned_unheard };
	int r;

	plan_init(&plan, *tier);
	plan.everything = plan.marks = true;
	r = sensor_open(ret_sensor, &config, ret_step);
	if (!r)
		*tier = plan_tier(&plan);
	return r;
}

#endif
