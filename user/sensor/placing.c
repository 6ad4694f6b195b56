/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every directory on the way to a name is watched, as any of them can be replaced. What
 * appears there makes all names be looked for anew: that is rare, and a file that has its
 * mark is passed over quickly.
 */
#include "sensor/placing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "base/glob.h"

#define DEPTH_MAX 64 /* components of a name: one descriptor each */

#define MARK_EVENTS FAN_OPEN_PERM
#define DIRECTORY_EVENTS (IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)

DEFINE_CLEANUP(DIR *, closedir)

/* One name on its way from the root. */
struct way {
	struct placing *placing;
	const struct name *name;
	size_t found;
	char path[TEXT_MAX + 1]; /* as far as it has been walked */
};

/* One component of a pattern. */
struct component {
	struct pattern text;
	bool last;
};

/* The one that begins at `at`, behind a slash. */
static struct component component_at(const struct pattern *pattern, size_t at)
{
	const unsigned char *start = pattern->bytes + at;
	const unsigned char *slash = memchr(start, '/', pattern->length - at);
	size_t length = slash ? (size_t)(slash - start) : pattern->length - at;

	return (struct component) { { (unsigned char *)start, length }, !slash };
}

/* Adds an inotify watch below an open directory ("" for itself). */
static int watch_add(const struct placing *placing, int directory, const char *name,
		     uint32_t events)
{
	char path[NAME_MAX + 64];
	int watch;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, name);
	watch = inotify_add_watch(placing->inotify, path, events);
	return watch < 0 ? -errno : watch;
}

static void place_failed(struct placing *placing, int error)
{
	if (error == -ENOSPC || error == -ENOMEM)
		placing->placed.full = true;
	else
		placing->placed.failed++;
}

static void watch_directory(struct placing *placing, int directory)
{
	int watch;

	if (placing->watch_count == WATCHES_MAX) {
		placing->placed.full = true;
		return;
	}
	watch = watch_add(placing, directory, "", DIRECTORY_EVENTS);
	if (watch < 0) {
		place_failed(placing, watch);
		return;
	}
	for (size_t i = 0; i < placing->watch_count; i++)
		if (placing->watch[i] == watch)
			return;
	placing->watch[placing->watch_count++] = watch;
}

/* By what is there under the name now. */
static int place_file(struct way *way, int directory, const char *name, struct mark *ret_mark)
{
	struct placing *placing = way->placing;
	struct mark mark = { 0 };
	int r;

	if (placing->group >= 0 && way->name->refused &&
	    fanotify_mark(placing->group, FAN_MARK_ADD | FAN_MARK_DONT_FOLLOW, MARK_EVENTS,
			  directory, name))
		return -errno;
	mark.watch = watch_add(placing, directory, name, IN_DELETE_SELF | IN_DONT_FOLLOW);
	if (mark.watch < 0)
		return mark.watch;
	r = labels_set(&placing->labels, directory, name, way->path, &mark.file);
	if (r)
		return r;
	*ret_mark = mark;
	return 0;
}

/* Labels and marks a regular file: others are not opened again for nothing, as the kernel does
 * for who answers. What it is called after that is what counts. */
static void place(struct way *way, int directory, const char *name)
{
	struct placing *placing = way->placing;
	struct mark mark;
	struct stat file;
	int r;

	if (fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW) || !S_ISREG(file.st_mode))
		return;
	if (way->found++ >= PATTERN_FILES_MAX) {
		placing->placed.full = true;
		return;
	}
	if (mark_table_has(placing->table, &file, way->path))
		return;
	r = place_file(way, directory, name, &mark);
	if (r == -ENOENT || fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW))
		return; /* gone again */
	if (!r)
		r = mark_table_add(placing->table, &file, &mark, way->path);
	if (r)
		place_failed(placing, r);
}

static void walk(struct way *way, int directory, size_t at, size_t depth);

/* Goes on below `directory` with a name that fits the component before `next`. */
static void descend(struct way *way, int directory, const char *name, size_t next, size_t depth)
{
	size_t length = strlen(way->path);
	_cleanup_close_ int below = -1;
	bool last = next > way->name->path.length;

	if (length + 1 + strlen(name) > TEXT_MAX)
		return;
	sprintf(way->path + length, "/%s", name);
	if (last)
		place(way, directory, name);
	else
		below = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below >= 0)
		walk(way, below, next, depth + 1);
	way->path[length] = '\0';
}

static void walk_entries(struct way *way, int directory, const struct component *component,
			 size_t next, size_t depth)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!entries) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    pattern_matches(&component->text, entry->d_name, false))
			descend(way, directory, entry->d_name, next, depth);
}

/* Follows the component at `at` from an open directory. */
static void walk(struct way *way, int directory, size_t at, size_t depth)
{
	struct component component = component_at(&way->name->path, at);
	size_t next = at + component.text.length + 1;
	char name[NAME_MAX + 1];

	if (depth == DEPTH_MAX) {
		way->placing->placed.failed++;
		return;
	}
	watch_directory(way->placing, directory);
	if (pattern_has_wildcard(&component.text)) {
		walk_entries(way, directory, &component, next, depth);
		return;
	}
	if (component.text.length > NAME_MAX)
		return;
	memcpy(name, component.text.bytes, component.text.length);
	name[component.text.length] = '\0';
	descend(way, directory, name, next, depth);
}

void placing_run(struct placing *placing)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct way way = { .placing = placing };

	placing->placed.failed = 0;
	for (size_t i = 0; root >= 0 && i < placing->names->count; i++) {
		way.name = &placing->names->list[i];
		way.found = 0;
		walk(&way, root, 1, 0);
	}
}

/* Whether a name has a component like that. */
static bool is_wanted(const struct placing *placing, const char *name)
{
	for (size_t i = 0; i < placing->names->count; i++) {
		const struct pattern *pattern = &placing->names->list[i].path;
		struct component component;

		for (size_t at = 1; at <= pattern->length; at += component.text.length + 1) {
			component = component_at(pattern, at);
			if (pattern_matches(&component.text, name, false))
				return true;
		}
	}
	return false;
}

static void watch_gone(struct placing *placing, int watch)
{
	struct mark mark;

	while (mark_table_take(placing->table, watch, &mark)) {
		labels_remove(&placing->labels, &mark.file);
		free(mark.name);
	}
	for (size_t i = 0; i < placing->watch_count; i++)
		if (placing->watch[i] == watch) {
			placing->watch[i] = placing->watch[--placing->watch_count];
			return;
		}
}

int placing_follow(struct placing *placing)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t size = read(placing->inotify, events, sizeof(events));
	const struct inotify_event *event;
	bool look = false;

	if (size < 0)
		return errno == EINTR ? 0 : -errno;
	for (ssize_t at = 0; at < size; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const void *)(events + at);
		if (event->mask & IN_IGNORED)
			watch_gone(placing, event->wd);
		look = look || event->mask & IN_Q_OVERFLOW ||
		       (event->len && !look && is_wanted(placing, event->name));
	}
	if (look)
		placing_run(placing);
	return 0;
}

void placing_end(struct placing *placing)
{
	struct mark mark;

	while (mark_table_take(placing->table, -1, &mark)) {
		labels_remove(&placing->labels, &mark.file);
		free(mark.name);
	}
}
