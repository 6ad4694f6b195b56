/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/survey.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/cgroup.h"
#include "sensor/sensor.h"

DEFINE_CLEANUP(struct compiled *, compiled_free)

/* Nobody is an agent: nothing comes. */
static void record_ignore(void *context, const void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
}

static void condemned_ignore(void *context, __u32 row, __u64 session)
{
	(void)context;
	(void)row;
	(void)session;
}

static int survey_in(struct plan *plan, const struct compiled *compiled,
		     const struct cgroup *cgroup, const char **ret_missing)
{
	struct sensor_config config = {
		.compiled = compiled,
		.plan = plan,
		.agents = 1,
		.ring_size = 1 << 16,
		.telemetry_size = 1 << 16,
		.cgroup_fd = cgroup ? cgroup_fd(cgroup) : -1,
		.record = record_ignore,
		.condemned = condemned_ignore,
	};
	struct sensor *sensor;
	int r = sensor_open(&sensor, &config, ret_missing);

	if (!r)
		sensor_close(sensor);
	return r;
}

int survey(struct plan *ret_plan, enum tier tier, const char **ret_missing)
{
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	struct diagnostics diagnostics = { 0 };
	const struct ruleset nothing = { 0 };
	struct cgroup *cgroup = NULL;
	struct plan plan;
	char name[64];
	int r = tier_check(ret_missing);

	if (!r)
		r = compile(&compiled, &nothing, 1, &diagnostics);
	diagnostics_done(&diagnostics);
	if (r)
		return r;
	plan_init(&plan, tier);
	plan.everything = plan.marks = true;
	snprintf(name, sizeof(name), "fermata-survey-%d", (int)getpid());
	r = cgroup_make(&cgroup, name);
	if (r) {
		plan_fail_shell(&plan, SHELL_cgroup, "make a cgroup", -r);
		plan_fail_shell(&plan, SHELL_packet, "make a cgroup", -r);
	}
	r = survey_in(&plan, compiled, cgroup, ret_missing);
	(void)cgroup_remove(cgroup);
	if (!r)
		*ret_plan = plan;
	return r;
}
