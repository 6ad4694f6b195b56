/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decider through the evaluator: correlations, which response wins, what happens
 * at its bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "rules/atom.h"
#include "unit.h"

#define PATH FIELD_file_open_target_filename
#define SECOND 1000000000ULL
#define SPAN (10 * SECOND)

/* A policy and an event that goes through it, in session 1 unless said otherwise. */
struct scene {
	struct ruleset *ruleset;
	struct compiled *compiled;
	struct evaluator *evaluator;
	struct verdict verdict;
	struct built_event event;
};

static void scene_done(struct scene *scene)
{
	evaluator_freep(&scene->evaluator);
	compiled_freep(&scene->compiled);
	ruleset_freep(&scene->ruleset);
}

#define SCENE(name) _cleanup_(scene_done) struct scene name = { .ruleset = build_ruleset() }

/* Compiles the scene's rules. False: it failed, which was told. */
static bool scene_ready(struct scene *scene)
{
	scene->compiled = build_compiled(scene->ruleset);
	return scene->compiled && !evaluator_new(&scene->evaluator, scene->compiled->policy);
}

/* Rules 0 .. count-1: the path contains the letter a, b, … */
static void letter_rules(struct scene *scene, size_t count, enum response response)
{
	char pattern[] = "*a*";

	for (size_t i = 0; i < count; i++, pattern[1]++)
		build_rule(scene->ruleset, EVENT_file_open, build_text(PATH, pattern), response);
}

/* The event "path is opened" at `time`; returns whether the rule matched. */
static bool happens(struct scene *scene, __u64 session, __u64 time, const char *path, __u16 rule)
{
	event_start(&scene->event, EVENT_file_open);
	scene->event.record.header.session = session;
	scene->event.record.header.time = time;
	event_text(&scene->event, PATH, path);
	evaluate(scene->evaluator, &scene->event.view, SIDE_ALL, &scene->verdict);
	return evaluator_matched(scene->evaluator, rule);
}

static __u64 sessions_forgotten(const struct scene *scene)
{
	struct evaluator_losses losses;

	evaluator_losses(scene->evaluator, &losses);
	return losses.sessions;
}

static __u32 flags_of(const struct verdict *verdict, __u16 rule)
{
	for (size_t i = 0; i < verdict->matches && i < MATCHES_MAX; i++)
		if (verdict->match[i].rule == rule)
			return verdict->match[i].flags;
	return ~0u;
}

UNIT_TEST(decide, steps_in_order_only)
{
	SCENE(s);

	letter_rules(&s, 3, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1, 2 }, 3, SPAN, RESPONSE_kill);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(!happens(&s, 1, SECOND, "c", 3));
	CU_ASSERT(!happens(&s, 1, SECOND, "b", 3));
	CU_ASSERT(!happens(&s, 1, SECOND, "a", 3));
	CU_ASSERT(!happens(&s, 1, SECOND, "c", 3));
	CU_ASSERT(!happens(&s, 1, SECOND, "b", 3));
	CU_ASSERT(happens(&s, 1, SECOND, "c", 3));
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_kill);
	CU_ASSERT_EQUAL(s.verdict.strongest, 3);
	CU_ASSERT_EQUAL(s.verdict.matches, 2);
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 3), 0);
}

/* The time span is from the first step to the last, its end included. */
UNIT_TEST(decide, time_span_edges)
{
	SCENE(s);

	letter_rules(&s, 3, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1, 2 }, 3, SPAN, RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	happens(&s, 1, 1, "a", 3);
	happens(&s, 1, 5 * SECOND, "b", 3);
	CU_ASSERT(happens(&s, 1, 1 + SPAN, "c", 3));
	happens(&s, 2, 1, "a", 3);
	happens(&s, 2, 5 * SECOND, "b", 3);
	CU_ASSERT(!happens(&s, 2, 2 + SPAN, "c", 3));
	happens(&s, 3, 1, "a", 3);
	happens(&s, 3, 2 + SPAN, "b", 3);
	CU_ASSERT(!happens(&s, 3, 2 + SPAN, "c", 3));
}

