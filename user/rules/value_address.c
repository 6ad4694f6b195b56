/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "rules/address.h"
#include "rules/value_reading.h"

/* The literal before a '*' that ends the pattern, if there is no other wildcard. */
static bool pattern_prefix(char *prefix, size_t size, const struct pattern *pattern)
{
	size_t length = pattern->length;

	if (length < 2 || length - 2 >= size || pattern->bytes[length - 1] != '*' ||
	    memchr(pattern->bytes, WILDCARD, length) != pattern->bytes + length - 2)
		return false;
	memcpy(prefix, pattern->bytes, length - 2);
	prefix[length - 2] = 0;
	return true;
}

int address_add(struct value_reading *reading, const struct node *node)
{
	_cleanup_free_ unsigned char *bytes = NULL;
	struct address_range range;
	union test_value value = { 0 };
	struct pattern pattern;
	char prefix[16];
	bool exact = true;
	int r;

	if (value_modified(reading, MODIFIER_BIT(cidr))) {
		if (address_parse_network(&range, &exact, node->text) < 0)
			return value_complain(reading, node, "ADDRESS/LENGTH with 'cidr'");
		if (!exact)
			diagnose(reading->diagnostics, SEVERITY_WARNING, &node->place,
				 "'%s' has bits set after its prefix; they are ignored",
				 node->text);
	} else {
		r = value_pattern(&pattern, reading, node, node->text);
		if (r < 0)
			return r;
		bytes = pattern.bytes;
		if (pattern_is_any(&pattern)) {
			reading->any = true;
			return 0;
		}
		if (!pattern_has_wildcard(&pattern)) {
			if (address_parse(&range, node->text) < 0)
				return value_complain(reading, node, "an IPv4 or IPv6 address");
		} else if (!pattern_prefix(prefix, sizeof(prefix), &pattern) ||
			   address_parse_octets(&range, prefix) < 0) {
			return value_complain(
				reading, node,
				"whole octets like '10.' at its start; for other networks "
				"use 'cidr'");
		}
	}
	memcpy(value.address.low, range.low, sizeof(range.low));
	memcpy(value.address.high, range.high, sizeof(range.high));
	return value_add(reading, &value);
}
