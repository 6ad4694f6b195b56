/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether something is kept over the exec that has content. */
static bool is_readable(int fd, int *ret_flags)
{
	int kept = fcntl(fd, F_GETFD), flags = fcntl(fd, F_GETFL);
	struct stat status;

	if (kept < 0 || kept & FD_CLOEXEC || flags < 0 || flags & O_PATH ||
	    (flags & O_ACCMODE) == O_WRONLY || fstat(fd, &status))
		return false;
	*ret_flags = flags & (O_ACCMODE | O_APPEND);
	return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode);
}

static bool is_refused(int fd, int flags)
{
	char path[32];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again < 0)
		return errno == EPERM;
	close(again);
	return false;
}

static void take_away(int fd)
{
	int null;

	close(fd);
	if (fd > STDERR_FILENO)
		return;
	/* the lowest that is free, which is the one */
	null = open("/dev/null", O_RDWR);
	if (null >= 0 && null != fd)
		close(null);
}

void inherited_examine(void)
{
	int flags;

	for (int fd = 0; fd < INHERITED_MAX; fd++)
		if (is_readable(fd, &flags) && is_refused(fd, flags))
			take_away(fd);
	(void)syscall(SYS_close_range, INHERITED_MAX, ~0u, 0);
}