/* A later first step starts the chain anew, but does not take back an advanced one. */
UNIT_TEST(decide, latest_start_counts)
{
	SCENE(s);

	letter_rules(&s, 3, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1, 2 }, 3, SPAN, RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	happens(&s, 1, 1 * SECOND, "a", 3);
	happens(&s, 1, 8 * SECOND, "a", 3);
	happens(&s, 1, 9 * SECOND, "b", 3);
	CU_ASSERT(happens(&s, 1, 18 * SECOND, "c", 3));
	happens(&s, 2, 1 * SECOND, "a", 3);
	happens(&s, 2, 2 * SECOND, "b", 3);
	happens(&s, 2, 3 * SECOND, "a", 3);
	CU_ASSERT(happens(&s, 2, 4 * SECOND, "c", 3));
	/* the one that advanced began at 1, the later one has not come to b */
	CU_ASSERT(!happens(&s, 2, 12 * SECOND, "c", 3));
}

/* Within its time span it is only counted, then it is armed again. */
UNIT_TEST(decide, fires_once_and_rearms)
{
	SCENE(s);

	letter_rules(&s, 2, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN, RESPONSE_deny);
	if (!scene_ready(&s))
		return;
	happens(&s, 1, 1 * SECOND, "a", 2);
	CU_ASSERT(happens(&s, 1, 2 * SECOND, "b", 2));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 2), 0);
	CU_ASSERT(happens(&s, 1, 3 * SECOND, "b", 2));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 2), MATCH_FOLDED);
	/* it is refused all the same */
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_deny);
	happens(&s, 1, 11 * SECOND, "a", 2);
	CU_ASSERT(happens(&s, 1, 12 * SECOND, "b", 2));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 2), MATCH_FOLDED);
	CU_ASSERT(happens(&s, 1, 12 * SECOND + 1, "b", 2));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 2), 0);
}

/* One event that fits two steps is one of them. */
UNIT_TEST(decide, one_event_is_one_step)
{
	SCENE(s);

	letter_rules(&s, 2, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 0, 0 }, 3, SPAN, RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(!happens(&s, 1, 1 * SECOND, "ab", 2));
	CU_ASSERT(happens(&s, 1, 2 * SECOND, "ab", 2));
	CU_ASSERT(!evaluator_matched(s.evaluator, 3));
	CU_ASSERT(happens(&s, 1, 3 * SECOND, "ab", 3));
}

