/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/sensor.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "fermata.skel.h"
#include "sensor/hooks.h"
#include "sensor/internal.h"
#include "sensor/marks.h"
#include "sensor/mount.h"
#include "sensor/narrow.h"
#include "sensor/quiet.h"
#include "sensor/trial.h"

#define LINKS_MAX 32

/* How long verdicts are read in one go, in ns: their number is the agent's choice. */
#define READ_TIME (CLOCK_SECOND / 20)
#define STOPPED (-ECANCELED) /* what a callback returns to end libbpf's reading */

struct sensor {
	struct fermata_bpf *bpf;
	struct bpf_link *links[LINKS_MAX];
	size_t link_count;
	struct ring_buffer *verdicts, *telemetry;
	struct agent *rows; /* the agents map itself */
	void (*record)(void *context, const void *data, size_t size);
	void (*condemned)(void *context, __u32 row, __u64 session);
	void *context;
	struct plan plan;
	__u32 agents, telemetry_size;
	__u64 taken; /* bytes of the telemetry ring, in the current pass over it */
	__u64 deadline; /* of reading verdicts, CLOCK_BOOTTIME */
	int cpus;
};

void sensor_close(struct sensor *sensor)
{
	if (!sensor)
		return;
	ring_buffer__free(sensor->verdicts);
	ring_buffer__free(sensor->telemetry);
	if (sensor->rows)
		munmap(sensor->rows, sensor->agents * sizeof(*sensor->rows));
	for (size_t i = 0; i < sensor->link_count; i++)
		bpf_link__destroy(sensor->links[i]);
	fermata_bpf__destroy(sensor->bpf);
	free(sensor);
}

DEFINE_CLEANUP(struct sensor *, sensor_close)

static bool program_wanted(const char *name, const struct sensor_config *config)
{
	const struct program *program = program_find(name);

	return !program || plan_wants(config->plan, program, config->compiled->policy);
}

/* Sizes that are fixed at load: of the image, of the rings, and as many rows as sessions.
 * `template` is a map like those that hold the image. */
static int sizes_set(struct fermata_bpf *bpf, const struct sensor_config *config, int template)
{
	__u32 capacity = (__u32)config->compiled->capacity;

	bpf->rodata->policy_mask = capacity - 1;
	bpf->rodata->sys_exit_events = plan_sys_exit_events(config->plan, config->compiled->policy);
	if (bpf_map__set_value_size(bpf->maps.policy_0, capacity) ||
	    bpf_map__set_value_size(bpf->maps.policy_1, capacity) ||
	    bpf_map__set_inner_map_fd(bpf->maps.policies, template) ||
	    bpf_map__set_max_entries(bpf->maps.verdict_ring, config->ring_size) ||
	    bpf_map__set_max_entries(bpf->maps.telemetry_ring, config->telemetry_size) ||
	    bpf_map__set_max_entries(bpf->maps.agents, config->agents) ||
	    bpf_map__set_max_entries(bpf->maps.chains, config->agents))
		return -errno;
	return 0;
}

static int policy_load(struct fermata_bpf *bpf, const struct compiled *compiled)
{
	int map = bpf_map__fd(bpf->maps.policy_0);
	__u32 zero = 0;

	if (bpf_map_update_elem(map, &zero, compiled->policy, BPF_ANY))
		return -errno;
	bpf->bss->policy_slot = 0;
	return bpf_map_freeze(map) ? -errno : 0;
}

/* Without its symbols the kernel side still works: see bpf/path.bpf.h. */
static void symbols_find(struct fermata_bpf *bpf)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);

	(void)bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.find_symbols), &options);
}

static int rows_map(struct sensor *sensor)
{
	void *rows = mmap(NULL, sensor->agents * sizeof(*sensor->rows), PROT_READ | PROT_WRITE,
			  MAP_SHARED, bpf_map__fd(sensor->bpf->maps.agents), 0);

	if (rows == MAP_FAILED)
		return -errno;
	sensor->rows = rows;
	return 0;
}

/* libbpf wants tracefs where it expects it; this finds it anywhere. `section` is
 * "tp/category/name". */
static struct bpf_link *perf_attach(const struct bpf_program *program, const char *section)
{
	_cleanup_close_ int tracefs = filesystem_open("tracefs"), file = -1;
	struct perf_event_attr event = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(event) };
	struct bpf_link *link;
	char path[128], id[32] = "";
	int fd;

	snprintf(path, sizeof(path), "events/%s/id", section + strlen("tp/"));
	file = tracefs < 0 ? -1 : openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, id, sizeof(id) - 1) <= 0)
		return NULL;
	event.config = strtoull(id, NULL, 10);
	fd = (int)syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(program, fd);
	if (!link)
		close(fd);
	return link;
}

static struct bpf_link *program_attach(const struct bpf_program *program, int cgroup)
{
	switch (bpf_program__type(program)) {
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
		return bpf_program__attach_cgroup(program, cgroup);
	case BPF_PROG_TYPE_TRACEPOINT:
		return perf_attach(program, bpf_program__section_name(program));
	default:
		return bpf_program__attach(program);
	}
}

