/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that whole lines are appended to, at a place that the watched user may have
 * prepared: what the alert log and the recording are written with.
 */
#ifndef FERMATA_LINE_FILE_H
#define FERMATA_LINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct line_file {
	int fd; /* -1: none */
	bool regular;
	bool torn; /* what was written last has no newline */
};

/*
 * Opens `path` for appending and makes it, mode 0600, when there is none. A regular file is
 * locked. Also taken are a character device and a FIFO, unless a symbolic link outside
 * /dev leads there.
 *
 * When we are root and `agent`, the user that is watched, is not, the agent may have
 * prepared what is at `path`. Then no part of it may be a symbolic link (-ELOOP); a file
 * must be root's or the agent's, under this name only, a device or FIFO root's (-EINVAL).
 *
 * -EBUSY: it is locked already; -EINVAL: neither of these kinds; -ENXIO: a FIFO that
 * nobody reads; else what open(2) says. SIGPIPE must be ignored by the program if FIFOs
 * are allowed.
 */
int line_file_open(struct line_file *ret_file, const char *path, uid_t agent);
void line_file_close(struct line_file *file);

/*
 * Appends one or more lines, each with its newline, in one write(2) if that takes them. 0,
 * or -errno (-ENOSPC, …): *ret_written bytes of them are in the file, whole lines; what had
 * been written of the next one is cut back, or, where that cannot be done, ended by a
 * newline before what comes next. ret_written may be NULL.
 */
int line_file_append(struct line_file *file, const char *lines, size_t length, size_t *ret_written);

#endif