UNIT_TEST(decide, sessions_are_apart)
{
	SCENE(s);

	letter_rules(&s, 2, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN, RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	happens(&s, 1, 1 * SECOND, "a", 2);
	CU_ASSERT(!happens(&s, 2, 2 * SECOND, "b", 2));
	CU_ASSERT(!happens(&s, 0, 2 * SECOND, "b", 2));
	CU_ASSERT(happens(&s, 1, 2 * SECOND, "b", 2));
	happens(&s, 3, 1 * SECOND, "a", 2);
	evaluator_forget(s.evaluator, 3);
	evaluator_forget(s.evaluator, 3);
	CU_ASSERT(!happens(&s, 3, 2 * SECOND, "b", 2));
	CU_ASSERT_EQUAL(sessions_forgotten(&s), 0);
}

/* At the bound the session that has been idle longest is forgotten, and counted. */
UNIT_TEST(decide, too_many_sessions)
{
	SCENE(s);

	letter_rules(&s, 2, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN, RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	for (__u64 session = 1; session <= EVALUATOR_SESSIONS_MAX; session++)
		happens(&s, session, SECOND, "a", 2);
	happens(&s, 1, SECOND, "x", 2);
	CU_ASSERT_EQUAL(sessions_forgotten(&s), 0);
	happens(&s, EVALUATOR_SESSIONS_MAX + 1, SECOND, "x", 2);
	CU_ASSERT_EQUAL(sessions_forgotten(&s), 1);
	CU_ASSERT(happens(&s, 1, SECOND, "b", 2));
	CU_ASSERT(happens(&s, 3, SECOND, "b", 2));
	CU_ASSERT(!happens(&s, EVALUATOR_SESSIONS_MAX + 1, SECOND, "b", 2));
	CU_ASSERT(!happens(&s, 2, SECOND, "b", 2));
	CU_ASSERT_EQUAL(sessions_forgotten(&s), 2);
}

UNIT_TEST(decide, eight_steps)
{
	SCENE(s);
	char path[] = "a";

	letter_rules(&s, STEPS_MAX, RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1, 2, 3, 4, 5, 6, 7 }, STEPS_MAX, SPAN,
			  RESPONSE_kill_agent);
	build_correlation(s.ruleset, (size_t[]) { 7, 6, 5, 4, 3, 2, 1, 0 }, STEPS_MAX, SPAN,
			  RESPONSE_kill_agent);
	if (!scene_ready(&s))
		return;
	for (int i = 0; i < STEPS_MAX - 1; i++, path[0]++)
		CU_ASSERT(!happens(&s, 1, SECOND + i, path, STEPS_MAX));
	CU_ASSERT(happens(&s, 1, 2 * SECOND, path, STEPS_MAX));
	CU_ASSERT(!evaluator_matched(s.evaluator, STEPS_MAX + 1));
	for (int i = 0; i < STEPS_MAX - 2; i++) {
		path[0]--;
		CU_ASSERT(!happens(&s, 1, 3 * SECOND, path, STEPS_MAX + 1));
	}
	path[0]--;
	CU_ASSERT(happens(&s, 1, 3 * SECOND, path, STEPS_MAX + 1));
}

/* Many correlations at once, random events: against a plain list of all events. */
#define CHAINS 40

struct chain {
	size_t steps[4], count;
	__u64 span;
};

/* Whether the events, of which the last is at `last`, end in the chain. */
static bool chain_ends(const struct chain *chain, const unsigned char *events, const __u64 *times,
		       size_t last)
{
	/* start[i]: the latest start of a chain that has reached step i */
	__u64 start[4] = { 0 };
	bool ends = false;

	for (size_t at = 0; at <= last; at++) {
		ends = false;
		for (size_t i = chain->count; i-- > 0;) {
			if (!(events[at] >> chain->steps[i] & 1))
				continue;
			if (!i)
				start[0] = times[at];
			else if (start[i - 1] && times[at] - start[i - 1] <= chain->span)
				start[i] = start[i - 1], ends |= i + 1 == chain->count;
		}
	}
	return ends;
}

UNIT_TEST(decide, random_chains)
{
	SCENE(s);
	uint64_t random = unit_seed();
	struct chain chains[CHAINS];
	unsigned char events[200];
	__u64 times[200], now = 1;
	size_t wrong = 0, fired = 0;

	letter_rules(&s, 6, RESPONSE_alert);
	for (size_t i = 0; i < CHAINS; i++) {
		struct chain *chain = &chains[i];

		chain->count = 2 + unit_below(&random, 3);
		chain->span = 1 + unit_below(&random, 40);
		for (size_t k = 0; k < chain->count; k++)
			chain->steps[k] = unit_below(&random, 6);
		build_correlation(s.ruleset, chain->steps, chain->count, chain->span,
				  RESPONSE_alert);
	}
	if (!scene_ready(&s))
		return;
	for (size_t at = 0; at < ARRAY_SIZE(events); at++) {
		char path[8] = "", *end = path;

		events[at] = unit_random(&random) & unit_random(&random) & 63;
		for (int i = 0; i < 6; i++)
			if (events[at] >> i & 1)
				*end++ = 'a' + i;
		times[at] = now += unit_below(&random, 6);
		happens(&s, 1, now, path, 0);
		for (size_t i = 0; i < CHAINS; i++) {
			bool expected = chain_ends(&chains[i], events, times, at);

			fired += expected;
			wrong += expected != evaluator_matched(s.evaluator, 6 + i);
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(fired > 100);
	unit_note("%zu chains ended", fired);
}

/* A correlation with a step that needs the user side is left to it, and to it alone. */
UNIT_TEST(decide, sides_share_correlations)
{
	SCENE(s);
	const char *const paths[] = { "a", "b", "x1z" };
	const enum side sides[] = { SIDE_KERNEL, SIDE_CONFIRM, SIDE_ALL };
	const bool plain[] = { true, false, true }, confirmed[] = { false, true, true };

	letter_rules(&s, 2, RESPONSE_alert);
	build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "x?z"), RESPONSE_alert);
	build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN, RESPONSE_deny);
	build_correlation(s.ruleset, (size_t[]) { 0, 2 }, 2, SPAN, RESPONSE_deny);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(!s.compiled->rules[3].confirm);
	CU_ASSERT(s.compiled->rules[4].confirm);
	for (size_t side = 0; side < ARRAY_SIZE(sides); side++) {
		bool plain_fired = false, confirmed_fired = false;

		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			event_start(&s.event, EVENT_file_open);
			s.event.record.header.session = side;
			event_text(&s.event, PATH, paths[i]);
			evaluate(s.evaluator, &s.event.view, sides[side], &s.verdict);
			plain_fired |= evaluator_matched(s.evaluator, 3);
			confirmed_fired |= evaluator_matched(s.evaluator, 4);
		}
		CU_ASSERT_EQUAL(plain_fired, plain[side]);
		CU_ASSERT_EQUAL(confirmed_fired, confirmed[side]);
	}
}

