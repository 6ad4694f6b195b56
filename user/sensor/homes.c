/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/homes.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define PASSWD "/etc/passwd"
#define UID_MIN 1000
#define UID_NOBODY 65534

static bool logs_in(const struct passwd *user)
{
	return user->pw_uid == 0 || (user->pw_uid >= UID_MIN && user->pw_uid != UID_NOBODY);
}

static int home_add(struct strings *homes, const char *path)
{
	_cleanup_free_ char *resolved = realpath(path, NULL);
	struct stat status;

	if (!resolved || !strcmp(resolved, "/") || stat(resolved, &status) ||
	    !S_ISDIR(status.st_mode) || strings_have(homes, resolved))
		return 0;
	return strings_add(homes, resolved);
}

int homes_find(struct strings *homes)
{
	_cleanup_(fclosep) FILE *users = fopen(PASSWD, "re");
	const struct passwd *user;
	int r = 0;

	/* not through name services, which few let list all users, and which load libraries */
	while (!r && users && homes->count < HOMES_MAX && (user = fgetpwent(users)))
		if (logs_in(user))
			r = home_add(homes, user->pw_dir);
	return r;
}
