/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/handles.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "sensor/hooks.h"
#include "sensor/plan.h"

const char *const sensor_map_table[MAP_MAX] = {
#define M(name) [MAP_##name] = #name,
	SENSOR_MAPS(M)
#undef M
};

const struct handle *handles_program(const struct handles *handles, const char *name)
{
	for (size_t i = 0; i < handles->count; i++)
		if (!strcmp(handles->programs[i].name, name))
			return &handles->programs[i];
	return NULL;
}

/* How often the kernel did not run the program, ever. */
static __u64 misses(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? 0 : info.recursion_misses;
}

/* All programs: those of hooks, and those that are called. NULL: there are no more. */
static const char *program_name(size_t i)
{
	static const char *const called[] = { "tag_threads", "list_processes", "file_identify",
					      NULL };
	size_t rows = 0;

	while (program_table[rows].name)
		rows++;
	return i < rows ? program_table[i].name : called[i - rows];
}

static int room_make(struct handles *handles)
{
	size_t rows = 0;

	while (program_name(rows))
		rows++;
	handles->programs = calloc(rows + 1, sizeof(*handles->programs));
	return handles->programs ? 0 : -ENOMEM;
}

int handles_of_object(struct handles *handles, const struct bpf_object *object)
{
	_cleanup_(handles_done) struct handles found = HANDLES_NONE;
	const struct bpf_program *program;
	const struct bpf_map *map;
	const char *name;

	if (room_make(&found))
		return -ENOMEM;
	for (size_t i = 0; i < MAP_MAX; i++) {
		map = bpf_object__find_map_by_name(object,
						   i == MAP_bss ? ".bss" : sensor_map_table[i]);
		if (!map)
			return -ENOENT;
		found.map[i] = bpf_map__fd(map);
	}
	for (size_t i = 0; (name = program_name(i)); i++) {
		program = bpf_object__find_program_by_name(object, name);
		if (program && bpf_program__autoload(program))
			found.programs[found.count++] =
				(struct handle) { .name = name, .fd = bpf_program__fd(program) };
	}
	*handles = found;
	found = HANDLES_NONE;
	return 0;
}

static int pin_get(const char *directory, const char *kind, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s/%s", directory, kind, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int handles_of_pins(struct handles *handles, const char *directory)
{
	_cleanup_(handles_done) struct handles found = HANDLES_NONE;
	const char *name;
	int fd;

	found.owned = true;
	if (room_make(&found))
		return -ENOMEM;
	for (size_t i = 0; i < MAP_MAX; i++) {
		found.map[i] = pin_get(directory, "maps", sensor_map_table[i]);
		if (found.map[i] < 0)
			return found.map[i];
	}
	for (size_t i = 0; (name = program_name(i)); i++) {
		fd = pin_get(directory, "programs", name);
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd;
		found.programs[found.count++] = (struct handle) { .name = name, .fd = fd };
	}
	*handles = found;
	found = HANDLES_NONE;
	return 0;
}

void handles_done(struct handles *handles)
{
	for (size_t i = 0; handles->owned && i < MAP_MAX; i++)
		closep(&handles->map[i]);
	for (size_t i = 0; handles->owned && i < handles->count; i++)
		closep(&handles->programs[i].fd);
	free(handles->programs);
	*handles = HANDLES_NONE;
}

void handles_need(struct handles *handles, const struct plan *plan, const struct policy *policy)
{
	struct plan narrow = *plan;

	narrow.everything = false;
	for (size_t i = 0; i < handles->count; i++) {
		struct handle *handle = &handles->programs[i];
		const struct program *row = program_find(handle->name);

		if (!row || handle->needed || !plan_wants(&narrow, row, policy) ||
		    plan_backs(&narrow, row, policy))
			continue;
		handle->needed = true;
		handle->skipped = misses(handle->fd);
	}
}

/* Since it is needed; UINT64_MAX for one that is not loaded, or not needed. */
static __u64 skipped_since(const struct handles *handles, const char *name)
{
	const struct handle *program = handles_program(handles, name);

	return program && program->needed ? misses(program->fd) - program->skipped : UINT64_MAX;
}

/* At most as many acts were kept from all copies of a program as from the luckiest. */
__u64 handles_skipped(const struct handles *handles)
{
	const struct program *row = program_table, *first;
	__u64 sum = 0, least, own;

	while (row->name) {
		first = row;
		least = UINT64_MAX;
		for (; row->name && row->hook == first->hook && row->shell == first->shell; row++) {
			own = skipped_since(handles, row->name);
			least = own < least ? own : least;
		}
		if (least != UINT64_MAX)
			sum += least;
	}
	return sum;
}
