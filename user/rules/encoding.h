/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Sigma's modifiers make of a value's bytes: UTF-16, base64, and the dashes of
 * `windash`. Functions on bytes alone; form.c says which of them a value goes through.
 * All add to a buffer of the caller's and return 0 or its error.
 */
#ifndef FERMATA_ENCODING_H
#define FERMATA_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define DASHES 5 /* characters that stand for each other: - / and three of Unicode's */

/*
 * How many dashes of the text belong to a flag: a word begins right after them, and none
 * ends right before. `-p /q` has two, `--p` one (its second), `a-b` and `a/b` none.
 */
size_t dashes_count(const char *text);

/* Writes the text with its n-th such dash replaced by the one of the n-th digit of
 * `number` to the base DASHES, the lowest digit first. */
int dashes_write(struct buffer *out, const char *text, size_t number);

/* UTF-8 as UTF-16, without a byte order mark. -EILSEQ: it is not UTF-8. */
int utf16_write(struct buffer *out, const struct buffer *utf8, bool big_endian);

int base64_write(struct buffer *out, const struct buffer *bytes);

/*
 * Writes what is the same in the base64 of every text that has the bytes at an offset
 * which leaves `shift` (0 to 2) when divided by 3. It is never empty if there are
 * BASE64_PIECE_MIN bytes.
 */
#define BASE64_PIECE_MIN 2
int base64_piece(struct buffer *out, const struct buffer *bytes, unsigned int shift);

#endif
