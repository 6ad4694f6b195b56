/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/undo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/cgroup.h"

/* Keeps nothing of the caller's but the pipe and the cgroup, so that a pipe or terminal
 * of the caller's ends when the caller does. */
static void descriptors_close(int pipe_fd, const struct cgroup *cgroup)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != pipe_fd && fd != dirfd(directory) && !cgroup_owns(cgroup, fd))
			close(fd);
	}
	closedir(directory);
}

static _Noreturn void undo_main(int pipe_fd, struct cgroup *cgroup)
{
	sigset_t all;
	char byte;
	ssize_t n;
	int null;

	prctl(PR_SET_NAME, "fermata-undo");
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	descriptors_close(pipe_fd, cgroup);
	if (chdir("/"))
		_exit(1);
	do
		n = read(pipe_fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	_exit(cgroup_remove(cgroup) ? 1 : 0);
}

int undo_start(struct cgroup *cgroup)
{
	int ends[2], status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		/* a second fork: no child of ours that the caller would have to wait for */
		pid = fork();
		if (pid)
			_exit(pid < 0);
		close(ends[1]);
		undo_main(ends[0], cgroup);
	}
	close(ends[0]);
	while (pid > 0 && syscall(SYS_wait4, pid, &status, 0, NULL) < 0 && errno == EINTR)
		;
	if (pid < 0 || status) {
		close(ends[1]);
		return -EAGAIN;
	}
	return ends[1];
}

void undo_release(int undo, bool undone)
{
	if (undo < 0)
		return;
	if (undone && write(undo, "", 1) != 1)
		(void)errno; /* it has been killed: nothing is left to tell */
	close(undo);
}
