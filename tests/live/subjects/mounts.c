/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a file of a folder that is reached by an unusual way.
 *
 *   mounts detached|chroot FOLDER FILE
 *
 * detached: by a copy of the mount of the folder that is attached nowhere (open_tree(2)).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/mount.h */
#define CLONE 1

static int by_detached(const char *folder, const char *file)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, folder, CLONE | O_CLOEXEC);

	return tree < 0 ? -1 : openat(tree, file, O_RDONLY);
}

static int by_chroot(const char *folder, const char *file)
{
	return chdir(folder) || chroot(".") ? -1 : open(file, O_RDONLY);
}

int main(int argc, char **argv)
{
	char text[4096];
	ssize_t size;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: mounts detached|chroot FOLDER FILE\n");
		return 2;
	}
	fd = (strcmp(argv[1], "chroot") ? by_detached : by_chroot)(argv[2], argv[3]);
	size = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (size < 0) {
		printf("%s\n", strerrorname_np(errno));
		return 1;
	}
	return write(STDOUT_FILENO, text, (size_t)size) == size ? 0 : 2;
}
