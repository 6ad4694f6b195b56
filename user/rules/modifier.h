/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of a field test, `Field|modifier|…`: which field of the category it is and
 * what the modifiers ask for. After it comes value.c, with the values.
 */
#ifndef FERMATA_MODIFIER_H
#define FERMATA_MODIFIER_H

#include "base/fields.h"
#include "rules/node.h"

/* M(name, kinds of field it goes with) */
#define MODIFIERS(M)                                                                               \
	M(contains, KINDS_NAMED)                                                                   \
	M(startswith, KINDS_NAMED | 1 << KIND_ip)                                                  \
	M(endswith, KINDS_NAMED)                                                                   \
	M(cased, KINDS_NAMED)                                                                      \
	M(cidr, 1 << KIND_ip)                                                                      \
	M(lt, 1 << KIND_num)                                                                       \
	M(lte, 1 << KIND_num)                                                                      \
	M(gt, 1 << KIND_num)                                                                       \
	M(gte, 1 << KIND_num)                                                                      \
	M(all, ~0u)                                                                                \
	M(neq, ~0u)                                                                                \
	M(exists, ~0u)                                                                             \
	M(windash, 1 << KIND_text)                                                                 \
	M(utf16, 1 << KIND_text)                                                                   \
	M(utf16le, 1 << KIND_text)                                                                 \
	M(utf16be, 1 << KIND_text)                                                                 \
	M(wide, 1 << KIND_text)                                                                    \
	M(base64, 1 << KIND_text)                                                                  \
	M(base64offset, 1 << KIND_text)

enum modifier {
#define M(name, ...) MODIFIER_##name,
	MODIFIERS(M)
#undef M
		MODIFIER_MAX
};

#define MODIFIER_BIT(name) (1u << MODIFIER_##name)

#define UTF16_MODIFIERS                                                                            \
	(MODIFIER_BIT(utf16) | MODIFIER_BIT(utf16le) | MODIFIER_BIT(utf16be) | MODIFIER_BIT(wide))
#define BASE64_MODIFIERS (MODIFIER_BIT(base64) | MODIFIER_BIT(base64offset))

struct field_key {
	const struct field_info *field;
	unsigned int modifiers; /* MODIFIER_BIT()s */
};

/* Reads the key of a field test for events of `event`. 0, -EINVAL (diagnosed) or
 * -ENOMEM. */
int field_key_read(struct field_key *ret_key, const struct node *node, enum event_type event,
		   struct diagnostics *diagnostics);

/* Finds the field, or diagnoses that the category has none of that name. */
const struct field_info *field_require(enum event_type event, const char *name,
				       const struct place *place, struct diagnostics *diagnostics);

#endif
