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
	M(lt, KINDS_ORDERED)                                                                       \
	M(lte, KINDS_ORDERED)                                                                      \
	M(gt, KINDS_ORDERED)                                                                       \
	M(gte, KINDS_ORDERED)                                                                      \
	M(all, ~0u)                                                                                \
	M(neq, ~0u)                                                                                \
	M(exists, ~0u)                                                                             \
	M(windash, 1 << KIND_text)                                                                 \
	M(utf16, 1 << KIND_text)                                                                   \
	M(utf16le, 1 << KIND_text)                                                                 \
	M(utf16be, 1 << KIND_text)                                                                 \
	M(wide, 1 << KIND_text)                                                                    \
	M(base64, 1 << KIND_text)                                                                  \
	M(base64offset, 1 << KIND_text)                                                            \
	M(re, 1 << KIND_text)                                                                      \
	M(i, 1 << KIND_text)                                                                       \
	M(m, 1 << KIND_text)                                                                       \
	M(s, 1 << KIND_text)                                                                       \
	M(fieldref, ~(1u << KIND_set | 1u << KIND_time))                                           \
	M(expand, ~0u)                                                                             \
	M(minute, 1 << KIND_time)                                                                  \
	M(hour, 1 << KIND_time)                                                                    \
	M(day, 1 << KIND_time)                                                                     \
	M(week, 1 << KIND_time)                                                                    \
	M(month, 1 << KIND_time)                                                                   \
	M(year, 1 << KIND_time)

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

#define ORDER_MODIFIERS                                                                            \
	(MODIFIER_BIT(lt) | MODIFIER_BIT(lte) | MODIFIER_BIT(gt) | MODIFIER_BIT(gte))
#define REGEX_MODIFIERS (MODIFIER_BIT(i) | MODIFIER_BIT(m) | MODIFIER_BIT(s))
#define TIME_MODIFIERS                                                                             \
	(MODIFIER_BIT(minute) | MODIFIER_BIT(hour) | MODIFIER_BIT(day) | MODIFIER_BIT(week) |      \
	 MODIFIER_BIT(month) | MODIFIER_BIT(year))

struct field_key {
	enum event_type event;
	const struct field_info *field;
	unsigned int modifiers; /* MODIFIER_BIT()s */
};

/* Reads the key of a field test for events of `event`. 0, -EINVAL (diagnosed) or
 * -ENOMEM. */
int field_key_read(struct field_key *ret_key, const struct node *node, enum event_type event,
		   struct diagnostics *diagnostics);

/* The kinds of field that it goes with, a bit of each: 1 << enum kind. */
unsigned int modifier_kinds(enum modifier modifier);

/* Finds the field, or diagnoses that the category has none of that name. */
const struct field_info *field_require(enum event_type event, const char *name,
				       const struct place *place, struct diagnostics *diagnostics);

#endif