/* A silent rule advances its correlation and asks for nothing by itself. */
UNIT_TEST(decide, silent_steps)
{
	SCENE(s);

	letter_rules(&s, 2, RESPONSE_kill);
	s.ruleset->rules[0]->silent = true;
	build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN, RESPONSE_deny);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(happens(&s, 1, SECOND, "a", 0));
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_alert);
	CU_ASSERT(happens(&s, 1, SECOND, "b", 2));
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_kill);
	CU_ASSERT_EQUAL(s.verdict.strongest, 1);
}

/* With an incomplete field elsewhere, a rule that enforces must still see its pivot. */
UNIT_TEST(decide, incomplete_field_of_another_test)
{
	SCENE(s);

	build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "*/id_rsa"), RESPONSE_deny);
	build_rule(s.ruleset, EVENT_file_open,
		   build_and(build_text(PATH, "*/token"), build_text(FIELD_fact_image, "*/curl")),
		   RESPONSE_kill);
	build_rule(s.ruleset, EVENT_file_open,
		   build_and(build_text(PATH, "*/token"), build_text(FIELD_fact_image, "*/curl")),
		   RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	event_start(&s.event, EVENT_file_open);
	event_text(&s.event, PATH, "/etc/hosts");
	s.event.record.header.incomplete = SLOT_BIT(SLOT_fact_image);
	CU_ASSERT_EQUAL(evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict), 0);
	event_text(&s.event, PATH, "/x/token");
	evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict);
	CU_ASSERT_EQUAL(s.verdict.matches, 1);
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 1), MATCH_ASSUMED);
	s.event.record.header.incomplete = SLOT_BIT(SLOT_file_open_target_filename);
	event_text(&s.event, FIELD_fact_image, "/usr/bin/curl");
	event_text(&s.event, PATH, "/x");
	evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict);
	CU_ASSERT_EQUAL(s.verdict.matches, 2);
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_kill);
}

/* A truncated field must not hide a step of a correlation that kills. */
UNIT_TEST(decide, incomplete_step_of_enforcing_correlation)
{
	for (int enforcing = 0; enforcing < 2; enforcing++) {
		SCENE(s);

		letter_rules(&s, 2, RESPONSE_alert);
		build_correlation(s.ruleset, (size_t[]) { 0, 1 }, 2, SPAN,
				  enforcing ? RESPONSE_kill : RESPONSE_tag);
		if (!scene_ready(&s))
			return;
		event_start(&s.event, EVENT_file_open);
		event_text(&s.event, PATH, "x");
		s.event.record.header.incomplete = SLOT_BIT(SLOT_file_open_target_filename);
		evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict);
		CU_ASSERT_EQUAL(s.verdict.matches, enforcing ? 2 : 0);
		CU_ASSERT_EQUAL(happens(&s, 1, 2, "b", 2), enforcing);
	}
}

