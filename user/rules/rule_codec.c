/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A count is checked against the bytes that are left before anything is allocated for it:
 * each item takes 8 bytes at least. After an error nothing more is read, and what was read
 * so far is released with the ruleset.
 */
#include "rules/rule_codec.h"

#include <endian.h>
#include <errno.h>

#include "base/cleanup.h"
#include "rules/dnf.h"
#include "rules/expression.h"
#include "rules/sigma.h"
#include "rules/value.h"

#define TEXT_BYTES_MAX (1u << 20) /* of one text */

struct codec {
	struct buffer *out; /* NULL: reading */
	const unsigned char *at, *end; /* reading */
	int error; /* the first one; stays */
	struct ruleset *ruleset; /* whose files places are in */
};

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)

static void fail(struct codec *c, int error)
{
	c->error = c->error ? c->error : error;
}

static void code_bytes(struct codec *c, void *bytes, size_t length)
{
	if (c->error)
		return;
	if (c->out) {
		c->error = buffer_add(c->out, bytes, length);
		return;
	}
	if (length > (size_t)(c->end - c->at)) {
		fail(c, -EINVAL);
		return;
	}
	if (length)
		memcpy(bytes, c->at, length);
	c->at += length;
}

/* A number of at most `most`. Returns it; 0 after an error. */
static __u64 code_number(struct codec *c, __u64 number, __u64 most)
{
	__u64 bytes = htole64(number);

	code_bytes(c, &bytes, sizeof(bytes));
	if (!c->error && le64toh(bytes) > most)
		fail(c, -EINVAL);
	return c->error ? 0 : le64toh(bytes);
}

/* The count of a list that has at most `most` items. */
static size_t code_count(struct codec *c, size_t count, size_t most)
{
	count = (size_t)code_number(c, count, most);
	if (!c->out && count > (size_t)(c->end - c->at) / 8)
		fail(c, -EINVAL);
	return c->error ? 0 : count;
}

/* Room for that many items of a list that is read; what is there when it is written. */
static void *code_items(struct codec *c, void *items, size_t count, size_t size)
{
	if (c->out || c->error)
		return items;
	items = calloc(count + 1, size);
	if (!items)
		fail(c, -ENOMEM);
	return items;
}

static void code_text(struct codec *c, char **text)
{
	__u64 length = code_number(c, *text ? strlen(*text) + 1 : 0, TEXT_BYTES_MAX);

	if (c->error || !length)
		return;
	if (!c->out) {
		if (length - 1 > (size_t)(c->end - c->at) || memchr(c->at, 0, length - 1)) {
			fail(c, -EINVAL);
			return;
		}
		*text = calloc(1, length);
		if (!*text) {
			fail(c, -ENOMEM);
			return;
		}
	}
	code_bytes(c, *text, length - 1);
}

static void code_strings(struct codec *c, struct strings *strings)
{
	size_t count = code_count(c, strings->count, VALUES_MAX);

	strings->list = code_items(c, strings->list, count, sizeof(*strings->list));
	if (!c->out)
		strings->count = strings->list ? count : 0;
	for (size_t i = 0; i < count && !c->error; i++)
		code_text(c, &strings->list[i]);
}

/* A place of which the file is one of the ruleset's. */
static void code_place(struct codec *c, struct place *place)
{
	const struct strings *files = &c->ruleset->files;
	size_t file = 0;

	while (c->out && file < files->count && files->list[file] != place->file)
		file++;
	file = (size_t)code_number(c, file, files->count);
	place->line = (unsigned int)code_number(c, place->line, ~0u);
	place->column = (unsigned int)code_number(c, place->column, ~0u);
	if (!c->out && !c->error)
		place->file = file < files->count ? files->list[file] : "policy";
}

/* What the flags of an operator can be. */
static __u64 flags_most(enum test_op op)
{
	switch (op) {
	case TEST_REGEX:
		return REGEX_FLAGS;
	case TEST_FIELD:
		return COMPARE_CASED | (COMPARE_CASED - 1);
	case TEST_TIME:
		return TIME_PART_MAX - 1;
	default:
		return 0;
	}
}

static void code_pattern(struct codec *c, union test_value *value)
{
	size_t length = (size_t)code_number(c, value->pattern.length, TEXT_BYTES_MAX);

	if (!c->out && length > (size_t)(c->end - c->at))
		fail(c, -EINVAL);
	value->pattern.bytes = code_items(c, value->pattern.bytes, length, 1);
	value->pattern.length = c->error ? value->pattern.length : length;
	code_bytes(c, value->pattern.bytes, length);
}

