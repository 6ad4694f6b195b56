/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* linux/mount.h of Debian 12 has these calls' flags, its C library not the calls. */
#define FSOPEN_CLOEXEC_ 1
#define FSMOUNT_CLOEXEC_ 1

static int mounted_open(const char *type)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	int fd = -ENODEV;

	if (!mounts)
		return -errno;
	while (fd < 0 && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, type)) {
			fd = open(mount->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			fd = fd < 0 ? -errno : fd;
		}
	endmntent(mounts);
	return fd;
}

int filesystem_make(const char *type)
{
	_cleanup_close_ int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC_);
	int fd;

	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC_, 0);
	return fd < 0 ? -errno : fd;
}

int filesystem_open(const char *type)
{
	int fd = filesystem_make(type);

	return fd < 0 ? mounted_open(type) : fd;
}
