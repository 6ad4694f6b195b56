/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_builder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rules/policy_image.h"
#include "rules/strings.h"
#include "unit.h"

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct expression *build_test(enum field field, enum test_op op)
{
	struct expression *e = must(calloc(1, sizeof(*e)));

	e->op = EXPRESSION_TEST;
	e->test.field = field;
	e->test.op = op;
	return e;
}

struct expression *build_value(struct expression *e, union test_value value)
{
	struct test *test = &e->test;

	test->values = must(reallocarray(test->values, test->count + 1, sizeof(value)));
	test->values[test->count++] = value;
	return e;
}

struct expression *build_bytes(struct expression *test, const void *bytes, size_t length,
			       bool before, bool after)
{
	static const unsigned char star[] = { WILDCARD, '*' };
	union test_value value = { 0 };
	unsigned char *at = must(malloc(length + 2 * sizeof(star)));

	value.pattern.bytes = at;
	if (before)
		at = mempcpy(at, star, sizeof(star));
	at = mempcpy(at, bytes, length);
	if (after)
		at = mempcpy(at, star, sizeof(star));
	value.pattern.length = at - value.pattern.bytes;
	return build_value(test, value);
}

struct expression *build_pattern(struct expression *test, const char *pattern)
{
	union test_value value = { 0 };
	unsigned char *at = must(malloc(2 * strlen(pattern) + 1));

	value.pattern.bytes = at;
	for (; *pattern; pattern++) {
		if (*pattern == '*' || *pattern == '?')
			*at++ = WILDCARD;
		*at++ = *pattern;
	}
	value.pattern.length = at - value.pattern.bytes;
	return build_value(test, value);
}

struct expression *build_text(enum field field, const char *pattern)
{
	return build_pattern(build_test(field, TEST_TEXT), pattern);
}

struct expression *build_cased(enum field field, const char *pattern)
{
	return build_pattern(build_test(field, TEST_TEXT_CASED), pattern);
}

struct expression *build_range(enum field field, __s64 low, __s64 high)
{
	union test_value value = { .range = { low, high } };

	return build_value(build_test(field, TEST_RANGE), value);
}

struct expression *build_bits(enum field field, __u64 bits)
{
	union test_value value = { .bits = bits };

	return build_value(build_test(field, TEST_BITS), value);
}

struct expression *build_exists(enum field field)
{
	return build_test(field, TEST_EXISTS);
}

void build_child(struct expression *parent, struct expression *child)
{
	parent->child =
		must(reallocarray(parent->child, parent->count + 1, sizeof(*parent->child)));
	parent->child[parent->count++] = child;
}

struct expression *build_node(enum expression_op op, ...)
{
	struct expression *e = must(calloc(1, sizeof(*e))), *child;
	va_list children;

	e->op = op;
	va_start(children, op);
	while ((child = va_arg(children, struct expression *)))
		build_child(e, child);
	va_end(children);
	return e;
}

struct ruleset *build_ruleset(void)
{
	return must(calloc(1, sizeof(struct ruleset)));
}

static struct rule *rule_add(struct ruleset *ruleset, enum response response)
{
	struct rule *rule = must(calloc(1, sizeof(*rule)));

	ruleset->rules =
		must(reallocarray(ruleset->rules, ruleset->count + 1, sizeof(*ruleset->rules)));
	ruleset->rules[ruleset->count++] = rule;
	rule->place = (struct place) { "test.yml", ruleset->count, 1 };
	if (asprintf(&rule->title, "rule %zu", ruleset->count - 1) < 0)
		abort();
	rule->response = response;
	return rule;
}

struct rule *build_rule(struct ruleset *ruleset, enum event_type event,
			struct expression *condition, enum response response)
{
	struct rule *rule = rule_add(ruleset, response);

	rule->event = event;
	rule->events = 1u << event;
	rule->condition = condition;
	return rule;
}