/* -EAGAIN: one did not attach, and the plan has to do without. */
static int programs_attach(struct sensor *sensor, const struct sensor_config *config)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, sensor->bpf->obj)
	{
		const struct program *row = program_find(bpf_program__name(program));
		struct bpf_link *link;

		if (!row || row->shell == SHELL_fanotify || !bpf_program__autoload(program))
			continue;
		if (sensor->link_count == LINKS_MAX)
			return -E2BIG;
		link = program_attach(program, config->cgroup_fd);
		if (!link) {
			int error = errno;

			return row->shell != SHELL_tracepoint &&
					       plan_fail(config->plan, row->hook, row->shell,
							 "attach", error)
				       ? -EAGAIN
				       : -error;
		}
		sensor->links[sensor->link_count++] = link;
	}
	return 0;
}

/* Stops when as much was taken as the ring holds: what was there at the start has been read
 * then, and who fills it meanwhile does not keep us. */
static int telemetry_take(void *context, void *data, size_t size)
{
	struct sensor *sensor = context;

	sensor->record(sensor->context, data, size);
	sensor->taken += BPF_RINGBUF_HDR_SZ + (size + 7) / 8 * 8;
	return sensor->taken < sensor->telemetry_size ? 0 : STOPPED;
}

/* What is known of its process was written before the verdict: it is read before. */
static int verdict_take(void *context, void *data, size_t size)
{
	const struct record_header *header = data;
	struct sensor *sensor = context;

	if (size >= sizeof(*header) && header->verdict.done & DONE_CONDEMNED &&
	    !(header->verdict.done & DONE_SIMULATED))
		sensor->condemned(sensor->context, header->agent, header->session);
	(void)sensor_read_telemetry(sensor);
	sensor->record(sensor->context, data, size);
	return clock_boottime() < sensor->deadline ? 0 : STOPPED;
}

/* libbpf waits for neither itself, so that one descriptor of its serves for both. */
static int rings_open(struct sensor *sensor)
{
	struct epoll_event event = { .events = EPOLLIN };

	sensor->verdicts = ring_buffer__new(bpf_map__fd(sensor->bpf->maps.verdict_ring),
					    verdict_take, sensor, NULL);
	if (!sensor->verdicts)
		return -errno;
	sensor->telemetry = ring_buffer__new(bpf_map__fd(sensor->bpf->maps.telemetry_ring),
					     telemetry_take, sensor, NULL);
	if (!sensor->telemetry || epoll_ctl(sensor_fd(sensor), EPOLL_CTL_ADD,
					    bpf_map__fd(sensor->bpf->maps.telemetry_ring), &event))
		return -errno;
	return 0;
}

static int object_load(struct sensor *sensor, const struct sensor_config *config,
		       const char **ret_step)
{
	_cleanup_close_ int template = -1;
	struct bpf_program *program;
	int r;

	*ret_step = "opening the BPF object";
	sensor->bpf = fermata_bpf__open();
	if (!sensor->bpf)
		return -errno;
	bpf_object__for_each_program(program, sensor->bpf->obj) bpf_program__set_autoload(
		program, program_wanted(bpf_program__name(program), config));
	*ret_step = "sizing the BPF maps";
	template = bpf_map_create(BPF_MAP_TYPE_ARRAY, "policy", sizeof(__u32),
				  (__u32)config->compiled->capacity, 1, NULL);
	r = template <0 ? -errno : sizes_set(sensor->bpf, config, template);
	if (r)
		return r;
	*ret_step = "loading the BPF programs";
	r = fermata_bpf__load(sensor->bpf);
	if (r)
		return narrow(config->plan, config->compiled->policy) ? -EAGAIN : r;
	*ret_step = "loading the policy image";
	return policy_load(sensor->bpf, config->compiled);
}

/* -EAGAIN: not all that was planned works, and the plan knows. */
static int sensor_try(struct sensor **ret_sensor, const struct sensor_config *config,
		      const char **ret_step)
{
	_cleanup_(sensor_closep) struct sensor *sensor = calloc(1, sizeof(*sensor));
	struct failure failure;
	int r;

	*ret_step = "memory";
	if (!sensor)
		return -ENOMEM;
	sensor->record = config->record;
	sensor->condemned = config->condemned;
	sensor->context = config->context;
	sensor->agents = config->agents;
	sensor->telemetry_size = config->telemetry_size;
	sensor->cpus = libbpf_num_possible_cpus();
	if (sensor->cpus < 0)
		return sensor->cpus;
	r = object_load(sensor, config, ret_step);
	if (r)
		return r;
	symbols_find(sensor->bpf);
	*ret_step = "mapping the agents";
	r = rows_map(sensor);
	if (r)
		return r;
	*ret_step = "opening the rings";
	r = rings_open(sensor);
	if (r)
		return r;
	*ret_step = "attaching the BPF programs";
	r = programs_attach(sensor, config);
	if (r)
		return r;
	*ret_step = "the trial of the BPF programs";
	r = trial_hold(sensor, config->plan, config->compiled->policy, config->cgroup_fd);
	if (r)
		return r > 0 ? -EAGAIN : r;
	if (plan_marks(config->plan) && !marks_probe(&failure))
		plan_fail(config->plan, HOOK_file_mark, SHELL_fanotify, failure.step,
			  failure.error);
	sensor->plan = *config->plan;
	*ret_step = NULL;
	*ret_sensor = take_ptr(sensor);
	return 0;
}