static void code_value(struct codec *c, enum test_op op, union test_value *value)
{
	switch (op) {
	case TEST_TEXT:
	case TEST_TEXT_CASED:
	case TEST_REGEX:
		code_pattern(c, value);
		break;
	case TEST_RANGE:
	case TEST_TIME:
		value->range.low = (__s64)code_number(c, (__u64)value->range.low, ~0ULL);
		value->range.high = (__s64)code_number(c, (__u64)value->range.high, ~0ULL);
		break;
	case TEST_ADDRESS:
		code_bytes(c, value->address.low, sizeof(value->address.low));
		code_bytes(c, value->address.high, sizeof(value->address.high));
		break;
	case TEST_BITS:
		value->bits = code_number(c, value->bits, ~0ULL);
		break;
	case TEST_FIELD:
		value->other = (enum field)code_number(c, value->other, FIELD_MAX - 1);
		break;
	case TEST_EXISTS:
		fail(c, -EINVAL);
		break;
	}
}

static void code_test(struct codec *c, struct test *test)
{
	size_t count;

	test->field = (enum field)code_number(c, test->field, FIELD_MAX - 1);
	test->op = (enum test_op)code_number(c, test->op, TEST_TIME);
	test->flags = (unsigned int)code_number(c, test->flags, flags_most(test->op));
	if (test->op == TEST_FIELD && (test->flags & ~(unsigned int)COMPARE_CASED) >= COMPARE_MAX)
		fail(c, -EINVAL);
	count = code_count(c, test->count, VALUES_MAX);
	test->values = code_items(c, test->values, count, sizeof(*test->values));
	if (!c->out)
		test->count = test->values ? count : 0;
	for (size_t i = 0; i < count && !c->error; i++)
		code_value(c, test->op, &test->values[i]);
}

/* `depth`: how much deeper it may be. NULL becomes none. */
static void code_expression(struct codec *c, struct expression **at, size_t depth)
{
	struct expression *expression = *at;
	__u64 op = code_number(c, expression ? expression->op + 1ULL : 0, EXPRESSION_NOT + 1);
	size_t count;

	if (c->error || !op)
		return;
	if (!depth) {
		fail(c, -EINVAL);
		return;
	}
	expression = *at = code_items(c, expression, 0, sizeof(*expression));
	if (c->error)
		return;
	expression->op = (enum expression_op)(op - 1);
	if (expression->op == EXPRESSION_TEST) {
		code_test(c, &expression->test);
		return;
	}
	count = code_count(c, expression->count, EXPRESSION_SIZE_MAX);
	if (expression->op == EXPRESSION_NOT && count != 1)
		fail(c, -EINVAL);
	expression->child = code_items(c, expression->child, count, sizeof(*expression->child));
	if (!c->out)
		expression->count = expression->child ? count : 0;
	for (size_t i = 0; i < count && !c->error; i++) {
		code_expression(c, &expression->child[i], depth - 1);
		if (!expression->child[i])
			fail(c, -EINVAL);
	}
}

static void code_maestro(struct codec *c, struct rule *rule)
{
	code_text(c, &rule->maestro.framework);
	code_text(c, &rule->maestro.layer);
	code_text(c, &rule->maestro.category);
	code_strings(c, &rule->maestro.threats);
	code_strings(c, &rule->maestro.also);
}

static void code_correlation(struct codec *c, struct rule *rule)
{
	size_t count = code_count(c, rule->step_count, STEPS_MAX);

	rule->steps = code_items(c, rule->steps, count, sizeof(*rule->steps));
	if (!c->out)
		rule->step_count = rule->steps ? count : 0;
	for (size_t i = 0; i < count; i++)
		rule->steps[i] = (size_t)code_number(c, rule->steps ? rule->steps[i] : 0,
						     c->ruleset->count - 1);
	rule->timespan = code_number(c, rule->timespan, ~0ULL);
}

static void code_rule(struct codec *c, struct rule *rule)
{
	code_place(c, &rule->place);
	code_text(c, &rule->title);
	code_text(c, &rule->id);
	code_text(c, &rule->name);
	code_text(c, &rule->status);
	code_text(c, &rule->description);
	rule->level = (enum level)code_number(c, rule->level, LEVEL_MAX - 1);
	code_strings(c, &rule->tags);
	code_strings(c, &rule->references);
	code_strings(c, &rule->falsepositives);
	rule->response = (enum response)code_number(c, rule->response, RESPONSE_MAX - 1);
	rule->requirement =
		(enum requirement)code_number(c, rule->requirement, REQUIREMENT_MAX - 1);
	code_maestro(c, rule);
	rule->event = (enum event_type)code_number(c, rule->event, EVENT_MAX - 1);
	code_expression(c, &rule->condition, DNF_DEPTH_MAX);
	code_correlation(c, rule);
	rule->silent = code_number(c, rule->silent, 1);
}

