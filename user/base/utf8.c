/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only decoder of UTF-8 and the only terminal escaper: json.c, log.c and
 * readable.c all show bytes that an agent chose.
 */
#include "base/utf8.h"

#include <string.h>

#include "base/cleanup.h"

size_t utf8_next(const char *data, size_t length, __u32 *ret_code)
{
	const unsigned char *byte = (const unsigned char *)data;
	unsigned int low = 0x80, high = 0xbf; /* bounds of the second byte */
	__u32 code = byte[0];
	size_t more;

	*ret_code = UTF8_INVALID;
	if (code < 0x80) {
		*ret_code = code;
		return 1;
	} else if (code >= 0xc2 && code <= 0xdf) {
		more = 1;
		code &= 0x1f;
	} else if (code >= 0xe0 && code <= 0xef) {
		more = 2;
		low = code == 0xe0 ? 0xa0 : 0x80; /* overlong */
		high = code == 0xed ? 0x9f : 0xbf; /* surrogates */
		code &= 0x0f;
	} else if (code >= 0xf0 && code <= 0xf4) {
		more = 3;
		low = code == 0xf0 ? 0x90 : 0x80; /* overlong */
		high = code == 0xf4 ? 0x8f : 0xbf; /* beyond U+10FFFF */
		code &= 0x07;
	} else {
		return 1;
	}
	for (size_t i = 1; i <= more; i++) {
		if (i >= length || byte[i] < low || byte[i] > high)
			return i;
		code = code << 6 | (byte[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*ret_code = code;
	return more + 1;
}

/* Eight bytes at a time. A byte's highest bit is set in the result of: */
#define EACH(byte) (0x0101010101010101ULL * (byte))
#define NOT_ASCII(word) ((word)&EACH(0x80))
#define BELOW(word, byte) (((word)-EACH(byte)) & ~(word)&EACH(0x80))
#define EQUAL(word, byte) BELOW((word) ^ EACH(byte), 1)

static __u64 word_at(const char *data)
{
	__u64 word;

	memcpy(&word, data, sizeof(word));
	return word;
}

/* Bits at bytes that are not plain; the lowest is exact, those above it may be wrong. */
static __u64 not_plain(__u64 word)
{
	return NOT_ASCII(word) | BELOW(word, 0x20) | EQUAL(word, 0x7f) | EQUAL(word, '"') |
	       EQUAL(word, '\\');
}

static bool is_plain(char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

size_t utf8_plain(const char *data, size_t length)
{
	size_t at = 0;

	for (; at + 8 <= length; at += 8) {
		__u64 bits = not_plain(word_at(data + at));

		if (bits) /* supported machines are little-endian */
			return at + (size_t)__builtin_ctzll(bits) / 8;
	}
	while (at < length && is_plain(data[at]))
		at++;
	return at;
}

bool utf8_valid(const char *data, size_t length)
{
	__u32 code;

	for (size_t at = 0; at < length;) {
		if (at + 8 <= length && !NOT_ASCII(word_at(data + at))) {
			at += 8;
			continue;
		}
		if ((unsigned char)data[at] < 0x80) {
			at++;
			continue;
		}
		at += utf8_next(data + at, length - at, &code);
		if (code == UTF8_INVALID)
			return false;
	}
	return true;
}

/* Characters beyond Latin-1 that do something to a line instead of showing. */
static const struct {
	__u32 first, last;
} hidden[] = {
	{ 0x00ad, 0x00ad }, /* soft hyphen */
	{ 0x034f, 0x034f }, /* grapheme joiner */
	{ 0x061c, 0x061c }, /* bidi mark */
	{ 0x115f, 0x1160 }, /* Hangul fillers */
	{ 0x17b4, 0x17b5 }, /* invisible vowels */
	{ 0x180b, 0x180f }, /* Mongolian separators */
	{ 0x200b, 0x200f }, /* zero-width, bidi marks */
	{ 0x2028, 0x202e }, /* line, paragraph; bidi embedding and override */
	{ 0x2060, 0x206f }, /* joiners, bidi isolates */
	{ 0x3164, 0x3164 }, /* Hangul filler */
	{ 0xd800, 0xf8ff }, /* private use: fonts may draw anything */
	{ 0xfe00, 0xfe0f }, /* variation selectors */
	{ 0xfeff, 0xfeff }, /* byte order mark */
	{ 0xffa0, 0xffa0 }, /* Hangul filler */
	{ 0xfff0, 0xfffb }, /* interlinear */
	{ 0xfffe, 0xffff }, { 0xe0000, 0x10ffff }, /* tags, selectors, private use */
};

static bool is_hidden(__u32 code)
{
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

int utf8_escape(struct buffer *out, const char *data, size_t length)
{
	__u32 code;
	size_t size;

	for (size_t at = 0; at < length; at += size) {
		size = utf8_next(data + at, length - at, &code);
		if (code == '\n') {
			buffer_add_string(out, "\\n");
		} else if (code == '\t') {
			buffer_add_string(out, "\\t");
		} else if (code == UTF8_INVALID || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
			for (size_t i = 0; i < size; i++)
				buffer_print(out, "\\x%02x", (unsigned char)data[at + i]);
		} else if (is_hidden(code)) {
			buffer_print(out, "\\u{%04x}", code);
		} else {
			buffer_add(out, data + at, size);
		}
	}
	return out->error;
}
