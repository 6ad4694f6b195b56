/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Greedy: after a misfit only the last '*' takes one character more. That is exact,
 * because what stands between two '*' has a fixed number of characters.
 */
#include "base/glob.h"

#include "base/fold.h"

/* How many bytes the character at `text` takes. */
static size_t character_length(const unsigned char *text, size_t left)
{
	size_t length = *text < 0xc2   ? 1
			: *text < 0xe0 ? 2
			: *text < 0xf0 ? 3
			: *text < 0xf5 ? 4
				       : 1;

	for (size_t i = 1; i < length; i++)
		if (i == left || (text[i] & 0xc0) != 0x80)
			return 1;
	return length;
}

bool glob_matches(const unsigned char *pattern, size_t pattern_length, const unsigned char *text,
		  size_t length, bool cased)
{
	size_t p = 0, t = 0, star = 0, star_text = 0; /* where to go on after a misfit */
	bool starred = false;

	while (t < length || p < pattern_length) {
		bool wild = p < pattern_length && pattern[p] == WILDCARD;

		if (wild && pattern[p + 1] == '*') {
			p += 2;
			starred = true;
			star = p;
			star_text = t;
		} else if (wild && t < length) {
			p += 2;
			t += character_length(text + t, length - t);
		} else if (p < pattern_length && t < length &&
			   byte_fold(pattern[p], cased) == byte_fold(text[t], cased)) {
			p++;
			t++;
		} else if (starred && star_text < length) {
			star_text += character_length(text + star_text, length - star_text);
			p = star;
			t = star_text;
		} else {
			return false;
		}
	}
	return true;
}
