/* SPDX-License-Identifier: Apache-2.0 */
/*
 * O_NONBLOCK belongs to the open file, which the command and its caller share, so a
 * terminal or pipe is opened once more. What cannot be is asked before each piece
 * whether it has room.
 */
#include "base/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int open_again(int fd)
{
	char path[64];
	struct stat st;

	if (fstat(fd, &st) || (!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void outlet_open(struct outlet *ret_outlet, int fd)
{
	*ret_outlet = (struct outlet) { .fd = open_again(fd) };
	if (ret_outlet->fd < 0)
		ret_outlet->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

void outlet_close(struct outlet *outlet)
{
	closep(&outlet->fd);
	outlet->fd = -1;
}

/* A pipe that has room takes PIPE_BUF bytes without waiting. */
static ssize_t write_piece(int fd, const char *data, size_t size)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	size_t piece = size < PIPE_BUF ? size : PIPE_BUF;
	ssize_t n;

	if (poll(&room, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	n = send(fd, data, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n < 0 && errno == ENOTSOCK ? write(fd, data, piece) : n;
}

static int write_now(struct outlet *outlet, const char *data, size_t size)
{
	size_t written = 0;

	while (written < size) {
		ssize_t n = write_piece(outlet->fd, data + written, size - written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		written += (size_t)n;
		outlet->torn = written < size;
	}
	return 0;
}

int outlet_write(struct outlet *outlet, const char *line, size_t length)
{
	int r = 0;

	if (outlet->fd < 0)
		return -EBADF;
	if (outlet->torn)
		r = write_now(outlet, "\n", 1);
	return r ? r : write_now(outlet, line, length);
}
