/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random correlations and events, against the definitions on the plain list of all events:
 * every type that is exact, on both sides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlation_stage.h"
#include "pipeline/samples.h"
#include "rules/correlation_type.h"
#include "unit.h"

#define SECOND 1000000000ULL
#define HISTORY_MAX 400

struct happened {
	__u64 time;
	unsigned int letters; /* a, b, c: bit per rule */
	unsigned int user;
};

/* A random correlation of rules a, b, c in a random time span. */
struct guess {
	enum correlation_type type;
	__u64 span;
	bool grouped; /* by UserId */
	unsigned int number;
	enum threshold_op op;
	bool condition;
};

static bool compares(const struct guess *guess, __u64 sum, __u64 count)
{
	__u64 with = guess->number * count;

	switch (guess->op) {
	case THRESHOLD_gt:
		return sum > with;
	case THRESHOLD_gte:
		return sum >= with;
	case THRESHOLD_lt:
		return sum < with;
	case THRESHOLD_lte:
		return sum <= with;
	case THRESHOLD_eq:
		return sum == with;
	default:
		return sum != with;
	}
}

/* Whether event i counts, when the last has come. */
static bool counts(const struct guess *guess, const struct happened *events, size_t last, size_t i)
{
	return events[i].letters && events[last].time - events[i].time <= guess->span &&
	       (!guess->grouped || events[i].user == events[last].user);
}

/* The length of the longest chain of different rules, in order, that ends with the event as
 * that rule: by trying all. */
