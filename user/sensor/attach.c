/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching. A program stays attached for as long as somebody holds its link: the
 * descriptor, or a pin.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "fermata.skel.h"
#include "sensor/internal.h"
#include "sensor/mount.h"

/* How the names of cgroup programs begin, and of those of packets. */
#define CGROUP "cgroup_"
#define PACKET "packet_"

/* libbpf wants tracefs where it expects it; this finds it anywhere. `section` is
 * "tp/category/name". */
static int perf_attach(const struct bpf_program *program, const char *section)
{
	_cleanup_close_ int tracefs = filesystem_open("tracefs"), file = -1, event = -1;
	struct perf_event_attr attributes = { .type = PERF_TYPE_TRACEPOINT,
					      .size = sizeof(attributes) };
	char path[128], id[32] = "";
	int fd;

	if (tracefs < 0)
		return tracefs;
	snprintf(path, sizeof(path), "events/%s/id", section + strlen("tp/"));
	file = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, id, sizeof(id) - 1) <= 0)
		return -errno;
	attributes.config = strtoull(id, NULL, 10);
	event = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		return -errno;
	fd = bpf_link_create(bpf_program__fd(program), event, BPF_PERF_EVENT, NULL);
	return fd < 0 ? -errno : fd;
}

/* "cgroup_connect4" is of section "cgroup/connect4", "packet_egress" of "cgroup_skb/egress". */
static int cgroup_attach(const struct handle *program, enum shell shell, int cgroup)
{
	const char *name = program->name + strlen(shell == SHELL_packet ? PACKET : CGROUP);
	enum bpf_attach_type attach;
	enum bpf_prog_type type;
	char section[64];
	int r, fd;

	snprintf(section, sizeof(section), "%s/%s", shell == SHELL_packet ? "cgroup_skb" : "cgroup",
		 name);
	r = libbpf_prog_type_by_name(section, &type, &attach);
	if (r)
		return r;
	fd = bpf_link_create(program->fd, cgroup, attach, NULL);
	return fd < 0 ? -errno : fd;
}

static int link_keep(struct sensor *sensor, const char *program, int fd)
{
	if (sensor->link_count == LINKS_MAX) {
		close(fd);
		return -E2BIG;
	}
	sensor->links[sensor->link_count++] = (struct link) { program, fd };
	return 0;
}

/* What a failed attachment means to the plan. */
static int attach_failed(struct plan *plan, const struct program *row, int error)
{
	return row->need != NEED_ALWAYS && plan_fail(plan, row->hook, row->shell, "attach", -error)
		       ? -EAGAIN
		       : error;
}

/* Where all packets pass when it is known who sends; else where only the agent's do. */
static int packets_place(const struct plan *plan, int cgroup)
{
	int root = plan_knows_senders(plan) ? filesystem_open("cgroup2") : -1;

	return root < 0 ? fcntl(cgroup, F_DUPFD_CLOEXEC, 0) : root;
}

static int cgroups_attach(struct sensor *sensor, struct plan *plan, int cgroup)
{
	_cleanup_close_ int packets = packets_place(plan, cgroup);
	int r = 0, fd;

	for (size_t i = 0; !r && i < sensor->handles.count; i++) {
		const struct handle *handle = &sensor->handles.programs[i];
		const struct program *row = program_find(handle->name);

		if (!row || (row->shell != SHELL_cgroup && row->shell != SHELL_packet))
			continue;
		fd = cgroup_attach(handle, row->shell,
				   row->shell == SHELL_packet ? packets : cgroup);
		r = fd < 0 ? attach_failed(plan, row, fd) : link_keep(sensor, handle->name, fd);
	}
	return r;
}

static int program_attach(const struct bpf_program *program)
{
	int fd;

	if (bpf_program__type(program) == BPF_PROG_TYPE_TRACEPOINT)
		return perf_attach(program, bpf_program__section_name(program));
	fd = bpf_link_create(bpf_program__fd(program), 0,
			     bpf_program__expected_attach_type(program), NULL);
	return fd < 0 ? -errno : fd;
}

static int object_attach(struct sensor *sensor, struct plan *plan)
{
	struct bpf_program *program = NULL;
	int r = 0, fd;

	while (!r && (program = bpf_object__next_program(sensor->bpf->obj, program))) {
		const struct program *row = program_find(bpf_program__name(program));

		/* iterators and what is called are not attached */
		if (!row || row->shell == SHELL_fanotify || row->shell == SHELL_cgroup ||
		    row->shell == SHELL_packet || !bpf_program__autoload(program))
			continue;
		fd = program_attach(program);
		r = fd < 0 ? attach_failed(plan, row, fd) : link_keep(sensor, row->name, fd);
	}
	return r;
}

int sensor_attach(struct sensor *sensor, struct plan *plan, int cgroup)
{
	int r = sensor->bpf ? object_attach(sensor, plan) : 0;

	return r || cgroup < 0 ? r : cgroups_attach(sensor, plan, cgroup);
}
