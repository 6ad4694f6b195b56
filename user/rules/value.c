/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function per kind of field, each adding to the test what one value means.
 */
#include "rules/value.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "rules/address.h"
#include "rules/expression.h"
#include "rules/form.h"
#include "rules/nearest.h"
#include "rules/pattern.h"

/* A test while its values are read. */
struct reading {
	struct test test;
	const struct field_key *key;
	struct diagnostics *diagnostics;
	size_t capacity;
	bool any; /* a value fits everything */
};

static int complain(const struct reading *reading, const struct node *node, const char *takes)
{
	return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
			"'%s' takes %s, not '%s'", reading->key->field->name, takes, node->text);
}

static bool modified(const struct reading *reading, unsigned int modifiers)
{
	return reading->key->modifiers & modifiers;
}

static int value_add(struct reading *reading, const union test_value *value)
{
	struct test *test = &reading->test;

	if (test->count == reading->capacity) {
		size_t capacity = reading->capacity ? reading->capacity * 2 : 1;
		union test_value *values = reallocarray(test->values, capacity, sizeof(*values));

		if (!values)
			return -ENOMEM;
		test->values = values;
		reading->capacity = capacity;
	}
	test->values[test->count++] = *value;
	return 0;
}

static int range_add(struct reading *reading, __s64 low, __s64 high)
{
	const union test_value value = { .range = { low, high } };

	return value_add(reading, &value);
}

/* The pattern that a text, the node's or a form of it, and the modifiers make. */
static int value_pattern(struct pattern *ret_pattern, const struct reading *reading,
			 const struct node *node, const char *text)
{
	bool contains = modified(reading, MODIFIER_BIT(contains));

	if (!*text && modified(reading, MODIFIER_BIT(contains) | MODIFIER_BIT(startswith) |
						MODIFIER_BIT(endswith)))
		diagnose(reading->diagnostics, SEVERITY_WARNING, &node->place,
			 "always true: every '%s' contains the empty text",
			 reading->key->field->name);
	return pattern_read(ret_pattern, text,
			    contains || modified(reading, MODIFIER_BIT(endswith)),
			    contains || modified(reading, MODIFIER_BIT(startswith)));
}

static int form_add(struct reading *reading, const struct node *node, const char *text)
{
	_cleanup_free_ unsigned char *bytes = NULL;
	union test_value value = { 0 };
	struct pattern pattern;
	size_t wildcards = 0;
	int r = value_pattern(&pattern, reading, node, text);

	if (r < 0)
		return r;
	bytes = pattern.bytes;
	if (pattern_is_any(&pattern)) {
		reading->any = true;
		return 0;
	}
	for (size_t i = 0; i < pattern.length; i++)
		wildcards += pattern.bytes[i] == WILDCARD;
	if (pattern.length - 2 * wildcards > TEXT_MAX)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"never true: longer than the %d bytes that are captured of a text",
				TEXT_MAX);
	value.pattern.bytes = pattern.bytes;
	value.pattern.length = pattern.length;
	r = value_add(reading, &value);
	if (r >= 0)
		bytes = NULL;
	return r;
}

static int text_add(struct reading *reading, const struct node *node)
{
	unsigned int modifiers = reading->key->modifiers;
	size_t count;
	int r;

	if (!(modifiers & FORM_MODIFIERS))
		return form_add(reading, node, node->text);
	r = forms_count(&count, modifiers, node, reading->diagnostics);
	if (r < 0)
		return r;
	if (count > VALUES_MAX - reading->test.count)
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"with its forms more than the limit of %d values in one list",
				VALUES_MAX);
	for (size_t i = 0; i < count && r >= 0; i++) {
		_cleanup_buffer_ struct buffer text = BUFFER(FORM_MAX);

		r = form_write(&text, modifiers, node, i, reading->diagnostics);
		if (r >= 0)
			r = form_add(reading, node, buffer_string(&text));
	}
	return r;
}

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

static int number_add(struct reading *reading, const struct node *node)
{
	__s64 number, low, high;

	if (!number_parse(&number, node->text))
		return complain(reading, node, "a whole number of 64 bits, without leading zeros");
	low = high = number;
	if (modified(reading, MODIFIER_BIT(lt) | MODIFIER_BIT(lte)))
		low = LLONG_MIN;
	if (modified(reading, MODIFIER_BIT(gt) | MODIFIER_BIT(gte)))
		high = LLONG_MAX;
	if ((modified(reading, MODIFIER_BIT(lt)) && number == LLONG_MIN) ||
	    (modified(reading, MODIFIER_BIT(gt)) && number == LLONG_MAX))
		return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
				"never true: no number is beyond %s", node->text);
	if (modified(reading, MODIFIER_BIT(lt)))
		high--;
	if (modified(reading, MODIFIER_BIT(gt)))
		low++;
	return range_add(reading, low, high);
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

static int bool_add(struct reading *reading, const struct node *node)
{
	bool value;

	if (bool_read(&value, node, reading->key->field->name, reading->diagnostics) < 0)
		return -EINVAL;
	return range_add(reading, value, value);
}

static int name_add(struct reading *reading, const struct field_name *name)
{
	const union test_value value = { .bits = 1ULL << (name->number & 63) };

	if (reading->key->field->kind == KIND_one)
		return range_add(reading, (__s64)name->number, (__s64)name->number);
	/* One value holds all the bits: any of them will do. */
	if (reading->test.count) {
		reading->test.values->bits |= value.bits;
		return 0;
	}
	return value_add(reading, &value);
}