static unsigned int longest_chain(const struct guess *guess, const struct happened *events,
				  size_t last, size_t i, unsigned int rule)
{
	unsigned int longest = 1;

	for (size_t before = 0; before < i; before++)
		for (unsigned int other = 0; other < rule; other++)
			if (events[before].letters >> other & 1 &&
			    counts(guess, events, last, before)) {
				unsigned int length =
					1 + longest_chain(guess, events, last, before, other);

				longest = length > longest ? length : longest;
			}
	return longest;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Whether the condition holds when the last event has come. */
static bool holds(const struct guess *guess, const struct happened *events, size_t last)
{
	unsigned int seen = 0, users = 0, count = 0, longest = 0, same = 0;
	int numbers[HISTORY_MAX];

	if (!events[last].letters)
		return false;
	for (size_t i = 0; i <= last; i++) {
		if (!counts(guess, events, last, i))
			continue;
		seen |= events[i].letters;
		users |= 1u << events[i].user;
		same += events[i].user == events[last].user;
		numbers[count++] = (int)events[i].user;
	}
	switch (guess->type) {
	case CORRELATION_temporal_ordered:
		for (unsigned int rule = 0; rule < 3; rule++)
			if (events[last].letters >> rule & 1) {
				unsigned int length =
					longest_chain(guess, events, last, last, rule);

				longest = length > longest ? length : longest;
			}
		return guess->condition ? compares(guess, longest, 1) : longest == 3;
	case CORRELATION_temporal:
		seen = (unsigned int)__builtin_popcount(seen);
		return guess->condition ? compares(guess, seen, 1) : seen == 3;
	case CORRELATION_event_count:
		return compares(guess, count, 1);
	case CORRELATION_value_count:
		return compares(guess, (unsigned int)__builtin_popcount(users), 1);
	default:
		if (guess->condition)
			return compares(guess, 100ULL * same, count);
		qsort(numbers, count, sizeof(*numbers), by_number);
		return compares(guess, (unsigned int)numbers[(count + 1) / 2 - 1], 1);
	}
}

static void guess_make(struct guess *guess, char *rules, size_t size, uint64_t *seed)
{
	static const char *const ops[THRESHOLD_MAX] = {
#define C(name) [THRESHOLD_##name] = #name,
		THRESHOLDS(C)
#undef C
	};
	static const enum correlation_type types[] = {
		CORRELATION_temporal_ordered, CORRELATION_temporal, CORRELATION_event_count,
		CORRELATION_value_count, CORRELATION_value_percentile
	};
	char condition[96] = "", field[64] = "";

	guess->type = types[unit_below(seed, ARRAY_SIZE(types))];
	guess->span = (1 + unit_below(seed, 12)) * SECOND;
	guess->grouped = unit_below(seed, 2) && guess->type < CORRELATION_value_count;
	guess->op = (enum threshold_op)unit_below(seed, THRESHOLD_MAX);
	guess->condition = unit_below(seed, 2);
	guess->number =
		1 + (unsigned int)unit_below(seed, guess->type == CORRELATION_event_count ? 9 : 3);
	if (guess->type > CORRELATION_event_count)
		snprintf(field, sizeof(field), "field: UserId, ");
	if (guess->type == CORRELATION_value_percentile && !guess->condition)
		strcat(field, "percentile: 50, ");
	if (guess->type == CORRELATION_value_percentile && guess->condition)
		guess->number *= 20;
	if (guess->condition || guess->type > CORRELATION_temporal)
		snprintf(condition, sizeof(condition), ", condition: {%s%s: %u}", field,
			 ops[guess->op], guess->number);
	snprintf(rules, size, T("type: %s, rules: [a, b, c], timespan: %llus, group-by: [%s]%s"),
		 correlation_type_table[guess->type], (unsigned long long)(guess->span / SECOND),
		 guess->grouped ? "UserId" : "AgentSession", condition);
}

/* What it must say: whether it holds, and if so whether it was told within its span. */
static char expects(const struct guess *guess, const struct happened *events, size_t last,
		    __u64 told[4])
{
	__u64 *when = &told[guess->grouped ? events[last].user : 0];

	if (!holds(guess, events, last))
		return '.';
	if (*when && events[last].time - *when <= guess->span)
		return 'f';
	*when = events[last].time;
	return 'F';
}

static unsigned int play(const struct guess *guess, struct stage *stage, uint64_t *seed,
			 unsigned int *fired)
{
	struct happened events[HISTORY_MAX];
	struct built_event event;
	__u64 now = SECOND, told[4] = { 0 };
	unsigned int wrong = 0;
	/* chains are tried in full, which takes long */
	size_t count = guess->type == CORRELATION_temporal_ordered ? 60 : HISTORY_MAX;

	for (size_t i = 0; i < count; i++) {
		struct happened *it = &events[i];
		char text[64], expected, letters[4], *end = letters;
		const char *at = text;

		it->letters = (unsigned int)(unit_random(seed) & unit_random(seed) & 7);
		it->user = (unsigned int)unit_below(seed, 4);
		it->time = now += unit_below(seed, 4) * SECOND;
		for (int k = 0; k < 3; k++)
			if (it->letters >> k & 1)
				*end++ = (char)('a' + k);
		*end = '\0';
		snprintf(text, sizeof(text), "%s/u%u@%llu", *letters ? letters : "d", it->user,
			 (unsigned long long)(it->time / SECOND));
		CU_ASSERT_FATAL(stage_event(&event, &at));
		expected = expects(guess, events, i, told);
		*fired += expected == 'F';
		wrong += stage_play(stage, &event) != expected;
	}
	return wrong;
}

UNIT_TEST(correlation_oracle, definitions)
{
	uint64_t seed = unit_seed();
	unsigned int fired = 0, wrong, all = 0;

	for (int i = 0; i < 300; i++) {
		_cleanup_(stage_close) struct stage stage;
		struct guess guess;
		char rules[512];

		guess_make(&guess, rules, sizeof(rules), &seed);
		CU_ASSERT_FATAL(stage_open(&stage, rules));
		wrong = play(&guess, &stage, &seed, &fired);
		if (wrong)
			unit_note("%u wrong: %s", wrong, strchr(rules, '{'));
		all += wrong;
	}
	unit_note("%u fired", fired);
	CU_ASSERT_EQUAL(all, 0);
	CU_ASSERT(fired > 1000);
}
