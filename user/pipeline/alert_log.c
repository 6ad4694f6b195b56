/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log is the queue that everything after it reads, so a line is in it whole or not
 * at all, and numbers have no gap.
 */
#include "pipeline/alert_log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "pipeline/alert.h"

#define READER_WAIT 1000 /* ms that a FIFO's reader has to make room; then it counts as failed */

struct alert_log {
	int fd;
	bool regular;
	bool torn; /* what was written last has no newline */
	__u64 next;
};

/* Whether a symbolic link at `path` is one that the system put there (/dev/stdout). */
static bool is_foreign_link(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode) && strncmp(path, "/dev/", 5);
}

/* The number of the last record, or 0. */
static __u64 line_number(const char *line, size_t length)
{
	json_t *root = json_loadb(line, length, 0, NULL);
	json_int_t number =
		json_integer_value(json_object_get(json_object_get(root, "fermata"), "seq"));

	json_decref(root);
	return number > 0 ? (__u64)number : 0;
}

/* Continues the numbers of the records that are there, from the last whole one. */
static int find_end(struct alert_log *log)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *tail = NULL;
	char *end, *start, self[64];
	off_t size, from;
	ssize_t n;

	/* the same file, whatever has its name by now */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", log->fd);
	fd = open(self, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		return -errno;
	if (!size)
		return 0;
	/* room for one whole record and a torn one after it */
	from = size > 2 * (off_t)ALERT_BYTES_MAX ? size - 2 * (off_t)ALERT_BYTES_MAX : 0;
	tail = malloc((size_t)(size - from));
	if (!tail)
		return -ENOMEM;
	n = pread(fd, tail, (size_t)(size - from), from);
	if (n != size - from)
		return n < 0 ? -errno : -EIO;
	log->torn = tail[n - 1] != '\n';
	for (end = memrchr(tail, '\n', (size_t)n); end && log->next == 1; end = start) {
		start = memrchr(tail, '\n', (size_t)(end - tail));
		log->next = 1 + line_number(start ? start + 1 : tail,
					    (size_t)(end - (start ? start + 1 : tail)));
	}
	return 0;
}

/* Without waiting for the reader of a FIFO. */
static int open_for_appending(const char *path, bool guarded)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	struct open_how how = { (__u64)flags, 0600, RESOLVE_NO_SYMLINKS };

	if (guarded)
		return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	return open(path, flags, 0600);
}

/* Whether root may append to it, wherever somebody else put it. */
static bool is_harmless(const struct stat *st, uid_t agent)
{
	if (S_ISREG(st->st_mode))
		return (st->st_uid == 0 || st->st_uid == agent) && st->st_nlink == 1;
	return st->st_uid == 0;
}

int alert_log_open(struct alert_log **ret_log, const char *path, uid_t agent)
{
	_cleanup_(alert_log_closep) struct alert_log *log = calloc(1, sizeof(*log));
	bool guarded = !geteuid() && agent;
	struct stat st;
	int r;

	if (!log)
		return -ENOMEM;
	log->next = 1;
	log->fd = open_for_appending(path, guarded);
	if (log->fd < 0)
		return -errno;
	if (fstat(log->fd, &st) < 0)
		return -errno;
	if (guarded && !is_harmless(&st, agent))
		return -EINVAL;
	log->regular = S_ISREG(st.st_mode);
	if (!log->regular) {
		if ((!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode)) || is_foreign_link(path))
			return -EINVAL;
		*ret_log = take_ptr(log);
		return 0;
	}
	if (flock(log->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	r = find_end(log);
	if (r < 0)
		return r;
	*ret_log = take_ptr(log);
	return 0;
}

void alert_log_close(struct alert_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	free(log);
}

__u64 alert_log_next(const struct alert_log *log)
{
	return log->next;
}

/* Writes all of it, or tells how much of it. */
static int write_line(int fd, const char *line, size_t length, size_t *ret_written)
{
	size_t written = 0;
	int r = 0;

	while (written < length) {
		ssize_t n = write(fd, line + written, length - written);
		struct pollfd ready = { .fd = fd, .events = POLLOUT };

		if (n > 0) {
			written += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (poll(&ready, 1, READER_WAIT) == 0) {
				r = -EAGAIN;
				break;
			}
		} else if (!n || errno != EINTR) {
			r = n ? -errno : -EIO;
			break;
		}
	}
	*ret_written = written;
	return r;
}

int alert_log_append(struct alert_log *log, const char *line, size_t length)
{
	off_t size = log->regular ? lseek(log->fd, 0, SEEK_END) : 0;
	size_t written;
	int r;

	if (size < 0)
		return -errno;
	if (log->torn) {
		r = write_line(log->fd, "\n", 1, &written);
		if (r < 0)
			return r;
		log->torn = false;
		size++;
	}
	r = write_line(log->fd, line, length, &written);
	if (r < 0) {
		if (written && (!log->regular || ftruncate(log->fd, size) < 0))
			log->torn = true;
		return r;
	}
	log->next++;
	return 0;
}
