/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "sensor/cgroup.h"
#include "sensor/ground.h"
#include "sensor/internal.h"
#include "sensor/sensor.h"
#include "sensor/trial_acts.h"

#define TRIES 3 /* of one act: the kernel may skip a program, see bpf/shell.bpf.h */
#define TIME_MS 30000 /* that the child may take; an emulated machine is slow */

/* What the child and we both see. */
struct results {
	int error[HOOK_MAX]; /* of the act, or UNTRIED */
};

struct trial {
	struct sensor *sensor;
	const struct plan *plan;
	const struct policy *policy;
	struct agent *agent; /* its row, which the child writes as well */
	__u32 row;
	__u64 session;
	struct ground ground;
	struct results *results;
};

/* What comes in is looked at only. */
static bool refuses(const struct program *row)
{
	return row->shell == SHELL_lsm || row->shell == SHELL_fmod_ret ||
	       row->shell == SHELL_cgroup || row->hook == HOOK_egress;
}

static bool fired(const struct trial *trial, const struct program *row)
{
	return trial->agent->fired[row->copy][HOOK_WORD(row->hook)] & HOOK_BIT(row->hook);
}

/* Whether every program of the hook was run, and the refusal counted. */
static bool passed(const struct trial *trial, enum hook hook)
{
	for (const struct program *row = program_table; row->name; row++)
		if (row->hook == hook && plan_wants(trial->plan, row, trial->policy) &&
		    (!fired(trial, row) || (refuses(row) && trial->results->error[hook] != EPERM)))
			return false;
	return true;
}

static bool wanted(const struct trial *trial, enum hook hook)
{
	if (!trial_acts[hook])
		return false;
	for (const struct program *row = program_table; row->name; row++)
		if (row->hook == hook && plan_wants(trial->plan, row, trial->policy))
			return true;
	return false;
}

static void hook_try(const struct trial *trial, enum hook hook)
{
	int *error = &trial->results->error[hook];

	if (!wanted(trial, hook))
		return;
	for (int try = 0; try < TRIES; try++) {
		__atomic_store_n(&trial->agent->refuses, hook + 1, __ATOMIC_RELEASE);
		*error = trial_acts[hook](trial->ground.directory);
		__atomic_store_n(&trial->agent->refuses, 0, __ATOMIC_RELEASE);
		if (*error == UNTRIED || passed(trial, hook))
			return;
	}
}

static _Noreturn void child_main(const struct trial *trial, int go)
{
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	/* whatever the caller does with its children, ours are waited for */
	signal(SIGCHLD, SIG_DFL);
	for (int hook = 0; hook < HOOK_MAX; hook++)
		hook_try(trial, hook);
	_exit(0);
}

static int cgroup_enter(int cgroup, pid_t pid)
{
	_cleanup_close_ int fd = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return dprintf(fd, "%d", (int)pid) > 0 ? 0 : -errno;
}

static int child_ready(const struct trial *trial, pid_t child, int cgroup)
{
	struct tag tag = { .session = trial->session, .trial = 1 };
	__u64 threads;
	int r = sensor_tag(trial->sensor, trial->row, &tag, (__u32)child, &threads);

	return r || cgroup < 0 ? r : cgroup_enter(cgroup, child);
}

/* A child that hangs in an act is ended, and what it did not come to has failed. */
static void child_wait(pid_t child)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0 || poll(&ended, 1, TIME_MS) <= 0)
		kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static int child_run(struct trial *trial, int cgroup)
{
	int go[2], r;
	pid_t child;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child) {
		close(go[1]);
		child_main(trial, go[0]);
	}
	close(go[0]);
	r = child < 0 ? -errno : child_ready(trial, child, cgroup);
	if (!r && write(go[1], "", 1) != 1)
		r = -errno;
	close(go[1]);
	if (child > 0)
		child_wait(child);
	return r;
}

/* 1: something failed. */
static int judge(const struct trial *trial, struct plan *plan, int cgroup)
{
	const struct plan tried = *plan;
	int r = 0, error;

	/* without a cgroup its programs are not attached */
	for (const struct program *row = program_table; row->name; row++) {
		error = trial->results->error[row->hook];
		if (!trial_acts[row->hook] ||
		    (cgroup < 0 && (row->shell == SHELL_cgroup || row->shell == SHELL_packet)) ||
		    !plan_wants(&tried, row, trial->policy) || error == UNTRIED)
			continue;
		if (!fired(trial, row))
			r |= plan_fail(plan, row->hook, row->shell, plan_silent, 0);
		else if (refuses(row) && error != EPERM)
			r |= plan_fail(plan, row->hook, row->shell, plan_ignored, error);
	}
	return r;
}

static int session_open(struct trial *trial, int cgroup)
{
	struct sensor_session session = { .cgroup = cgroup_id(cgroup), .trial = true };
	int r;

	if (getrandom(&trial->session, sizeof(trial->session), 0) != sizeof(trial->session))
		return -errno;
	trial->session |= 1; /* 0 is no session */
	session.session = trial->session;
	r = sensor_session_begin(trial->sensor, &session, &trial->row);
	if (r)
		return r;
	trial->agent = sensor_row(trial->sensor, trial->row);
	return 0;
}

int trial_hold(struct sensor *sensor, struct plan *plan, const struct policy *policy, int cgroup)
{
	struct trial trial = { .sensor = sensor, .plan = plan, .policy = policy };
	int r = ground_make(&trial.ground);

	if (r)
		return r;
	trial.results = mmap(NULL, sizeof(*trial.results), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	r = trial.results == MAP_FAILED ? -errno : session_open(&trial, cgroup);
	if (!r) {
		r = child_run(&trial, cgroup);
		if (!r)
			r = judge(&trial, plan, cgroup);
		sensor_session_end(sensor, trial.row);
	}
	if (trial.results != MAP_FAILED)
		munmap(trial.results, sizeof(*trial.results));
	ground_remove(&trial.ground);
	return r;
}
