/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A modifier that Sigma has and Fermata has not yet is told apart from one that nobody
 * has: the first is our gap, the second a mistake in the rule.
 */
#include "rules/modifier.h"

#include <errno.h>
#include <string.h>

#include "rules/nearest.h"

#define KINDS_NAMED (1u << KIND_text | 1u << KIND_one | 1u << KIND_set)

static const struct {
	const char *name;
	unsigned int kinds;
} modifier_table[MODIFIER_MAX] = {
#define M(name, kinds) [MODIFIER_##name] = { #name, (kinds) },
	MODIFIERS(M)
#undef M
};

static const char *const unsupported_table[] = {
	"re",	   "i",	      "m",    "s",	 "base64", "base64offset", "utf16",
	"utf16le", "utf16be", "wide", "windash", "expand", "fieldref",	   "minute",
	"hour",	   "day",     "week", "month",	 "year",
};

static const char *const kind_table[] = {
	[KIND_num] = "a number",	   [KIND_bool] = "true or false",
	[KIND_one] = "one of a few names", [KIND_set] = "a set of names",
	[KIND_ip] = "an address",	   [KIND_text] = "a text",
};

/* Only one of these can say how a value is compared. */
#define COMPARING                                                                                  \
	(MODIFIER_BIT(contains) | MODIFIER_BIT(startswith) | MODIFIER_BIT(endswith) |              \
	 MODIFIER_BIT(cidr) | MODIFIER_BIT(lt) | MODIFIER_BIT(lte) | MODIFIER_BIT(gt) |            \
	 MODIFIER_BIT(gte) | MODIFIER_BIT(exists))

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
	for (size_t i = 0; i < ARRAY_SIZE(unsupported_table); i++)
		if (!strcmp(unsupported_table[i], name))
			return diagnose(diagnostics, SEVERITY_ERROR, place,
					"modifier '%s' is not supported yet", name);
	return diagnose(diagnostics, SEVERITY_ERROR, place, "unknown modifier '%s'%s", name,
			nearest_hint(&nearest, "known are"));
}

static int modifier_add(struct field_key *key, const char *name, const struct place *place,
			struct diagnostics *diagnostics)
{
	int modifier = modifier_find(name, place, diagnostics);
	unsigned int bit;

	if (modifier < 0)
		return modifier;
	bit = 1u << modifier;
	if (!(modifier_table[modifier].kinds >> key->field->kind & 1))
		return diagnose(diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' does not go with '%s', which is %s", name,
				key->field->name, kind_table[key->field->kind]);
	if (key->modifiers & bit)
		return diagnose(diagnostics, SEVERITY_ERROR, place, "modifier '%s' is here twice",
				name);
	if ((bit & COMPARING && key->modifiers & COMPARING) ||
	    ((key->modifiers | bit) & MODIFIER_BIT(exists) && key->modifiers))
		return diagnose(diagnostics, SEVERITY_ERROR, place,
				"modifier '%s' cannot be combined with those before it", name);
	key->modifiers |= bit;
	if (!(~key->modifiers & (MODIFIER_BIT(all) | MODIFIER_BIT(neq))))
		return diagnose(diagnostics, SEVERITY_ERROR, place,
				"'all' and 'neq' cannot be combined: 'neq' alone means none of "
				"the values");
	return 0;
}

int field_key_read(struct field_key *ret_key, const struct node *node, enum event_type event,
		   struct diagnostics *diagnostics)
{
	struct field_key key = { 0 };
	struct place place = node_place_in(node, 0);
	_cleanup_free_ char *text = strdup(node->text);
	char *name, *next = text;

	if (!text)
		return -ENOMEM;
	name = strsep(&next, "|");
	if (!*name)
		return diagnose(diagnostics, SEVERITY_ERROR, &place,
				"keyword searches (without a field) are not supported");
	key.field = field_require(event, name, &place, diagnostics);
	if (!key.field)
		return -EINVAL;
	while ((name = strsep(&next, "|"))) {
		int r;

		place = node_place_in(node, (size_t)(name - text));
		r = modifier_add(&key, name, &place, diagnostics);
		if (r < 0)
			return r;
	}
	*ret_key = key;
	return 0;
}
