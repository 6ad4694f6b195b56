/* SPDX-License-Identifier: Apache-2.0 */
#include "base/detach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_kept(const struct detached *detached, int maker, int fd)
{
	return fd == maker || detached->keeps(detached->context, fd);
}

static void descriptors_close(const struct detached *detached, int maker)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(directory) && !is_kept(detached, maker, fd))
			close(fd);
	}
	closedir(directory);
}

static _Noreturn void detached_main(const struct detached *detached, int maker)
{
	sigset_t all;
	int null;

	prctl(PR_SET_NAME, detached->name);
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	null = open("/dev/null", O_RDWR);
	/* of a maker that had none of its own, they may be something else */
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		if (!is_kept(detached, maker, fd))
			dup2(null, fd);
	descriptors_close(detached, maker);
	if (chdir("/") || send(maker, "", 1, MSG_NOSIGNAL) != 1)
		_exit(1);
	detached->main(detached->context, maker);
	_exit(0);
}

int detach(const struct detached *detached)
{
	int ends[2], status = 0;
	ssize_t n = 0;
	pid_t pid;
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (!pid) {
		/* a second fork: no child of ours */
		pid = fork();
		if (pid)
			_exit(pid < 0);
		close(ends[1]);
		detached_main(detached, ends[0]);
	}
	close(ends[0]);
	while (pid > 0 && syscall(SYS_wait4, pid, &status, 0, NULL) < 0 && errno == EINTR)
		;
	/* what it has not let go of yet would look like ours to others: a lock, the end of a
	 * pipe */
	do
		n = pid < 0 || status ? 0 : read(ends[1], &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1) {
		close(ends[1]);
		return -EAGAIN;
	}
	return ends[1];
}
