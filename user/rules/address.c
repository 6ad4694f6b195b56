/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inet_pton() does the reading: it takes neither host names nor octal octets nor zone
 * names, which would all be mistakes in a rule.
 */
#include "rules/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

/* Returns the address' bits (32 or 128), or -EINVAL. */
static int address_read(unsigned char *address, const char *text)
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return 128;
	memcpy(address, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, address + 12) == 1 ? 32 : -EINVAL;
}

/* All addresses that share the first `bits`. Returns whether the others were clear. */
static bool range_set(struct address_range *range, const unsigned char *address, unsigned int bits)
{
	bool exact = true;

	for (unsigned int i = 0; i < 16; i++) {
		unsigned int kept = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
		unsigned char rest = (unsigned char)(0xff >> kept);

		exact = exact && !(address[i] & rest);
		range->low[i] = address[i] & (unsigned char)~rest;
		range->high[i] = address[i] | rest;
	}
	return exact;
}

int address_parse(struct address_range *ret_range, const char *text)
{
	unsigned char address[16];

	if (address_read(address, text) < 0)
		return -EINVAL;
	range_set(ret_range, address, 128);
	return 0;
}

int address_parse_network(struct address_range *ret_range, bool *ret_exact, const char *text)
{
	char part[INET6_ADDRSTRLEN + 1];
	const char *slash = strchr(text, '/');
	unsigned char address[16];
	unsigned int length = 0;
	int bits;

	if (!slash || (size_t)(slash - text) >= sizeof(part) || !slash[1] || strlen(slash) > 4)
		return -EINVAL;
	memcpy(part, text, (size_t)(slash - text));
	part[slash - text] = 0;
	bits = address_read(address, part);
	if (bits < 0)
		return bits;
	for (const char *digit = slash + 1; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return -EINVAL;
		length = length * 10 + (unsigned int)(*digit - '0');
	}
	if (length > (unsigned int)bits)
		return -EINVAL;
	*ret_exact = range_set(ret_range, address, 128 - (unsigned int)bits + length);
	return 0;
}

int address_parse_octets(struct address_range *ret_range, const char *text)
{
	static const char *const rest[] = { "", "0.0.0", "0.0", "0" };
	char whole[INET_ADDRSTRLEN];
	unsigned char address[16];
	unsigned int octets = 0;
	size_t length = strlen(text);

	for (const char *dot = text; (dot = strchr(dot, '.')); dot++)
		octets++;
	if (octets < 1 || octets > 3 || text[length - 1] != '.' || length > sizeof("255.255.255"))
		return -EINVAL;
	snprintf(whole, sizeof(whole), "%s%s", text, rest[octets]);
	if (address_read(address, whole) != 32)
		return -EINVAL;
	range_set(ret_range, address, 96 + 8 * octets);
	return 0;
}
