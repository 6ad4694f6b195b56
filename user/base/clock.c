/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sample reads the wall clock between two reads of the boot clock and takes their
 * middle, so that being scheduled out in between costs half of that at most.
 */
#include "base/clock.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
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

__u64 clock_processor(void)
{
	return clock_read(CLOCK_PROCESS_CPUTIME_ID);
}

__u64 clock_wall(struct clock *clock, __u64 boottime)
{
	__u64 before, wall, after;

	/* by the time that is asked for: a clock is not read for each event */
	if (!clock->fixed && (!clock->sampled || (boottime > clock->sampled &&
						  boottime - clock->sampled > SAMPLE_AGE))) {
		before = clock_boottime();
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

/* Digits behind `*at`, at most `most` of them; the number, or -1 when there is none. */
static int digits_take(const char **at, int most)
{
	int number = -1;

	for (; most && **at >= '0' && **at <= '9'; most--)
		number = (number < 0 ? 0 : number * 10) + (*(*at)++ - '0');
	return number;
}

/* Two digits, after `before` unless that is 0. */
static int pair_take(const char **at, char before)
{
	const char *start = before ? *at + 1 : *at;

	if (before && **at != before)
		return -1;
	*at = start;
	return digits_take(at, 2) >= 0 && *at == start + 2 ? (start[0] - '0') * 10 + start[1] - '0'
							   : -1;
}

/* The fraction of a second as ns; further digits are dropped. */
static long fraction_take(const char **at)
{
	long fraction = 0, unit = CLOCK_SECOND / 10;

	if (**at != '.')
		return 0;
	for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
		fraction += (**at - '0') * unit;
	return fraction;
}

/* What the zone is ahead of UTC, in seconds; -1 when it is none. */
static long zone_take(const char **at)
{
	bool behind = **at == '-';
	int hours, minutes;

	if (**at == 'Z')
		(*at)++;
	if (**at != '+' && **at != '-')
		return 0;
	(*at)++;
	hours = pair_take(at, 0);
	minutes = pair_take(at, **at == ':' ? ':' : 0);
	if (hours < 0 || minutes < 0)
		return -1;
	return (hours * 60L + minutes) * (behind ? -60 : 60);
}

static bool date_ok(const struct tm *tm)
{
	return tm->tm_year >= 70 && tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= 31 && tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 &&
	       tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

int clock_parse(const char *text, size_t length, __u64 *ret_wall)
{
	char copy[CLOCK_TEXT_SIZE];
	const char *at = copy;
	struct tm tm = { 0 };
	long fraction, zone;
	time_t seconds;

	if (length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	tm.tm_year = digits_take(&at, 4) - 1900;
	tm.tm_mon = pair_take(&at, '-') - 1;
	tm.tm_mday = pair_take(&at, '-');
	tm.tm_hour = pair_take(&at, *at == ' ' ? ' ' : 'T');
	tm.tm_min = pair_take(&at, ':');
	tm.tm_sec = pair_take(&at, ':');
	fraction = fraction_take(&at);
	zone = zone_take(&at);
	if (!date_ok(&tm) || at != copy + length)
		return -EINVAL;
	seconds = timegm(&tm) - zone;
	/* in ns it must be a number of 63 bits, as JSON has them: until 2262 */
	if (zone == -1 || seconds < 0 || seconds >= INT64_MAX / (time_t)CLOCK_SECOND)
		return -EINVAL;
	*ret_wall = (__u64)seconds * CLOCK_SECOND + (__u64)fraction;
	return 0;
}

const char *clock_text_short(char text[CLOCK_TEXT_SIZE], __u64 wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, CLOCK_TEXT_SIZE, "%H:%M:%S", &tm);
	return text;
}
