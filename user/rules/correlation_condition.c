/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers are kept as whole millionths, so that what the file says is what is compared.
 * Several comparisons are a range: all of them must hold.
 */
#include "rules/correlation_condition.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "rules/correlation_type.h"

#include "rules/nearest.h"

#define DECIMALS 6
#define WHOLE_DIGITS_MAX 18

/* What a type takes. */
static const struct shape {
	bool needed; /* a condition */
	bool fields, several; /* fields whose values it looks at */
	bool whole; /* it compares a count */
	__u64 most; /* to be compared with */
} shape_table[CORRELATION_TYPE_MAX] = {
	[CORRELATION_temporal_ordered] = { .whole = true, .most = STEPS_MAX },
	[CORRELATION_temporal] = { .whole = true, .most = STEPS_MAX },
	[CORRELATION_event_count] = { .needed = true, .whole = true, .most = COUNT_MAX },
	[CORRELATION_value_count] = { .needed = true,
				      .fields = true,
				      .several = true,
				      .whole = true,
				      .most = VALUE_COUNT_MAX },
	[CORRELATION_value_sum] = { .needed = true, .fields = true, .most = INT64_MAX },
	[CORRELATION_value_avg] = { .needed = true, .fields = true, .most = INT64_MAX },
	[CORRELATION_value_percentile] = { .needed = true, .fields = true, .most = INT64_MAX },
};

static const char *const threshold_table[THRESHOLD_MAX] = {
#define C(name) [THRESHOLD_##name] = #name,
	THRESHOLDS(C)
#undef C
};

/* Reads digits with at most six decimals. */
static bool decimal_parse(const char *text, struct policy_threshold *ret)
{
	bool negative = *text == '-';
	const char *digits = text + negative;
	size_t length = strspn(digits, "0123456789"), decimals = 0;
	__s64 whole = 0;
	__u32 millionths = 0;

	if (!length || length > WHOLE_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		whole = whole * 10 + (digits[i] - '0');
	digits += length;
	if (*digits == '.') {
		decimals = strspn(++digits, "0123456789");
		if (!decimals || decimals > DECIMALS)
			return false;
	}
	for (size_t i = 0; i < DECIMALS; i++)
		millionths = millionths * 10 + (i < decimals ? (__u32)(digits[i] - '0') : 0);
	if (digits[decimals])
		return false;
	if (negative) {
		whole = -whole - (millionths != 0);
		millionths = millionths ? 1000000 - millionths : 0;
	}
	ret->whole = whole;
	ret->millionths = millionths;
	return true;
}

static int number_read(struct rule *rule, enum threshold_op op, const struct node *node,
		       struct diagnostics *diagnostics)
{
	const struct shape *shape = &shape_table[rule->type];
	struct policy_threshold threshold = { .op = op };
	bool read =
		node->kind == NODE_TEXT && !node->quoted && decimal_parse(node->text, &threshold);

	if (shape->whole && (!read || threshold.whole < 0 || threshold.millionths))
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' of %s takes a whole number from 0 to %" PRIu64,
				threshold_table[op], correlation_type_table[rule->type],
				(uint64_t)shape->most);
	if (!read)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' takes a number with at most %d digits before the point and "
				"%d after it",
				threshold_table[op], WHOLE_DIGITS_MAX, DECIMALS);
	if ((__u64)threshold.whole > shape->most && threshold.whole > 0)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' of %s is above the limit of %" PRIu64, threshold_table[op],
				correlation_type_table[rule->type], (uint64_t)shape->most);
	rule->threshold[rule->threshold_count++] = threshold;
	return 0;
}

static int percentile_read(struct rule *rule, const struct node *key, const struct node *node,
			   struct diagnostics *diagnostics)
{
	struct policy_threshold number;

	if (rule->type != CORRELATION_value_percentile)
		return diagnose(diagnostics, SEVERITY_ERROR, &key->place,
				"'percentile' is for value_percentile, not for %s",
				correlation_type_table[rule->type]);
	if (node->kind != NODE_TEXT || node->quoted || !decimal_parse(node->text, &number) ||
	    number.millionths || number.whole < 0 || number.whole > 100)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'percentile' takes a whole number from 0 to 100");
	rule->percentile = (unsigned char)number.whole;
	return 0;
}

