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

/* How long verdicts are read in one go, in ns: their number is the agent's choice. */
#define READ_TIME (CLOCK_SECOND / 20)
#define STOPPED (-ECANCELED) /* what a callback returns to end libbpf's reading */

void sensor_close(struct sensor *sensor)
{
	if (!sensor)
		return;
	ring_buffer__free(sensor->verdicts);
	ring_buffer__free(sensor->telemetry);
	if (sensor->rows)
		munmap(sensor->rows, sensor->agents * sizeof(*sensor->rows));
	for (size_t i = 0; i < sensor->link_count; i++)
		close(sensor->links[i].fd);
	if (sensor->globals_size)
		munmap(sensor->globals, sensor->globals_size);
	handles_done(&sensor->handles);
	fermata_bpf__destroy(sensor->bpf);
	free(sensor->before);
	closep(&sensor->lock);
	free(sensor);
}

DEFINE_CLEANUP(struct sensor *, sensor_close)

static bool program_wanted(const char *name, const struct sensor_config *config)
{
	const struct program *program = program_find(name);

	return !program || plan_wants(config->plan, program, config->compiled->policy);
}

static __u32 policy_capacity(const struct sensor_config *config)
{
	__u32 own = (__u32)config->compiled->capacity;

	return config->policy_size > own ? config->policy_size : own;
}

/* What packets need; without need the maps take no room. */
static int packets_set(struct fermata_bpf *bpf, const struct plan *plan,
		       const struct policy *policy)
{
	bpf->rodata->packet_events = plan_packet_events(plan, policy);
	bpf->rodata->names_wanted = plan_names(plan, policy);
	bpf->rodata->owners_wanted = !plan_knows_senders(plan);
	if (bpf->rodata->packet_events || bpf->rodata->names_wanted)
		return 0;
	return bpf_map__set_max_entries(bpf->maps.senders, 1) ||
	       bpf_map__set_max_entries(bpf->maps.hostnames, 1) ||
	       bpf_map__set_max_entries(bpf->maps.seats, 1);
}

/* Sizes that are fixed at load: of the image, of the rings, and as many rows as sessions.
 * `template` is a map like those that hold the image. */
static int sizes_set(struct fermata_bpf *bpf, const struct sensor_config *config, int template)
{
	__u32 capacity = policy_capacity(config);

	bpf->rodata->policy_mask = capacity - 1;
	bpf->rodata->sys_exit_events = plan_sys_exit_events(config->plan, config->compiled->policy);
	bpf->rodata->sys_exit_alone = plan_sys_exit_alone(config->plan);
	if (packets_set(bpf, config->plan, config->compiled->policy))
		return -errno;
	if (bpf_map__set_value_size(bpf->maps.policy_0, capacity) ||
	    bpf_map__set_value_size(bpf->maps.policy_1, capacity) ||
	    bpf_map__set_inner_map_fd(bpf->maps.policies, template) ||
	    bpf_map__set_max_entries(bpf->maps.verdict_ring, config->ring_size) ||
	    bpf_map__set_max_entries(bpf->maps.telemetry_ring, config->telemetry_size) ||
	    bpf_map__set_max_entries(bpf->maps.agents, config->agents) ||
	    bpf_map__set_max_entries(bpf->maps.chains, 2 * config->agents))
		return -errno;
	return 0;
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
			  MAP_SHARED, sensor->handles.map[MAP_agents], 0);

	if (rows == MAP_FAILED)
		return -errno;
	sensor->rows = rows;
	return 0;
}

/* Whether it was written before the kernel side was ours. */
static bool earlier(const struct sensor *sensor, enum ring_kind ring, const void *data, size_t size)
{
	const struct record_header *header = data;

	return sensor->before && size >= sizeof(*header) && header->cpu < (__u32)sensor->cpus &&
	       header->sequence < sensor->before[header->cpu].sequence[ring];
}

/* Stops when as much was taken as the ring holds: what was there at the start has been read
 * then, and who fills it meanwhile does not keep us. */
