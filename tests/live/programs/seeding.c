/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags a running process through the sensor itself, and proves that every thread it had,
 * every thread it makes while it is being tagged, and every process they make is seen,
 * and that a neighbour is not. Prints one TAP line.
 *
 * usage: seeding RULE-FILE DIRECTORY TIER; the rule alerts on opening DIRECTORY/marker-*.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "cmd/seed.h"
#include "pipeline/decode.h"
#include "rules/compile.h"
#include "sensor/cgroup.h"
#include "sensor/sensor.h"

#define THREADS 12
#define SPAWNED 400 /* threads made while the tagging runs */
#define MARKERS (THREADS + 3)
#define SESSION 42

/* Shared by the test and the two processes it watches. */
struct shared {
	atomic_int ready; /* threads that wait */
	atomic_int go; /* 1: make threads; 2: open the markers */
	atomic_int spawned;
};

static struct shared *shared;
static const char *directory;
static bool seen[2 * MARKERS];
static int foreign;

static void marker_open(int number)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/marker-%d", directory, number);
	fd = open(path, O_RDONLY);
	if (fd >= 0)
		close(fd);
}

static void wait_for(int stage)
{
	while (atomic_load(&shared->go) < stage)
		poll(NULL, 0, 10);
}

static void *waiter(void *number)
{
	atomic_fetch_add(&shared->ready, 1);
	wait_for(2);
	marker_open((int)(intptr_t)number);
	return NULL;
}

static void *ender(void *unused)
{
	atomic_fetch_add(&shared->spawned, 1);
	return unused;
}

/* Makes short threads all the time from stage 1 to 2, then one that opens a marker. */
static void *spawner(void *number)
{
	pthread_t thread;

	atomic_fetch_add(&shared->ready, 1);
	wait_for(1);
	for (int i = 0; i < SPAWNED || atomic_load(&shared->go) < 2; i++)
		if (!pthread_create(&thread, NULL, ender, NULL))
			pthread_join(thread, NULL);
	if (!pthread_create(&thread, NULL, waiter, number))
		pthread_join(thread, NULL);
	return NULL;
}

/* Opens markers first .. first + MARKERS - 1: from its threads, from a thread made by
 * one that runs while it is tagged, from a child, and from a grandchild made by a
 * thread that is not the first. */
static int subject(int first)
{
	pthread_t threads[THREADS + 1];
	pid_t child;

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, waiter, (void *)(intptr_t)(first + i)))
			return 1;
	if (pthread_create(&threads[THREADS], NULL, spawner, (void *)(intptr_t)(first + THREADS)))
		return 1;
	wait_for(2);
	child = fork();
	if (!child) {
		marker_open(first + THREADS + 1);
		if (!fork()) {
			marker_open(first + THREADS + 2);
			_exit(0);
		}
		wait(NULL);
		_exit(0);
	}
	for (int i = 0; i <= THREADS; i++)
		pthread_join(threads[i], NULL);
	waitpid(child, NULL, 0);
	return 0;
}

static void record_take(void *context, const void *data, size_t size)
{
	struct event_view view = { 0 };
	struct bytes path;
	char name[4096];
	int number;

	(void)context;
	if (decode(data, size, &view) || event_view_type(&view) != EVENT_file_open)
		return;
	path = view.text[FIELD_file_open_target_filename];
	snprintf(name, sizeof(name), "%.*s", (int)path.length, path.data);
	if (sscanf(strrchr(name, '/'), "/marker-%d", &number) != 1 || number >= 2 * MARKERS)
		return;
	seen[number] = true;
	foreign += number >= MARKERS;
}

static void condemned(void *context, __u32 row, __u64 session)
{
	(void)context;
	(void)row;
	(void)session;
}