static int fields_read(struct correlation *correlation, const struct node *key,
		       const struct node *node, struct diagnostics *diagnostics)
{
	enum correlation_type type = correlation->rule->type;
	const struct shape *shape = &shape_table[type];

	if (!shape->fields)
		return diagnose(diagnostics, SEVERITY_ERROR, &key->place,
				"'field' is for types that look at values, not for %s",
				correlation_type_table[type]);
	if (node->kind == NODE_LIST && node->count > 1 && !shape->several)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'field' of %s takes one field", correlation_type_table[type]);
	return reference_list_read(&correlation->fields, node, KEY_FIELDS_MAX, "'field'", "a field",
				   diagnostics);
}

static int member_read(struct correlation *correlation, const struct node *key,
		       const struct node *node, struct diagnostics *diagnostics)
{
	struct nearest nearest;

	if (!strcmp(key->text, "field"))
		return fields_read(correlation, key, node, diagnostics);
	if (!strcmp(key->text, "percentile"))
		return percentile_read(correlation->rule, key, node, diagnostics);
	nearest_start(&nearest, key->text);
	for (int op = 0; op < THRESHOLD_MAX; op++) {
		nearest_offer(&nearest, threshold_table[op]);
		if (!strcmp(threshold_table[op], key->text))
			return number_read(correlation->rule, (enum threshold_op)op, node,
					   diagnostics);
	}
	nearest_offer(&nearest, "field");
	nearest_offer(&nearest, "percentile");
	return diagnose(diagnostics, SEVERITY_ERROR, &key->place, "'condition' has no '%s'%s",
			key->text, nearest_hint(&nearest, "it has"));
}

struct counts counts_of(const struct policy_threshold *threshold, size_t count, __u64 without)
{
	struct counts counts = { 1, COUNT_UNBOUNDED, false };

	if (!count)
		counts.low = without;
	for (size_t i = 0; i < count; i++) {
		__u64 number = (__u64)threshold[i].whole, low = 0, high = COUNT_UNBOUNDED;

		switch (threshold[i].op) {
		case THRESHOLD_gt:
			low = number + 1;
			break;
		case THRESHOLD_gte:
			low = number;
			break;
		case THRESHOLD_lt:
			high = number ? number - 1 : 0;
			break;
		case THRESHOLD_lte:
			high = number;
			break;
		case THRESHOLD_eq:
			low = high = number;
			break;
		default:
			counts.holes = true;
		}
		counts.low = low > counts.low ? low : counts.low;
		counts.high = high < counts.high ? high : counts.high;
	}
	return counts;
}

/* When it is looked at there is one event, step or value at least: the one that came. */
static void never_warn(const struct correlation *correlation, const struct place *place,
		       struct diagnostics *diagnostics)
{
	const struct rule *rule = correlation->rule;
	struct counts counts = counts_of(rule->threshold, rule->threshold_count, 1);
	__u64 most =
		rule->type <= CORRELATION_temporal ? correlation->steps.count : COUNT_UNBOUNDED;

	if (shape_table[rule->type].whole && (counts.high < counts.low || counts.low > most))
		diagnose(diagnostics, SEVERITY_WARNING, place,
			 "the condition can never hold: it is looked at when an event comes, which "
			 "is counted%s",
			 counts.low > most ? ", and there are fewer rules" : "");
}

int correlation_condition_read(struct correlation *correlation, const struct node *node,
			       const struct place *block, struct diagnostics *diagnostics)
{
	struct rule *rule = correlation->rule;
	const struct shape *shape = &shape_table[rule->type];
	const char *type = correlation_type_table[rule->type];
	int r;

	rule->percentile = PERCENTILE_SHARE;
	if (!node && !shape->needed)
		return 0;
	if (!node)
		return diagnose(
			diagnostics, SEVERITY_ERROR, block,
			"'correlation' has no 'condition', like '{%sgte: 10}', which %s needs",
			shape->fields ? "field: Image, " : "", type);
	r = node_expect(node, NODE_MAP, "'condition'", diagnostics);
	if (r < 0)
		return r;
	for (size_t i = 0; i < node->count && r != -ENOMEM; i++) {
		int q = member_read(correlation, node->key[i], node->child[i], diagnostics);

		r = q < 0 ? q : r;
	}
	if (r < 0)
		return r;
	if (!rule->threshold_count)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'condition' compares with nothing; it takes gt, gte, lt, lte, eq "
				"or neq and a number");
	if (shape->fields && !correlation->fields.count)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'condition' has no 'field', whose values %s looks at", type);
	never_warn(correlation, &node->place, diagnostics);
	return 0;
}
