/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/regex_class.h"

#include <string.h>

#include "base/cleanup.h"

static bool is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(unsigned char byte)
{
	return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool is_word(unsigned char byte)
{
	return is_digit(byte) || is_letter(byte) || byte == '_';
}

static bool is_space(unsigned char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool regex_class_letter(bool set[256], unsigned char letter)
{
	static const struct {
		unsigned char letter;
		bool (*has)(unsigned char byte);
	} classes[] = { { 'd', is_digit }, { 'w', is_word }, { 's', is_space } };

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (classes[i].letter != (letter | 0x20))
			continue;
		for (size_t byte = 0; byte < 256; byte++)
			set[byte] |= classes[i].has((unsigned char)byte) ==
				     (classes[i].letter == letter);
		return true;
	}
	return false;
}

static int hexadecimal(unsigned char byte)
{
	if (is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

int regex_escaped_byte(const unsigned char *at, size_t left, size_t *ret_length)
{
	static const char letters[] = "tnrfea", bytes[] = "\t\n\r\f\x1b\a";
	const char *letter;

	if (!left)
		return -1;
	*ret_length = 1;
	if (!is_digit(*at) && !is_letter(*at))
		return *at;
	letter = strchr(letters, *at);
	if (letter)
		return bytes[letter - letters];
	if (*at != 'x' || left < 3 || hexadecimal(at[1]) < 0 || hexadecimal(at[2]) < 0)
		return -1;
	*ret_length = 3;
	return 16 * hexadecimal(at[1]) + hexadecimal(at[2]);
}

/* One byte of a class; -1 when it is none. */
static int class_byte(const unsigned char *at, size_t left, size_t *ret_length)
{
	int byte;

	*ret_length = 1;
	if (!left || (*at == '[' && left > 1 && memchr(":.=", at[1], 3)))
		return -1;
	if (*at != '\\')
		return *at;
	byte = regex_escaped_byte(at + 1, left - 1, ret_length);
	*ret_length += 1;
	return byte;
}

/* One byte or a range. Returns how long it is, or 0. */
static size_t item_read(bool set[256], const unsigned char *at, size_t left)
{
	size_t length, end_length;
	int first, last;

	if (left > 1 && *at == '\\' && regex_class_letter(set, at[1]))
		/* a '-' behind it stands for itself, or is a mistake: not understood */
		return left > 3 && at[2] == '-' && at[3] != ']' ? 0 : 2;
	first = last = class_byte(at, left, &length);
	if (first < 0)
		return 0;
	if (left > length + 1 && at[length] == '-' && at[length + 1] != ']') {
		last = class_byte(at + length + 1, left - length - 1, &end_length);
		if (last < first)
			return 0;
		length += 1 + end_length;
	}
	for (int byte = first; byte <= last; byte++)
		set[byte] = true;
	return length;
}

size_t regex_class_read(bool set[256], const unsigned char *at, size_t left, bool ignore_case)
{
	bool negated = left && *at == '^';
	size_t i = negated, length;

	memset(set, 0, 256 * sizeof(*set));
	do {
		length = i < left ? item_read(set, at + i, left - i) : 0;
		if (!length)
			return 0;
		i += length;
	} while (i < left && at[i] != ']');
	if (i >= left)
		return 0;
	for (int letter = 'a'; ignore_case && letter <= 'z'; letter++)
		set[letter] = set[letter ^ 0x20] = set[letter] || set[letter ^ 0x20];
	for (size_t byte = 0; negated && byte < 256; byte++)
		set[byte] = !set[byte];
	return i + 1;
}
