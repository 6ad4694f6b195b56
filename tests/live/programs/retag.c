/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that outlives its session is nobody's, also when its row is another session's
 * by then; and it can be tagged again. Says what is wrong and exits 1.
 *
 * usage: retag RULES TIER
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "rules/compile.h"
#include "sensor/sensor.h"
#include "unheard.h"

enum { FIRST = 1, SECOND = 2 };

static int sensor_start(struct sensor **ret, const struct compiled *compiled, const char *tier)
{
	struct plan plan;
	struct sensor_config config = { .compiled = compiled,
					.plan = &plan,
					.agents = 1,
					.ring_size = 1 << 16,
					.telemetry_size = 1 << 16,
					.cgroup_fd = -1,
					.record = record_unheard,
					.condemned = condemned_unheard };
	const char *step;

	plan_init(&plan, TIER_lsm);
	for (int i = 0; i < TIER_MAX; i++)
		if (!strcmp(tier_table[i], tier))
			plan_init(&plan, (enum tier)i);
	return sensor_open(ret, &config, &step);
}

/* Threads of a session, as the kernel side sees them. */
static size_t members(struct sensor *sensor, __u64 session)
{
	size_t threads;

	return sensor_session_threads(sensor, session, &threads) ? SIZE_MAX : threads;
}

/* Begins the session, and tags the process. Whether it is its only member then. */
static bool tagged(struct sensor *sensor, __u64 session, pid_t pid, __u32 *ret_row)
{
	struct sensor_session begin = { .session = session };
	struct tag tag = { .session = session };
	__u64 threads;

	return !sensor_session_begin(sensor, &begin, ret_row) &&
	       !sensor_tag(sensor, *ret_row, &tag, (__u32)pid, &threads) && threads == 1 &&
	       members(sensor, session) == 1;
}

static const char *wrong(struct sensor *sensor, pid_t pid)
{
	struct sensor_session begin = { .session = SECOND };
	__u32 row;

	if (!tagged(sensor, FIRST, pid, &row))
		return "the process cannot be tagged";
	sensor_session_end(sensor, row);
	if (sensor_session_begin(sensor, &begin, &row))
		return "the row was not given back";
	if (members(sensor, SECOND))
		return "a member of the first session is one of the second, in the same row";
	sensor_session_end(sensor, row);
	if (!tagged(sensor, SECOND, pid, &row))
		return "the process cannot be tagged again";
	if (members(sensor, FIRST))
		return "the process is still a member of the first session";
	return NULL;
}

int main(int argc, char **argv)
{
	struct diagnostics diagnostics = { 0 };
	struct compiled *compiled = NULL;
	struct ruleset *ruleset = NULL;
	struct sensor *sensor = NULL;
	const char *what = "the sensor cannot be started";
	pid_t pid;

	if (argc != 3)
		return 2;
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	if (!ruleset_read(&ruleset, &(const char *) { argv[1] }, 1, NULL, &diagnostics) &&
	    !compile(&compiled, ruleset, 1, &diagnostics) &&
	    !sensor_start(&sensor, compiled, argv[2]))
		what = wrong(sensor, pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	sensor_close(sensor);
	compiled_free(compiled);
	ruleset_free(ruleset);
	diagnostics_done(&diagnostics);
	if (what)
		puts(what);
	return what != NULL;
}
