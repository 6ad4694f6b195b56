/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time and randomness come from the caller, so that tests can fix both.
 */
#include "base/uuid.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

const char *uuid_text(char text[UUID_TEXT_SIZE], __u64 wall,
		      const unsigned char random[UUID_RANDOM_SIZE])
{
	__u64 milliseconds = wall / 1000000;

	snprintf(text, UUID_TEXT_SIZE, "%08x-%04x-7%01x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 (unsigned int)(milliseconds >> 16), (unsigned int)(milliseconds & 0xffff),
		 random[0] & 0xf, random[1], (random[2] & 0x3f) | 0x80, random[3], random[4],
		 random[5], random[6], random[7], random[8], random[9]);
	return text;
}

int uuid_random(void *bytes, size_t size)
{
	ssize_t n;

	do
		n = getrandom(bytes, size, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}