static int rules_compile(struct compiled **ret, struct ruleset **ret_ruleset, const char *path)
{
	struct diagnostics diagnostics = { 0 };
	int r = ruleset_read(ret_ruleset, &path, 1, NULL, &diagnostics);

	if (!r)
		r = compile(ret, *ret_ruleset, 1, &diagnostics);
	diagnostics_print(&diagnostics, stderr);
	return r;
}

static int sensor_start(struct sensor **ret, const struct compiled *compiled, const char *tier,
			struct cgroup *cgroup)
{
	struct plan plan;
	struct sensor_config config = { .compiled = compiled,
					.plan = &plan,
					.agents = 2,
					.ring_size = 1 << 20,
					.telemetry_size = 1 << 20,
					.cgroup_fd = cgroup_fd(cgroup),
					.record = record_take,
					.condemned = condemned };
	const char *step;
	int r;

	plan_init(&plan, TIER_lsm);
	for (int i = 0; i < TIER_MAX; i++)
		if (!strcmp(tier_table[i], tier))
			plan_init(&plan, i);
	r = sensor_open(ret, &config, &step);
	if (r)
		fprintf(stderr, "# %s: %s\n", step, strerror(-r));
	return r;
}

static int markers_make(void)
{
	char path[4096];

	for (int i = 0; i < 2 * MARKERS; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/marker-%d", directory, i);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	return 0;
}

static int verdict(struct sensor *sensor, __u64 threads)
{
	__u64 losses[LOSS_MAX], lost = 0;
	size_t living;
	int missed = 0;

	for (int i = 0; i < MARKERS; i++)
		missed += !seen[i];
	if (sensor_losses(sensor, losses) || sensor_session_threads(sensor, SESSION, &living))
		return 1;
	for (int i = 0; i < LOSS_MAX; i++)
		lost += losses[i];
	printf("# %llu threads tagged, %d made meanwhile, %zu living after the end\n",
	       (unsigned long long)threads, atomic_load(&shared->spawned), living);
	if (missed || foreign || lost || threads < THREADS + 2 || living) {
		printf("not ok 1 - seeding: a running process with all its threads\n"
		       "# %d of %d markers missed, %d of the neighbour seen, %llu lost\n",
		       missed, MARKERS, foreign, (unsigned long long)lost);
		return 1;
	}
	printf("ok 1 - seeding: a running process with all its threads\n");
	return 0;
}

int main(int argc, char **argv)
{
	struct sensor_session session = { .session = SESSION };
	struct tag tag = { .session = SESSION };
	struct compiled *compiled = NULL;
	struct ruleset *ruleset = NULL;
	struct sensor *sensor = NULL;
	struct cgroup *cgroup = NULL;
	pid_t agent, neighbour;
	__u64 threads = 0;
	__u32 row;
	int r;

	if (argc != 4)
		return 2;
	directory = argv[2];
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED || markers_make() || cgroup_make(&cgroup, "fermata-test-seeding"))
		return 2;
	agent = fork();
	if (!agent)
		_exit(subject(0));
	neighbour = fork();
	if (!neighbour)
		_exit(subject(MARKERS));
	while (atomic_load(&shared->ready) < 2 * (THREADS + 1))
		poll(NULL, 0, 1);
	r = rules_compile(&compiled, &ruleset, argv[1]);
	if (!r)
		r = sensor_start(&sensor, compiled, argv[3], cgroup);
	if (!r)
		r = sensor_session_begin(sensor, &session, &row);
	atomic_store(&shared->go, 1);
	if (!r)
		r = sensor_tag(sensor, row, &tag, (__u32)agent, &threads);
	atomic_store(&shared->go, 2);
	waitpid(agent, NULL, 0);
	waitpid(neighbour, NULL, 0);
	if (r) {
		printf("not ok 1 - seeding: a running process with all its threads\n# %s\n",
		       strerror(-r));
	} else {
		sensor_read(sensor);
		r = verdict(sensor, threads);
	}
	sensor_close(sensor);
	cgroup_remove(cgroup);
	compiled_free(compiled);
	ruleset_free(ruleset);
	return r != 0;
}
