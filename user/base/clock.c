/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sample reads the wall clock between two reads of the boot clock and takes their
 * middle, so that being scheduled out in between costs half of that at most.
 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define SAMPLE_AGE (10 * CLOCK_SECOND)

static __u64 clock_read(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now); /* cannot fail: both clocks exist on every kernel >= 2.6.39 */
	return (__u64)now.tv_sec * CLOCK_SECOND + (__u64)now.tv_nsec;
}

__u64 clock_boottime(void)
{
	return clock_read(CLOCK_BOOTTIME);
}

__u64 clock_wall(struct clock *clock, __u64 boottime)
{
	__u64 before, wall, after;

	if (clock->fixed)
		return boottime + clock->offset;
	before = clock_boottime();
	if (!clock->sampled || before - clock->sampled > SAMPLE_AGE) {
		wall = clock_read(CLOCK_REALTIME);
		after = clock_boottime();
		clock->offset = wall - (before + (after - before) / 2);
		clock->sampled = after;
	}
	return boottime + clock->offset;
}

const char *clock_text(char text[CLOCK_TEXT_SIZE], __u64 wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, CLOCK_TEXT_SIZE - length, ".%09uZ",
		 (unsigned int)(wall % CLOCK_SECOND));
	return text;
}

const char *clock_text_short(char text[CLOCK_TEXT_SIZE], __u64 wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, CLOCK_TEXT_SIZE, "%H:%M:%S", &tm);
	return text;
}
