/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records are stamped with CLOCK_BOOTTIME, which neither stops in sleep nor jumps;
 * people read wall time. This is the step from one to the other.
 */
#ifndef FERMATA_CLOCK_H
#define FERMATA_CLOCK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define CLOCK_SECOND 1000000000ULL /* ns */

/* Wall time minus boot time, sampled. All zero is a clock that has not sampled. */
struct clock {
	__u64 offset; /* ns */
	__u64 sampled; /* CLOCK_BOOTTIME, ns; 0: never */
	bool fixed; /* `offset` was given and stays: replay, tests */
};

/* Now, CLOCK_BOOTTIME in ns. */
__u64 clock_boottime(void);

/* What this process has used of processors so far, in ns. */
__u64 clock_processor(void);

/*
 * The wall time, in ns since 1970, of a moment in CLOCK_BOOTTIME. The offset is
 * sampled again when the moment is more than 10 s after the last sample, so a wall
 * clock that is set takes effect within that.
 */
__u64 clock_wall(struct clock *clock, __u64 boottime);

#define CLOCK_TEXT_SIZE 40

/* 2026-01-02T03:04:05.123456789Z. Returns `text`. */
const char *clock_text(char text[CLOCK_TEXT_SIZE], __u64 wall);

/* Reads that form: also with a space for the T, with fewer or no digits of the second's
 * fraction, and with +02:00 or nothing (UTC) for the Z. From 1970 to 2262, which 63 bits of
 * ns can hold. 0 or -EINVAL. */
int clock_parse(const char *text, size_t length, __u64 *ret_wall);

/* 03:04:05 in the local time zone. Returns `text`. */
const char *clock_text_short(char text[CLOCK_TEXT_SIZE], __u64 wall);

#endif