/* More atoms hold than an event can note: rules that enforce take it for a match. */
UNIT_TEST(decide, too_many_atoms)
{
	SCENE(s);
	char pattern[16], path[4 * (HELD_MAX + 1) + 1], *end = path;

	for (unsigned int i = 0; i <= HELD_MAX; i++) {
		snprintf(pattern, sizeof(pattern), "*<%03x*", i);
		build_rule(s.ruleset, EVENT_file_open, build_text(PATH, pattern), RESPONSE_alert);
		end += sprintf(end, "<%03x", i);
	}
	build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "never"), RESPONSE_deny);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(!happens(&s, 1, 1, path, HELD_MAX));
	CU_ASSERT(evaluator_matched(s.evaluator, HELD_MAX + 1));
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_deny);
	CU_ASSERT_EQUAL(evaluator_incomplete(s.evaluator), ~0ULL);
	path[4 * HELD_MAX] = 0;
	CU_ASSERT(!happens(&s, 1, 1, path, HELD_MAX + 1));
	CU_ASSERT_EQUAL(s.verdict.matches, HELD_MAX);
	CU_ASSERT_EQUAL(evaluator_incomplete(s.evaluator), 0);
}

/* Matches beyond what a verdict names are counted. */
UNIT_TEST(decide, too_many_matches)
{
	SCENE(s);

	for (size_t i = 0; i < 100; i++)
		build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "*a*"),
			   i == 77 ? RESPONSE_kill : RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(happens(&s, 1, 1, "a", 99));
	CU_ASSERT_EQUAL(s.verdict.matches, 100);
	CU_ASSERT_EQUAL(s.verdict.strongest, 77);
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_kill);
	CU_ASSERT_EQUAL(s.compiled->atoms, 1);
	/* and nothing is left of it in the next event */
	CU_ASSERT(!happens(&s, 1, 2, "b", 99));
	CU_ASSERT_EQUAL(s.verdict.matches, 0);
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_alert);
}

/* More steps at once than an event can take: rules that enforce must not miss one. */
UNIT_TEST(decide, too_many_steps)
{
	SCENE(s);
	size_t count = STEPPED_MAX + 5;

	for (size_t i = 0; i < count; i++)
		build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "*a*"), RESPONSE_alert);
	for (size_t i = 0; i < count; i++)
		build_correlation(s.ruleset, (size_t[]) { i, i }, 2, SPAN, RESPONSE_alert);
	build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "never"), RESPONSE_deny);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(happens(&s, 1, 1, "a", 2 * count));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 2 * count), ~0u);
	CU_ASSERT_EQUAL(s.verdict.asked, RESPONSE_deny);
	CU_ASSERT_EQUAL(evaluator_incomplete(s.evaluator), ~0ULL);
}

/* A clause is looked at for its own event only, though a common field's atom is shared. */
UNIT_TEST(decide, events_share_atoms)
{
	SCENE(s);

	build_rule(s.ruleset, EVENT_file_open, build_text(FIELD_fact_image, "*/sh"),
		   RESPONSE_alert);
	build_rule(s.ruleset, EVENT_network_connection, build_text(FIELD_fact_image, "*/sh"),
		   RESPONSE_deny);
	build_rule(s.ruleset, EVENT_network_connection, build_and(), RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	CU_ASSERT_EQUAL(s.compiled->atoms, 2);
	event_start(&s.event, EVENT_file_open);
	event_text(&s.event, FIELD_fact_image, "/bin/sh");
	evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict);
	CU_ASSERT_EQUAL(s.verdict.matches, 1);
	s.event.record.header.event = EVENT_network_connection;
	evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict);
	CU_ASSERT_EQUAL(s.verdict.matches, 2);
	CU_ASSERT_EQUAL(s.verdict.strongest, 1);
	s.event.record.header.event = EVENT_process_termination;
	CU_ASSERT_EQUAL(evaluate(s.evaluator, &s.event.view, SIDE_ALL, &s.verdict), 0);
}

