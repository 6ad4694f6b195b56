/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of fields that come as texts: "443", "true", "tcp", "203.0.113.9". Of events in
 * flat lines and in the `tests` of rules; values that rules compare with are read by
 * rules/value.c, which knows wildcards.
 */
#ifndef FERMATA_FIELD_VALUE_H
#define FERMATA_FIELD_VALUE_H

#include "base/fields.h"

/*
 * The number of a num, bool or one field; of a set, the number of one bit. Names in either
 * case; a number stands for a value without a name. 0 or -EINVAL.
 */
int field_number_read(const struct field_info *field, const char *text, size_t length,
		      __u64 *ret_number);

/* Whether the number is one that the field can have: false and true are 0 and 1, a set has
 * 64 bits. */
int field_number_check(const struct field_info *field, __u64 number);

/* An IPv4 or IPv6 address. 0 or -EINVAL. */
int field_address_read(const char *text, size_t length, struct address *ret_address);

/* What the field takes, for messages: "a whole number". */
const char *field_takes(const struct field_info *field);

#endif
