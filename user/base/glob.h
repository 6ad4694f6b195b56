/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns with wildcards against whole texts: the only place that says what a wildcard
 * takes.
 */
#ifndef FERMATA_GLOB_H
#define FERMATA_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* In a pattern: WILDCARD followed by '*' (any run of characters, also none) or '?' (one
 * character). UTF-8 has no such byte. All other bytes stand for themselves. */
#define WILDCARD 0xff

/*
 * Whether the text fits the pattern. '*' is any run of characters, '?' one: a UTF-8
 * character, or one byte where the text is not UTF-8. Bytes that byte_fold() makes
 * equal are alike. Takes at most length of the text × length of the longest piece
 * between two '*' steps.
 */
bool glob_matches(const unsigned char *pattern, size_t pattern_length, const unsigned char *text,
		  size_t length, bool cased);

#endif
