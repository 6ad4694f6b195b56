/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing but digits and one unit: '1h30m' would be read differently elsewhere. */
#include "rules/duration.h"

#include <string.h>

static const struct {
	char unit;
	__u64 seconds;
} unit_table[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

#define SECONDS_MAX (DURATION_DAYS_MAX * 86400ULL)

/* The seconds of a duration, 0 when it is none. */
static __u64 duration_parse(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	__u64 number = 0;

	if (!digits || digits > 9 || strlen(text) != digits + 1)
		return 0;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (__u64)(text[i] - '0');
	for (size_t i = 0; i < ARRAY_SIZE(unit_table); i++)
		if (unit_table[i].unit == text[digits])
			return number * unit_table[i].seconds;
	return 0;
}

int duration_read(__u64 *ret_ns, const struct node *node, const char *what,
		  struct diagnostics *diagnostics)
{
	__u64 seconds = node->kind == NODE_TEXT ? duration_parse(node->text) : 0;

	if (!seconds)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"%s takes a number above 0 and one of s, m, h, d, like '5m'", what);
	if (seconds > SECONDS_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"%s is longer than the limit of %d days", what, DURATION_DAYS_MAX);
	*ret_ns = seconds * 1000000000ULL;
	return 0;
}
