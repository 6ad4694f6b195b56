/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic links are followed, as drop-in folders are often made of them; every inode
 * is visited once, so that links cannot make a loop.
 */
#include "rules/rule_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "rules/maestro_source.h"
#include "rules/strings.h"

DEFINE_CLEANUP(DIR *, closedir)

struct visited {
	dev_t device;
	ino_t inode;
};

struct walk {
	struct strings files;
	struct visited *visited;
	size_t visited_count;
	struct diagnostics *diagnostics;
};

static int complain(const struct walk *walk, const char *path, const char *what, int error)
{
	const struct place place = { path, 0, 0 };

	diagnose(walk->diagnostics, SEVERITY_ERROR, &place, "%s%s%s", what, error ? ": " : "",
		 error ? strerror(-error) : "");
	return error ? error : -EINVAL;
}

/* 1 when it is the first visit, 0 when not, or -ENOMEM. */
static int visit(struct walk *walk, const struct stat *status)
{
	struct visited *visited;

	for (size_t i = 0; i < walk->visited_count; i++)
		if (walk->visited[i].device == status->st_dev &&
		    walk->visited[i].inode == status->st_ino)
			return 0;
	visited = reallocarray(walk->visited, walk->visited_count + 1, sizeof(*visited));
	if (!visited)
		return -ENOMEM;
	walk->visited = visited;
	visited[walk->visited_count++] = (struct visited) { status->st_dev, status->st_ino };
	return 1;
}

static bool is_rule_file(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yml") || !strcmp(dot, ".yaml")) && strcmp(name, MAESTRO_FILE);
}

static int folder_walk(struct walk *walk, const char *folder, unsigned int depth);

static int entry_walk(struct walk *walk, const char *folder, const char *name, unsigned int depth)
{
	_cleanup_free_ char *path = NULL;
	struct stat status;
	int r;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return -ENOMEM;
	if (stat(path, &status) < 0)
		return is_rule_file(name) ? complain(walk, path, "cannot read", -errno) : 0;
	if (!S_ISDIR(status.st_mode) && !is_rule_file(name))
		return 0;
	if (walk->files.count == RULE_FILES_MAX)
		return complain(walk, path, "beyond the limit of 20000 rule files", 0);
	r = visit(walk, &status);
	if (r <= 0)
		return r;
	return S_ISDIR(status.st_mode) ? folder_walk(walk, path, depth + 1)
				       : strings_add(&walk->files, path);
}

/* What is wrong in it is diagnosed; the result tells of the folder itself. */
static int folder_walk(struct walk *walk, const char *folder, unsigned int depth)
{
	_cleanup_(closedirp) DIR *stream = opendir(folder);
	struct dirent *entry;

	if (!stream)
		return complain(walk, folder, "cannot read", -errno);
	if (depth > RULE_FOLDERS_DEPTH_MAX)
		return complain(walk, folder, "folders are nested deeper than the limit of 32", 0);
	while (errno = 0, (entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		if (entry_walk(walk, folder, entry->d_name, depth) == -ENOMEM)
			return -ENOMEM;
	}
	return errno ? complain(walk, folder, "cannot read", -errno) : 0;
}

static int path_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int path_walk(struct walk *walk, const char *given)
{
	_cleanup_free_ char *path = strdup(given);
	size_t start = walk->files.count, length = strlen(given);
	struct stat status;
	int r;

	if (!path)
		return -ENOMEM;
	while (length > 1 && path[length - 1] == '/')
		path[--length] = 0;
	if (stat(path, &status) < 0)
		return complain(walk, given, "cannot read", -errno);
	r = visit(walk, &status);
	if (r <= 0)
		return r;
	if (!S_ISDIR(status.st_mode))
		return strings_add(&walk->files, path);
	r = folder_walk(walk, path, 1);
	if (walk->files.count > start)
		qsort(walk->files.list + start, walk->files.count - start,
		      sizeof(*walk->files.list), path_compare);
	return r;
}

int rule_files_find(struct strings *files, const char *const *paths, size_t count,
		    struct diagnostics *diagnostics)
{
	struct walk walk = { .diagnostics = diagnostics };
	int r = 0;

	for (size_t i = 0; i < count && r != -ENOMEM; i++) {
		int q = path_walk(&walk, paths[i]);

		if (q == -ENOMEM || !r)
			r = q;
	}
	free(walk.visited);
	*files = walk.files;
	return r;
}
