/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses the kind of test, has each value read, and unites those that mean the same. The
 * kinds of values are in the other files of this name.
 */
#include "rules/value.h"

#include <errno.h>
#include <string.h>

#include "rules/expression.h"
#include "rules/value_reading.h"

int value_complain(const struct value_reading *reading, const struct node *node, const char *takes)
{
	return diagnose(reading->diagnostics, SEVERITY_ERROR, &node->place,
			"'%s' takes %s, not '%s'", reading->key->field->name, takes, node->text);
}

bool value_modified(const struct value_reading *reading, unsigned int modifiers)
{
	return reading->key->modifiers & modifiers;
}

int value_add(struct value_reading *reading, const union test_value *value)
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

int value_add_range(struct value_reading *reading, __s64 low, __s64 high)
{
	const union test_value value = { .range = { low, high } };

	return value_add(reading, &value);
}

/* The pattern that a text, the node's or a form of it, and the modifiers make. */
int value_pattern(struct pattern *ret_pattern, const struct value_reading *reading,
		  const struct node *node, const char *text)
{
	bool contains = value_modified(reading, MODIFIER_BIT(contains));

	if (!*text && value_modified(reading, MODIFIER_BIT(contains) | MODIFIER_BIT(startswith) |
						      MODIFIER_BIT(endswith)))
		diagnose(reading->diagnostics, SEVERITY_WARNING, &node->place,
			 "always true: every '%s' contains the empty text",
			 reading->key->field->name);
	return pattern_read(ret_pattern, text,
			    contains || value_modified(reading, MODIFIER_BIT(endswith)),
			    contains || value_modified(reading, MODIFIER_BIT(startswith)));
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
	case TEST_REGEX:
		x = (struct pattern) { left->pattern.bytes, left->pattern.length };
		y = (struct pattern) { right->pattern.bytes, right->pattern.length };
		return pattern_compare(&x, &y, *op != TEST_TEXT);
	case TEST_RANGE:
	case TEST_TIME:
		order = order_of(left->range.low, right->range.low);
		return order ? order : order_of(left->range.high, right->range.high);
	case TEST_ADDRESS:
		order = memcmp(left->address.low, right->address.low, 16);
		return order ? order : memcmp(left->address.high, right->address.high, 16);
	case TEST_BITS:
		return left->bits < right->bits ? -1 : left->bits > right->bits;
	case TEST_FIELD:
		return left->other < right->other ? -1 : left->other > right->other;
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
		else if (test_has_bytes(test))
			free(test->values[i].pattern.bytes);
	}
	test->count = kept + 1;
}

/* Of the modifiers of `modifiers`, which are all in a row from `first` on, the one that is
 * there, as a number that begins with `number`; 0 when none is. */
static unsigned int numbered(unsigned int modifiers, enum modifier first, unsigned int number)
{
	return modifiers ? (unsigned int)__builtin_ctz(modifiers) - first + number : 0;
}

static unsigned int regex_flags(unsigned int modifiers)
{
	return (modifiers & MODIFIER_BIT(i) ? REGEX_IGNORE_CASE : 0) |
	       (modifiers & MODIFIER_BIT(m) ? REGEX_MULTILINE : 0) |
	       (modifiers & MODIFIER_BIT(s) ? REGEX_DOT_ALL : 0);
}

static unsigned int comparison_flags(unsigned int modifiers)
{
	static const struct {
		unsigned int bit;
		enum comparison comparison;
	} rows[] = {
#define ROW(name) { MODIFIER_BIT(name), COMPARE_##name }
		ROW(startswith), ROW(endswith), ROW(contains), ROW(lt), ROW(lte), ROW(gt), ROW(gte),
#undef ROW
	};
	unsigned int flags = modifiers & MODIFIER_BIT(cased) ? COMPARE_CASED : 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		flags |= modifiers & rows[i].bit ? rows[i].comparison : 0;
	return flags | COMPARE_equal;
}

typedef int (*add_fn)(struct value_reading *reading, const struct node *node);

/* Chooses what kind of test it is, and who reads its values. */
static add_fn test_start(struct test *test, const struct field_key *key)
{
	static const struct {
		add_fn add;
		enum test_op op;
	} by_kind[KIND_MAX] = {
		[KIND_num] = { number_add, TEST_RANGE },   [KIND_bool] = { bool_add, TEST_RANGE },
		[KIND_one] = { names_add, TEST_RANGE },	   [KIND_set] = { names_add, TEST_BITS },
		[KIND_ip] = { address_add, TEST_ADDRESS }, [KIND_text] = { text_add, TEST_TEXT },
		[KIND_time] = { moment_add, TEST_TIME },
	};
	unsigned int modifiers = key->modifiers;

	*test = (struct test) { .field = key->field->id, .op = by_kind[key->field->kind].op };
	if (modifiers & MODIFIER_BIT(fieldref)) {
		test->op = TEST_FIELD;
		test->flags = comparison_flags(modifiers);
		return other_add;
	}
	if (modifiers & MODIFIER_BIT(re)) {
		test->op = TEST_REGEX;
		test->flags = regex_flags(modifiers);
		return regex_add;
	}
	if (test->op == TEST_TEXT && modifiers & MODIFIER_BIT(cased))
		test->op = TEST_TEXT_CASED;
	if (test->op == TEST_TIME)
		test->flags = numbered(modifiers & TIME_MODIFIERS, MODIFIER_minute, TIME_minute);
	return by_kind[key->field->kind].add;
}

int test_read(struct test *ret_test, const struct field_key *key, struct node *const *values,
	      size_t count, struct diagnostics *diagnostics)
{
	struct value_reading reading = { .key = key, .diagnostics = diagnostics };
	add_fn add = test_start(&reading.test, key);
	int r = 0;

	if (count > VALUES_MAX)
		r = diagnose(diagnostics, SEVERITY_ERROR, &values[VALUES_MAX]->place,
			     "more than the limit of %d values in one list", VALUES_MAX);
	for (size_t i = 0; i < count && r != -ENOMEM && count <= VALUES_MAX; i++) {
		int q = add(&reading, values[i]);

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
		reading.test.flags = 0;
	}
	*ret_test = reading.test;
	return 0;
}

_Static_assert((int)MODIFIER_year - (int)MODIFIER_minute == (int)TIME_year - (int)TIME_minute,
	       "the parts of a moment are in one order");
