/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUID version 7 (RFC 9562): sorts by time, unique without asking anyone.
 */
#ifndef FERMATA_UUID_H
#define FERMATA_UUID_H

#include <linux/types.h>
#include <stddef.h>

#define UUID_TEXT_SIZE 37
#define UUID_RANDOM_SIZE 10

/* Writes the UUID of a wall time (ns since 1970) and random bytes. Returns `text`. */
const char *uuid_text(char text[UUID_TEXT_SIZE], __u64 wall,
		      const unsigned char random[UUID_RANDOM_SIZE]);

/* Fills `bytes` from getrandom(2). 0 or -errno. */
int uuid_random(void *bytes, size_t size);

#endif
