/* SPDX-License-Identifier: Apache-2.0 */
/* Values of numbers, moments and what is held as a number: true or false, and names. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/moment.h"
#include "rules/nearest.h"
#include "rules/value_reading.h"

/* Decimal, or hexadecimal after 0x; no leading zero, which YAML 1.1 takes for octal. */
static bool number_parse(__s64 *ret_number, const char *text)
{
	const char *digits = text + (*text == '-' || *text == '+');
	bool hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	char *end;

	if (digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && digits[1] && !hexadecimal))
		return false;
	errno = 0;
	*ret_number = strtoll(text, &end, hexadecimal ? 16 : 10);
	return !errno && !*end;
}

/* What is equal to a value between `low` and `high`, or before or after it, as the modifiers
 * have it. */
static int ordered_add(struct value_reading *reading, const struct node *node, __s64 low,
		       __s64 high)
{
	if ((value_modified(reading, MODIFIER_BIT(lt)) && low == LLONG_MIN) ||
	    (value_modified(reading, MODIFIER_BIT(gt)) && high == LLONG_MAX))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"never true: no number is beyond %s", node->text);
	if (value_modified(reading, MODIFIER_BIT(lt)))
		return value_add_range(reading, LLONG_MIN, low - 1);
	if (value_modified(reading, MODIFIER_BIT(lte)))
		return value_add_range(reading, LLONG_MIN, high);
	if (value_modified(reading, MODIFIER_BIT(gt)))
		return value_add_range(reading, high + 1, LLONG_MAX);
	if (value_modified(reading, MODIFIER_BIT(gte)))
		return value_add_range(reading, low, LLONG_MAX);
	return value_add_range(reading, low, high);
}

/* Whether the value is `*`, which every value fits, of whatever kind. */
static bool any_take(struct value_reading *reading, const struct node *node)
{
	bool any = !strcmp(node->text, "*") && !value_modified(reading, ORDER_MODIFIERS);

	reading->any = reading->any || any;
	return any;
}

int number_add(struct value_reading *reading, const struct node *node)
{
	__s64 number;

	if (any_take(reading, node))
		return 0;
	if (!number_parse(&number, node->text))
		return value_complain(reading, node,
				      "a whole number of 64 bits, without leading zeros");
	return ordered_add(reading, node, number, number);
}

static int part_add(struct value_reading *reading, const struct node *node)
{
	static const struct {
		const char *name;
		__s64 lowest, highest;
	} parts[TIME_PART_MAX] = {
#define P(name, lowest, highest) [TIME_##name] = { #name, lowest, highest },
		TIME_PARTS(P)
#undef P
	};
	unsigned int part = reading->test.flags;
	__s64 number;

	if (!number_parse(&number, node->text) || number < parts[part].lowest ||
	    number > parts[part].highest)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' takes a number from %lld to %lld, not '%s'", parts[part].name,
				(long long)parts[part].lowest, (long long)parts[part].highest,
				node->text);
	return ordered_add(reading, node, number, number);
}

int moment_add(struct value_reading *reading, const struct node *node)
{
	struct policy_span span;

	if (reading->test.flags != TIME_moment)
		return part_add(reading, node);
	if (any_take(reading, node))
		return 0;
	if (moment_parse(&span, node->text) < 0)
		return value_complain(
			reading, node,
			"a date and time of UTC, like 2026-01-31 or 2026-01-31T23:59:00Z");
	return ordered_add(reading, node, span.first, span.last);
}

int bool_read(bool *ret_value, const struct node *node, const char *what,
	      struct diagnostics *diagnostics)
{
	const char *text = node->kind == NODE_TEXT ? node->text : "";
	bool yes = !strcasecmp(text, "true") || !strcmp(text, "1");

	if (!yes && strcasecmp(text, "false") && strcmp(text, "0"))
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"%s takes true or false%s%s%s", what, *text ? ", not '" : "", text,
				*text ? "'" : "");
	*ret_value = yes;
	return 0;
}

int bool_add(struct value_reading *reading, const struct node *node)
{
	bool value;

	if (any_take(reading, node))
		return 0;
	if (bool_read(&value, node, reading->key->field->name, reading->diagnostics) < 0)
		return -EINVAL;
	return value_add_range(reading, value, value);
}

static int name_add(struct value_reading *reading, const struct field_name *name)
{
	const union test_value value = { .bits = 1ULL << (name->number & 63) };

	if (reading->key->field->kind == KIND_one)
		return value_add_range(reading, (__s64)name->number, (__s64)name->number);
	/* One value holds all the bits: any of them will do. */
	if (reading->test.count) {
		reading->test.values->bits |= value.bits;
		return 0;
	}
	return value_add(reading, &value);
}

/* The names are known now, so texts are matched against them now. */
int names_add(struct value_reading *reading, const struct node *node)
{
	const struct field_info *field = reading->key->field;
	_cleanup_free_ unsigned char *bytes = NULL;
	struct pattern pattern;
	struct nearest nearest;
	bool found = false;
	__s64 number;
	int r;

	/* A number that has no name here, another protocol for instance. */
	if (field->kind == KIND_one &&
	    !value_modified(reading,
			    ~(MODIFIER_BIT(all) | MODIFIER_BIT(neq) | MODIFIER_BIT(expand))) &&
	    number_parse(&number, node->text) && number >= 0)
		return value_add_range(reading, number, number);
	r = value_pattern(&pattern, reading, node, node->text);
	if (r < 0)
		return r;
	bytes = pattern.bytes;
	if (pattern_is_any(&pattern)) {
		reading->any = true;
		return 0;
	}
	nearest_start(&nearest, node->text);
	for (const struct field_name *name = field->names; name->name; name++) {
		nearest_offer(&nearest, name->name);
		if (!pattern_matches(&pattern, name->name,
				     value_modified(reading, MODIFIER_BIT(cased))))
			continue;
		found = true;
		r = name_add(reading, name);
		if (r < 0)
			return r;
	}
	if (!found)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"never true: '%s' fits no '%s'%s", node->text, field->name,
				nearest_hint(&nearest, "there are"));
	return 0;
}