/* As a kernel hook before the act decides: on one path, of an open whose access it does or
 * does not know. `atom`: one that the user side found to hold; NO_ATOM. */
static bool decides_early(struct scene *scene, enum early early, __u64 access, __u64 incomplete,
			  int atom)
{
	static struct work work;
	const char path[] = "/home/u/key";
	struct deciding deciding = { .work = &work,
				     .policy = scene->compiled->policy,
				     .side = SIDE_KERNEL,
				     .early = early };
	struct matching matching = { &work, scene->compiled->policy, &work.text };

	memset(&work, 0, sizeof(work));
	work.record.header.event = EVENT_file_open;
	work.record.header.incomplete = incomplete;
	if (!incomplete)
		work.record.header.present = SLOT_BIT(SLOT_file_open_access);
	work.record.file_open.access = access;
	work.text.length = strlen(path);
	memcpy(work.text.byte, path, strlen(path));
	match_text(&matching, PATH);
	match_numbers(&matching);
	if (atom != NO_ATOM)
		hold_atom(&work, (__u32)atom);
	decide(&deciding);
	scene->verdict = work.record.header.verdict;
	return scene->verdict.asked >= RESPONSE_deny;
}

UNIT_TEST(decide, early_assumes_what_is_not_known)
{
	const __u64 lacks = SLOT_BIT(SLOT_file_open_access);
	SCENE(s);

	build_rule(s.ruleset, EVENT_file_open,
		   build_and(build_text(PATH, "/home/u/key"),
			     build_bits(FIELD_file_open_access, ACCESS_write)),
		   RESPONSE_deny);
	build_rule(s.ruleset, EVENT_file_open,
		   build_and(build_text(PATH, "/home/u/key"),
			     build_bits(FIELD_file_open_access, ACCESS_read)),
		   RESPONSE_alert);
	if (!scene_ready(&s))
		return;
	CU_ASSERT(decides_early(&s, EARLY_ASSUME, ACCESS_write, 0, NO_ATOM));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 0), 0);
	CU_ASSERT(!decides_early(&s, EARLY_ASSUME, ACCESS_read, 0, NO_ATOM));
	CU_ASSERT(!decides_early(&s, EARLY_KNOWN, 0, lacks, NO_ATOM));
	CU_ASSERT_EQUAL(s.verdict.matches, 0);
	CU_ASSERT(decides_early(&s, EARLY_ASSUME, 0, lacks, NO_ATOM));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 0), MATCH_ASSUMED);
	/* a rule that only tells is left to when it is known */
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 1), ~0u);
}

/* What the user side has evaluated of the name is no guess any more. */
UNIT_TEST(decide, early_takes_what_was_evaluated_of_the_name)
{
	const struct policy_event *event;
	const struct policy_confirm *confirm;
	SCENE(s);

	build_rule(s.ruleset, EVENT_file_open, build_text(PATH, "/home/*/key"), RESPONSE_deny);
	if (!scene_ready(&s))
		return;
	event = &s.compiled->policy->event[EVENT_file_open];
	CU_ASSERT_EQUAL(event->confirm_count, 1);
	confirm = (const void *)((const char *)s.compiled->policy + event->confirms);
	CU_ASSERT(!decides_early(&s, EARLY_ASSUME, ACCESS_read, 0, NO_ATOM));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 0), MATCH_CANDIDATE);
	CU_ASSERT(!decides_early(&s, EARLY_NAMED, ACCESS_read, 0, NO_ATOM));
	CU_ASSERT_EQUAL(s.verdict.matches, 0);
	CU_ASSERT(decides_early(&s, EARLY_NAMED, ACCESS_read, 0, confirm->atom));
	CU_ASSERT_EQUAL(flags_of(&s.verdict, 0), 0);
}
