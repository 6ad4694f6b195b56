/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intervals of numbers and addresses, and sets, against plain comparisons.
 */
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "rules/interval.h"
#include "unit.h"

#define RULES 12
#define RANGES_MAX 5

struct ranges {
	struct {
		unsigned char low[16], high[16]; /* big-endian, so that memcmp orders them */
	} range[RANGES_MAX];
	size_t count;
};

/* A signed number so that the order of bytes is the order of numbers. */
static void number_bytes(unsigned char bytes[16], __s64 number)
{
	__u64 value = (__u64)number ^ 1ULL << 63;

	memset(bytes, 0, 8);
	for (int i = 0; i < 8; i++)
		bytes[8 + i] = value >> (56 - 8 * i);
}

static bool ranges_have(const struct ranges *ranges, const unsigned char value[16])
{
	for (size_t i = 0; i < ranges->count; i++)
		if (memcmp(value, ranges->range[i].low, 16) >= 0 &&
		    memcmp(value, ranges->range[i].high, 16) <= 0)
			return true;
	return false;
}

/* Few different numbers, so that ranges touch, and the ends of the scale. */
static __s64 random_number(uint64_t *random)
{
	static const __s64 ends[] = {
		INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX
	};

	switch (unit_below(random, 4)) {
	case 0:
		return ends[unit_below(random, ARRAY_SIZE(ends))];
	case 1:
		return (__s64)unit_random(random);
	default:
		return (__s64)unit_below(random, 24) - 8;
	}
}

static void random_address(uint64_t *random, unsigned char address[16])
{
	static const unsigned char v4[12] = { [10] = 0xff, [11] = 0xff };

	switch (unit_below(random, 5)) {
	case 0:
		memset(address, 0, 16);
		break;
	case 1:
		memset(address, 0xff, 16);
		break;
	case 2:
		for (size_t i = 0; i < 16; i++)
			address[i] = unit_random(random);
		return;
	default:
		memcpy(address, v4, sizeof(v4));
		memset(address + 12, unit_below(random, 2) ? 0 : 0xff, 4);
	}
	address[15] += unit_below(random, 3) - 1;
	address[7] += unit_below(random, 8) ? 0 : 1;
}

static void ordered(unsigned char low[16], unsigned char high[16])
{
	unsigned char other[16];

	if (memcmp(low, high, 16) <= 0)
		return;
	memcpy(other, low, 16);
	memcpy(low, high, 16);
	memcpy(high, other, 16);
}

static struct expression *number_test(uint64_t *random, struct ranges *ranges)
{
	struct expression *test = build_test(FIELD_common_user_id, TEST_RANGE);

	ranges->count = unit_below(random, RANGES_MAX) + 1;
	for (size_t i = 0; i < ranges->count; i++) {
		union test_value value = { 0 };

		value.range.low = random_number(random);
		value.range.high = unit_below(random, 2) ? value.range.low : random_number(random);
		/* now and then one that holds for nothing */
		if (value.range.low > value.range.high && unit_below(random, 8)) {
			__s64 low = value.range.high;

			value.range.high = value.range.low;
			value.range.low = low;
		}
		number_bytes(ranges->range[i].low, value.range.low);
		number_bytes(ranges->range[i].high, value.range.high);
		build_value(test, value);
	}
	return test;
}

static struct expression *address_test(uint64_t *random, struct ranges *ranges)
{
	struct expression *test = build_test(FIELD_network_connection_destination_ip, TEST_ADDRESS);

	ranges->count = unit_below(random, RANGES_MAX) + 1;
	for (size_t i = 0; i < ranges->count; i++) {
		union test_value value = { 0 };

		random_address(random, ranges->range[i].low);
		random_address(random, ranges->range[i].high);
		ordered(ranges->range[i].low, ranges->range[i].high);
		memcpy(value.address.low, ranges->range[i].low, 16);
		memcpy(value.address.high, ranges->range[i].high, 16);
		build_value(test, value);
	}
	return test;
}

/* How many rules say something else than a comparison of the value. */
static size_t value_check(struct evaluator *evaluator, const struct built_event *event,
			  const struct ranges *ranges, const unsigned char value[16])
{
	struct verdict verdict;
	size_t wrong = 0;

	evaluate(evaluator, &event->view, SIDE_ALL, &verdict);
	for (size_t i = 0; i < RULES; i++)
		wrong += evaluator_matched(evaluator, i) != ranges_have(&ranges[i], value);
	return wrong;
}

/* Values at and beside every edge, and random ones. */
static size_t numbers_check(uint64_t *random, struct evaluator *evaluator,
			    const struct ranges *ranges)
{
	struct built_event event;
	unsigned char bytes[16];
	size_t wrong = 0;

	event_start(&event, EVENT_network_connection);
	for (__s64 i = -12; i < 24; i++) {
		__s64 number = i < 20 ? i : random_number(random);

		event_number(&event, FIELD_common_user_id, (__u64)number);
		number_bytes(bytes, number);
		wrong += value_check(evaluator, &event, ranges, bytes);
	}
	for (size_t i = 0; i < 4; i++) {
		static const __s64 ends[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX };

		event_number(&event, FIELD_common_user_id, (__u64)ends[i]);
		number_bytes(bytes, ends[i]);
		wrong += value_check(evaluator, &event, ranges, bytes);
	}
	return wrong;
}

