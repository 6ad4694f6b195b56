/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read(2) and write(2) until done. No stdio: a record must be one write, and an
 * error must come with the call that caused it.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_FIRST 4096 /* bytes of the first allocation; procfs files mostly fit */

int file_read_open(int fd, size_t maximum, char **ret_data, size_t *ret_size)
{
	_cleanup_free_ char *data = NULL;
	size_t capacity = 0, size = 0;
	ssize_t n;

	for (;;) {
		if (size + 1 >= capacity) {
			/* room for one byte over the maximum, to see that there is more */
			size_t larger = capacity ? capacity * 2 : READ_FIRST;
			char *moved;

			if (larger > maximum + 2)
				larger = maximum + 2;
			moved = realloc(data, larger);
			if (!moved)
				return -ENOMEM;
			data = moved;
			capacity = larger;
		}
		n = read(fd, data + size, capacity - size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		size += (size_t)n;
		if (size > maximum)
			return -EFBIG;
	}
	data[size] = '\0';
	*ret_data = take_ptr(data);
	if (ret_size)
		*ret_size = size;
	return 0;
}

int file_read(const char *path, size_t maximum, char **ret_data, size_t *ret_size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return file_read_open(fd, maximum, ret_data, ret_size);
}

int file_read_head(const char *path, void *data, size_t size, size_t *ret_size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t done = 0;

	if (fd < 0)
		return -errno;
	while (done < size) {
		ssize_t n = read(fd, (char *)data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	*ret_size = done;
	return 0;
}

int file_write_some(int fd, const void *data, size_t size, size_t *ret_written)
{
	const char *byte = data;
	size_t written = 0;
	int r = 0;

	while (written < size) {
		ssize_t n = write(fd, byte + written, size - written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			/* someone made the terminal or pipe non-blocking */
			struct pollfd ready = { .fd = fd, .events = POLLOUT };

			if (poll(&ready, 1, -1) >= 0 || errno == EINTR)
				continue;
		}
		if (n <= 0) {
			r = n < 0 ? -errno : -EIO;
			break;
		}
		written += (size_t)n;
	}
	if (ret_written)
		*ret_written = written;
	return r;
}

int file_write_all(int fd, const void *data, size_t size)
{
	return file_write_some(fd, data, size, NULL);
}
