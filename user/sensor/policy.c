/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Swapping the policy image. It is a map of its own behind one of two slots; filled and
 * frozen before an event can see it. An event keeps the slot that it began with, so the
 * slot that is not in force is given another image only when all events have ended that
 * began while it was.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fermata.skel.h"
#include "rules/compile.h"
#include "rules/policy_image.h"
#include "sensor/internal.h"
#include "sensor/sensor.h"

/* The map in a slot: a descriptor or -errno. */
static int slot_get(const struct sensor *sensor, __u32 slot)
{
	__u32 id;
	int fd;

	if (bpf_map_lookup_elem(sensor->handles.map[MAP_policies], &slot, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

static int map_fill(int fd, size_t capacity, const struct compiled *compiled)
{
	_cleanup_free_ char *value = NULL;
	__u32 zero = 0;

	if (capacity < compiled->policy->size)
		return -E2BIG;
	value = calloc(1, capacity);
	if (!value)
		return -ENOMEM;
	memcpy(value, compiled->policy, compiled->policy->size);
	return bpf_map_update_elem(fd, &zero, value, BPF_ANY) || bpf_map_freeze(fd) ? -errno : 0;
}

/* An image goes to the kernel as it is, so that it has to be sound. */
static int map_fill_checked(int fd, size_t capacity, const struct compiled *compiled)
{
	int r = policy_check(compiled->policy, compiled->policy->size);

	return r ? r : map_fill(fd, capacity, compiled);
}

__u64 sensor_generation(const struct sensor *sensor)
{
	return sensor->globals->policy_generation[sensor->globals->policy_slot & 1];
}

int sensor_policy_first(struct sensor *sensor, const struct compiled *compiled)
{
	const struct bpf_map *map = sensor->bpf->maps.policy_0;

	sensor->globals->policy_slot = 0;
	sensor->globals->policy_generation[0] = compiled->policy->generation;
	return map_fill(bpf_map__fd(map), bpf_map__value_size(map), compiled);
}

/* All slots hold maps of the same size, which was fixed when the kernel side was loaded. */
static int image_make(int like, const struct compiled *compiled)
{
	struct bpf_map_info info = { 0 };
	_cleanup_close_ int fd = -1;
	__u32 size = sizeof(info);
	int r;

	if (bpf_obj_get_info_by_fd(like, &info, &size))
		return -errno;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "policy", sizeof(__u32), info.value_size, 1, NULL);
	if (fd < 0)
		return -errno;
	r = map_fill_checked(fd, info.value_size, compiled);
	return r ? r : take_fd(&fd);
}

/* Puts a map into a slot. The kernel returns when no program runs any more that may have
 * seen what was there before. */
static int slot_put(const struct sensor *sensor, __u32 slot, int fd)
{
	return bpf_map_update_elem(sensor->handles.map[MAP_policies], &slot, &fd, BPF_ANY) ? -errno
											   : 0;
}

/* Waits until all events have ended that have begun: see slot_put(). */
static int events_end(const struct sensor *sensor)
{
	__u32 now = sensor->globals->policy_slot & 1;
	_cleanup_close_ int current = slot_get(sensor, now);

	return current < 0 ? current : slot_put(sensor, now, current);
}

/* Nobody has done a step under the next policy. */
static int chains_clear(const struct sensor *sensor, __u32 slot)
{
	_cleanup_free_ struct chains *empty = calloc(1, sizeof(*empty));

	if (!empty)
		return -ENOMEM;
	for (__u32 row = slot; row < 2 * sensor->agents; row += 2)
		if (bpf_map_update_elem(sensor->handles.map[MAP_chains], &row, empty, BPF_ANY))
			return -errno;
	return 0;
}

/* Nobody uses the slot that is not in force: who put the other one in force has waited. */
static int prepare(struct sensor *sensor, const struct compiled *compiled)
{
	__u32 now = sensor->globals->policy_slot & 1, next = !now;
	_cleanup_close_ int current = slot_get(sensor, now), image = -1;
	int r;

	if (current < 0)
		return current;
	image = image_make(current, compiled);
	if (image < 0)
		return image;
	r = chains_clear(sensor, next);
	if (r)
		return r;
	/* A program is executed under both images from when the next one is in its slot. Who
	 * began before has told of it when slot_put() returns. */
	sensor->globals->policy_generation[next] = compiled->policy->generation;
	__atomic_store_n(&sensor->globals->policy_coming, 1, __ATOMIC_RELEASE);
	r = slot_put(sensor, next, image);
	if (r)
		sensor_policy_abandon(sensor);
	return r;
}

int sensor_policy_prepare(struct sensor *sensor, const struct compiled *compiled)
{
	if (sensor->globals->policy_coming)
		return -EBUSY;
	if (compiled->policy->generation == sensor_generation(sensor))
		return -EALREADY;
	handles_need(&sensor->handles, &sensor->plan, compiled->policy);
	return prepare(sensor, compiled);
}

void sensor_policy_session(struct sensor *sensor, __u32 row, const struct facts *facts)
{
	sensor->rows[row].facts[!(sensor->globals->policy_slot & 1)] = *facts;
}

int sensor_policy_program(struct sensor *sensor, const struct program_key *key,
			  const struct program_facts *facts)
{
	int fd = sensor->handles.map[MAP_renewals];
	__u32 next = !(sensor->globals->policy_slot & 1);
	struct renewal renewal = { 0 };

	/* what holds under the policy in force may not have been asked for yet */
	(void)bpf_map_lookup_elem(fd, key, &renewal);
	renewal.slot[next] = *facts;
	renewal.slot[next].generation = sensor->globals->policy_generation[next];
	return bpf_map_update_elem(fd, key, &renewal, BPF_ANY) ? -errno : 0;
}

/* Takes programs out that nobody runs any more under the policy in force. */
static int renewals_tidy(const struct sensor *sensor)
{
	int fd = sensor->handles.map[MAP_renewals];
	__u32 now = sensor->globals->policy_slot & 1;
	__u64 generation = sensor->globals->policy_generation[now];
	struct program_key key, before;
	struct renewal renewal;
	bool first = true;

	while (!bpf_map_get_next_key(fd, first ? NULL : &before, &key)) {
		before = key;
		first = false;
		if (bpf_map_lookup_elem(fd, &key, &renewal) ||
		    renewal.slot[now].generation == generation)
			continue;
		if (bpf_map_delete_elem(fd, &key) && errno != ENOENT)
			return -errno;
		first = true; /* the next of one that is gone is not known */
	}
	return 0;
}

int sensor_policy_commit(struct sensor *sensor)
{
	__u32 now = sensor->globals->policy_slot & 1;
	int r;

	__atomic_store_n(&sensor->globals->policy_slot, !now, __ATOMIC_RELEASE);
	r = events_end(sensor);
	__atomic_store_n(&sensor->globals->policy_coming, 0, __ATOMIC_RELEASE);
	return r ? r : renewals_tidy(sensor);
}

void sensor_policy_abandon(struct sensor *sensor)
{
	__atomic_store_n(&sensor->globals->policy_coming, 0, __ATOMIC_RELEASE);
}

/* No session goes on, so that nothing has to be renewed. Another owner may have been killed
 * in the middle of a switch: then some event may still use what the next slot has. */
int sensor_policy_put(struct sensor *sensor, const struct compiled *compiled)
{
	int r = events_end(sensor);

	if (!r)
		r = prepare(sensor, compiled);

	return r ? r : sensor_policy_commit(sensor);
}
