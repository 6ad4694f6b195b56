/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READER_WAIT 1000 /* ms that a FIFO's reader has to make room; then it counts as failed */

/* Whether a symbolic link at `path` is one that the system put there (/dev/stdout). */
static bool is_foreign_link(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode) && strncmp(path, "/dev/", 5);
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

/* Whether the file ends within a line: who wrote it last did not get to the end. */
static int find_torn(int fd, bool *ret_torn)
{
	_cleanup_close_ int again = -1;
	char self[64], last = '\n';
	off_t size;

	/* the same file, whatever has its name by now */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	again = open(self, O_RDONLY | O_CLOEXEC);
	if (again < 0)
		return -errno;
	size = lseek(again, 0, SEEK_END);
	if (size < 0 || (size && pread(again, &last, 1, size - 1) != 1))
		return -EIO;
	*ret_torn = last != '\n';
	return 0;
}

int line_file_open(struct line_file *ret_file, const char *path, uid_t agent)
{
	bool guarded = !geteuid() && agent;
	_cleanup_close_ int fd = open_for_appending(path, guarded);
	bool torn = false;
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (guarded && !is_harmless(&st, agent))
		return -EINVAL;
	if (!S_ISREG(st.st_mode) &&
	    ((!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode)) || is_foreign_link(path)))
		return -EINVAL;
	if (S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (S_ISREG(st.st_mode))
		r = find_torn(fd, &torn);
	if (r)
		return r;
	*ret_file = (struct line_file) { take_fd(&fd), S_ISREG(st.st_mode), torn };
	return 0;
}

void line_file_close(struct line_file *file)
{
	closep(&file->fd);
	file->fd = -1;
}

/* Writes all of it, or tells how much of it. */
static int write_lines(int fd, const char *lines, size_t length, size_t *ret_written)
{
	size_t written = 0;
	int r = 0;

	while (written < length) {
		ssize_t n = write(fd, lines + written, length - written);
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

/* How much of what was written is whole lines. */
static size_t whole_lines(const char *lines, size_t written)
{
	const char *end = memrchr(lines, '\n', written);

	return end ? (size_t)(end + 1 - lines) : 0;
}

int line_file_append(struct line_file *file, const char *lines, size_t length, size_t *ret_written)
{
	off_t size = file->regular ? lseek(file->fd, 0, SEEK_END) : 0;
	size_t written = 0, whole;
	int r;

	if (ret_written)
		*ret_written = 0;
	if (size < 0)
		return -errno;
	if (file->torn) {
		r = write_lines(file->fd, "\n", 1, &written);
		if (r < 0)
			return r;
		file->torn = false;
		size++;
	}
	r = write_lines(file->fd, lines, length, &written);
	whole = r ? whole_lines(lines, written) : length;
	if (written > whole && (!file->regular || ftruncate(file->fd, size + (off_t)whole) < 0))
		file->torn = true;
	if (ret_written)
		*ret_written = whole;
	return r;
}
