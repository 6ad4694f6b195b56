/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names are bytes: what of them is UTF-8, and what a terminal may be shown of them.
 */
#ifndef FERMATA_UTF8_H
#define FERMATA_UTF8_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define UTF8_INVALID 0xffffffffu
#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/*
 * Reads one character at `data`; `length` is at least 1. Returns how many bytes it
 * takes, at least 1. *ret_code is the character, or UTF8_INVALID for bytes that are
 * none: overlong forms, surrogates, beyond U+10FFFF, cut short. Those count as one up
 * to where a character could no longer have gone on (the "maximal subpart" of Unicode
 * 3.9), as other readers of UTF-8 do.
 */
size_t utf8_next(const char *data, size_t length, __u32 *ret_code);

bool utf8_valid(const char *data, size_t length);

/* How many bytes from the start are ASCII that stands for itself in JSON: no control
 * character, quote or backslash. */
size_t utf8_plain(const char *data, size_t length);

/*
 * Adds the bytes to `out` so that a terminal shows them and does nothing else: on one line,
 * controls (C0, DEL, C1) and bytes that are not UTF-8 as \n, \t, \xNN; characters that
 * reorder, hide or break a line (bidi marks, separators, zero-width, tags) as \u{NNNN}.
 * A backslash stays itself: the line is for reading, the alert record is exact.
 * Returns 0 or out->error.
 */
int utf8_escape(struct buffer *out, const char *data, size_t length);

#endif
