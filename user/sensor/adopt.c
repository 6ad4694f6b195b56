/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking over a kernel side that is pinned: it stays loaded and attached as it is, and
 * goes on when its owner ends. One owner at a time, as a ring has one reader.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "fermata.skel.h"
#include "sensor/internal.h"
#include "sensor/pin.h"
#include "sensor/sensor.h"

/* The sizes that were fixed at load. */
static int sizes_get(struct sensor *sensor)
{
	const int *map = sensor->handles.map;
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(map[MAP_agents], &info, &size))
		return -errno;
	sensor->agents = info.max_entries;
	if (bpf_obj_get_info_by_fd(map[MAP_telemetry_ring], &info, &size))
		return -errno;
	sensor->telemetry_size = info.max_entries;
	return 0;
}

static int globals_map(struct sensor *sensor)
{
	void *globals = mmap(NULL, sizeof(*sensor->globals), PROT_READ | PROT_WRITE, MAP_SHARED,
			     sensor->handles.map[MAP_bss], 0);

	if (globals == MAP_FAILED)
		return -errno;
	sensor->globals = globals;
	sensor->globals_size = sizeof(*sensor->globals);
	return 0;
}

/* Where the counters stand. */
static int before_take(struct sensor *sensor)
{
	__u32 zero = 0;

	sensor->before = calloc((size_t)sensor->cpus, sizeof(*sensor->before));
	if (!sensor->before)
		return -ENOMEM;
	return bpf_map_lookup_elem(sensor->handles.map[MAP_counters], &zero, sensor->before)
		       ? -errno
		       : 0;
}

int sensor_adopt(struct sensor *sensor, const struct sensor_config *config, const char **ret_step)
{
	struct pinned pinned;
	int r;

	*ret_step = "adopting what is pinned";
	sensor->lock = pin_lock(config->pinned);
	if (sensor->lock < 0)
		return sensor->lock;
	r = pin_read(config->pinned, &pinned);
	if (!r && pinned.tier != config->plan->tier)
		r = -EINVAL;
	if (!r)
		r = handles_of_pins(&sensor->handles, config->pinned);
	if (!r)
		r = sizes_get(sensor);
	if (!r)
		r = globals_map(sensor);
	if (!r)
		r = before_take(sensor);
	if (r)
		return r;
	*ret_step = "putting the policy in force";
	return sensor_policy_put(sensor, config->compiled);
}

int sensor_sessions_settle(struct sensor *sensor)
{
	size_t threads;
	int r;

	for (__u32 row = 0; row < sensor->agents; row++) {
		if (!sensor->rows[row].session)
			continue;
		r = sensor_session_threads(sensor, sensor->rows[row].session, &threads);
		if (r)
			return r;
		if (!threads)
			sensor_session_end(sensor, row);
	}
	return 0;
}
