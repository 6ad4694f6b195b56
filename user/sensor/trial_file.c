/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/trial_acts.h"

int act_open(int ground)
{
	int fd = openat(ground, "file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

int act_create(int ground)
{
	if (mknodat(ground, "new", S_IFREG | 0600, 0))
		return errno == EEXIST ? 0 : errno;
	return 0;
}

int act_unlink(int ground)
{
	int r = act_create(ground);

	if (r)
		return r;
	return unlinkat(ground, "new", 0) ? errno : 0;
}

int act_rmdir(int ground)
{
	if (mkdirat(ground, "directory", 0700) && errno != EEXIST)
		return errno;
	return unlinkat(ground, "directory", AT_REMOVEDIR) ? errno : 0;
}

int act_rename(int ground)
{
	int r = act_create(ground);

	if (r)
		return r;
	return renameat(ground, "new", ground, "newer") ? errno : 0;
}

int act_link(int ground)
{
	unlinkat(ground, "link", 0);
	return linkat(ground, "file", ground, "link", 0) ? errno : 0;
}

int act_symlink(int ground)
{
	unlinkat(ground, "symlink", 0);
	return symlinkat("file", ground, "symlink") ? errno : 0;
}

int act_chmod(int ground)
{
	return fchmodat(ground, "file", 0600, 0) ? errno : 0;
}

int act_chown(int ground)
{
	return fchownat(ground, "file", (uid_t)-1, getegid(), 0) ? errno : 0;
}

/* Of the file by its descriptor's name: there is no truncateat(2) or setxattrat(2). */
int act_truncate(int ground)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/file", ground);
	return truncate(path, 0) ? errno : 0;
}

int act_setxattr(int ground)
{
	_cleanup_close_ int fd = openat(ground, "file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return UNTRIED;
	if (!fsetxattr(fd, "security.fermata", "", 0, 0))
		return 0;
	return errno == EOPNOTSUPP ? UNTRIED : errno;
}

int act_utimes(int ground)
{
	return utimensat(ground, "file", NULL, 0) ? errno : 0;
}
