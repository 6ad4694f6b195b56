/* SPDX-License-Identifier: Apache-2.0 */
/* Sigma's wildcards and escapes, against the rules of its specification. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/pattern.h"
#include "unit.h"

#define W "\xff" /* WILDCARD */

/* What the text becomes, as a string. The caller frees it. */
static char *read_as(const char *text, bool before, bool after)
{
	struct pattern pattern;
	char *string;

	if (pattern_read(&pattern, text, before, after))
		return NULL;
	string = strndup((const char *)pattern.bytes, pattern.length);
	free(pattern.bytes);
	return string;
}

UNIT_TEST(pattern, escapes)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a*b", "a" W "*b" },
		{ "a?b", "a" W "?b" },
		/* a backslash not followed by a wildcard stands for itself, single or double */
		{ "C:\\Windows", "C:\\Windows" },
		{ "C:\\\\Windows", "C:\\Windows" },
		{ "\\", "\\" },
		{ "end\\", "end\\" },
		/* escaped wildcards are plain */
		{ "\\*", "*" },
		{ "\\?", "?" },
		{ "a\\*b\\?c", "a*b?c" },
		/* an escaped backslash before a wildcard */
		{ "\\\\*", "\\" W "*" },
		{ "\\\\?", "\\" W "?" },
		/* three escape both */
		{ "\\\\\\*", "\\*" },
		/* three or four are two */
		{ "\\\\\\x", "\\\\x" },
		{ "\\\\\\\\", "\\\\" },
		{ "\\\\\\\\x", "\\\\x" },
		/* other characters have no escape */
		{ "\\n\\%", "\\n\\%" },
		{ "'\"[a-z]{1}^$", "'\"[a-z]{1}^$" },
		{ "\xc3\xa9*", "\xc3\xa9" W "*" },
		/* runs of wildcards */
		{ "**", W "*" },
		{ "a***b", "a" W "*b" },
		{ "*?", W "?" W "*" },
		{ "?*", W "?" W "*" },
		{ "*?*?*", W "?" W "?" W "*" },
		{ "*a*", W "*a" W "*" },
		{ "*\\**", W "**" W "*" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *got = read_as(cases[i].text, false, false);

		if (!got || strcmp(got, cases[i].expected)) {
			CU_FAIL("an escape is read wrongly");
			unit_note("%s", cases[i].text);
		}
	}
}

UNIT_TEST(pattern, ends)
{
	static const struct {
		const char *text;
		bool before, after;
		const char *expected;
	} cases[] = {
		{ "x", true, true, W "*x" W "*" },
		{ "x", false, true, "x" W "*" },
		{ "x", true, false, W "*x" },
		{ "*x*", true, true, W "*x" W "*" },
		{ "", true, true, W "*" },
		/* the '*' that is put behind is a wildcard whatever is before it */
		{ "x\\", true, true, W "*x\\" W "*" },
		{ "\\*", true, true, W "**" W "*" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *got = read_as(cases[i].text, cases[i].before, cases[i].after);

		if (!got || strcmp(got, cases[i].expected)) {
			CU_FAIL("a '*' is put wrongly");
			unit_note("%s", cases[i].text);
		}
	}
}

static bool fits(const char *text, const char *value, bool cased)
{
	struct pattern pattern;
	bool result;

	CU_ASSERT_EQUAL_FATAL(pattern_read(&pattern, text, false, false), 0);
	result = pattern_matches(&pattern, value, cased);
	free(pattern.bytes);
	return result;
}

UNIT_TEST(pattern, matches)
{
	static const struct {
		const char *text, *value;
		bool cased, fits;
	} cases[] = {
		{ "", "", false, true },
		{ "", "a", false, false },
		{ "a", "", false, false },
		{ "tcp", "TCP", false, true },
		{ "tcp", "TCP", true, false },
		{ "t*", "tcp", false, true },
		{ "*p", "tcp", false, true },
		{ "*p", "tcpx", false, false },
		{ "t?p", "tcp", false, true },
		{ "t?p", "tp", false, false },
		{ "??", "\xc3\xa9z", false, true },
		{ "?", "\xc3\xa9", false, true },
		{ "*", "", false, true },
		{ "?*", "", false, false },
		{ "*a*b*c*", "xxaxxbxxcxx", false, true },
		{ "*a*b*c*", "xxaxxcxxbxx", false, false },
		{ "a*a", "a", false, false },
		{ "*aab", "aaaab", false, true },
		{ "\\*", "*", false, true },
		{ "\\*", "x", false, false },
		{ "\xc3\x89", "\xc3\xa9", false, false }, /* only ASCII letters have a case */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (fits(cases[i].text, cases[i].value, cases[i].cased) != cases[i].fits) {
			CU_FAIL("a pattern fits wrongly");
			unit_note("'%s' on '%s'", cases[i].text, cases[i].value);
		}
}

/* Against a matcher that follows the definition, on random pairs. */
static bool naive(const unsigned char *p, size_t n, const char *text)
{
	if (!n)
		return !*text;
	if (*p != WILDCARD)
		return *text && (unsigned char)*text == *p && naive(p + 1, n - 1, text + 1);
	if (p[1] == '?')
		return *text && naive(p + 2, n - 2, text + 1);
	for (;; text++) {
		if (naive(p + 2, n - 2, text))
			return true;
		if (!*text)
			return false;
	}
}

UNIT_TEST(pattern, random)
{
	uint64_t state = unit_seed();
	size_t fitted = 0;

	for (int i = 0; i < 20000; i++) {
		char text[9] = "", value[11] = "";
		struct pattern pattern;
		bool expected;

		for (size_t j = unit_below(&state, sizeof(text)); j; j--)
			text[strlen(text)] = "ab*?\\"[unit_below(&state, 5)];
		for (size_t j = unit_below(&state, sizeof(value)); j; j--)
			value[strlen(value)] = "ab*?\\"[unit_below(&state, 5)];
		CU_ASSERT_EQUAL_FATAL(pattern_read(&pattern, text, false, false), 0);
		expected = naive(pattern.bytes, pattern.length, value);
		fitted += expected;
		if (pattern_matches(&pattern, value, true) != expected) {
			CU_FAIL("differs from the naive matcher");
			unit_note("'%s' on '%s'", text, value);
		}
		free(pattern.bytes);
	}
	unit_note("%zu of 20000 pairs fit", fitted);
	CU_ASSERT(fitted > 1000);
}
