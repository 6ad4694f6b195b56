/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files in, whole buffers out: with a maximum, and through interrupted and
 * short reads and writes.
 */
#ifndef FERMATA_FILE_H
#define FERMATA_FILE_H

#include <stddef.h>

/*
 * Reads the file at `path`, also one whose size is not known before (procfs).
 * *ret_data is the caller's to free, followed by a NUL; ret_size may be NULL.
 * -EFBIG: it has more than `maximum` bytes; -EISDIR; else what open and read say.
 */
int file_read(const char *path, size_t maximum, char **ret_data, size_t *ret_size);

/* The same from an open descriptor, from where it stands. */
int file_read_open(int fd, size_t maximum, char **ret_data, size_t *ret_size);

/* Reads the first bytes of a file, at most `size`. */
int file_read_head(const char *path, void *data, size_t size, size_t *ret_size);

/*
 * Writes all of it. 0 or -errno; on an error some bytes may have been written: if
 * ret_written is given, it is set to their number in either case.
 */
int file_write_some(int fd, const void *data, size_t size, size_t *ret_written);
int file_write_all(int fd, const void *data, size_t size);

#endif
