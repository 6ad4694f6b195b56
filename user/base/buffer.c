/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where output memory grows. Doubling, bounded by the maximum; on a
 * failure the bytes added before are kept and the error stays set.
 */
#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST 256 /* bytes of the first allocation */

void buffer_init(struct buffer *buffer, size_t maximum)
{
	*buffer = BUFFER(maximum);
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = BUFFER(buffer->maximum);
}

void buffer_reset(struct buffer *buffer)
{
	buffer->length = 0;
	buffer->error = 0;
	if (buffer->data)
		buffer->data[0] = '\0';
}

void buffer_cut(struct buffer *buffer, size_t length)
{
	if (length >= buffer->length)
		return;
	buffer->length = length;
	buffer->data[length] = '\0';
}

int buffer_reserve(struct buffer *buffer, size_t length)
{
	size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST;
	char *data;

	if (buffer->error)
		return buffer->error;
	if (length > buffer->maximum - buffer->length)
		return buffer->error = -ENOSPC;
	if (buffer->length + length + 1 <= buffer->capacity)
		return 0;
	while (capacity < buffer->length + length + 1)
		capacity *= 2;
	if (capacity > buffer->maximum + 1)
		capacity = buffer->maximum + 1;
	data = realloc(buffer->data, capacity);
	if (!data)
		return buffer->error = -ENOMEM;
	buffer->data = data;
	buffer->capacity = capacity;
	return 0;
}

int buffer_add_number(struct buffer *buffer, __u64 number)
{
	/* two digits for each division: there are some ten numbers in each line of a recording */
	static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930"
				    "31323334353637383940414243444546474849505152535455565758596061"
				    "62636465666768697071727374757677787980818283848586878889909192"
				    "93949596979899";
	char digits[20], *at = digits + sizeof(digits);

	for (; number >= 10; number /= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (number % 100), 2);
	}
	if (number || at == digits + sizeof(digits))
		*--at = (char)('0' + number);
	return buffer_add(buffer, at, (size_t)(digits + sizeof(digits) - at));
}

int buffer_print_list(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	int length, r;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return buffer->error = buffer->error ? buffer->error : -EINVAL;
	r = buffer_reserve(buffer, (size_t)length);
	if (r < 0)
		return r;
	vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	buffer->length += (size_t)length;
	return 0;
}

int buffer_print(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = buffer_print_list(buffer, format, arguments);
	va_end(arguments);
	return r;
}
