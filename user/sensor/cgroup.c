/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "sensor/mount.h"

#define HANDLE_KERNFS 0xfe /* FILEID_KERNFS of linux/exportfs.h */
#define REMOVE_TRIES 200
#define REMOVE_WAIT_MS 10

struct cgroup {
	int parent;
	int self;
	char *name;
	char path[PATH_MAX];
};

/* The caller's own cgroup: the line of /proc/self/cgroup that names no controllers. */
static int own_path(char *path, size_t size)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "0::/", 4))
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (snprintf(path, size, "%s", line + 3) >= (int)size)
			return -ENAMETOOLONG;
		return 0;
	}
	return -ENODEV;
}

void cgroup_free(struct cgroup *cgroup)
{
	if (!cgroup)
		return;
	closep(&cgroup->parent);
	closep(&cgroup->self);
	free(cgroup->name);
	free(cgroup);
}

DEFINE_CLEANUP(struct cgroup *, cgroup_free)

int cgroup_make(struct cgroup **ret_cgroup, const char *name)
{
	_cleanup_(cgroup_freep) struct cgroup *cgroup = NULL;
	_cleanup_close_ int root = -1;
	char own[PATH_MAX - 64];
	int r;

	cgroup = calloc(1, sizeof(*cgroup));
	if (!cgroup)
		return -ENOMEM;
	cgroup->parent = cgroup->self = -1;
	cgroup->name = strdup(name);
	if (!cgroup->name)
		return -ENOMEM;
	r = own_path(own, sizeof(own));
	if (r)
		return r;
	root = filesystem_open("cgroup2");
	if (root < 0)
		return root;
	cgroup->parent = openat(root, own[1] ? own + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->parent < 0)
		return -errno;
	if (mkdirat(cgroup->parent, name, 0755))
		return -errno;
	cgroup->self = openat(cgroup->parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->self < 0) {
		r = -errno;
		unlinkat(cgroup->parent, name, AT_REMOVEDIR);
		return r;
	}
	snprintf(cgroup->path, sizeof(cgroup->path), "%s%s%s", own, own[1] ? "/" : "", name);
	*ret_cgroup = take_ptr(cgroup);
	return 0;
}

/* A number into one of its control files. */
static int control_write(const struct cgroup *cgroup, const char *name, int number)
{
	_cleanup_close_ int fd = openat(cgroup->self, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return dprintf(fd, "%d", number) > 0 ? 0 : -errno;
}

int cgroup_add(const struct cgroup *cgroup, int pid)
{
	return control_write(cgroup, "cgroup.procs", pid);
}

int cgroup_kill(const struct cgroup *cgroup)
{
	return control_write(cgroup, "cgroup.kill", 1);
}

/* Members may have made cgroups below it. */
static int remove_below(int parent, const char *name)
{
	_cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory)
		return -errno;
	take_fd(&fd);
	while ((entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			remove_below(dirfd(directory), entry->d_name);
	closedir(directory);
	return unlinkat(parent, name, AT_REMOVEDIR) ? -errno : 0;
}

int cgroup_remove(struct cgroup *cgroup)
{
	int r = 0;

	if (!cgroup)
		return 0;
	for (int i = 0; i < REMOVE_TRIES; i++) {
		r = remove_below(cgroup->parent, cgroup->name);
		if (r != -EBUSY)
			break;
		cgroup_kill(cgroup);
		poll(NULL, 0, REMOVE_WAIT_MS);
	}
	cgroup_free(cgroup);
	return r == -ENOENT ? 0 : r;
}

__u64 cgroup_id(int fd)
{
	struct stat directory;

	/* kernfs_node.id, which is 64 bits wide as inode numbers are */
	return fd < 0 || fstat(fd, &directory) ? 0 : directory.st_ino;
}

int cgroup_fd(const struct cgroup *cgroup)
{
	return cgroup->self;
}

/* The id is what a file handle of its directory has in it. Through a mount of our own, its
 * root is that of the hierarchy. */
int cgroup_find(__u64 id, char path[PATH_MAX])
{
	_cleanup_close_ int mount = filesystem_open("cgroup2"), root = -1, found = -1;
	struct {
		struct file_handle head;
		__u64 id;
	} handle = { { .handle_bytes = sizeof(id), .handle_type = HANDLE_KERNFS }, id };
	char self[64];
	ssize_t length;

	if (mount < 0)
		return mount;
	/* a mount's own descriptor is one of those that stand for a path only */
	root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	found = open_by_handle_at(root, &handle.head, O_PATH | O_CLOEXEC);
	if (found < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", found);
	length = readlink(self, path, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	path[length] = '\0';
	return 0;
}

bool cgroup_owns(const struct cgroup *cgroup, int fd)
{
	return fd == cgroup->self || fd == cgroup->parent;
}

const char *cgroup_path(const struct cgroup *cgroup)
{
	return cgroup->path;
}
