/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/comparison.h"

#define OPS(first, last) (2u * (1u << COMPARE_##last) - (1u << COMPARE_##first))

bool comparison_suits(unsigned int flags, const struct field_info *field,
		      const struct field_info *other)
{
	/* by kind: sets are not compared, and moments are one field */
	static const unsigned int ops[KIND_MAX] = {
		[KIND_text] = OPS(equal, contains), [KIND_num] = 1u << COMPARE_equal | OPS(lt, gte),
		[KIND_bool] = 1u << COMPARE_equal,  [KIND_one] = 1u << COMPARE_equal,
		[KIND_ip] = 1u << COMPARE_equal,
	};
	unsigned int op = flags & ~(unsigned int)COMPARE_CASED;

	if (field->kind != other->kind || op >= COMPARE_MAX || !(ops[field->kind] >> op & 1))
		return false;
	return !(flags & COMPARE_CASED) || field->kind == KIND_text;
}