static int telemetry_take(void *context, void *data, size_t size)
{
	struct sensor *sensor = context;

	if (!earlier(sensor, RING_telemetry, data, size))
		sensor->record(sensor->context, data, size);
	sensor->taken += BPF_RINGBUF_HDR_SZ + (size + 7) / 8 * 8;
	return sensor->taken < sensor->telemetry_size ? 0 : STOPPED;
}

/* What is known of its process was written before the verdict: it is read before. */
static int verdict_take(void *context, void *data, size_t size)
{
	const struct record_header *header = data;
	struct sensor *sensor = context;

	if (earlier(sensor, RING_verdict, data, size))
		return 0;
	if (size >= sizeof(*header) && header->verdict.done & DONE_CONDEMNED &&
	    !(header->verdict.done & DONE_SIMULATED))
		sensor->condemned(sensor->context, header->agent, header->session);
	(void)sensor_read_telemetry(sensor);
	sensor->record(sensor->context, data, size);
	if (sensor->until)
		return size >= sizeof(*header) && header->time > sensor->until ? STOPPED : 0;
	return clock_boottime() < sensor->deadline ? 0 : STOPPED;
}

/* libbpf waits for neither itself, so that one descriptor of its serves for both. */
static int rings_open(struct sensor *sensor)
{
	struct epoll_event event = { .events = EPOLLIN };

	sensor->verdicts =
		ring_buffer__new(sensor->handles.map[MAP_verdict_ring], verdict_take, sensor, NULL);
	if (!sensor->verdicts)
		return -errno;
	sensor->telemetry = ring_buffer__new(sensor->handles.map[MAP_telemetry_ring],
					     telemetry_take, sensor, NULL);
	if (!sensor->telemetry || epoll_ctl(sensor_fd(sensor), EPOLL_CTL_ADD,
					    sensor->handles.map[MAP_telemetry_ring], &event))
		return -errno;
	return 0;
}

static int sensor_load(struct sensor *sensor, const struct sensor_config *config,
		       const char **ret_step)
{
	_cleanup_close_ int template = -1;
	struct bpf_program *program;
	int r;

	sensor->agents = config->agents;
	sensor->telemetry_size = config->telemetry_size;
	*ret_step = "opening the BPF object";
	sensor->bpf = fermata_bpf__open();
	if (!sensor->bpf)
		return -errno;
	bpf_object__for_each_program(program, sensor->bpf->obj) bpf_program__set_autoload(
		program, program_wanted(bpf_program__name(program), config));
	*ret_step = "sizing the BPF maps";
	template = bpf_map_create(BPF_MAP_TYPE_ARRAY, "policy", sizeof(__u32),
				  policy_capacity(config), 1, NULL);
	r = template <0 ? -errno : sizes_set(sensor->bpf, config, template);
	if (r)
		return r;
	*ret_step = "loading the BPF programs";
	r = fermata_bpf__load(sensor->bpf);
	if (r)
		return narrow(config->plan, config->compiled->policy) ? -EAGAIN : r;
	r = handles_of_object(&sensor->handles, sensor->bpf->obj);
	if (r)
		return r;
	sensor->globals = sensor->bpf->bss;
	symbols_find(sensor->bpf);
	*ret_step = "loading the policy image";
	return sensor_policy_first(sensor, config->compiled);
}

/* -EAGAIN: not all that was planned works, and the plan knows. */
static int programs_try(struct sensor *sensor, const struct sensor_config *config,
			const char **ret_step)
{
	struct failure failure;
	int r;

	*ret_step = "attaching the BPF programs";
	r = sensor_attach(sensor, config->plan, config->cgroup_fd);
	if (r)
		return r;
	/* what is pinned was tried by who loaded it */
	if (!config->pinned) {
		*ret_step = "the trial of the BPF programs";
		r = trial_hold(sensor, config->plan, config->compiled->policy, config->cgroup_fd);
		if (r)
			return r > 0 ? -EAGAIN : r;
	}
	if (plan_marks(config->plan) && !marks_probe(&failure))
		plan_fail(config->plan, HOOK_file_mark, SHELL_fanotify, failure.step,
			  failure.error);
	sensor->plan = *config->plan;
	handles_need(&sensor->handles, &sensor->plan, config->compiled->policy);
	return 0;
}

