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
#include "sensor/internal.h"

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

int sensor_policy_first(struct sensor *sensor, const struct compiled *compiled)
{
	const struct bpf_map *map = sensor->bpf->maps.policy_0;

	sensor->globals->policy_slot = 0;
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
	r = map_fill(fd, info.value_size, compiled);
	return r ? r : take_fd(&fd);
}

/* Puts a map into a slot. The kernel returns when no program runs any more that may have
 * seen what was there before. */
static int slot_put(const struct sensor *sensor, __u32 slot, int fd)
{
	return bpf_map_update_elem(sensor->handles.map[MAP_policies], &slot, &fd, BPF_ANY) ? -errno
											   : 0;
}

int sensor_policy_put(struct sensor *sensor, const struct compiled *compiled)
{
	__u32 now = sensor->globals->policy_slot & 1;
	_cleanup_close_ int current = slot_get(sensor, now), image = -1;
	int r;

	if (current < 0)
		return current;
	image = image_make(current, compiled);
	if (image < 0)
		return image;
	/* the same once more, for the waiting: some event may still use the other slot */
	r = slot_put(sensor, now, current);
	if (!r)
		r = slot_put(sensor, !now, image);
	if (!r)
		__atomic_store_n(&sensor->globals->policy_slot, !now, __ATOMIC_RELEASE);
	return r;
}
