/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every answer is checked against the start time after it was read: a process that has
 * it then has had the pid all the while.
 */
#include "pipeline/procfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "event.h"
#include "pipeline/program.h"

#define STAT_MAX 4096 /* bytes of /proc/PID/stat */
#define STAT_START_TIME 22 /* field number, see proc(5) */
#define TICKS_TOLERATED 2

static void pid_path(char path[PATH_MAX], const char *root, __u32 pid, const char *name)
{
	snprintf(path, PATH_MAX, "%s/proc/%u/%s", root, pid, name);
}

/* 0 when the process with that pid started then. */
static int check_start(const char *root, __u32 pid, __u64 start_time)
{
	_cleanup_free_ char *stat = NULL;
	__u64 tick = CLOCK_SECOND / (__u64)sysconf(_SC_CLK_TCK), started;
	char path[PATH_MAX], *at;
	int r;

	pid_path(path, root, pid, "stat");
	r = file_read(path, STAT_MAX, &stat, NULL);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	at = strrchr(stat, ')'); /* the name before it may hold anything */
	for (int field = 2; at && field < STAT_START_TIME; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -EBADMSG;
	started = strtoull(at, NULL, 10) * tick;
	if (started > start_time + TICKS_TOLERATED * tick ||
	    start_time > started + (1 + TICKS_TOLERATED) * tick)
		return -ESRCH;
	return 0;
}

static int read_link(const char *root, __u32 pid, const char *name, char target[PATH_MAX],
		     struct bytes *ret)
{
	static const char deleted[] = " (deleted)";
	char path[PATH_MAX];
	ssize_t length;

	pid_path(path, root, pid, name);
	length = readlink(path, target, PATH_MAX);
	if (length < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret = (struct bytes) { target, (size_t)length };
	if (ret->length > strlen(deleted) &&
	    !memcmp(target + ret->length - strlen(deleted), deleted, strlen(deleted)))
		ret->length -= strlen(deleted);
	return 0;
}

int procfs_program(const char *root, __u32 pid, __u64 start_time, struct program **ret_program)
{
	_cleanup_(program_unrefp) struct program *program = NULL;
	char path[PATH_MAX], image_path[PATH_MAX], directory_path[PATH_MAX], line[TEXT_MAX];
	struct bytes image, directory = { 0 }, arguments = { line, 0 };
	int r;

	r = read_link(root, pid, "exe", image_path, &image);
	if (r < 0)
		return r;
	(void)read_link(root, pid, "cwd", directory_path, &directory); /* may be refused alone */
	pid_path(path, root, pid, "cmdline");
	r = file_read_head(path, line, sizeof(line), &arguments.length);
	if (r < 0)
		return r;
	if (arguments.length && !line[arguments.length - 1])
		arguments.length--; /* ends the last one */
	r = program_new(&program, image, arguments, directory);
	if (r < 0)
		return r;
	r = check_start(root, pid, start_time);
	if (r < 0)
		return r;
	*ret_program = take_ptr(program);
	return 0;
}

int procfs_boot_id(const char *root, char **ret_id)
{
	char path[PATH_MAX], *id;
	int r;

	snprintf(path, sizeof(path), "%s/proc/sys/kernel/random/boot_id", root);
	r = file_read(path, 64, &id, NULL);
	if (r < 0)
		return r;
	id[strcspn(id, "\n")] = '\0';
	*ret_id = id;
	return 0;
}