/* The same. */
static int sensor_try(struct sensor **ret_sensor, const struct sensor_config *config,
		      const char **ret_step)
{
	_cleanup_(sensor_closep) struct sensor *sensor = calloc(1, sizeof(*sensor));
	int r;

	*ret_step = "memory";
	if (!sensor)
		return -ENOMEM;
	sensor->handles = HANDLES_NONE;
	sensor->lock = -1;
	sensor->record = config->record;
	sensor->condemned = config->condemned;
	sensor->context = config->context;
	sensor->cpus = libbpf_num_possible_cpus();
	if (sensor->cpus < 0)
		return sensor->cpus;
	r = (config->pinned ? sensor_adopt : sensor_load)(sensor, config, ret_step);
	if (r)
		return r;
	*ret_step = "mapping the agents";
	r = rows_map(sensor);
	if (!r && config->pinned)
		r = sensor_sessions_settle(sensor);
	if (r)
		return r;
	*ret_step = "opening the rings";
	r = rings_open(sensor);
	if (r)
		return r;
	r = programs_try(sensor, config, ret_step);
	if (r)
		return r;
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

const struct counters *sensor_before(const struct sensor *sensor, __u32 *ret_cpus)
{
	*ret_cpus = (__u32)sensor->cpus;
	return sensor->before;
}

int sensor_session_begin(struct sensor *sensor, const struct sensor_session *session,
			 __u32 *ret_row)
{
	_cleanup_free_ struct chains *empty = calloc(1, sizeof(*empty));
	__u32 row = 0, slot = sensor->globals->policy_slot & 1, chains;
	int r;

	if (!empty)
		return -ENOMEM;
	while (row < sensor->agents && sensor->rows[row].session)
		row++;
	if (row == sensor->agents)
		return -ENOSPC;
	chains = 2 * row + slot;
	if (bpf_map_update_elem(sensor->handles.map[MAP_chains], &chains, empty, BPF_ANY))
		return -errno;
	sensor->rows[row] = (struct agent) { .state = session->state };
	sensor->rows[row].facts[slot] = session->facts;
	r = sensor_owner_put(sensor, session, row);
	if (r)
		return r;
	__atomic_store_n(&sensor->rows[row].session, session->session, __ATOMIC_RELEASE);
	*ret_row = row;
	return 0;
}

void sensor_session_end(struct sensor *sensor, __u32 row)
{
	__u64 session = sensor->rows[row].session;

	__atomic_store_n(&sensor->rows[row].session, 0, __ATOMIC_RELEASE);
	sensor_owner_forget(sensor, session);
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

/* Events that have ended were told before any that begins from now on. */
int sensor_read_past(struct sensor *sensor)
{
	int r = sensor_read_telemetry(sensor), q;

	if (r < 0)
		return r;
	sensor->until = clock_boottime();
	q = consume(sensor->verdicts);
	sensor->until = 0;
	return q < 0 ? q : 0;
}

int sensor_losses(struct sensor *sensor, __u64 ret_losses[LOSS_MAX])
{
	_cleanup_free_ struct counters *all = calloc((size_t)sensor->cpus, sizeof(*all));
	__u32 zero = 0;

	if (!all)
		return -ENOMEM;
	if (bpf_map_lookup_elem(sensor->handles.map[MAP_counters], &zero, all))
		return -errno;
	memset(ret_losses, 0, LOSS_MAX * sizeof(*ret_losses));
	for (int cpu = 0; cpu < sensor->cpus; cpu++)
		for (int cause = 0; cause < LOSS_MAX; cause++)
			ret_losses[cause] += all[cpu].loss[cause] -
					     (sensor->before ? sensor->before[cpu].loss[cause] : 0);
	ret_losses[LOSS_skipped] = handles_skipped(&sensor->handles);
	return 0;
}