struct rule *build_correlation(struct ruleset *ruleset, const size_t *steps, size_t count,
			       __u64 timespan, enum response response)
{
	struct rule *rule = rule_add(ruleset, response);

	rule->steps = must(calloc(count + 1, sizeof(*steps)));
	memcpy(rule->steps, steps, count * sizeof(*steps));
	rule->step_count = count;
	rule->timespan = timespan;
	rule->percentile = PERCENTILE_SHARE;
	if (count && steps[count - 1] < ruleset->count)
		rule->events = ruleset->rules[steps[count - 1]]->events;
	return rule;
}

void build_key(const struct ruleset *ruleset, struct rule *rule, enum field field, bool group)
{
	struct strings *names = group ? &rule->group_by : &rule->fields;
	size_t count = rule->group_by.count + rule->fields.count;
	struct policy_key *keys = must(reallocarray(rule->keys, count + 1, sizeof(*keys)));

	rule->keys = keys;
	for (size_t step = 0; step < STEPS_MAX; step++)
		for (size_t event = 0; event < EVENT_MAX; event++) {
			bool has = step < rule->step_count &&
				   ruleset->rules[rule->steps[step]]->events >> event & 1;

			keys[count].field[step][event] = has ? field : FIELD_MAX;
		}
	if (strings_add(names, field_table[field].name) < 0)
		abort();
}

void build_threshold(struct rule *rule, enum threshold_op op, __s64 number)
{
	rule->threshold[rule->threshold_count++] =
		(struct policy_threshold) { .whole = number, .op = op };
}

struct compiled *build_compiled(const struct ruleset *ruleset)
{
	_cleanup_diagnostics_ struct diagnostics diagnostics = { 0 };
	struct compiled *compiled = NULL;
	int r = compile(&compiled, ruleset, 1, &diagnostics);

	CU_ASSERT_EQUAL(r, 0);
	if (r < 0) {
		diagnostics_print(&diagnostics, stderr);
		return NULL;
	}
	CU_ASSERT_EQUAL(policy_check(compiled->policy, compiled->capacity), 0);
	return compiled;
}

bool build_diagnosed(const struct diagnostics *diagnostics, enum severity severity,
		     const char *text)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		if (diagnostics->list[i].severity == severity &&
		    strstr(diagnostics->list[i].message, text))
			return true;
	return false;
}

void build_refused(const struct ruleset *ruleset, const char *expected)
{
	_cleanup_diagnostics_ struct diagnostics diagnostics = { 0 };
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;

	CU_ASSERT_EQUAL(compile(&compiled, ruleset, 1, &diagnostics), -EINVAL);
	CU_ASSERT_PTR_NULL(compiled);
	CU_ASSERT(build_diagnosed(&diagnostics, SEVERITY_ERROR, expected));
	if (!build_diagnosed(&diagnostics, SEVERITY_ERROR, expected))
		diagnostics_print(&diagnostics, stderr);
}

void event_start(struct built_event *event, enum event_type type)
{
	memset(event, 0, sizeof(*event));
	event->view.record = &event->record;
	event->record.header.event = type;
	event->record.header.session = 1;
	event->record.header.time = 1;
}

void event_bytes(struct built_event *event, enum field field, const void *data, size_t length)
{
	event->view.text[field] = (struct bytes) { data, length };
	event->record.header.present |= SLOT_BIT(field_table[field].slot);
}

void event_text(struct built_event *event, enum field field, const char *text)
{
	event_bytes(event, field, text, strlen(text));
}

void event_number(struct built_event *event, enum field field, __u64 number)
{
	memcpy((char *)&event->record + field_table[field].offset, &number, sizeof(number));
	event->record.header.present |= SLOT_BIT(field_table[field].slot);
}

void event_address(struct built_event *event, enum field field, const unsigned char address[16])
{
	memcpy((char *)&event->record + field_table[field].offset, address, 16);
	event->record.header.present |= SLOT_BIT(field_table[field].slot);
}

void event_absent(struct built_event *event, enum field field)
{
	event->view.text[field] = (struct bytes) { 0 };
	event->record.header.present &= ~SLOT_BIT(field_table[field].slot);
}
