/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "sensor/ground.h"
#include "sensor/internal.h"
#include "sensor/sensor.h"

#define TRIES 3 /* of one act: the kernel may skip a program, see bpf/shell.bpf.h */
#define TIME_MS 30000 /* that the child may take; an emulated machine is slow */
#define UNTRIED (-1) /* the act cannot be done here */

/* Acts return 0 or the positive errno that the call failed with. */

static int act_fork(int ground)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	(void)ground;
	if (child < 0)
		return errno;
	if (!child)
		_exit(0);
	return waitpid(child, NULL, 0) < 0 ? errno : 0;
}

static int act_exec(int ground)
{
	static char *const argv[] = { (char *)"trial", NULL };
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	int status;

	if (child < 0)
		return errno;
	if (!child) {
		syscall(SYS_execveat, ground, "program", argv, argv + 1, 0);
		_exit(errno);
	}
	if (waitpid(child, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static int act_open(int ground)
{
	int fd = openat(ground, "file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int act_create(int ground)
{
	if (mknodat(ground, "new", S_IFREG | 0600, 0))
		return errno == EEXIST ? 0 : errno;
	return 0;
}

static int act_unlink(int ground)
{
	int r = act_create(ground);

	if (r)
		return r;
	return unlinkat(ground, "new", 0) ? errno : 0;
}

static int act_rmdir(int ground)
{
	if (mkdirat(ground, "directory", 0700) && errno != EEXIST)
		return errno;
	return unlinkat(ground, "directory", AT_REMOVEDIR) ? errno : 0;
}

static int act_rename(int ground)
{
	int r = act_create(ground);

	if (r)
		return r;
	return renameat(ground, "new", ground, "newer") ? errno : 0;
}

static int act_link(int ground)
{
	unlinkat(ground, "link", 0);
	return linkat(ground, "file", ground, "link", 0) ? errno : 0;
}

static int act_symlink(int ground)
{
	unlinkat(ground, "symlink", 0);
	return symlinkat("file", ground, "symlink") ? errno : 0;
}

static int act_chmod(int ground)
{
	return fchmodat(ground, "file", 0600, 0) ? errno : 0;
}

static int act_chown(int ground)
{
	return fchownat(ground, "file", (uid_t)-1, getegid(), 0) ? errno : 0;
}

/* Of the file by its descriptor's name: there is no truncateat(2) or setxattrat(2). */
static int act_truncate(int ground)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/file", ground);
	return truncate(path, 0) ? errno : 0;
}

static int act_setxattr(int ground)
{
	_cleanup_close_ int fd = openat(ground, "file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return UNTRIED;
	if (!fsetxattr(fd, "security.fermata", "", 0, 0))
		return 0;
	return errno == EOPNOTSUPP ? UNTRIED : errno;
}

static int act_utimes(int ground)
{
	return utimensat(ground, "file", NULL, 0) ? errno : 0;
}

/* To the discard port of this host. */
union peer {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static int act_network(int family, bool send)
{
	union peer peer = { .in6 = { .sin6_family = (sa_family_t)family, .sin6_port = htons(9) } };
	socklen_t size = family == AF_INET ? sizeof(peer.in) : sizeof(peer.in6);
	_cleanup_close_ int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return UNTRIED;
	if (family == AF_INET)
		peer.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		peer.in6.sin6_addr = in6addr_loopback;
	if (send)
		return sendto(fd, "", 0, MSG_DONTWAIT, &peer.any, size) < 0 ? errno : 0;
	return connect(fd, &peer.any, size) ? errno : 0;
}

static int act_connect4(int ground)
{
	(void)ground;
	return act_network(AF_INET, false);
}

static int act_connect6(int ground)
{
	(void)ground;
	return act_network(AF_INET6, false);
}

static int act_send4(int ground)
{
	(void)ground;
	return act_network(AF_INET, true);
}

static int act_send6(int ground)
{
	(void)ground;
	return act_network(AF_INET6, true);
}

/* One for each hook that something is attached to. */
static int (*const acts[HOOK_MAX])(int ground) = {
	[HOOK_task_alloc] = act_fork,	      [HOOK_bprm_creds_from_file] = act_exec,
	[HOOK_file_open] = act_open,	      [HOOK_path_mknod] = act_create,
	[HOOK_path_unlink] = act_unlink,      [HOOK_path_rmdir] = act_rmdir,
	[HOOK_path_rename] = act_rename,      [HOOK_path_link] = act_link,
	[HOOK_path_chmod] = act_chmod,	      [HOOK_path_chown] = act_chown,
	[HOOK_path_truncate] = act_truncate,  [HOOK_inode_setxattr] = act_setxattr,
	[HOOK_inode_setattr] = act_utimes,    [HOOK_path_symlink] = act_symlink,
	[HOOK_socket_connect] = act_connect4, [HOOK_socket_sendmsg] = act_send4,
	[HOOK_connect4] = act_connect4,	      [HOOK_connect6] = act_connect6,
	[HOOK_sendmsg4] = act_send4,	      [HOOK_sendmsg6] = act_send6,
	[HOOK_task_newtask] = act_fork,	      [HOOK_sched_process_exec] = act_exec,
	[HOOK_sched_process_exit] = act_exec, [HOOK_sys_exit] = act_open,
};

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

static bool refuses(enum shell shell)
{
	return shell == SHELL_lsm || shell == SHELL_fmod_ret || shell == SHELL_cgroup;
}

static bool fired(const struct trial *trial, const struct program *row)
{
	return trial->agent->fired[row->copy] & HOOK_BIT(row->hook);
}

/* Whether every program of the hook was run, and the refusal counted. */
static bool passed(const struct trial *trial, enum hook hook)
{
	for (const struct program *row = program_table; row->name; row++)
		if (row->hook == hook && plan_wants(trial->plan, row, trial->policy) &&
		    (!fired(trial, row) ||
		     (refuses(row->shell) && trial->results->error[hook] != EPERM)))
			return false;
	return true;
}

static bool wanted(const struct trial *trial, enum hook hook)
{
	if (!acts[hook])
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
		*error = acts[hook](trial->ground.directory);
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
		if (!acts[row->hook] || (row->shell == SHELL_cgroup && cgroup < 0) ||
		    !plan_wants(&tried, row, trial->policy) || error == UNTRIED)
			continue;
		if (!fired(trial, row))
			r |= plan_fail(plan, row->hook, row->shell, plan_silent, 0);
		else if (refuses(row->shell) && error != EPERM)
			r |= plan_fail(plan, row->hook, row->shell, plan_ignored, error);
	}
	return r;
}

static int session_open(struct trial *trial)
{
	struct sensor_session session = { 0 };
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
	r = trial.results == MAP_FAILED ? -errno : session_open(&trial);
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
