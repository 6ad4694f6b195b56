/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/pin.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "fermata.skel.h"
#include "sensor/internal.h"

static const char *const kinds[] = { "maps", "programs", "links" };

/* Which version this is. NULL: no memory. */
static const __u8 *object_digest(void)
{
	static __u8 digest[DIGEST_SIZE];
	static bool known;
	size_t size;
	const void *object = fermata_bpf__elf_bytes(&size);

	if (!known)
		known = EVP_Digest(object, size, digest, NULL, EVP_sha256(), NULL);
	return known ? digest : NULL;
}

static int path_make(char path[PATH_MAX], const char *directory, const char *kind, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%s/%s%s%s", directory, kind, *name ? "/" : "", name);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int pin(int fd, const char *directory, const char *kind, const char *name)
{
	char path[PATH_MAX];
	int r = path_make(path, directory, kind, name);

	if (r)
		return r;
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

int pin_place(const char *directory)
{
	char path[PATH_MAX];
	struct statfs where;

	if (snprintf(path, sizeof(path), "%s", directory) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (statfs(dirname(path), &where))
		return -errno;
	if (where.f_type != BPF_FS_MAGIC)
		return -EMEDIUMTYPE;
	return mkdir(directory, 0700) ? -errno : 0;
}

static int kinds_make(const char *directory)
{
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(kinds); i++) {
		r = path_make(path, directory, kinds[i], "");
		if (!r && mkdir(path, 0700))
			r = -errno;
	}
	return r;
}

/* Pinned last: who finds it finds everything. */
static int about_pin(const struct pinned *about, const char *directory)
{
	_cleanup_close_ int fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "about", sizeof(__u32), sizeof(*about), 1, NULL);
	__u32 zero = 0;

	if (fd < 0 || bpf_map_update_elem(fd, &zero, about, BPF_ANY) || bpf_map_freeze(fd))
		return -errno;
	return pin(fd, directory, "about", "");
}

static int about_make(struct pinned *ret, const struct plan *plan)
{
	struct pinned about = { .tier = plan->tier };
	const __u8 *digest = object_digest();

	for (int shell = 0; shell < SHELL_MAX; shell++)
		for (int hook = 0; hook < HOOK_MAX; hook++)
			if (plan->failed[hook][shell].step)
				about.failed[shell][HOOK_WORD(hook)] |= HOOK_BIT(hook);
	if (!digest)
		return -ENOMEM;
	memcpy(about.object, digest, sizeof(about.object));
	*ret = about;
	return 0;
}

static int all_pin(const struct sensor *sensor, const struct pinned *about, const char *directory)
{
	const struct handles *handles = &sensor->handles;
	int r = 0;

	for (size_t i = 0; !r && i < MAP_MAX; i++)
		r = pin(handles->map[i], directory, "maps", sensor_map_table[i]);
	for (size_t i = 0; !r && i < handles->count; i++)
		r = pin(handles->programs[i].fd, directory, "programs", handles->programs[i].name);
	for (size_t i = 0; !r && i < sensor->link_count; i++)
		r = pin(sensor->links[i].fd, directory, "links", sensor->links[i].program);
	return r ? r : about_pin(about, directory);
}

/* Removes what is in a directory, and the directory. */
static int tree_remove(int parent, const char *name)
{
	_cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!directory)
		return -errno;
	take_fd(&fd);
	while (!r && (entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = tree_remove(dirfd(directory), entry->d_name);
		else if (entry->d_type != DT_DIR && unlinkat(dirfd(directory), entry->d_name, 0))
			r = -errno;
	closedir(directory);
	if (!r && unlinkat(parent, name, AT_REMOVEDIR))
		r = -errno;
	return r;
}

int sensor_pin(struct sensor *sensor, const char *directory)
{
	struct pinned about;
	int r = about_make(&about, &sensor->plan);

	if (!r)
		r = kinds_make(directory);
	if (!r)
		r = all_pin(sensor, &about, directory);
	if (r)
		(void)tree_remove(AT_FDCWD, directory);
	return r;
}

int pin_lock(const char *directory)
{
	_cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return take_fd(&fd);
}

int pin_remove(const char *directory)
{
	_cleanup_close_ int lock = pin_lock(directory);

	return lock < 0 ? lock : tree_remove(AT_FDCWD, directory);
}

int pin_read(const char *directory, struct pinned *ret_pinned)
{
	_cleanup_close_ int fd = -1;
	struct pinned pinned;
	char path[PATH_MAX];
	__u32 zero = 0;
	const __u8 *own = object_digest();
	int r = own ? path_make(path, directory, "about", "") : -ENOMEM;

	if (r)
		return r;
	fd = bpf_obj_get(path);
	if (fd < 0 || bpf_map_lookup_elem(fd, &zero, &pinned))
		return -errno;
	if (memcmp(pinned.object, own, DIGEST_SIZE) || pinned.tier >= TIER_MAX)
		return -ESTALE;
	*ret_pinned = pinned;
	return 0;
}

int pin_plan(const char *directory, struct plan *ret_plan)
{
	struct pinned pinned;
	struct plan plan;
	int r = pin_read(directory, &pinned);

	if (r)
		return r;
	plan_init(&plan, (enum tier)pinned.tier);
	plan.everything = plan.marks = true;
	for (int shell = 0; shell < SHELL_MAX; shell++)
		for (int hook = 0; hook < HOOK_MAX; hook++)
			if (pinned.failed[shell][HOOK_WORD(hook)] & HOOK_BIT(hook))
				plan_fail(&plan, (enum hook)hook, (enum shell)shell, "load", 0);
	*ret_plan = plan;
	return 0;
}
