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
#include "fermata.skel.h"
#include "sensor/internal.h"
#include "sensor/sensor.h"

#define ROUNDS_MAX 100 /* of the iterators; each finds what the one before made possible */
#define MEMBERS_MAX 4096 /* of one look at a session; those beyond wait for the next */
#define KILL_TRIES 200
#define KILL_WAIT_MS 10

static int seed_set(struct fermata_bpf *bpf, const struct seed *seed)
{
	__u32 zero = 0;

	return bpf_map_update_elem(bpf_map__fd(bpf->maps.seeds), &zero, seed, BPF_ANY) ? -errno : 0;
}

int sensor_iterate(struct bpf_program *program, union bpf_iter_link_info *of, void *buffer,
		   size_t size, size_t *ret_size)
{
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = of, .link_info_len = sizeof(*of));
	_cleanup_close_ int fd = -1;
	struct bpf_link *link;
	size_t at = 0;
	ssize_t n = 0;
	int r = 0;

	link = bpf_program__attach_iter(program, &options);
	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0)
		r = -errno;
	while (!r && at < size && (n = read(fd, (char *)buffer + at, size - at)))
		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			r = -errno;
	bpf_link__destroy(link);
	if (!r)
		*ret_size = at;
	return r;
}

/* Over the threads of one process; 0: of all. */
static int iterate(struct bpf_program *program, __u32 pid, void *buffer, size_t size,
		   size_t *ret_size)
{
	union bpf_iter_link_info info = { .task.pid = pid };

	return sensor_iterate(program, &info, buffer, size, ret_size);
}

int sensor_tag(struct sensor *sensor, __u32 row, const struct tag *tag, __u32 pid,
	       __u64 *ret_threads)
{
	struct fermata_bpf *bpf = sensor_bpf(sensor);
	struct seed seed = { .tag = *tag };
	__u64 threads = 0;
	__u32 zero = 0;
	int r;

	seed.tag.agent = row;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		char nothing[64];
		size_t size;

		seed.tagged = seed.failed = 0;
		r = seed_set(bpf, &seed);
		if (r)
			return r;
		r = iterate(bpf->progs.tag_threads, pid, nothing, sizeof(nothing), &size);
		if (r)
			return r;
		if (bpf_map_lookup_elem(bpf_map__fd(bpf->maps.seeds), &zero, &seed))
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
	struct fermata_bpf *bpf = sensor_bpf(sensor);
	struct tag tag;

	if (pidfd < 0)
		return -errno;
	if (bpf_map_lookup_elem(bpf_map__fd(bpf->maps.tags), &pidfd, &tag) ||
	    tag.session != session)
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) ? -errno : 0;
}

/* The members of the session, or as many of them as fit. */
static int members_list(struct sensor *sensor, __u64 session, struct member members[MEMBERS_MAX],
			size_t *ret_count)
{
	struct fermata_bpf *bpf = sensor_bpf(sensor);
	struct seed seed = { .tag.session = session };
	size_t size = 0;
	int r = seed_set(bpf, &seed);

	if (!r)
		r = iterate(bpf->progs.list_processes, 0, members, MEMBERS_MAX * sizeof(*members),
			    &size);
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
