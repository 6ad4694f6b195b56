/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scale, downwards: texts, by length and anchors; narrow numbers; wide numbers and
 * sets; that a field has a value; that an event happens.
 */
#include "rules/rarity.h"

#define RARITY_ALWAYS 0
#define RARITY_EXISTS 1
#define RARITY_CHOICE 2 /* bool, set */
#define RARITY_WIDE 3
#define RARITY_AGENT 4 /* of the agent: true of all its events or of none */
#define RARITY_NARROW 6
#define RARITY_TEXT 8
#define RARITY_LENGTH_MAX 48 /* bytes beyond do not make it rarer */

/* More values hold more often: a bit for each doubling. */
static int count_penalty(size_t count)
{
	int penalty = 0;

	for (; count > 1; count /= 2)
		penalty++;
	return penalty;
}

/* Of its texts the one that holds most often counts. */
static int text_rarity(const struct atom *atom)
{
	int rarity, best = 2 * RARITY_LENGTH_MAX;

	if (field_table[atom->field].origin == ORIGIN_agent)
		return RARITY_AGENT;
	for (size_t i = 0; i < atom->count; i++) {
		const struct atom_text *text = &atom->texts[i];

		rarity = text->length < RARITY_LENGTH_MAX ? text->length : RARITY_LENGTH_MAX;
		rarity += 2 * __builtin_popcount(text->anchors);
		if (rarity < best)
			best = rarity;
	}
	/* the facts of a program are the same in all that it does */
	if (field_table[atom->field].origin == ORIGIN_event)
		best += RARITY_TEXT;
	best -= count_penalty(atom->count);
	return RARITY_TEXT + (best > 0 ? best : 0);
}

static int ranges_rarity(const struct atom *atom)
{
	if (field_table[atom->field].kind == KIND_bool)
		return RARITY_CHOICE;
	for (size_t i = 0; i < atom->count; i++) {
		const struct range *range = &atom->ranges[i];
		bool is_address = field_table[atom->field].kind == KIND_ip;

		if (range->first.high != range->last.high ||
		    range->last.low - range->first.low > (is_address ? 0xffffffULL : 0xff))
			return RARITY_WIDE;
	}
	return RARITY_NARROW;
}

int atom_rarity(const struct atom *atom)
{
	switch (atom->kind) {
	case ATOM_TEXT:
		return text_rarity(atom);
	case ATOM_RANGES:
		return ranges_rarity(atom);
	case ATOM_BITS:
		return RARITY_CHOICE;
	case ATOM_EXISTS:
		return RARITY_EXISTS;
	default:
		return RARITY_ALWAYS;
	}
}
