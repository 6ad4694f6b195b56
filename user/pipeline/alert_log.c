/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log is the queue that everything after it reads, so a line is in it whole or not
 * at all, and numbers have no gap.
 */
#include "pipeline/alert_log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

#include "pipeline/alert.h"
#include "pipeline/line_file.h"

struct alert_log {
	struct line_file file;
	__u64 next;
};

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
	snprintf(self, sizeof(self), "/proc/self/fd/%d", log->file.fd);
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
	for (end = memrchr(tail, '\n', (size_t)n); end && log->next == 1; end = start) {
		start = memrchr(tail, '\n', (size_t)(end - tail));
		log->next = 1 + line_number(start ? start + 1 : tail,
					    (size_t)(end - (start ? start + 1 : tail)));
	}
	return 0;
}

int alert_log_open(struct alert_log **ret_log, const char *path, uid_t agent)
{
	_cleanup_(alert_log_closep) struct alert_log *log = calloc(1, sizeof(*log));
	int r;

	if (!log)
		return -ENOMEM;
	log->next = 1;
	log->file.fd = -1;
	r = line_file_open(&log->file, path, agent);
	if (!r && log->file.regular)
		r = find_end(log);
	if (r < 0)
		return r;
	*ret_log = take_ptr(log);
	return 0;
}

void alert_log_close(struct alert_log *log)
{
	line_file_close(&log->file);
	free(log);
}

__u64 alert_log_next(const struct alert_log *log)
{
	return log->next;
}

int alert_log_append(struct alert_log *log, const char *line, size_t length)
{
	int r = line_file_append(&log->file, line, length, NULL);

	if (!r)
		log->next++;
	return r;
}
