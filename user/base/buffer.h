/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growable run of bytes with a maximum that its owner states at the start. An
 * error stays: after one that did not fit nothing is added any more, so a writer
 * may add freely and look at `error` once at the end.
 */
#ifndef FERMATA_BUFFER_H
#define FERMATA_BUFFER_H

#include <linux/types.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct buffer {
	char *data; /* always followed by a NUL once anything was added; else NULL */
	size_t length; /* without that NUL */
	size_t capacity;
	size_t maximum;
	int error; /* 0, -ENOSPC: over the maximum, -ENOMEM */
};

#define BUFFER(maximum_) ((struct buffer) { .maximum = (maximum_) })

/* Makes it empty, to hold at most `maximum` bytes. Allocates nothing yet. */
void buffer_init(struct buffer *buffer, size_t maximum);

/* Frees what it holds; it may be used again after buffer_init(). */
void buffer_done(struct buffer *buffer);

/* Empties it and clears its error; keeps the memory. */
void buffer_reset(struct buffer *buffer);

/* Cuts it back to an earlier length. The error stays. */
void buffer_cut(struct buffer *buffer, size_t length);

/* Makes room for `length` more bytes. Returns 0 or buffer->error. */
int buffer_reserve(struct buffer *buffer, size_t length);

/* Each adds at the end; all or nothing. Returns 0 or buffer->error. */
static inline int buffer_add(struct buffer *buffer, const void *data, size_t length)
{
	/* most of the time there is room, and a line is made of many small pieces */
	if ((buffer->error || length >= buffer->capacity - buffer->length) &&
	    buffer_reserve(buffer, length) < 0)
		return buffer->error;
	if (length)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
	return 0;
}

static inline int buffer_add_byte(struct buffer *buffer, char byte)
{
	return buffer_add(buffer, &byte, 1);
}

static inline int buffer_add_string(struct buffer *buffer, const char *string)
{
	return buffer_add(buffer, string, strlen(string));
}

int buffer_add_number(struct buffer *buffer, __u64 number); /* in decimal */
int buffer_print(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int buffer_print_list(struct buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* The bytes as a string; "" when nothing was added. */
static inline const char *buffer_string(const struct buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

#define _cleanup_buffer_ __attribute__((cleanup(buffer_done)))

#endif
