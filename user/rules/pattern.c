/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meaning of backslashes is all here: one stands for itself unless '*', '?' or
 * another backslash follows.
 */
#include "rules/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/glob.h"

/* Appends a wildcard. In a run of wildcards the '?' come first and one '*' last, so
 * that patterns that mean the same are the same. */
static void wildcard_append(struct pattern *pattern, char wildcard)
{
	size_t length = pattern->length;
	bool after_star = length >= 2 && pattern->bytes[length - 2] == WILDCARD &&
			  pattern->bytes[length - 1] == '*';

	if (after_star) {
		if (wildcard == '*')
			return;
		pattern->bytes[length - 1] = '?';
		wildcard = '*';
	}
	pattern->bytes[pattern->length++] = WILDCARD;
	pattern->bytes[pattern->length++] = (unsigned char)wildcard;
}

int pattern_read(struct pattern *ret_pattern, const char *text, bool before, bool after)
{
	struct pattern pattern = { .bytes = malloc(2 * strlen(text) + 4) };

	if (!pattern.bytes)
		return -ENOMEM;
	if (before)
		wildcard_append(&pattern, '*');
	for (; *text; text++) {
		if (*text == '*' || *text == '?') {
			wildcard_append(&pattern, *text);
			continue;
		}
		if (*text == '\\' && text[1] && strchr("*?\\", text[1]))
			text++;
		pattern.bytes[pattern.length++] = (unsigned char)*text;
	}
	if (after)
		wildcard_append(&pattern, '*');
	*ret_pattern = pattern;
	return 0;
}

bool pattern_is_any(const struct pattern *pattern)
{
	return pattern->length == 2 && pattern->bytes[0] == WILDCARD && pattern->bytes[1] == '*';
}

bool pattern_has_wildcard(const struct pattern *pattern)
{
	return memchr(pattern->bytes, WILDCARD, pattern->length);
}

bool pattern_matches(const struct pattern *pattern, const char *text, bool cased)
{
	return glob_matches(pattern->bytes, pattern->length, (const unsigned char *)text,
			    strlen(text), cased);
}

int pattern_compare(const struct pattern *a, const struct pattern *b, bool cased)
{
	for (size_t i = 0; i < a->length && i < b->length; i++) {
		int order = byte_fold(a->bytes[i], cased) - byte_fold(b->bytes[i], cased);

		if (order)
			return order;
	}
	return a->length < b->length ? -1 : a->length > b->length;
}
