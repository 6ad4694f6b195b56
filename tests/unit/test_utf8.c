// SPDX-License-Identifier: Apache-2.0
/*
 * The decoder against the definition of UTF-8, and the escaper on every byte.
 */
#include <string.h>

#include "base/utf8.h"
#include "base/cleanup.h"
#include "unit.h"

UNIT_TEST(utf8, valid_and_not)
{
	static const struct {
		const char *text;
		size_t length;
		bool valid;
	} row[] = {
		{ "", 0, true },
		{ "abc", 3, true },
		{ "\0", 1, true },
		{ "\x7f", 1, true },
		{ "\xc2\x80", 2, true },
		{ "\xdf\xbf", 2, true },
		{ "\xe0\xa0\x80", 3, true },
		{ "\xed\x9f\xbf", 3, true },
		{ "\xee\x80\x80", 3, true },
		{ "\xf0\x90\x80\x80", 4, true },
		{ "\xf4\x8f\xbf\xbf", 4, true },
		{ "\x80", 1, false }, /* continuation alone */
		{ "\xc0\xaf", 2, false }, /* overlong */
		{ "\xc1\xbf", 2, false },
		{ "\xe0\x9f\xbf", 3, false },
		{ "\xf0\x8f\xbf\xbf", 4, false },
		{ "\xed\xa0\x80", 3, false }, /* surrogate */
		{ "\xf4\x90\x80\x80", 4, false }, /* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", 4, false },
		{ "\xff", 1, false },
		{ "\xe2\x82", 2, false }, /* cut short */
		{ "\xf0\x9f\x98", 3, false },
		{ "a\xe2\x82z", 4, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		CU_ASSERT_EQUAL(utf8_valid(row[i].text, row[i].length), row[i].valid);
}

/* Every byte at every place of texts of all lengths around the step. */
UNIT_TEST(utf8, plain_bytes)
{
	size_t wrong = 0;

	for (size_t length = 0; length < 25; length++)
		for (size_t at = 0; at < length; at++)
			for (int byte = 0; byte < 256; byte++) {
				bool plain =
					byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
				char text[25];

				memset(text, 'a' + (int)at, sizeof(text));
				text[at] = (char)byte;
				wrong += utf8_plain(text, length) != (plain ? length : at);
			}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* Every code point, encoded by hand, comes back; every surrogate does not. */
UNIT_TEST(utf8, every_code_point)
{
	size_t wrong = 0;

	for (__u32 code = 0; code <= 0x10ffff; code++) {
		char text[4];
		size_t length;
		__u32 got;

		if (code < 0x80) {
			text[0] = (char)code;
			length = 1;
		} else if (code < 0x800) {
			text[0] = (char)(0xc0 | code >> 6);
			text[1] = (char)(0x80 | (code & 0x3f));
			length = 2;
		} else if (code < 0x10000) {
			text[0] = (char)(0xe0 | code >> 12);
			text[1] = (char)(0x80 | (code >> 6 & 0x3f));
			text[2] = (char)(0x80 | (code & 0x3f));
			length = 3;
		} else {
			text[0] = (char)(0xf0 | code >> 18);
			text[1] = (char)(0x80 | (code >> 12 & 0x3f));
			text[2] = (char)(0x80 | (code >> 6 & 0x3f));
			text[3] = (char)(0x80 | (code & 0x3f));
			length = 4;
		}
		if (code >= 0xd800 && code <= 0xdfff)
			wrong += utf8_next(text, length, &got) != 1 || got != UTF8_INVALID;
		else
			wrong += utf8_next(text, length, &got) != length || got != code;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* An ill-formed sequence ends where no character could have gone on (Unicode, table
 * 3-8). */
UNIT_TEST(utf8, maximal_subparts)
{
	static const char text[] = "\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64";
	static const size_t sizes[] = { 1, 3, 2, 1, 1, 1, 1, 1, 1, 1 };
	size_t at = 0, i = 0;
	__u32 code;

	for (; at < sizeof(text) - 1 && i < ARRAY_SIZE(sizes); i++) {
		size_t size = utf8_next(text + at, sizeof(text) - 1 - at, &code);

		CU_ASSERT_EQUAL(size, sizes[i]);
		at += size;
	}
	CU_ASSERT_EQUAL(at, sizeof(text) - 1);
	CU_ASSERT_EQUAL(i, ARRAY_SIZE(sizes));
}

static void escape_is(const char *text, size_t length, const char *expected)
{
	_cleanup_buffer_ struct buffer out = BUFFER(4096);

	CU_ASSERT_EQUAL(utf8_escape(&out, text, length), 0);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out), expected);
}

UNIT_TEST(utf8, escapes)
{
	escape_is("plain", 5, "plain");
	escape_is("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", 15,
		  "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
	escape_is("a\nb\tc\rd", 7, "a\\nb\\tc\\x0dd");
	escape_is("\x1b[31m\x1b]0;x\x07", 11, "\\x1b[31m\\x1b]0;x\\x07");
	escape_is("\0", 1, "\\x00");
	escape_is("\xc2\x9b"
		  "31m",
		  5, "\\xc2\\x9b31m"); /* CSI as a C1 control */
	escape_is("\x9b", 1, "\\x9b");
	escape_is("\xe2\x80\xae", 3, "\\u{202e}"); /* right-to-left override */
	escape_is("\xe2\x80\xa8", 3, "\\u{2028}"); /* line separator */
	escape_is("\xe2\x81\xa6", 3, "\\u{2066}"); /* isolate */
	escape_is("\xe2\x80\x8b", 3, "\\u{200b}"); /* zero width */
	escape_is("\xef\xbb\xbf", 3, "\\u{feff}");
	escape_is("\xf3\xa0\x81\x81", 4, "\\u{e0041}"); /* tag letter */
	escape_is("\xff\xfe", 2, "\\xff\\xfe");
	escape_is("a\xe2\x82", 3, "a\\xe2\\x82");
	escape_is("C:\\x", 4, "C:\\x");
}

/* Whatever the bytes, what comes out is printable UTF-8 on one line. */
UNIT_TEST(utf8, escape_of_random_bytes_is_harmless)
{
	uint64_t seed = unit_seed();
	size_t harmful = 0;

	for (int i = 0; i < 20000; i++) {
		_cleanup_buffer_ struct buffer out = BUFFER(1024);
		char text[64];
		size_t length = unit_below(&seed, sizeof(text));

		for (size_t j = 0; j < length; j++)
			text[j] = (char)unit_random(&seed);
		utf8_escape(&out, text, length);
		harmful += out.error || !utf8_valid(buffer_string(&out), out.length);
		for (size_t j = 0; j < out.length; j++)
			harmful += (unsigned char)out.data[j] < 0x20 || out.data[j] == 0x7f ||
				   ((unsigned char)out.data[j] == 0xc2 &&
				    (unsigned char)out.data[j + 1] < 0xa0);
	}
	CU_ASSERT_EQUAL(harmful, 0);
}

UNIT_TEST(utf8, every_byte_alone)
{
	for (unsigned int byte = 0; byte < 256; byte++) {
		char text = (char)byte, expected[8];

		if (byte == '\n' || byte == '\t')
			snprintf(expected, sizeof(expected), byte == '\n' ? "\\n" : "\\t");
		else if (byte < 0x20 || byte >= 0x7f)
			snprintf(expected, sizeof(expected), "\\x%02x", byte);
		else
			snprintf(expected, sizeof(expected), "%c", byte);
		escape_is(&text, 1, expected);
	}
}
