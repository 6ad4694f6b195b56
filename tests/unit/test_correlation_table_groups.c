/* SPDX-License-Identifier: Apache-2.0 */
/* Which events fire: groups, aliases, correlations of correlations. */
#include <stdlib.h>
#include <string.h>

#include "correlation_stage.h"
#include "unit.h"

#define COUNT_BY(fields, condition)                                                                \
	"type: event_count, rules: [a], group-by: [" fields                                        \
	"], timespan: 10s, condition: {" condition "}"

UNIT_TEST(correlation_table, groups)
{
	static const struct stage_case cases[] = {
		{ "by one field", T(COUNT_BY("Image", "gte: 2")), "a/ix@1 a/iy@2 a/ix@3", "..F",
		  true },
		{ "each group fires", T(COUNT_BY("Image", "gte: 2")),
		  "a/ix@1 a/iy@1 a/ix@2 a/iy@2 a/ix@3", "..FFf", true },
		{ "and is armed by itself", T(COUNT_BY("Image", "gte: 2")),
		  "a/ix@1 a/ix@2 a/iy@12 a/ix@12 a/ix@12+1 a/iy@13", ".F.fFF", true },
		{ "case makes another group", T(COUNT_BY("Image", "gte: 2")), "a/ix@1 a/iX@2", "..",
		  true },
		{ "no value is a group", T(COUNT_BY("Image", "gte: 2")), "a@1 a/ix@2 a@3", "..F",
		  true },
		{ "no value is not an empty one", T(COUNT_BY("Image", "gte: 2")), "a@1 a/i@2", "..",
		  true },
		{ "empty values are alike", T(COUNT_BY("Image", "gte: 2")), "a/i@1 a/i@2", ".F",
		  true },
		{ "by a number", T(COUNT_BY("UserId", "gte: 2")), "a/u1@1 a/u2@2 a/u1@3", "..F",
		  true },
		{ "by two fields", T(COUNT_BY("Image, UserId", "gte: 2")),
		  "a/ix/u1@1 a/ix/u2@2 a/iy/u1@3 a/ix/u1@4", "...F", true },
		{ "by two fields, one without a value", T(COUNT_BY("Image, UserId", "gte: 2")),
		  "a/u1@1 a/u2@2 a/u1@3", "..F", true },
		{ "fields do not run into each other",
		  T(COUNT_BY("Image, CurrentDirectory", "gte: 2")), "a/ixy/dz@1 a/ix/dyz@2", "..",
		  true },
		{ "by a field of the event", T(COUNT_BY("TargetFilename", "gte: 2")),
		  "a@1 ab@2 a@3", "..F", true },
		{ "the session besides", T(COUNT_BY("AgentSession, Image", "gte: 2")),
		  "a/ix@1 a/iy@2 a/ix@3", "..F", true },
		{ "within the session", T(COUNT_BY("Image", "gte: 2")),
		  "1:a/ix@1 2:a/ix@2 1:a/ix@3", "..F", true },
		{ "a chain by a field",
		  T("type: temporal_ordered, rules: [a, b], group-by: [Image], timespan: 9s"),
		  "a/ix@1 b/iy@2 b/ix@3", "..F", true },
		{ "a chain by a field, exactly the span",
		  T("type: temporal_ordered, rules: [a, b], group-by: [Image], timespan: 9s"),
		  "a/ix@1 b/ix@10", ".F", true },
		{ "a chain by a field, one ns more",
		  T("type: temporal_ordered, rules: [a, b], group-by: [Image], timespan: 9s"),
		  "a/ix@1 b/ix@10+1", "..", true },
		{ "temporal by a field",
		  T("type: temporal, rules: [a, b], group-by: [Image], timespan: 9s"),
		  "b/ix@1 a/iy@2 a/ix@3", "..F", true },
		{ "temporal by a field, exactly the span",
		  T("type: temporal, rules: [a, b], group-by: [Image], timespan: 9s"),
		  "b/ix@1 a/ix@10", ".F", true },
		{ "temporal by a field, one ns more",
		  T("type: temporal, rules: [a, b], group-by: [Image], timespan: 9s"),
		  "b/ix@1 a/ix@10+1", "..", true },
		{ "two kinds of events by a field of both",
		  T("type: temporal, rules: [a, n], group-by: [UserId], timespan: 9s"),
		  "a/u1@1 n5/u2@2 n5/u1@3", "..F", true },
		{ "counted by a field, exactly the span", T(COUNT_BY("Image", "gte: 2")),
		  "a/ix@1 a/ix@11", ".F", true },
		{ "counted by a field, one ns more", T(COUNT_BY("Image", "gte: 2")),
		  "a/ix@1 a/ix@11+1", "..", true },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

#define ALIASES(more) "aliases: {u: {a: UserId, n: DestinationPort}" more "}"

UNIT_TEST(correlation_table, aliases)
{
	static const struct stage_case cases[] = {
		{ "one field in one, another in the other",
		  T("type: temporal, rules: [a, n], group-by: [u], timespan: 9s, " ALIASES("")),
		  "a/u1@1 n2@2 n1@3", "..F", true },
		{ "in order",
		  T("type: temporal_ordered, rules: [a, n], group-by: [u], timespan: 9s, " ALIASES(
			  "")),
		  "n1@1 a/u1@2 n2@3 n1@4", "...F", true },
		{ "by the id of a rule",
		  T("type: temporal, rules: [a, n], group-by: [u], timespan: 9s, aliases: {u: "
		    "{00000000-0000-4000-8000-00000000000a: UserId, n: DestinationPort}}"),
		  "a/u1@1 n1@3", ".F", true },
		{ "two of them",
		  T("type: temporal, rules: [a, n], group-by: [u, v], timespan: 9s, " ALIASES(
			  ", v: {a: Image, n: CurrentDirectory}")),
		  "a/u1/ip@1 n1/dq@2 n1/dp@3", "..F", true },
		{ "an alias and a field",
		  T("type: temporal, rules: [a, n], group-by: [u, Image], timespan: 9s, " ALIASES(
			  "")),
		  "a/u1/ip@1 n1/iq@2 n1/ip@3", "..F", true },
		{ "without a mapping it is the field",
		  T("type: temporal, rules: [a, n], group-by: [UserId], timespan: 9s, aliases: "
		    "{UserId: {n: DestinationPort}}"),
		  "a/u1@1 n2/u1@2 n1@3", "..F", true },
		{ "steps of one event in two groups",
		  T("type: temporal, rules: [n, m], group-by: [p], timespan: 9s, aliases: {p: {n: "
		    "DestinationPort, m: SourcePort}}"),
		  "n80/s7@1 n7@2 n80/s80@3", ".FF", true },
		{ "an event of two groups counts in both",
		  T("type: event_count, rules: [n, m], group-by: [p], timespan: 9s, condition: "
		    "{gte: 2}, aliases: {p: {n: DestinationPort, m: SourcePort}}"),
		  "n80/s7@1 n7@2", ".F", true },
		{ "a value by an alias",
		  T("type: value_count, rules: [a, n], group-by: [UserId], timespan: 9s, "
		    "condition: {field: w, gte: 2}, aliases: {w: {a: UserId, n: DestinationPort}}"),
		  "a@1 n0@2 n9@3", "..F", true },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

#define BURST OTHER("burst", "type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}")
#define BY_IMAGE                                                                                   \
	OTHER("by_image", "type: event_count, rules: [a], group-by: [Image], timespan: 10s, "      \
			  "condition: {gte: 2}")

UNIT_TEST(correlation_table, chains)
{
	static const struct stage_case cases[] = {
		{ "many, then one",
		  T("type: temporal_ordered, rules: [burst, b], timespan: 5s") BURST,
		  "a@1 a@2 b@3 a@4 b@5", "....F", true },
		{ "the inner one later in the file or earlier",
		  BURST T("type: temporal_ordered, rules: [burst, b], timespan: 5s"),
		  "a@1 a@2 a@3 b@4", "...F", true },
		{ "one, then many",
		  T("type: temporal_ordered, rules: [b, burst], timespan: 5s") BURST,
		  "a@1 a@2 b@3 a@4", "...F", true },
		{ "exactly the span",
		  T("type: temporal_ordered, rules: [burst, b], timespan: 5s") BURST,
		  "a@1 a@2 a@3 b@8", "...F", true },
		{ "one ns more", T("type: temporal_ordered, rules: [burst, b], timespan: 5s") BURST,
		  "a@1 a@2 a@3 b@8+1", "....", true },
		{ "what is folded goes on",
		  T("type: temporal_ordered, rules: [burst, b], timespan: 5s") BURST,
		  "a@1 a@2 a@3 a@6 b@11", "....F", true },
		{ "the event that completes it is no other step",
		  T("type: temporal_ordered, rules: [a, burst], timespan: 1s") BURST,
		  "a@1 a@3 a@5 a@5.5", "...F", true },
		{ "nor two steps of an outer one",
		  T("type: temporal_ordered, rules: [burst, a], timespan: 5s") BURST,
		  "a@1 a@2 a@3 a@4", "...F", true },
		{ "temporal, in another order",
		  T("type: temporal, rules: [burst, b], timespan: 5s") BURST, "b@1 a@2 a@3 a@4",
		  "...F", true },
		{ "only what it tells is counted",
		  T("type: event_count, rules: [burst], timespan: 1h, condition: {gte: 2}") BURST,
		  "a@1 a@2 a@3 a@4 a@13 a@13+1 a@14", ".....F.", true },
		{ "counted, not folded ones",
		  T("type: event_count, rules: [burst], timespan: 1h, condition: {gte: 2}") BURST,
		  "a@1 a@2 a@3 a@4 a@5 a@6", "......", true },
		{ "groups of the inner one do not matter",
		  T("type: temporal_ordered, rules: [by_image, b], timespan: 5s") BY_IMAGE,
		  "a/ix@1 a/iy@2 a/ix@3 b/iz@4", "...F", true },
		{ "its own groups do",
		  T("type: temporal_ordered, rules: [by_image, b], group-by: [Image], timespan: "
		    "5s") BY_IMAGE,
		  "a/ix@1 a/ix@2 b/iz@3 b/ix@4", "...F", true },
		{ "by a field of the event that completes it",
		  T("type: temporal_ordered, rules: [burst, b], group-by: [Image], timespan: "
		    "5s") BURST,
		  "a/iu@1 a/iv@2 a/iw@3 b/iu@4 b/iw@5", "....F", true },
		{ "different groups of the inner one",
		  T("type: value_count, rules: [by_image], timespan: 1m, condition: {field: "
		    "Image, gte: 2}") BY_IMAGE,
		  "a/ix@1 a/ix@2 a/iy@3 a/iy@4", "...F", true },
		{ "an alias for the inner one",
		  T("type: temporal_ordered, rules: [burst, n], group-by: [u], timespan: 5s, "
		    "aliases: {u: {burst: UserId, n: DestinationPort}}") BURST,
		  "a/u1@1 a/u2@2 a/u3@3 n1@4 n3@5", "....F", true },
		{ "sessions do not mix",
		  T("type: temporal_ordered, rules: [burst, b], timespan: 5s") BURST,
		  "1:a@1 1:a@2 1:a@3 2:b@4 1:b@4", "....F", true },
		{ "two inner ones",
		  T("type: temporal, rules: [burst, two], timespan: 5s")
			  BURST OTHER("two", "type: temporal, rules: [b, c], timespan: 5s"),
		  "a@1 b@1 a@2 c@2 a@3", "....F", true },
		{ "both by one event",
		  T("type: temporal, rules: [burst, two], timespan: 5s")
			  BURST OTHER("two", "type: temporal, rules: [a, c], timespan: 5s"),
		  "a@1 a@2 c@2 a@8", "....", true },
		{ "both by one event, in time",
		  T("type: temporal, rules: [burst, two], timespan: 5s")
			  BURST OTHER("two", "type: temporal, rules: [a, c], timespan: 5s"),
		  "a@1 a@2 ac@3", "..F", true },
		{ "three levels",
		  T("type: temporal_ordered, rules: [two, d], timespan: 9s") OTHER(
			  "two", "type: temporal_ordered, rules: [burst, b], timespan: 9s") BURST,
		  "a@1 a@2 a@3 d@3 b@4 d@5", ".....F", true },
		{ "three levels by one event",
		  T("type: event_count, rules: [two], timespan: 9s, condition: {gte: 1}")
			  OTHER("two", "type: temporal, rules: [burst, b], timespan: 9s") BURST,
		  "a@1 b@2 a@3 a@4", "...F", true },
		{ "an inner one of the user side and one of the kernel",
		  T("type: temporal, rules: [by_image, burst], timespan: 9s") BURST BY_IMAGE,
		  "a/ix@1 a/iy@2 a/ix@3", "..F", true },
	};

	stage_run(cases, ARRAY_SIZE(cases));
}

/* Steps that alert themselves are told, others are not. */
UNIT_TEST(correlation_table, generate_of_chains)
{
	_cleanup_(stage_close) struct stage stage;
	static const char *const names[] = { "t", "burst", "a", "b" };
	static const bool silent[] = { false, false, true, false };

	CU_ASSERT_FATAL(stage_open(&stage, T("type: temporal_ordered, rules: [burst, b], timespan: "
					     "5s, generate: true") BURST));
	for (size_t i = 0; i < stage.read.ruleset->count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (!strcmp(stage.read.ruleset->rules[i]->title, names[k]))
				CU_ASSERT_EQUAL(stage.read.ruleset->rules[i]->silent, silent[k]);
}

/* At the bound the group that was touched least recently is forgotten, in its own session
 * only, and counted. */
UNIT_TEST(correlation_table, too_many_groups)
{
	_cleanup_(stage_close) struct stage stage;
	struct evaluator_losses losses;
	struct built_event event;
	char text[64];
	const char *at;

	CU_ASSERT_FATAL(stage_open(&stage, T(COUNT_BY("Image", "gte: 2"))));
	for (unsigned int session = 1; session <= 2; session++)
		for (unsigned int i = 0; i < (session == 1 ? GROUPS_MAX : 2); i++) {
			snprintf(text, sizeof(text), "%u:a/i%u@1", session, i);
			at = text;
			CU_ASSERT_FATAL(stage_event(&event, &at));
			CU_ASSERT_EQUAL(stage_play(&stage, &event), '.');
		}
	evaluator_losses(stage.live, &losses);
	CU_ASSERT_EQUAL(losses.groups, 0);
	at = "1:a/i0@2 1:a/inew@2 1:a/i1@2 1:a/i3@2 2:a/i0@2 2:a/i1@2";
	for (const char *expected = "F..FFF"; *expected; expected++) {
		CU_ASSERT_FATAL(stage_event(&event, &at));
		CU_ASSERT_EQUAL(stage_play(&stage, &event), *expected);
	}
	/* group 1 by the new one, group 2 by group 1 */
	evaluator_losses(stage.live, &losses);
	CU_ASSERT_EQUAL(losses.groups, 2);
	evaluator_forget(stage.live, 1);
	evaluator_losses(stage.live, &losses);
	CU_ASSERT_EQUAL(losses.groups, 2);
}

/* So is it when the groups take too many bytes. */
UNIT_TEST(correlation_table, too_large_groups)
{
	_cleanup_(stage_close) struct stage stage;
	struct evaluator_losses losses;
	struct built_event event;
	unsigned int fired = 0;
	char text[64];
	const char *at;

	CU_ASSERT_FATAL(stage_open(&stage, T(COUNT_BY("Image", "gte: 10000"))));
	/* 64 groups of 128 KiB: twice what there is room for */
	for (unsigned int group = 0; group < 64; group++)
		for (unsigned int i = 0; i < 9999; i++) {
			snprintf(text, sizeof(text), "a/i%u@1", group);
			at = text;
			CU_ASSERT_FATAL(stage_event(&event, &at));
			fired += stage_play(&stage, &event) != '.';
		}
	CU_ASSERT_EQUAL(fired, 0);
	evaluator_losses(stage.live, &losses);
	CU_ASSERT(losses.groups >= 32 && losses.groups <= 40);
	at = "a/i63@1 a/i0@1";
	stage_event(&event, &at);
	CU_ASSERT_EQUAL(stage_play(&stage, &event), 'F');
	stage_event(&event, &at);
	CU_ASSERT_EQUAL(stage_play(&stage, &event), '.');
}
