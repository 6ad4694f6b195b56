/* SPDX-License-Identifier: Apache-2.0 */
#include "draft.h"

#include <ctype.h>
#include <string.h>

void draft_start(struct draft *draft, enum event_type event)
{
	memset(&draft->record, 0, sizeof(draft->record));
	draft->record.header.size = sizeof(draft->record);
	draft->record.header.event = event;
	for (size_t i = 0; i < FIELD_MAX; i++)
		draft->text[i].given = false;
}

/* A time is not a field of the record, but known to the user side. */
static bool belongs(const struct draft *draft, const struct field_info *field)
{
	if (field->kind == KIND_time)
		return false;
	return field->event < 0 || field->event == draft->record.header.event;
}

/* Texts ------------------------------------------------------------------------------- */

static void text_add(struct draft_text *text, const void *bytes, size_t length)
{
	if (length > sizeof(text->data) - text->length)
		length = sizeof(text->data) - text->length;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
}

/* What comes up beside the words of rules. */
static void text_filler(struct draft_text *text, struct dice *dice)
{
	static const char *const fillers[] = { "",     "",	   "/",	 " ",  "a",  ".",  "x y",
					       "/..",  "éß",	   "-",	 "日", "\t", "\n", "%00",
					       "\xff", "\x80\xbf", "\\", "*",  "?" };

	for (size_t n = dice_below(dice, 4); n; n--) {
		const char *filler = dice_of(dice, fillers);

		text_add(text, filler, strlen(filler));
	}
}

/* Adds a text that fits the pattern. */
static void text_realize(struct draft_text *text, struct dice *dice, const unsigned char *bytes,
			 size_t length, bool cased)
{
	size_t flips = cased ? 0 : dice_below(dice, 3);

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = bytes[i];

		if (byte == WILDCARD && i + 1 < length) {
			if (bytes[++i] == '*')
				text_filler(text, dice);
			else
				text_add(text, dice_once(dice, 3) ? "é" : "q",
					 dice_once(dice, 3) ? 2 : 1);
			continue;
		}
		if (flips && isalpha(byte) && dice_below(dice, 3) < flips)
			byte ^= 0x20;
		text_add(text, &byte, 1);
	}
}

static void text_change(struct draft_text *text, struct dice *dice)
{
	size_t at = text->length ? dice_below(dice, text->length) : 0;

	switch (dice_below(dice, 7)) {
	case 0: /* one byte off */
		if (text->length)
			text->data[at] = (char)(text->data[at] + 1);
		break;
	case 1:
		if (text->length)
			text->length--;
		break;
	case 2:
		if (text->length)
			memmove(text->data, text->data + 1, --text->length);
		break;
	case 3:
		text_filler(text, dice);
		break;
	case 4: /* the other case */
		for (size_t i = 0; i < text->length; i++)
			if (isalpha((unsigned char)text->data[i]))
				text->data[i] ^= 0x20;
		break;
	case 5: /* itself once more */
		text_add(text, text->data, text->length);
		break;
	default:
		if (text->length)
			text->data[at] = (char)dice_word(dice);
	}
}

/* To about the length at which the field is cut. */
static void text_stretch(struct draft_text *text, struct dice *dice)
{
	static const size_t edges[] = { NAME_MAX_CAPTURE, DIRECTORY_MAX, TEXT_MAX, TEXT_MAX };
	size_t wanted = dice_of(dice, edges) - 3 + dice_below(dice, 7);
	struct draft_text own = *text;

	if (wanted <= own.length)
		return;
	/* before it or behind it, so that it is where the cut is */
	text->length = 0;
	if (dice_once(dice, 2)) {
		memset(text->data, 'y', wanted - own.length);
		text->length = wanted - own.length;
	}
	text_add(text, own.data, own.length);
	while (text->length < wanted)
		text_add(text, "z", 1);
}

/* Numbers ----------------------------------------------------------------------------- */

static __u64 *number_of(struct draft *draft, const struct field_info *field)
{
	draft->record.header.present |= SLOT_BIT(field->slot);
	return (__u64 *)((char *)&draft->record + field->offset);
}

static __u64 number_between(struct dice *dice, __s64 low, __s64 high)
{
	__u64 span = (__u64)high - (__u64)low;

	switch (dice_below(dice, 3)) {
	case 0:
		return (__u64)low;
	case 1:
		return (__u64)high;
	default:
		return (__u64)low + (span + 1 ? dice_word(dice) % (span + 1) : dice_word(dice));
	}
}

/* The number that stands there one up or down, in the order of addresses. */
static void address_step(unsigned char address[16], bool up)
{
	for (size_t i = 16; i-- > 0;) {
		address[i] = (unsigned char)(address[i] + (up ? 1 : -1));
		if (address[i] != (up ? 0 : 255))
			break;
	}
}

