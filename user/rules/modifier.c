/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/modifier.h"

#include <errno.h>
#include <string.h>

#include "rules/nearest.h"

#define KINDS_NAMED (1u << KIND_text | 1u << KIND_one | 1u << KIND_set)
#define KINDS_ORDERED (1u << KIND_num | 1u << KIND_time)

static const struct {
	const char *name;
	unsigned int kinds;
} modifier_table[MODIFIER_MAX] = {
#define M(name, kinds) [MODIFIER_##name] = { #name, (kinds) },
	MODIFIERS(M)
#undef M
};

static const char *const kind_table[] = {
	[KIND_num] = "a number",
	[KIND_bool] = "true or false",
	[KIND_one] = "one of a few names",
	[KIND_set] = "a set of names",
	[KIND_ip] = "an address",
	[KIND_text] = "a text",
	[KIND_time] = "a date",
};

/* Only one of these can say how a value is compared. */
#define COMPARING                                                                                  \
	(MODIFIER_BIT(contains) | MODIFIER_BIT(startswith) | MODIFIER_BIT(endswith) |              \
	 MODIFIER_BIT(cidr) | ORDER_MODIFIERS | MODIFIER_BIT(exists) | MODIFIER_BIT(re))

/* These put wildcards around a value, which have no encoding. */
#define AFFIXING (MODIFIER_BIT(contains) | MODIFIER_BIT(startswith) | MODIFIER_BIT(endswith))

/* Of these no two go together, beside those of which only one can be there. */
#define ENCODING (MODIFIER_BIT(windash) | UTF16_MODIFIERS | BASE64_MODIFIERS)
static const struct {
	unsigned int one, other;
} conflict_table[] = {
	{ COMPARING, COMPARING },
	{ UTF16_MODIFIERS, UTF16_MODIFIERS },
	{ TIME_MODIFIERS, TIME_MODIFIERS },
	{ MODIFIER_BIT(re), ENCODING | MODIFIER_BIT(cased) | MODIFIER_BIT(expand) },
	{ MODIFIER_BIT(fieldref),
	  ENCODING | MODIFIER_BIT(re) | MODIFIER_BIT(cidr) | MODIFIER_BIT(expand) },
	{ MODIFIER_BIT(exists), ~0u },
};

/*
 * Modifiers change a value from left to right. By modifier: those that it must stand
 * before, because it can do nothing with what they make.
 */
static const unsigned int before_table[MODIFIER_MAX] = {
	[MODIFIER_windash] = UTF16_MODIFIERS | BASE64_MODIFIERS,
	[MODIFIER_utf16] = BASE64_MODIFIERS | AFFIXING,
	[MODIFIER_utf16le] = BASE64_MODIFIERS | AFFIXING,
	[MODIFIER_utf16be] = BASE64_MODIFIERS | AFFIXING,
	[MODIFIER_wide] = BASE64_MODIFIERS | AFFIXING,
	[MODIFIER_base64] = MODIFIER_BIT(base64offset) | AFFIXING,
	[MODIFIER_base64offset] = AFFIXING,
	[MODIFIER_fieldref] = AFFIXING | ORDER_MODIFIERS,
	[MODIFIER_minute] = ORDER_MODIFIERS,
	[MODIFIER_hour] = ORDER_MODIFIERS,
	[MODIFIER_day] = ORDER_MODIFIERS,
	[MODIFIER_week] = ORDER_MODIFIERS,
	[MODIFIER_month] = ORDER_MODIFIERS,
	[MODIFIER_year] = ORDER_MODIFIERS,
};

/* A key while its modifiers are read. */
struct reading {
	struct field_key key;
	struct place place[MODIFIER_MAX]; /* of those that it has */
	struct diagnostics *diagnostics;
};

const struct field_info *field_require(enum event_type event, const char *name,
				       const struct place *place, struct diagnostics *diagnostics)
{
	const struct field_info *field = field_find(event, name);
	struct nearest nearest;

	if (field)
		return field;
	nearest_start(&nearest, name);
	/* The event's own fields first: they are what is most often meant. */
	for (int own = 1; own >= 0; own--)
		for (size_t i = 0; i < FIELD_MAX; i++)
			if (own ? field_table[i].event == (int)event : field_table[i].event < 0)
				nearest_offer(&nearest, field_table[i].name);
	diagnose(diagnostics, SEVERITY_ERROR, place, "%s has no field '%s'%s",
		 event_table[event].name, name, nearest_hint(&nearest, "it has"));
	return NULL;
}

/* Returns the modifier, or -EINVAL. */
static int modifier_find(const char *name, const struct place *place,
			 struct diagnostics *diagnostics)
{
	struct nearest nearest;

