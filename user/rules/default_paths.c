/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program in build/ or build/sanitize/ belongs to the tree around it, so that a
 * fresh build works without installing and never mixes with installed rules.
 */
#include "rules/default_paths.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/strings.h"

#define INSTALLED FERMATA_PREFIX "/share/fermata/rules"
#define SITE "/etc/fermata/rules.d"

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* Cuts the last component off. Whether there is one left. */
static bool cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = 0;
	return true;
}

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), n = strlen(end);

	return length >= n && !strcmp(path + length - n, end);
}

/* The rules of the source tree that the program was built in. */
static bool tree_path(char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct stat status;

	if (n <= 0)
		return false;
	self[n] = 0;
	if (!cut(self))
		return false;
	if (ends_with(self, "/build/sanitize"))
		cut(self);
	if (!ends_with(self, "/build") || !cut(self))
		return false;
	/* Some other project may have its build/ beside a rules/ too. */
	if (snprintf(path, size, "%s/include/schema.h", self) >= (int)size || stat(path, &status))
		return false;
	return snprintf(path, size, "%s/rules", self) < (int)size && is_directory(path);
}

int rules_default_paths(struct strings *ret_paths)
{
	struct strings paths = { 0 };
	char tree[PATH_MAX];
	int r = 0;

	if (tree_path(tree, sizeof(tree)))
		r = strings_add(&paths, tree);
	else if (is_directory(INSTALLED))
		r = strings_add(&paths, INSTALLED);
	if (r >= 0 && is_directory(SITE))
		r = strings_add(&paths, SITE);
	if (r < 0) {
		strings_done(&paths);
		return r;
	}
	*ret_paths = paths;
	return 0;
}
