/* SPDX-License-Identifier: Apache-2.0 */
/* Which events fire: the types that look at values. */
#include <stdlib.h>
#include <string.h>

#include "correlation_stage.h"
#include "pipeline/buckets.h"
#include "pipeline/samples.h"
#include "unit.h"

#define SECOND 1000000000ULL
#define VALUES(type, condition)                                                                    \
	T("type: " type ", rules: [x], timespan: 32s, condition: {field: RuntimeMs, " condition "}")
#define PORTS(condition)                                                                           \
	T("type: value_count, rules: [n], timespan: 10s, condition: {field: "                      \
	  "DestinationPort, " condition "}")

UNIT_TEST(correlation_table, value_count)
{
	static const struct stage_case cases[] = {
		{ "gte 3", PORTS("gte: 3"), "n1@1 n2@2 n3@3", "..F", true },
		{ "the same does not count", PORTS("gte: 3"), "n1@1 n2@2 n2@3 n1@4 n3@5", "....F",
		  true },
		{ "gt 1", PORTS("gt: 1"), "n1@1 n1@2 n2@3", "..F", true },
		{ "eq 2", PORTS("eq: 2"), "n1@1 n2@2 n1@3 n3@4", ".Ff.", true },
		{ "lt 2", PORTS("lt: 2"), "n1@1 n1@2 n2@3", "Ff.", true },
		{ "lte 1", PORTS("lte: 1"), "n1@1 n2@2 n3@13", "F.F", true },
		{ "neq 2", PORTS("neq: 2"), "n1@1 n2@2 n3@3", "F.f", true },
		{ "a range", PORTS("gte: 2, lte: 2"), "n1@1 n2@2 n3@3", ".F.", true },
		{ "exactly the span", PORTS("gte: 2"), "n1@1 n2@11", ".F", true },
		{ "one ns more", PORTS("gte: 2"), "n1@1 n2@11+1", "..", true },
		{ "seen again it counts from then", PORTS("gte: 2"), "n1@1 n1@8 n2@18", "..F",
		  true },
		{ "twice is folded", PORTS("gte: 2"), "n1@1 n2@2 n1@12 n1@12+1", ".Ff.", true },
		{ "armed again", PORTS("gte: 2"), "n1@1 n2@2 n1@12 n2@12+1", ".FfF", true },
		{ "sessions do not mix", PORTS("gte: 2"), "1:n1@1 2:n2@2 1:n2@3", "..F", true },
		{ "by a field",
		  T("type: value_count, rules: [n], group-by: [Image], timespan: 9s, condition: "
		    "{field: DestinationPort, gte: 2}"),
		  "n1/ix@1 n2/iy@2 n2/ix@3", "..F", true },
		{ "texts",
		  T("type: value_count, rules: [a], timespan: 9s, condition: {field: Image, gte: "
		    "2}"),
		  "a/ix@1 a/ix@2 a/iX@3", "..F", true },
		{ "no value does not count",
		  T("type: value_count, rules: [a], timespan: 9s, condition: {field: Image, gte: "
		    "2}"),
		  "a/ix@1 a@2 a@3 a/iy@4", "...F", true },
		{ "two fields together",
		  T("type: value_count, rules: [a], timespan: 9s, condition: {field: [Image, "
		    "UserId], gte: 3}"),
		  "a/ix/u1@1 a/ix/u2@2 a/ix/u1@3 a/iy/u1@4", "...F", true },
		{ "two fields, one without a value",
		  T("type: value_count, rules: [a], timespan: 9s, condition: {field: [Image, "
		    "UserId], gte: 2}"),
		  "a/ix/u1@1 a/u2@2 a/ix/u2@3", "..F", true },
		{ "of two rules",
		  T("type: value_count, rules: [a, b], timespan: 9s, condition: {field: "
		    "TargetFilename, gte: 3}"),
		  "a@1 b@2 ab@3", "..F", true },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(correlation_table, value_sum_and_avg)
{
	static const struct stage_case cases[] = {
		{ "sum gte", VALUES("value_sum", "gte: 10"), "x4@1 x5@2 x1@3", "..F", true },
		{ "sum gt", VALUES("value_sum", "gt: 10"), "x4@1 x6@2 x1@3", "..F", true },
		{ "sum lt", VALUES("value_sum", "lt: 10"), "x4@1 x6@2", "F.", true },
		{ "sum lte", VALUES("value_sum", "lte: 10"), "x4@1 x6@2 x1@3", "Ff.", true },
		{ "sum eq", VALUES("value_sum", "eq: 10"), "x4@1 x6@2 x1@3", ".F.", true },
		{ "sum neq", VALUES("value_sum", "neq: 10"), "x4@1 x6@2 x1@3", "F.f", true },
		{ "sum of negative numbers", VALUES("value_sum", "lte: -5"), "x-4@1 x2@2 x-3@3",
		  "..F", true },
		{ "sum at the end of the span", VALUES("value_sum", "gte: 10"), "x5@1 x5@33", ".F",
		  true },
		{ "sum a part of the span later", VALUES("value_sum", "gte: 10"), "x5@1 x5@35.1",
		  "..", true },
		{ "sum of much", VALUES("value_sum", "gt: 9223372036854775"),
		  "x9000000000000000@1 x9000000000000000@2", ".F", true },
		{ "sum folded, then armed", VALUES("value_sum", "gte: 10"), "x10@1 x1@33 x10@33+1",
		  "FfF", true },
		{ "sum by a field",
		  T("type: value_sum, rules: [x], group-by: [UserId], timespan: 32s, condition: "
		    "{field: RuntimeMs, gte: 10}"),
		  "x9/u1@1 x9/u2@2 x1/u1@3", "..F", true },
		{ "sum in sessions", VALUES("value_sum", "gte: 10"), "1:x9@1 2:x9@2 1:x1@3", "..F",
		  true },
		{ "a value that is no value",
		  T("type: value_sum, rules: [n], timespan: 32s, condition: {field: SourcePort, "
		    "lte: 10}"),
		  "n1@1 n1/s5@2", ".F", true },
		{ "avg gt", VALUES("value_avg", "gt: 5"), "x5@1 x6@2", ".F", true },
		{ "avg gte", VALUES("value_avg", "gte: 5"), "x4@1 x6@2", ".F", true },
		{ "avg with decimals", VALUES("value_avg", "gte: 5.5"), "x5@1 x6@2 x5@3", ".F.",
		  true },
		{ "avg between decimals", VALUES("value_avg", "gt: 0.33, lt: 0.34"),
		  "x0@1 x0@2 x1@3", "..F", true },
		{ "avg eq is exact", VALUES("value_avg", "eq: 0.333333"), "x0@1 x0@2 x1@3", "...",
		  true },
		{ "avg lt", VALUES("value_avg", "lt: 5"), "x6@1 x3@2 x1@3", ".Ff", true },
		{ "avg lte", VALUES("value_avg", "lte: 5"), "x6@1 x4@2", ".F", true },
		{ "avg neq", VALUES("value_avg", "neq: 5"), "x5@1 x6@2", ".F", true },
		{ "avg of negative numbers", VALUES("value_avg", "lt: -1.5"), "x-1@1 x-2@2 x-3@3",
		  "..F", true },
		{ "avg forgets", VALUES("value_avg", "gte: 10"), "x1@1 x10@35.1", ".F", true },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(correlation_table, value_percentile)
{
#define MEDIAN(condition) VALUES("value_percentile", "percentile: 50, " condition)
#define SHARE(condition)                                                                           \
	T("type: value_percentile, rules: [a], timespan: 10s, condition: {field: "                 \
	  "Image, " condition "}")
	static const struct stage_case cases[] = {
		{ "median gte", MEDIAN("gte: 5"), "x1@1 x9@2 x5@3 x6@4 x7@5", "..Fff", true },
		{ "median gt", MEDIAN("gt: 5"), "x1@1 x9@2 x9@3", "..F", true },
		{ "median lt", MEDIAN("lt: 5"), "x9@1 x1@2 x7@3", ".F.", true },
		{ "median eq", MEDIAN("eq: 5"), "x1@1 x9@2 x5@3", "..F", true },
		{ "median of negative numbers", MEDIAN("lte: -2"), "x1@1 x-2@2", ".F", true },
		{ "the smallest", VALUES("value_percentile", "percentile: 0, eq: 1"),
		  "x5@1 x1@2 x3@3", ".Ff", true },
		{ "the largest", VALUES("value_percentile", "percentile: 100, gte: 9"),
		  "x5@1 x9@2 x3@3", ".Ff", true },
		{ "of ten the ninth", VALUES("value_percentile", "percentile: 90, eq: 9"),
		  "x1@1 x2@1 x3@1 x4@1 x5@1 x6@1 x7@1 x8@1 x10@1 x9@1", ".........F", true },
		{ "exactly the span", MEDIAN("eq: 1"), "x1@1 x2@2 x1@33 x2@33+1", "Fff.", true },
		{ "sessions do not mix", MEDIAN("gte: 5"), "1:x9@1 2:x1@2", "F.", true },
		{ "a share of exactly a quarter", SHARE("lte: 25"), "a/ix@1 a/ix@2 a/ix@3 a/iy@4",
		  "...F", true },
		{ "a share below a quarter", SHARE("lt: 25"), "a/ix@1 a/ix@2 a/ix@3 a/iy@4 a/iz@5",
		  "....F", true },
		{ "the first is all there is", SHARE("gte: 100"), "a/ix@1 a/iy@2", "F.", true },
		{ "a share of more than half", SHARE("gt: 50"), "a/ix@1 a/iy@2 a/ix@3", "F.f",
		  true },
		{ "a share with decimals", SHARE("gt: 33.3, lt: 33.4"), "a/ix@1 a/ix@2 a/iy@3",
		  "..F", true },
		{ "a share within the span", SHARE("eq: 50"), "a/ix@1 a/ix@2 a/iy@11+1", "..F",
		  true },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

/* What is kept of the values is bounded, and what that means. */
UNIT_TEST(correlation_table, many_values)
{
	_cleanup_(stage_close) struct stage counted = { 0 }, ranked = { 0 };
	struct evaluator_losses losses;
	struct built_event event;
	unsigned int wrong = 0;
	char text[64];
	const char *at;

	CU_ASSERT_FATAL(stage_open(&counted, PORTS("eq: 1023")));
	CU_ASSERT_FATAL(stage_open(&ranked, MEDIAN("gte: 2000")));
	for (unsigned int i = 1; i <= 4000; i++) {
		snprintf(text, sizeof(text), "n%u@1", i);
		at = text;
		CU_ASSERT_FATAL(stage_event(&event, &at));
		wrong += stage_play(&counted, &event) != (i == 1023 ? 'F' : '.');
		snprintf(text, sizeof(text), "x%u@1", i);
		at = text;
		CU_ASSERT_FATAL(stage_event(&event, &at));
		/* the median of the last 1024 */
		wrong += (stage_play(&ranked, &event) != '.') != (i >= 2512);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	evaluator_losses(counted.live, &losses);
	CU_ASSERT_EQUAL(losses.values, 0);
	evaluator_losses(ranked.live, &losses);
	CU_ASSERT_EQUAL(losses.values, 4000 - SAMPLES_MAX);
}

/* A value counts for the span, and for no more than a 32nd of it longer. */
UNIT_TEST(correlation_table, how_exact_a_sum_is)
{
	const __u64 spans[] = { 1, 31, 1000, SECOND, 300 * SECOND + 7, 86400 * SECOND };
	uint64_t seed = unit_seed();
	unsigned int early = 0, late = 0;

	for (int i = 0; i < 20000; i++) {
		__u64 span = spans[unit_below(&seed, ARRAY_SIZE(spans))];
		__u64 start = SECOND * unit_below(&seed, 1000000) + unit_below(&seed, SECOND);
		__u64 age = unit_below(&seed, span + span / 8 + 100), count;
		struct buckets buckets = { 0 };
		__int128 sum;

		buckets_add(&buckets, span, start, 7);
		buckets_total(&buckets, span, start + age, &sum, &count);
		early += age <= span && !count;
		late += age > span + span / BUCKETS + BUCKETS + 1 && count;
		CU_ASSERT_EQUAL(sum, 7 * (__int128)count);
	}
	CU_ASSERT_EQUAL(early, 0);
	CU_ASSERT_EQUAL(late, 0);
}
