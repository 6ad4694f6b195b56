/* SPDX-License-Identifier: Apache-2.0 */
#include "base/field_value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "address.h"

#define SET_BITS 64

/* Decimal, signed, of 64 bits. */
static bool number_parse(const char *text, size_t length, __u64 *ret_number)
{
	bool negative = length && *text == '-';
	__u64 most = negative ? 1ULL << 63 : (1ULL << 63) - 1, number = 0;

	if (length == negative)
		return false;
	for (size_t i = negative; i < length; i++) {
		__u64 digit = (unsigned char)text[i] - (__u64)'0';

		if (digit > 9 || number > (most - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = negative ? -number : number;
	return true;
}

static bool same(const char *word, const char *text, size_t length)
{
	return strlen(word) == length && !strncasecmp(word, text, length);
}

int field_number_read(const struct field_info *field, const char *text, size_t length,
		      __u64 *ret_number)
{
	__u64 number;

	if (field->kind == KIND_bool &&
	    (same("true", text, length) || same("false", text, length))) {
		*ret_number = same("true", text, length);
		return 0;
	}
	for (const struct field_name *name = field->names; name->name; name++)
		if (same(name->name, text, length)) {
			*ret_number = name->number;
			return 0;
		}
	if (!number_parse(text, length, &number) || field_number_check(field, number) < 0)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int field_number_check(const struct field_info *field, __u64 number)
{
	if ((field->kind == KIND_bool && number > 1) ||
	    (field->kind == KIND_set && number >= SET_BITS))
		return -EINVAL;
	return 0;
}

int field_address_read(const char *text, size_t length, struct address *ret_address)
{
	char copy[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (length >= sizeof(copy) || memchr(text, 0, length))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (inet_pton(AF_INET, copy, &v4) == 1) {
		*ret_address = address_v4(v4.s_addr);
		return 0;
	}
	return inet_pton(AF_INET6, copy, ret_address) == 1 ? 0 : -EINVAL;
}

const char *field_takes(const struct field_info *field)
{
	static const char *const takes[] = {
		[KIND_num] = "a whole number of 64 bits",
		[KIND_bool] = "true or false",
		[KIND_one] = "one of its names, or a number",
		[KIND_set] = "its names, one or a list of them",
		[KIND_ip] = "an IPv4 or IPv6 address",
		[KIND_text] = "a text",
		[KIND_time] = "a time as 2026-01-02T03:04:05.678Z",
	};

	return takes[field->kind];
}
