/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event that is being made up: aimed at a rule, so that it matches often, and then
 * changed a little, so that it often just does not.
 */
#ifndef FERMATA_DRAFT_H
#define FERMATA_DRAFT_H

#include "dice.h"
#include "pipeline/event_view.h"
#include "rules/rule.h"

#define DRAFT_TEXT_MAX (2 * TEXT_MAX)

struct draft_text {
	bool given;
	size_t length;
	char data[DRAFT_TEXT_MAX];
};

struct draft {
	struct record record; /* numbers, and their bits in `present` */
	struct draft_text text[FIELD_MAX];
};

/* A draft in which no field has a value. */
void draft_start(struct draft *draft, enum event_type event);

/* Gives fields the values with which the condition would hold, as far as tests do not ask
 * for different values of the same field. */
void draft_aim(struct draft *draft, struct dice *dice, const struct expression *condition);

/* Changes what was aimed at, now and then. */
void draft_miss(struct draft *draft, struct dice *dice);

/* Gives the field a value by chance, of what the rules test it for; a text is often a value
 * of another field. */
void draft_give(struct draft *draft, struct dice *dice, const struct ruleset *rules,
		const struct field_info *field);

/* The same for fields of the event that have none, most of them. */
void draft_fill(struct draft *draft, struct dice *dice, const struct ruleset *rules);

#endif
