/* SPDX-License-Identifier: Apache-2.0 */
#include "base/moment.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"

#define YEAR_LAST 2261 /* the last whole one that ns since 1970 can count, signed */

/* The week is the one that its Thursday is in, counted by Thursdays of the year. */
static int iso_week(const struct tm *tm)
{
	int weekday = (tm->tm_wday + 6) % 7; /* Monday is 0 */
	int thursday = tm->tm_yday - weekday + 3;
	int year = tm->tm_year + 1900, days = 365;

	if (thursday < 0)
		year--;
	if (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		days++;
	if (thursday < 0)
		thursday += days; /* the last week of the year before */
	else if (thursday >= days)
		thursday -= days; /* the first of the next */
	return thursday / 7 + 1;
}

void moment_take_apart(struct moment *ret_moment, __u64 wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	*ret_moment = (struct moment) { .part = { [TIME_moment] = (__s64)wall,
						  [TIME_minute] = tm.tm_min,
						  [TIME_hour] = tm.tm_hour,
						  [TIME_day] = tm.tm_mday,
						  [TIME_week] = iso_week(&tm),
						  [TIME_month] = tm.tm_mon + 1,
						  [TIME_year] = tm.tm_year + 1900 } };
}

/* Reads exactly that many digits. */
static bool digits_read(const char **text, int count, int *ret_number)
{
	int number = 0;

	for (; count; count--, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		number = number * 10 + (**text - '0');
	}
	*ret_number = number;
	return true;
}

static bool take(const char **text, char byte)
{
	bool is = **text == byte;

	*text += is;
	return is;
}

static bool date_read(const char **text, struct tm *tm)
{
	return digits_read(text, 4, &tm->tm_year) && take(text, '-') &&
	       digits_read(text, 2, &tm->tm_mon) && take(text, '-') &&
	       digits_read(text, 2, &tm->tm_mday);
}

/* After the point: up to nine digits. *unit becomes that of the last one. */
static bool fraction_read(const char **text, __s64 *ns, __s64 *unit)
{
	int digit;

	*ns = 0;
	do {
		*unit /= 10;
		if (!*unit || !digits_read(text, 1, &digit))
			return false;
		*ns += digit * *unit;
	} while (**text >= '0' && **text <= '9');
	return true;
}

static bool time_read(const char **text, struct tm *tm, __s64 *ns, __s64 *unit)
{
	if (!digits_read(text, 2, &tm->tm_hour) || !take(text, ':') ||
	    !digits_read(text, 2, &tm->tm_min))
		return false;
	*unit = 60 * (__s64)CLOCK_SECOND;
	if (!take(text, ':'))
		return true;
	*unit = CLOCK_SECOND;
	return digits_read(text, 2, &tm->tm_sec) &&
	       (!take(text, '.') || fraction_read(text, ns, unit));
}

int moment_parse(struct policy_span *ret_span, const char *text)
{
	struct tm tm = { 0 }, read;
	__s64 ns = 0, unit = 24 * 3600 * (__s64)CLOCK_SECOND;

	if (!date_read(&text, &tm))
		return -EINVAL;
	if (take(&text, 'T') || take(&text, 't') || take(&text, ' ')) {
		if (!time_read(&text, &tm, &ns, &unit))
			return -EINVAL;
		(void)(take(&text, 'Z') || take(&text, 'z'));
	}
	if (*text || tm.tm_year < 1970 || tm.tm_year > YEAR_LAST)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	read = tm;
	ns += (__s64)timegm(&tm) * (__s64)CLOCK_SECOND;
	/* timegm() moves what is no date, the 31st of April, to one */
	if (tm.tm_mon != read.tm_mon || tm.tm_mday != read.tm_mday || tm.tm_hour != read.tm_hour ||
	    tm.tm_min != read.tm_min || tm.tm_sec != read.tm_sec)
		return -EINVAL;
	*ret_span = (struct policy_span) { ns, ns + unit - 1 };
	return 0;
}