static void code_compiled(struct codec *c, struct compiled *compiled)
{
	compiled->atoms = (size_t)code_number(c, compiled->atoms, ATOMS_MAX);
	compiled->states = (size_t)code_number(c, compiled->states, POLICY_SIZE_MAX);
	compiled->rules =
		code_items(c, compiled->rules, c->ruleset->count, sizeof(*compiled->rules));
	for (size_t i = 0; i < c->ruleset->count && !c->error; i++) {
		struct rule_compiled *rule = &compiled->rules[i];

		rule->clauses = (size_t)code_number(c, rule->clauses, CLAUSES_MAX);
		rule->confirm = code_number(c, rule->confirm, 1);
	}
}

static void ruleset_code(struct codec *c, struct compiled *compiled)
{
	struct ruleset *ruleset = c->ruleset;
	size_t count;

	code_strings(c, &ruleset->files);
	count = code_count(c, ruleset->count, RULES_MAX);
	ruleset->rules = code_items(c, ruleset->rules, count, sizeof(*ruleset->rules));
	if (!c->out)
		ruleset->count = ruleset->rules ? count : 0;
	for (size_t i = 0; i < count && !c->error; i++) {
		ruleset->rules[i] = code_items(c, ruleset->rules[i], 0, sizeof(struct rule));
		if (!c->error)
			code_rule(c, ruleset->rules[i]);
	}
	code_compiled(c, compiled);
}

int rules_encode(struct buffer *out, const struct ruleset *ruleset, const struct compiled *compiled)
{
	struct compiled copy = *compiled;
	/* nothing of it is changed when it is written */
	struct codec c = { .out = out, .ruleset = (struct ruleset *)ruleset };

	ruleset_code(&c, &copy);
	return c.error;
}

/* Whether every test is one that events of that type can be put to. */
static bool expression_ok(const struct expression *expression, enum event_type event)
{
	const struct test *test = &expression->test;
	int own = expression->op == EXPRESSION_TEST ? field_table[test->field].event : -1;

	if (own >= 0 && own != (int)event)
		return false;
	for (size_t i = 0; expression->op == EXPRESSION_TEST && i < test->count; i++) {
		if (test->op != TEST_FIELD)
			break;
		own = field_table[test->values[i].other].event;
		if (own >= 0 && own != (int)event)
			return false;
	}
	for (size_t i = 0; i < expression->count; i++)
		if (!expression_ok(expression->child[i], event))
			return false;
	return true;
}

/* Whether the rule is the one that the image has under that number. */
static bool rule_ok(const struct ruleset *ruleset, size_t number, const struct policy *policy)
{
	const struct policy_rule *row =
		(const struct policy_rule *)((const char *)policy + policy->rules) + number;
	const struct rule *rule = ruleset->rules[number];

	if (!rule->title || row->response != rule->response ||
	    !!(row->flags & RULE_SILENT) != rule->silent ||
	    !!(row->flags & RULE_CORRELATION) != !rule->condition ||
	    (rule->condition && rule->step_count) || (!rule->condition && !rule->step_count))
		return false;
	for (size_t i = 0; i < rule->step_count; i++)
		if (!ruleset->rules[rule->steps[i]]->condition)
			return false;
	return !rule->condition || expression_ok(rule->condition, rule->event);
}

int rules_decode(struct ruleset **ret_ruleset, struct compiled **ret_compiled, const void *data,
		 size_t size, const struct policy *policy)
{
	_cleanup_(compiled_freep) struct compiled *compiled = calloc(1, sizeof(*compiled));
	_cleanup_(ruleset_freep) struct ruleset *ruleset = calloc(1, sizeof(*ruleset));
	struct codec c = { .at = data, .ruleset = ruleset };

	if (!ruleset || !compiled)
		return -ENOMEM;
	c.end = c.at + size;
	ruleset_code(&c, compiled);
	if (!c.error && (c.at != c.end || ruleset->count != policy->rule_count))
		c.error = -EINVAL;
	for (size_t i = 0; !c.error && i < ruleset->count; i++)
		if (!rule_ok(ruleset, i, policy))
			c.error = -EINVAL;
	if (c.error)
		return c.error;
	*ret_ruleset = take_ptr(ruleset);
	*ret_compiled = take_ptr(compiled);
	return 0;
}