int sensor_open(struct sensor **ret_sensor, const struct sensor_config *config,
		const char **ret_step)
{
	int r;

	libbpf_quiet();
	/* each round has at least one program less */
	do
		r = sensor_try(ret_sensor, config, ret_step);
	while (r == -EAGAIN && !plan_tagging_failed(config->plan));
	return r == -EAGAIN ? -ENOTSUP : r;
}

struct agent *sensor_row(struct sensor *sensor, __u32 row)
{
	return &sensor->rows[row];
}

int sensor_session_begin(struct sensor *sensor, const struct sensor_session *session,
			 __u32 *ret_row)
{
	_cleanup_free_ struct chains *empty = calloc(1, sizeof(*empty));
	__u32 row = 0;

	if (!empty)
		return -ENOMEM;
	while (row < sensor->agents && sensor->rows[row].session)
		row++;
	if (row == sensor->agents)
		return -ENOSPC;
	if (bpf_map_update_elem(bpf_map__fd(sensor->bpf->maps.chains), &row, empty, BPF_ANY))
		return -errno;
	sensor->rows[row] = (struct agent) { .state = session->state, .facts = session->facts };
	__atomic_store_n(&sensor->rows[row].session, session->session, __ATOMIC_RELEASE);
	*ret_row = row;
	return 0;
}

void sensor_session_end(struct sensor *sensor, __u32 row)
{
	__atomic_store_n(&sensor->rows[row].session, 0, __ATOMIC_RELEASE);
}

void sensor_session_condemn(struct sensor *sensor, __u32 row, __u64 session)
{
	if (row < sensor->agents && sensor->rows[row].session == session)
		__atomic_or_fetch(&sensor->rows[row].state, AGENT_CONDEMNED, __ATOMIC_RELEASE);
}

bool sensor_session_condemned(const struct sensor *sensor, __u32 row, __u64 session)
{
	return row < sensor->agents && sensor->rows[row].session == session &&
	       __atomic_load_n(&sensor->rows[row].state, __ATOMIC_ACQUIRE) & AGENT_CONDEMNED;
}

int sensor_fd(const struct sensor *sensor)
{
	return ring_buffer__epoll_fd(sensor->verdicts);
}

/* 0: it is empty; 1: reading was stopped before; -errno. */
static int consume(struct ring_buffer *ring)
{
	int r = ring_buffer__consume(ring);

	return r == STOPPED ? 1 : r < 0 ? r : 0;
}

int sensor_read_telemetry(struct sensor *sensor)
{
	sensor->taken = 0;
	return consume(sensor->telemetry);
}

int sensor_read(struct sensor *sensor)
{
	int r = sensor_read_telemetry(sensor), q;

	if (r < 0)
		return r;
	sensor->deadline = clock_boottime() + READ_TIME;
	q = consume(sensor->verdicts);
	return q ? q : r;
}

/* How often the kernel did not run a program, UINT64_MAX for one that is not loaded; see
 * bpf/shell.bpf.h. */
static __u64 program_skipped(const struct sensor *sensor, const char *name)
{
	const struct bpf_program *program =
		bpf_object__find_program_by_name(sensor->bpf->obj, name);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (!program || !bpf_program__autoload(program))
		return UINT64_MAX;
	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return 0;
	return info.recursion_misses;
}

/* At most as many acts were kept from all copies of a program as from the luckiest; what
 * others examine in the same call is not lost. */
static __u64 skipped(const struct sensor *sensor)
{
	const struct program *row = program_table, *first;
	__u64 sum = 0, least, misses;

	while (row->name) {
		first = row;
		least = UINT64_MAX;
		for (; row->name && row->hook == first->hook && row->shell == first->shell; row++) {
			misses = program_skipped(sensor, row->name);
			least = misses < least ? misses : least;
		}
		if (least != UINT64_MAX && !plan_backs(&sensor->plan, first))
			sum += least;
	}
	return sum;
}

int sensor_losses(struct sensor *sensor, __u64 ret_losses[LOSS_MAX])
{
	_cleanup_free_ struct counters *all = calloc((size_t)sensor->cpus, sizeof(*all));
	__u32 zero = 0;

	if (!all)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(sensor->bpf->maps.counters), &zero, all))
		return -errno;
	memset(ret_losses, 0, LOSS_MAX * sizeof(*ret_losses));
	for (int cpu = 0; cpu < sensor->cpus; cpu++)
		for (int cause = 0; cause < LOSS_MAX; cause++)
			ret_losses[cause] += all[cpu].loss[cause];
	ret_losses[LOSS_skipped] = skipped(sensor);
	return 0;
}

struct fermata_bpf *sensor_bpf(struct sensor *sensor)
{
	return sensor->bpf;
}