	nearest_start(&nearest, name);
	for (int i = 0; i < MODIFIER_MAX; i++) {
		if (!strcmp(modifier_table[i].name, name))
			return i;
		nearest_offer(&nearest, modifier_table[i].name);
	}
	return diagnose(diagnostics, SEVERITY_ERROR, place, "unknown modifier '%s'%s", name,
			nearest_hint(&nearest, "known are"));
}

static bool modifiers_conflict(unsigned int before, unsigned int bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(conflict_table); i++)
		if ((conflict_table[i].one & bit && conflict_table[i].other & before) ||
		    (conflict_table[i].other & bit && conflict_table[i].one & before))
			return true;
	return false;
}

/* Whether it may follow those before it. 0 or -EINVAL (diagnosed). */
static int modifier_check(const struct reading *reading, int modifier, const struct place *place)
{
	const struct field_key *key = &reading->key;
	const char *name = modifier_table[modifier].name;
	unsigned int bit = 1u << modifier, late = key->modifiers & before_table[modifier];

	if (!(modifier_table[modifier].kinds >> key->field->kind & 1))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' does not go with '%s', which is %s", name,
				key->field->name, kind_table[key->field->kind]);
	if (key->modifiers & bit)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' is here twice", name);
	if (bit & REGEX_MODIFIERS && !(key->modifiers & MODIFIER_BIT(re)))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' must stand after 're'", name);
	if (modifiers_conflict(key->modifiers, bit))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' cannot be combined with those before it", name);
	if (late)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' must stand before '%s': they are applied in their "
				"order",
				name, modifier_table[__builtin_ctz(late)].name);
	if (!(~(key->modifiers | bit) & (MODIFIER_BIT(all) | MODIFIER_BIT(neq))))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, place,
				"'all' and 'neq' cannot be combined: 'neq' alone means none of "
				"the values");
	return 0;
}

static int modifier_add(struct reading *reading, const char *name, const struct place *place)
{
	int modifier = modifier_find(name, place, reading->diagnostics);
	int r = modifier < 0 ? modifier : modifier_check(reading, modifier, place);

	if (r < 0)
		return r;
	reading->key.modifiers |= 1u << modifier;
	reading->place[modifier] = *place;
	return 0;
}

/*
 * What must follow. UTF-16 as it is would never be found: no path and no argument has a
 * NUL inside. Worse, the matcher takes a NUL for the space between two arguments, so that
 * `wide` of "ab" would fit the arguments "a" and "b".
 */
static int modifiers_complete(const struct reading *reading)
{
	unsigned int modifiers = reading->key.modifiers, utf16 = modifiers & UTF16_MODIFIERS;

	if (utf16 && !(modifiers & BASE64_MODIFIERS)) {
		int modifier = __builtin_ctz(utf16);

		return diagnose(reading->diagnostics, SEVERITY_ERROR, &reading->place[modifier],
				"modifier '%s' needs 'base64' or 'base64offset' after it: no text "
				"of an event is UTF-16",
				modifier_table[modifier].name);
	}
	if (modifiers & MODIFIER_BIT(base64offset) && !(modifiers & MODIFIER_BIT(contains)))
		return diagnose(reading->diagnostics, SEVERITY_ERROR,
				&reading->place[MODIFIER_base64offset],
				"modifier 'base64offset' needs 'contains' after it: it makes "
				"pieces of a longer text");
	return 0;
}

int field_key_read(struct field_key *ret_key, const struct node *node, enum event_type event,
		   struct diagnostics *diagnostics)
{
	struct reading reading = { .diagnostics = diagnostics };
	struct place place = node_place_in(node, 0);
	_cleanup_free_ char *text = strdup(node->text);
	char *name, *next = text;
	int r;

	if (!text)
		return -ENOMEM;
	name = strsep(&next, "|");
	if (!*name)
		return diagnose(diagnostics, SEVERITY_ERROR, &place,
				"keyword searches (without a field) are not supported");
	reading.key.event = event;
	reading.key.field = field_require(event, name, &place, diagnostics);
	if (!reading.key.field)
		return -EINVAL;
	while ((name = strsep(&next, "|"))) {
		place = node_place_in(node, (size_t)(name - text));
		r = modifier_add(&reading, name, &place);
		if (r < 0)
			return r;
	}
	r = modifiers_complete(&reading);
	if (r < 0)
		return r;
	*ret_key = reading.key;
	return 0;
}

unsigned int modifier_kinds(enum modifier modifier)
{
	return modifier_table[modifier].kinds;
}
