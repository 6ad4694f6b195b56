/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/trial_acts.h"

int act_fork(int ground)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	(void)ground;
	if (child < 0)
		return errno;
	if (!child)
		_exit(0);
	return waitpid(child, NULL, 0) < 0 ? errno : 0;
}

int act_exec(int ground)
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

/* A child that ends when it is let go: a signal could be what is refused. */
struct waiting {
	pid_t child; /* -1: there is none */
	int hold;
};

static struct waiting child_hold(void)
{
	struct waiting waiting = { .child = -1 };
	int ends[2];
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		return waiting;
	waiting.child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!waiting.child) {
		close(ends[1]);
		_exit((int)read(ends[0], &byte, 1));
	}
	close(ends[0]);
	waiting.hold = ends[1];
	return waiting;
}

static void child_let_go(const struct waiting *waiting)
{
	close(waiting->hold);
	(void)waitpid(waiting->child, NULL, 0);
}

/* The memory of a child of our own is read. */
int act_trace(int ground)
{
	char byte, other = 0;
	struct iovec local = { &byte, 1 }, remote = { &other, 1 };
	struct waiting waiting = child_hold();
	int r;

	(void)ground;
	if (waiting.child < 0)
		return UNTRIED;
	r = process_vm_readv(waiting.child, &local, 1, &remote, 1, 0) < 0 ? errno : 0;
	child_let_go(&waiting);
	return r;
}

/* In a child, which is let go as it ends. */
int act_traceme(int ground)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	int status;

	(void)ground;
	if (child < 0)
		return UNTRIED;
	if (!child)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0);
	if (waitpid(child, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* One that is ignored. */
int act_signal(int ground)
{
	struct waiting waiting = child_hold();
	int r;

	(void)ground;
	if (waiting.child < 0)
		return UNTRIED;
	r = kill(waiting.child, SIGURG) ? errno : 0;
	child_let_go(&waiting);
	return r;
}

/* To the ids that we have: these calls ask, whether or not anything changes. */
int act_user(int ground)
{
	(void)ground;
	return syscall(SYS_setuid, geteuid()) ? errno : 0;
}

int act_group(int ground)
{
	(void)ground;
	return syscall(SYS_setgid, getegid()) ? errno : 0;
}

int act_capabilities(int ground)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	(void)ground;
	if (syscall(SYS_capget, &header, data))
		return UNTRIED;
	return syscall(SYS_capset, &header, data) ? errno : 0;
}

/* A keyring of the process's own, which ends with it. */
int act_key(int ground)
{
	(void)ground;
	if (syscall(SYS_add_key, "user", "fermata-trial", "x", 1, -2 /* of the process */) >= 0)
		return 0;
	return errno == ENOSYS ? UNTRIED : errno;
}

/* Which a hook that refuses makes a key that there is not. */
int act_key_search(int ground)
{
	long key;

	(void)ground;
	key = syscall(SYS_add_key, "user", "fermata-trial", "x", 1, -2);
	if (key < 0)
		return UNTRIED;
	return syscall(SYS_keyctl, 6 /* describe */, key, NULL, 0) < 0 ? errno : 0;
}