static size_t addresses_check(uint64_t *random, struct evaluator *evaluator,
			      const struct ranges *ranges)
{
	struct built_event event;
	unsigned char address[16];
	size_t wrong = 0;

	event_start(&event, EVENT_network_connection);
	for (size_t i = 0; i < RULES; i++)
		for (int off = -1; off <= 1; off++) {
			memcpy(address, ranges[i].range[0].high, 16);
			address[15] += off;
			event_address(&event, FIELD_network_connection_destination_ip, address);
			wrong += value_check(evaluator, &event, ranges, address);
			memcpy(address, ranges[i].range[0].low, 16);
			address[15] += off;
			event_address(&event, FIELD_network_connection_destination_ip, address);
			wrong += value_check(evaluator, &event, ranges, address);
		}
	for (size_t i = 0; i < 20; i++) {
		random_address(random, address);
		event_address(&event, FIELD_network_connection_destination_ip, address);
		wrong += value_check(evaluator, &event, ranges, address);
	}
	return wrong;
}

static void compare(uint64_t *random, size_t sets, bool addresses)
{
	size_t wrong = 0;

	for (size_t set = 0; set < sets; set++) {
		_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
		_cleanup_(compiled_freep) struct compiled *compiled = NULL;
		_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
		struct ranges ranges[RULES];

		for (size_t i = 0; i < RULES; i++)
			build_rule(ruleset, EVENT_network_connection,
				   addresses ? address_test(random, &ranges[i])
					     : number_test(random, &ranges[i]),
				   RESPONSE_alert);
		compiled = build_compiled(ruleset);
		if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
			return;
		wrong += addresses ? addresses_check(random, evaluator, ranges)
				   : numbers_check(random, evaluator, ranges);
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

UNIT_TEST(interval, numbers_agree_with_comparison)
{
	uint64_t random = unit_seed();

	compare(&random, 1000, false);
}

UNIT_TEST(interval, addresses_agree_with_comparison)
{
	uint64_t random = unit_seed() + 1;

	compare(&random, 1000, true);
}

UNIT_TEST(interval, ranges_that_touch_are_one)
{
	struct range ranges[] = {
		{ { 0, 5 }, { 0, 6 } },		  { { 0, 1 }, { 0, 2 } },
		{ { 0, 3 }, { 0, 4 } },		  { { 0, ~0ULL }, { 0, ~0ULL } },
		{ { 1, 0 }, { 1, 7 } },		  { { ~0ULL, 9 }, { ~0ULL, ~0ULL } },
		{ { ~0ULL, 20 }, { ~0ULL, 30 } },
	};

	CU_ASSERT_EQUAL(ranges_join(ranges, ARRAY_SIZE(ranges)), 3);
	CU_ASSERT_EQUAL(ranges[0].first.low, 1);
	CU_ASSERT_EQUAL(ranges[0].last.low, 6);
	CU_ASSERT_EQUAL(ranges[1].first.low, ~0ULL);
	CU_ASSERT_EQUAL(ranges[1].last.high, 1);
	CU_ASSERT_EQUAL(ranges[2].last.low, ~0ULL);
	CU_ASSERT_EQUAL(ranges_join(ranges, 0), 0);
}

/* Neighbours in which the same atoms hold are one interval. */
UNIT_TEST(interval, table_is_as_short_as_can_be)
{
	struct range left[] = { { { 0, 0 }, { 0, 4 } } }, right[] = { { { 0, 3 }, { 0, ~0ULL } } };
	const struct interval_atom atoms[] = { { 7, left, 1 }, { 9, right, 1 } };
	struct intervals intervals = { 0 };
	struct lists lists;

	CU_ASSERT_EQUAL(lists_init(&lists), 0);
	CU_ASSERT_EQUAL(intervals_make(&intervals, atoms, 2, key_number_max, &lists), 0);
	/* 0, 3, 5; nothing begins behind the largest number */
	CU_ASSERT_EQUAL(intervals.count, 3);
	CU_ASSERT_EQUAL(intervals.bounds[1].low, 3);
	CU_ASSERT_EQUAL(intervals.bounds[2].low, 5);
	CU_ASSERT_NOT_EQUAL(intervals.bounds[0].list, 0);
	free(intervals.bounds);
	CU_ASSERT_EQUAL(intervals_make(&intervals, NULL, 0, key_address_max, &lists), 0);
	CU_ASSERT_EQUAL(intervals.count, 1);
	CU_ASSERT_EQUAL(intervals.bounds[0].list, 0);
	free(intervals.bounds);
	lists_done(&lists);
}

/* A field that is only asked for its presence has a table without atoms. */
UNIT_TEST(interval, presence_of_a_number)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;

	build_rule(ruleset, EVENT_process_termination,
		   build_exists(FIELD_process_termination_signal), RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	event_start(&event, EVENT_process_termination);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 0);
	event_number(&event, FIELD_process_termination_signal, 0);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 1);
}

UNIT_TEST(interval, sets_hold_by_any_bit)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	static const __u64 wanted[] = { 1, 2, 3, 6, 0, 1ULL << 63, 1ULL << 63 | 4 };
	struct built_event event;
	struct verdict verdict;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		build_rule(ruleset, EVENT_file_open, build_bits(FIELD_file_open_access, wanted[i]),
			   RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	event_start(&event, EVENT_file_open);
	for (__u64 bits = 0; bits < 32; bits++) {
		__u64 access = (bits & 15) | (bits & 16) << 59;

		event_number(&event, FIELD_file_open_access, access);
		evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
			CU_ASSERT_EQUAL(evaluator_matched(evaluator, i), !!(access & wanted[i]));
	}
}
