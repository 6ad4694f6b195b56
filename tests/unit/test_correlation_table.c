/* SPDX-License-Identifier: Apache-2.0 */
/* Which events fire: the types without values, on both sides. */
#include "correlation_stage.h"
#include "unit.h"

#define ORDERED "type: temporal_ordered, rules: [a, b, c], timespan: 10s"
#define TEMPORAL "type: temporal, rules: [a, b, c], timespan: 10s"
#define COUNT(condition) "type: event_count, rules: [a], timespan: 10s, condition: {" condition "}"

UNIT_TEST(correlation_table, temporal_ordered)
{
	static const struct stage_case cases[] = {
		{ "in order", T(ORDERED), "a@1 b@2 c@3", "..F", false },
		{ "out of order", T(ORDERED), "c@1 b@2 a@3", "...", false },
		{ "a step is missing", T(ORDERED), "a@1 c@2 c@3", "...", false },
		{ "others between", T(ORDERED), "a@1 d@2 b@3 e@4 c@5", "....F", false },
		{ "exactly the span", T(ORDERED), "a@1 b@2 c@11", "..F", false },
		{ "one ns more", T(ORDERED), "a@1 b@2 c@11+1", "...", false },
		{ "first to second exactly", T(ORDERED), "a@1 b@11 c@11", "..F", false },
		{ "first to second too late", T(ORDERED), "a@1 b@11+1 c@11+1", "...", false },
		{ "the latest start", T(ORDERED), "a@1 a@8 b@9 c@18", "...F", false },
		{ "a later start does not take back", T(ORDERED), "a@1 b@2 a@3 c@4", "...F",
		  false },
		{ "nor does it help what has advanced", T(ORDERED), "a@1 b@2 a@9 c@12", "....",
		  false },
		{ "one event is one step", T(ORDERED), "abc@1 abc@2 abc@3", "..F", false },
		{ "the last step first", T(ORDERED), "a@1 bc@2", "..", false },
		{ "it can be the later one", T(ORDERED), "a@1 b@2 bc@3", "..F", false },
		{ "at the same time, in order of coming", T(ORDERED), "a@1 b@1 c@1", "..F", false },
		{ "twice is folded", T(ORDERED), "a@1 b@2 c@3 c@4", "..Ff", false },
		{ "folded to the end of the span", T(ORDERED), "a@1 b@2 c@3 a@4 b@5 c@13", "..F..f",
		  false },
		{ "armed again after it", T(ORDERED), "a@1 b@2 c@3 a@4 b@5 c@13+1", "..F..F",
		  false },
		{ "sessions do not mix", T(ORDERED), "1:a@1 2:b@2 1:c@3 2:c@4", "....", false },
		{ "sessions are each their own", T(ORDERED), "1:a@1 2:a@1 1:b@2 2:b@2 1:c@3 2:c@3",
		  "....FF", false },
		{ "the same rule again", T("type: temporal_ordered, rules: [a, a], timespan: 5s"),
		  "a@1 a@2 a@3", ".Ff", false },
		{ "by id",
		  T("type: temporal_ordered, timespan: 5s, rules: "
		    "[00000000-0000-4000-8000-00000000000A, b]"),
		  "a@1 b@2", ".F", false },
		{ "events of two kinds", T("type: temporal_ordered, rules: [a, n], timespan: 5s"),
		  "n1@1 a@2 n1@3", "..F", false },
		{ "eight steps",
		  T("type: temporal_ordered, rules: [a, b, c, d, e, f, g, h], timespan: 7s"),
		  "a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8", ".......F", false },
		{ "eight steps, one too late",
		  T("type: temporal_ordered, rules: [a, b, c, d, e, f, g, h], timespan: 6s"),
		  "a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8", "........", false },
		{ "a step that is confirmed",
		  T("type: temporal_ordered, rules: [a, q], timespan: 5s"), "a@1 q@2 qyz@3", "..F",
		  true },
		{ "a first step that is confirmed",
		  T("type: temporal_ordered, rules: [q, a], timespan: 5s"), "a@1 qyz@2 a@3", "..F",
		  true },
		{ "two of three in order", T(ORDERED ", condition: {gte: 2}"), "a@1 c@2 b@3", ".Ff",
		  true },
		{ "two of three out of order", T(ORDERED ", condition: {gte: 2}"), "c@1 b@2 a@3",
		  "...", true },
		{ "three of three by a condition", T(ORDERED ", condition: {gte: 3}"),
		  "a@1 c@2 b@3 c@4", "...F", true },
		{ "exactly two of three in order", T(ORDERED ", condition: {eq: 2}"),
		  "a@1 b@2 c@3 d@4", ".F..", true },
		{ "two of three, exactly the span", T(ORDERED ", condition: {gt: 1}"), "a@1 c@11",
		  ".F", true },
		{ "two of three, one ns more", T(ORDERED ", condition: {gt: 1}"), "a@1 c@11+1",
		  "..", true },
		{ "one event is one of the two", T(ORDERED ", condition: {gte: 2}"), "abc@1 abc@2",
		  ".F", true },
		{ "a session with the same name as a group",
		  T(ORDERED ", group-by: [AgentSession]"), "a@1 b@2 c@3", "..F", false },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(correlation_table, temporal)
{
	static const struct stage_case cases[] = {
		{ "in order", T(TEMPORAL), "a@1 b@2 c@3", "..F", false },
		{ "in another order", T(TEMPORAL), "c@1 a@2 b@3", "..F", false },
		{ "a step is missing", T(TEMPORAL), "a@1 a@2 c@3", "...", false },
		{ "exactly the span", T(TEMPORAL), "c@1 a@2 b@11", "..F", false },
		{ "one ns more", T(TEMPORAL), "c@1 a@2 b@11+1", "...", false },
		{ "each step by its latest event", T(TEMPORAL), "c@1 a@2 c@8 a@9 b@12", "....F",
		  false },
		{ "one event can be all steps", T(TEMPORAL), "abc@1", "F", false },
		{ "one event is two of three", T(TEMPORAL), "ab@1 c@2", ".F", false },
		{ "twice is folded", T(TEMPORAL), "a@1 b@2 c@3 d@4 a@5", "..F.f", false },
		{ "folded to the end of the span", T(TEMPORAL), "abc@3 abc@13", "Ff", false },
		{ "armed again after it", T(TEMPORAL), "abc@3 abc@13+1", "FF", false },
		{ "sessions do not mix", T(TEMPORAL), "1:a@1 2:b@2 1:c@3", "...", false },
		{ "sessions are each their own", T(TEMPORAL), "1:abc@1 2:abc@1", "FF", false },
		{ "events of two kinds", T("type: temporal, rules: [a, n], timespan: 5s"),
		  "n1@1 a@2", ".F", false },
		{ "two of three suffice", T(TEMPORAL ", condition: {gte: 2}"), "c@1 a@2 b@3", ".Ff",
		  false },
		{ "more than one suffices", T(TEMPORAL ", condition: {gt: 1}"), "c@1 c@2 a@3",
		  "..F", false },
		{ "one suffices", T(TEMPORAL ", condition: {gte: 1}"), "d@1 b@2", ".F", false },
		{ "all, said as exactly three", T(TEMPORAL ", condition: {eq: 3}"), "a@1 b@2 c@3",
		  "..F", false },
		{ "all, said as a range", T(TEMPORAL ", condition: {gt: 2, lte: 3}"), "a@1 b@2 c@3",
		  "..F", false },
		{ "exactly two", T(TEMPORAL ", condition: {eq: 2}"), "a@1 b@2 c@3 a@13+1", ".F..",
		  true },
		{ "exactly two again", T(TEMPORAL ", condition: {eq: 2}"), "a@1 b@2 c@3 a@12+1",
		  ".F.F", true },
		{ "fewer than three", T(TEMPORAL ", condition: {lt: 3}"), "a@1 b@2 c@3", "Ff.",
		  true },
		{ "any number but two", T(TEMPORAL ", condition: {neq: 2}"), "a@1 b@2 c@3", "F.f",
		  true },
		{ "one event as two, compared once", T(TEMPORAL ", condition: {eq: 2}"), "ab@1",
		  "F", true },
		{ "eight steps", T("type: temporal, rules: [a, b, c, d, e, f, g, h], timespan: 7s"),
		  "h@1 b@2 c@3 d@4 e@5 f@6 g@7 a@8", ".......F", false },
		{ "a step that is confirmed", T("type: temporal, rules: [a, q], timespan: 5s"),
		  "qyz@1 a@2 q@9 a@10", ".F..", true },
		{ "the same rule twice is one event",
		  T("type: temporal, rules: [a, a], timespan: 5s"), "a@1", "F", false },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

UNIT_TEST(correlation_table, event_count)
{
	static const struct stage_case cases[] = {
		{ "gte 3", T(COUNT("gte: 3")), "a@1 a@2 a@3", "..F", false },
		{ "gte 3, not enough", T(COUNT("gte: 3")), "a@1 a@2", "..", false },
		{ "gt 2", T(COUNT("gt: 2")), "a@1 a@2 a@3", "..F", false },
		{ "gt 2, not enough", T(COUNT("gt: 2")), "a@1 a@2", "..", false },
		{ "gte 1", T(COUNT("gte: 1")), "b@1 a@2", ".F", false },
		{ "gte 0", T(COUNT("gte: 0")), "b@1 a@2", ".F", false },
		{ "eq 2", T(COUNT("eq: 2")), "a@1 a@2 a@3 a@12", ".F..", true },
		{ "eq 2 again", T(COUNT("eq: 2")), "a@1 a@2 a@3 a@12+1 a@13+1", ".F.Ff", true },
		{ "eq 1", T(COUNT("eq: 1")), "a@1 a@2 a@13", "F.F", true },
		{ "lt 2", T(COUNT("lt: 2")), "a@1 a@2 a@13", "F.F", true },
		{ "lte 2", T(COUNT("lte: 2")), "a@1 a@2 a@3", "Ff.", true },
		{ "neq 2", T(COUNT("neq: 2")), "a@1 a@2 a@3 a@4", "F.ff", true },
		{ "a range", T(COUNT("gt: 1, lte: 3")), "a@1 a@2 a@3 a@4 a@5", ".Ff..", true },
		{ "a range by gte and lt", T(COUNT("gte: 2, lt: 3")), "a@1 a@2 a@3", ".F.", true },
		{ "a range with a hole", T(COUNT("gte: 2, neq: 3")), "a@1 a@2 a@3 a@4", ".F.f",
		  true },
		{ "exactly the span", T(COUNT("gte: 2")), "a@1 a@11", ".F", false },
		{ "one ns more", T(COUNT("gte: 2")), "a@1 a@11+1", "..", false },
		{ "the window moves", T(COUNT("gte: 3")), "a@1 a@6 a@12 a@16", "...F", false },
		{ "at the same time", T(COUNT("gte: 3")), "a@1 a@1 a@1", "..F", false },
		{ "more is folded", T(COUNT("gte: 2")), "a@1 a@2 a@3 a@4", ".Fff", false },
		{ "folded to the end of the span", T(COUNT("gte: 2")), "a@1 a@2 a@12", ".Ff",
		  false },
		{ "armed again after it", T(COUNT("gte: 2")), "a@1 a@2 a@3 a@12+1", ".FfF", false },
		{ "armed again, but not enough", T(COUNT("gte: 2")), "a@1 a@2 a@13", ".F.", false },
		{ "sessions do not mix", T(COUNT("gte: 2")), "1:a@1 2:a@2 1:a@3", "..F", false },
		{ "several rules are counted together",
		  T("type: event_count, rules: [a, b], timespan: 9s, condition: {gte: 3}"),
		  "a@1 b@2 c@3 a@4", "...F", false },
		{ "an event of two rules counts once",
		  T("type: event_count, rules: [a, b], timespan: 9s, condition: {gte: 3}"),
		  "ab@1 ab@2 ab@3", "..F", false },
		{ "rules of two kinds of events",
		  T("type: event_count, rules: [a, n], timespan: 9s, condition: {gte: 2}"),
		  "a@1 n80@2", ".F", false },
		{ "an event of two rules counts once, on the user side",
		  T("type: event_count, rules: [n, m], timespan: 9s, condition: {eq: 2}"),
		  "n80@1 n80@2", ".F", true },
		{ "a rule that is confirmed",
		  T("type: event_count, rules: [q], timespan: 9s, condition: {gte: 2}"),
		  "q@1 qaz@2 qz@3", "..F", true },
		{ "seven of seven", T(COUNT("gte: 7")), "a@1 a@2 a@3 a@4 a@5 a@6 a@7", "......F",
		  false },
		{ "seven in a ring of eight", T(COUNT("gte: 7")),
		  "a@1 a@2 a@3 a@4 a@5 a@6 a@7 a@8 a@11+1 a@12+1", "......Ffff", false },
		{ "eight of eight", T(COUNT("gte: 8")), "a@1 a@2 a@3 a@4 a@5 a@6 a@7 a@8",
		  ".......F", false },
		{ "eight of eight, the first too old", T(COUNT("gte: 8")),
		  "a@1 a@2 a@3 a@4 a@5 a@6 a@7 a@11+1 a@11+2", "........F", false },
		{ "without group-by, as with AgentSession",
		  T(COUNT("gte: 2") ", group-by: [AgentSession]"), "1:a@1 2:a@1 1:a@2", "..F",
		  false },
		{ "group-by as one text", T(COUNT("gte: 2") ", group-by: AgentSession"), "a@1 a@2",
		  ".F", false },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

/* Both sides count alike to their bounds, whatever the order of magnitude. */
UNIT_TEST(correlation_table, event_count_of_many)
{
	static const unsigned int needs[] = { 1, 2, 3, 31, 32, 33, 63, 64, 65, 100, 1000, 16383 };

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		_cleanup_(stage_close) struct stage stage;
		const char *text = "a@1";
		struct built_event event;
		unsigned int fired = 0, wrong = 0;
		char rules[256];

		snprintf(rules, sizeof(rules), T(COUNT("gte: %u")), needs[i]);
		CU_ASSERT_FATAL(stage_open(&stage, rules) && stage_event(&event, &text));
		CU_ASSERT_EQUAL(stage.compiled->rules[stage.rule].why,
				needs[i] > COUNT_KERNEL_MAX ? WHY_count : WHY_none);
		for (unsigned int n = 1; n <= needs[i] + 2; n++) {
			char got = stage_play(&stage, &event);

			event.record.header.time++;
			fired += got == 'F';
			wrong += got != (n < needs[i] ? '.' : n == needs[i] ? 'F' : 'f');
		}
		CU_ASSERT_EQUAL(fired, 1);
		CU_ASSERT_EQUAL(wrong, 0);
		/* all but the last two are too old now */
		event.record.header.time += 10000000000ULL - 2;
		CU_ASSERT_EQUAL(stage_play(&stage, &event), needs[i] <= 3 ? 'F' : '.');
	}
}

/* What does not find room in the kernel is decided on the user side, and alike. */
UNIT_TEST(correlation_table, room_in_the_kernel)
{
	_cleanup_free_ char *rules = NULL;
	_cleanup_(stage_close) struct stage stage;
	const char *events = "a@1 a@2 a@3 a@4";
	struct built_event event;
	char got[8] = "";
	size_t size, kernel = 0, user = 0;
	FILE *out = open_memstream(&rules, &size);

	for (int i = 0; i < 62; i++)
		fprintf(out,
			"---\ntitle: c%d\nname: c%d\ncorrelation: {type: event_count, rules: [b], "
			"timespan: 1h, condition: {gte: 64}}\n",
			i, i);
	fprintf(out, "%s", T(COUNT("gte: 3")));
	fclose(out);
	CU_ASSERT_FATAL(stage_open(&stage, rules));
	for (size_t i = 0; i < stage.read.ruleset->count; i++) {
		kernel += stage.compiled->rules[i].why == WHY_none;
		user += stage.compiled->rules[i].why == WHY_room;
	}
	CU_ASSERT_EQUAL(stage.compiled->rules[stage.rule].why, WHY_room);
	CU_ASSERT_EQUAL(user, 1);
	CU_ASSERT(kernel >= 62);
	for (size_t i = 0; stage_event(&event, &events); i++)
		got[i] = stage_play(&stage, &event);
	CU_ASSERT_STRING_EQUAL(got, "..Ff");
}
