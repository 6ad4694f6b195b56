/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/encoding.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/utf8.h"

static const char *const dash_table[] = {
	"-", "/", "\xe2\x80\x93" /* en dash */, "\xe2\x80\x94" /* em dash */,
	"\xe2\x80\x95" /* horizontal bar */
};
static_assert(ARRAY_SIZE(dash_table) == DASHES, "the header says how many there are");

/* The length of the dash at `text`, or 0. */
static size_t dash_length(const char *text)
{
	for (size_t i = 0; i < DASHES; i++)
		if (!strncmp(text, dash_table[i], strlen(dash_table[i])))
			return strlen(dash_table[i]);
	return 0;
}

/* Letters, digits and '_'. Of what is not ASCII all but General Punctuation, where the
 * dashes are, counts as letters: there is no table of Unicode here. */
static bool is_word(__u32 code)
{
	if (code < 0x80)
		return code == '_' || (code >= '0' && code <= '9') ||
		       ((code | 0x20) >= 'a' && (code | 0x20) <= 'z');
	return code < 0x2000 || code > 0x206f;
}

static bool word_begins(const char *text)
{
	__u32 code;

	if (!*text)
		return false;
	utf8_next(text, strlen(text), &code);
	return is_word(code);
}

/*
 * Moves *at to the next dash of a flag. Returns its length, or 0 at the end of the text.
 * The specification says which characters but not where. Flags are what the modifier is
 * for, and what pySigma replaces; with every hyphen of a name or slash of a path there
 * would be too many forms.
 */
static size_t dash_next(const char **at, bool *after_word)
{
	while (**at) {
		size_t length = dash_length(*at);
		__u32 code;

		if (length && !*after_word && word_begins(*at + length))
			return length;
		length = utf8_next(*at, strlen(*at), &code);
		*after_word = is_word(code);
		*at += length;
	}
	return 0;
}

size_t dashes_count(const char *text)
{
	bool after_word = false;
	size_t count = 0, length;

	while ((length = dash_next(&text, &after_word))) {
		count++;
		text += length;
	}
	return count;
}

int dashes_write(struct buffer *out, const char *text, size_t number)
{
	const char *at = text;
	bool after_word = false;
	size_t length;

	while ((length = dash_next(&at, &after_word))) {
		buffer_add(out, text, (size_t)(at - text));
		buffer_add_string(out, dash_table[number % DASHES]);
		number /= DASHES;
		at += length;
		text = at;
	}
	return buffer_add_string(out, text);
}

static void unit_write(struct buffer *out, __u32 unit, bool big_endian)
{
	char high = (char)(unit >> 8), low = (char)unit;

	buffer_add_byte(out, big_endian ? high : low);
	buffer_add_byte(out, big_endian ? low : high);
}

int utf16_write(struct buffer *out, const struct buffer *utf8, bool big_endian)
{
	for (size_t at = 0; at < utf8->length;) {
		__u32 code;

		at += utf8_next(utf8->data + at, utf8->length - at, &code);
		if (code == UTF8_INVALID)
			return -EILSEQ;
		if (code < 0x10000) {
			unit_write(out, code, big_endian);
			continue;
		}
		code -= 0x10000;
		unit_write(out, 0xd800 | code >> 10, big_endian);
		unit_write(out, 0xdc00 | (code & 0x3ff), big_endian);
	}
	return out->error;
}

int base64_write(struct buffer *out, const struct buffer *bytes)
{
	int r = buffer_reserve(out, (bytes->length + 2) / 3 * 4);

	if (r < 0)
		return r;
	/* it also writes the NUL, for which a buffer always has room */
	out->length += (size_t)EVP_EncodeBlock((unsigned char *)out->data + out->length,
					       (const unsigned char *)buffer_string(bytes),
					       (int)bytes->length);
	return 0;
}

/*
 * A character of base64 is six bits. The first that has only bits of ours is the second
 * after one byte before, the third after two. At the end those are cut that have bits of
 * what follows, with the '=' that stand there as nothing does here.
 */
int base64_piece(struct buffer *out, const struct buffer *bytes, unsigned int shift)
{
	static const size_t first[] = { 0, 2, 3 }, cut[] = { 0, 3, 2 };
	_cleanup_buffer_ struct buffer shifted = BUFFER(out->maximum);
	_cleanup_buffer_ struct buffer encoded = BUFFER(out->maximum);
	size_t skip = first[shift] + cut[(shift + bytes->length) % 3];
	int r;

	buffer_add(&shifted, "  ", shift);
	r = buffer_add(&shifted, buffer_string(bytes), bytes->length);
	if (r >= 0)
		r = base64_write(&encoded, &shifted);
	if (r < 0)
		return r;
	if (encoded.length <= skip)
		return 0;
	return buffer_add(out, encoded.data + first[shift], encoded.length - skip);
}
