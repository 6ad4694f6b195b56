/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running processes: giving them a tag, finding and killing those that carry one.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "sensor/internal.h"
#include "sensor/sensor.h"

#define ROUNDS_MAX 100 /* of the iterators; each finds what the one before made possible */
#define MEMBERS_MAX 4096 /* of one look at a session; those beyond wait for the next */
#define KILL_TRIES 200
#define KILL_WAIT_MS 10

static int seed_set(const struct handles *handles, const struct seed *seed)
{
	__u32 zero = 0;

	return bpf_map_update_elem(handles->map[MAP_seeds], &zero, seed, BPF_ANY) ? -errno : 0;
}

int sensor_iterate(int program, union bpf_iter_link_info *of, void *buffer, size_t size,
		   size_t *ret_size)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .iter_info = of, .iter_info_len = sizeof(*of));
	_cleanup_close_ int link = -1, fd = -1;
	size_t at = 0;
	ssize_t n;

	link = bpf_link_create(program, 0, BPF_TRACE_ITER, &options);
	fd = link < 0 ? -1 : bpf_iter_create(link);
	if (fd < 0)
		return -errno;
	while (at < size && (n = read(fd, (char *)buffer + at, size - at)))
		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return -errno;
	*ret_size = at;
	return 0;
}

/* Over the threads of one process; 0: of all. */
static int iterate(const struct handles *handles, const char *name, __u32 pid, void *buffer,
		   size_t size, size_t *ret_size)
{
	const struct handle *program = handles_program(handles, name);
	union bpf_iter_link_info info = { .task.pid = pid };

	return program ? sensor_iterate(program->fd, &info, buffer, size, ret_size) : -ENOENT;
}

int sensor_tag(struct sensor *sensor, __u32 row, const struct tag *tag, __u32 pid,
	       __u64 *ret_threads)
{
	const struct handles *handles = &sensor->handles;
	struct seed seed = { .tag = *tag };
	__u64 threads = 0;
	__u32 zero = 0;
	int r;

	seed.tag.agent = row;
	seed.tag.generation = sensor_generation(sensor);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		char nothing[64];
		size_t size;

		seed.tagged = seed.failed = 0;
		r = seed_set(handles, &seed);
		if (r)
			return r;
		r = iterate(handles, "tag_threads", pid, nothing, sizeof(nothing), &size);
		if (r)
			return r;
		if (bpf_map_lookup_elem(handles->map[MAP_seeds], &zero, &seed))
			return -errno;
		if (seed.failed)
			return -ENOMEM;
		threads += seed.tagged;
		if (!seed.tagged)
			break;
	}
	if (!threads)
		return -ESRCH;
	*ret_threads = threads;
	return 0;
}

/* Its id may have been given to another since it was told or listed: the tag says. */
int sensor_kill_process(struct sensor *sensor, __u32 pid, __u64 session)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	struct tag tag;

	if (pidfd < 0)
		return -errno;
	if (bpf_map_lookup_elem(sensor->handles.map[MAP_tags], &pidfd, &tag) ||
	    tag.session != session)
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) ? -errno : 0;
}

/* The members of the session, or as many of them as fit. */
static int members_list(struct sensor *sensor, __u64 session, struct member members[MEMBERS_MAX],
			size_t *ret_count)
{
	struct seed seed = { .tag.session = session };
	size_t size = 0;
	int r = seed_set(&sensor->handles, &seed);

	if (!r)
		r = iterate(&sensor->handles, "list_processes", 0, members,
			    MEMBERS_MAX * sizeof(*members), &size);
	if (!r)
		*ret_count = size / sizeof(*members);
	return r;
}

int sensor_session_threads(struct sensor *sensor, __u64 session, size_t *ret_threads)
{
	struct member members[MEMBERS_MAX];

	return members_list(sensor, session, members, ret_threads);
}

int sensor_kill_agent(struct sensor *sensor, __u32 row, __u64 session)
{
	struct member members[MEMBERS_MAX];
	size_t count, left;
	int r;

	sensor_session_condemn(sensor, row, session);
	for (int try = 0; try < KILL_TRIES; try++) {
		r = members_list(sensor, session, members, &count);
		if (r)
			return r;
		left = 0;
		for (size_t i = 0; i < count; i++) {
			if (members[i].ending)
				continue;
			left++;
			r = sensor_kill_process(sensor, members[i].process_id, session);
			if (r && r != -ESRCH)
				return r;
		}
		if (!left)
			return 0;
		poll(NULL, 0, try ? KILL_WAIT_MS : 0);
	}
	return -EBUSY;
}