static void address_between(struct dice *dice, const union test_value *value,
			    unsigned char address[16])
{
	memcpy(address, dice_once(dice, 2) ? value->address.low : value->address.high, 16);
	if (dice_once(dice, 3) && memcmp(value->address.low, value->address.high, 16)) {
		memcpy(address, value->address.low, 16);
		address_step(address, true);
	}
}

/* Aiming ------------------------------------------------------------------------------ */

static const struct field_info *of_event(const struct draft *draft, enum field id)
{
	const struct field_info *field = &field_table[id];

	return belongs(draft, field) ? field : NULL;
}

static void aim_value(struct draft *draft, struct dice *dice, const struct test *test,
		      const union test_value *value)
{
	const struct field_info *field = of_event(draft, test->field);
	struct draft_text *text = &draft->text[test->field];

	if (!field)
		return;
	switch (test->op) {
	case TEST_TEXT:
	case TEST_TEXT_CASED:
		if (!text->given)
			text->length = 0;
		text->given = true;
		text_realize(text, dice, value->pattern.bytes, value->pattern.length,
			     test->op == TEST_TEXT_CASED && !dice_once(dice, 4));
		break;
	case TEST_RANGE:
		*number_of(draft, field) =
			number_between(dice, value->range.low, value->range.high);
		break;
	case TEST_ADDRESS:
		address_between(dice, value, (unsigned char *)number_of(draft, field));
		break;
	case TEST_BITS:
		*number_of(draft, field) |= value->bits;
		break;
	default:
		break;
	}
}

void draft_aim(struct draft *draft, struct dice *dice, const struct expression *condition)
{
	const struct test *test = &condition->test;

	switch (condition->op) {
	case EXPRESSION_TEST:
		if (test->count)
			aim_value(draft, dice, test, &test->values[dice_below(dice, test->count)]);
		break;
	case EXPRESSION_OR:
		if (condition->count)
			draft_aim(draft, dice,
				  condition->child[dice_below(dice, condition->count)]);
		break;
	case EXPRESSION_NOT: /* what is not to hold is missed most of the time anyway */
		if (!dice_once(dice, 4))
			break;
		/* fall through */
	case EXPRESSION_AND:
		for (size_t i = 0; i < condition->count; i++)
			draft_aim(draft, dice, condition->child[i]);
		break;
	}
}

static void miss_number(struct draft *draft, struct dice *dice, const struct field_info *field)
{
	__u64 *value = number_of(draft, field);

	if (field->kind == KIND_ip)
		address_step((unsigned char *)value, dice_once(dice, 2));
	else if (field->kind == KIND_set)
		*value ^= 1ULL << dice_below(dice, 4);
	else if (field->kind == KIND_bool)
		*value = !*value;
	else
		*value += dice_once(dice, 2) ? 1 : -1ULL;
}

void draft_miss(struct draft *draft, struct dice *dice)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];
		struct draft_text *text = &draft->text[i];

		if (!dice_once(dice, 5) || !belongs(draft, field))
			continue;
		if (field->kind == KIND_text) {
			if (text->given && dice_once(dice, 3))
				text_stretch(text, dice);
			else if (text->given)
				text_change(text, dice);
		} else if (draft->record.header.present & SLOT_BIT(field->slot)) {
			miss_number(draft, dice, field);
		}
	}
}

/* Chance ------------------------------------------------------------------------------ */

/* A test of a kind that this field can have, of some rule; NULL: there is none nearby. */
static const struct test *test_choose(struct dice *dice, const struct ruleset *rules,
				      enum kind kind)
{
	for (size_t tries = 8; tries && rules->count; tries--) {
		const struct expression *at =
			rules->rules[dice_below(dice, rules->count)]->condition;

		while (at && at->op != EXPRESSION_TEST)
			at = at->count ? at->child[dice_below(dice, at->count)] : NULL;
		if (at && at->test.count && field_table[at->test.field].kind == kind)
			return &at->test;
	}
	return NULL;
}

void draft_give(struct draft *draft, struct dice *dice, const struct ruleset *rules,
		const struct field_info *field)
{
	const struct test *test = test_choose(dice, rules, field->kind);
	struct draft_text *text = &draft->text[field->id];
	struct test here;

	if (field->kind == KIND_text) {
		text->given = true;
		text->length = 0;
		text_filler(text, dice);
	} else if (field->kind != KIND_ip) {
		*number_of(draft, field) = dice_below(dice, 4);
	}
	if (!test)
		return;
	here = *test;
	here.field = field->id;
	aim_value(draft, dice, &here, &test->values[dice_below(dice, test->count)]);
	if (field->kind == KIND_text && dice_once(dice, 2))
		text_filler(text, dice);
	if (field->kind == KIND_bool)
		*number_of(draft, field) &= 1;
}

void draft_fill(struct draft *draft, struct dice *dice, const struct ruleset *rules)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];
		bool given = field->kind == KIND_text
				     ? draft->text[i].given
				     : draft->record.header.present & SLOT_BIT(field->slot);

		if (!given && belongs(draft, field) && !dice_once(dice, 4))
			draft_give(draft, dice, rules, field);
	}
}