/* The names are known now, so texts are matched against them now. */
static int names_add(struct reading *reading, const struct node *node)
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
	    !modified(reading, ~(MODIFIER_BIT(all) | MODIFIER_BIT(neq))) &&
	    number_parse(&number, node->text) && number >= 0)
		return range_add(reading, number, number);
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
		if (!pattern_matches(&pattern, name->name, modified(reading, MODIFIER_BIT(cased))))
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

/* The literal before a '*' that ends the pattern, if there is no other wildcard. */
static bool pattern_prefix(char *prefix, size_t size, const struct pattern *pattern)
{
	size_t length = pattern->length;

	if (length < 2 || length - 2 >= size || pattern->bytes[length - 1] != '*' ||
	    memchr(pattern->bytes, WILDCARD, length) != pattern->bytes + length - 2)
		return false;
	memcpy(prefix, pattern->bytes, length - 2);
	prefix[length - 2] = 0;
	return true;
}

static int address_add(struct reading *reading, const struct node *node)
{
	_cleanup_free_ unsigned char *bytes = NULL;
	struct address_range range;
	union test_value value = { 0 };
	struct pattern pattern;
	char prefix[16];
	bool exact = true;
	int r;

	if (modified(reading, MODIFIER_BIT(cidr))) {
		if (address_parse_network(&range, &exact, node->text) < 0)
			return complain(reading, node, "ADDRESS/LENGTH with 'cidr'");
		if (!exact)
			diagnose(reading->diagnostics, SEVERITY_WARNING, &node->place,
				 "'%s' has bits set after its prefix; they are ignored",
				 node->text);
	} else {
		r = value_pattern(&pattern, reading, node, node->text);
		if (r < 0)
			return r;
		bytes = pattern.bytes;
		if (pattern_is_any(&pattern)) {
			reading->any = true;
			return 0;
		}
		if (!pattern_has_wildcard(&pattern)) {
			if (address_parse(&range, node->text) < 0)
				return complain(reading, node, "an IPv4 or IPv6 address");
		} else if (!pattern_prefix(prefix, sizeof(prefix), &pattern) ||
			   address_parse_octets(&range, prefix) < 0) {
			return complain(reading, node,
					"whole octets like '10.' at its start; for other networks "
					"use 'cidr'");
		}
	}
	memcpy(value.address.low, range.low, sizeof(range.low));
	memcpy(value.address.high, range.high, sizeof(range.high));
	return value_add(reading, &value);
}

static int order_of(__s64 a, __s64 b)
{
	return a < b ? -1 : a > b;
}

/* The same for the same values; the order itself does not matter. */
static int value_compare(const void *a, const void *b, void *context)
{
	const union test_value *left = a, *right = b;
	const enum test_op *op = context;
	struct pattern x, y;
	int order;

	switch (*op) {
	case TEST_TEXT:
	case TEST_TEXT_CASED:
		x = (struct pattern) { left->pattern.bytes, left->pattern.length };
		y = (struct pattern) { right->pattern.bytes, right->pattern.length };
		return pattern_compare(&x, &y, *op == TEST_TEXT_CASED);
	case TEST_RANGE:
		order = order_of(left->range.low, right->range.low);
		return order ? order : order_of(left->range.high, right->range.high);
	case TEST_ADDRESS:
		order = memcmp(left->address.low, right->address.low, 16);
		return order ? order : memcmp(left->address.high, right->address.high, 16);
	case TEST_BITS:
		return left->bits < right->bits ? -1 : left->bits > right->bits;
	case TEST_EXISTS:
		break;
	}
	return 0;
}

static void values_deduplicate(struct test *test)
{
	size_t kept = 0;

	if (!test->count)
		return;
	qsort_r(test->values, test->count, sizeof(*test->values), value_compare, &test->op);
	for (size_t i = 1; i < test->count; i++) {
		if (value_compare(&test->values[kept], &test->values[i], &test->op))
			test->values[++kept] = test->values[i];
		else if (test->op == TEST_TEXT || test->op == TEST_TEXT_CASED)
			free(test->values[i].pattern.bytes);
	}
	test->count = kept + 1;
}

int test_read(struct test *ret_test, const struct field_key *key, struct node *const *values,
	      size_t count, struct diagnostics *diagnostics)
{
	static int (*const add[])(struct reading *, const struct node *) = {
		[KIND_num] = number_add, [KIND_bool] = bool_add,  [KIND_one] = names_add,
		[KIND_set] = names_add,	 [KIND_ip] = address_add, [KIND_text] = text_add,
	};
	static const enum test_op op[] = {
		[KIND_num] = TEST_RANGE, [KIND_bool] = TEST_RANGE, [KIND_one] = TEST_RANGE,
		[KIND_set] = TEST_BITS,	 [KIND_ip] = TEST_ADDRESS, [KIND_text] = TEST_TEXT,
	};
	struct reading reading = { .key = key, .diagnostics = diagnostics };
	int r = 0;

	reading.test.field = key->field->id;
	reading.test.op = op[key->field->kind];
	if (reading.test.op == TEST_TEXT && key->modifiers & MODIFIER_BIT(cased))
		reading.test.op = TEST_TEXT_CASED;
	if (count > VALUES_MAX)
		r = diagnose(diagnostics, SEVERITY_ERROR, &values[VALUES_MAX]->place,
			     "more than the limit of %d values in one list", VALUES_MAX);
	for (size_t i = 0; i < count && r != -ENOMEM && count <= VALUES_MAX; i++) {
		int q = add[key->field->kind](&reading, values[i]);

		r = q < 0 ? q : r;
	}
	if (r < 0) {
		test_done(&reading.test);
		return r;
	}
	values_deduplicate(&reading.test);
	if (reading.any) {
		test_done(&reading.test);
		reading.test.op = TEST_EXISTS;
	}
	*ret_test = reading.test;
	return 0;
}
