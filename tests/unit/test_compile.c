/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler makes of rulesets: shared atoms, warnings, limits with their
 * messages, and how long a thousand rules take.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rule_builder.h"
#include "rules/dnf.h"
#include "rules/policy_image.h"
#include "unit.h"

#define PATH FIELD_file_open_target_filename

UNIT_TEST(compile, nothing)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;

	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	CU_ASSERT_EQUAL(compiled->capacity, POLICY_SIZE_MIN);
	CU_ASSERT_EQUAL(compiled->atoms, 0);
	event_start(&event, EVENT_file_open);
	event_text(&event, PATH, "/x");
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 0);
}

/* Tests that mean the same are one atom, however they are written. */
UNIT_TEST(compile, atoms_are_shared)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	struct expression *tests[] = {
		build_pattern(build_text(PATH, "*Abc*"), "x*"),
		build_pattern(build_pattern(build_text(PATH, "X*"), "**abc*"), "*aBC*"),
		build_not(build_pattern(build_text(PATH, "x*"), "*abc*")),
		build_range(FIELD_common_user_id, 1, 9),
		build_value(build_range(FIELD_common_user_id, 1, 4),
			    (union test_value) { .range = { 5, 9 } }),
		build_bits(FIELD_file_open_access, 3),
		build_value(build_bits(FIELD_file_open_access, 1),
			    (union test_value) { .bits = 2 }),
	};

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		build_rule(ruleset, EVENT_file_open, tests[i], RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled)
		return;
	/* one of each field, and the event itself for the negated one */
	CU_ASSERT_EQUAL(compiled->atoms, 4);
	CU_ASSERT_EQUAL(compiled->policy->clause_count, ARRAY_SIZE(tests));
}

UNIT_TEST(compile, superfluous_clauses_are_dropped)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;

	build_rule(ruleset, EVENT_file_open,
		   build_or(build_text(PATH, "a"),
			    build_and(build_text(PATH, "a"), build_text(PATH, "b"))),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open,
		   build_or(build_and(build_text(PATH, "a"), build_text(PATH, "b")),
			    build_text(PATH, "a")),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open,
		   build_or(build_and(build_text(PATH, "a"), build_not(build_text(PATH, "a"))),
			    build_text(PATH, "b")),
		   RESPONSE_alert);
	compiled = build_compiled(ruleset);
	for (size_t i = 0; compiled && i < 3; i++)
		CU_ASSERT_EQUAL(compiled->rules[i].clauses, 1);
}

/* The pivot need not be looked at again, unless the rule enforces. */
UNIT_TEST(compile, pivot_among_literals)
{
	for (int enforcing = 0; enforcing < 2; enforcing++) {
		_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
		_cleanup_(compiled_freep) struct compiled *compiled = NULL;
		const struct policy_clause *clause;

		build_rule(ruleset, EVENT_file_open,
			   build_and(build_text(PATH, "a*"), build_text(PATH, "*longer"),
				     build_bits(FIELD_file_open_access, 1)),
			   enforcing ? RESPONSE_deny : RESPONSE_tag);
		compiled = build_compiled(ruleset);
		if (!compiled)
			return;
		clause = (const void *)((char *)compiled->policy + compiled->policy->clauses);
		CU_ASSERT_EQUAL(clause->count, 2u + enforcing);
		/* the longest text is the rarest: what hangs on it is the only clause */
		CU_ASSERT_EQUAL(((const struct policy_atom *)((char *)compiled->policy +
							      compiled->policy->atoms))[1]
					.count,
				1);
	}
}

UNIT_TEST(compile, same_input_same_image)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_diagnostics_ struct diagnostics diagnostics = { 0 };
	_cleanup_(compiled_freep) struct compiled *one = NULL, *other = NULL;

	build_rule(ruleset, EVENT_file_open, build_text(PATH, "*x*"), RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "y?z"), RESPONSE_deny);
	CU_ASSERT_EQUAL(compile(&one, ruleset, 1, &diagnostics), 0);
	CU_ASSERT_EQUAL(compile(&other, ruleset, 2, &diagnostics), 0);
	CU_ASSERT_EQUAL(one->policy->generation, 1);
	CU_ASSERT_EQUAL(other->policy->generation, 2);
	CU_ASSERT(!memcmp(one->policy->sha256, other->policy->sha256, 32));
	other->policy->generation = 1;
	CU_ASSERT(!memcmp(one->policy, other->policy, one->capacity));
}

/* Compiles one rule; tells whether it was warned of, and with what. */
static bool warned(struct expression *condition, const char *text)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_diagnostics_ struct diagnostics diagnostics = { 0 };
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;

	build_rule(ruleset, EVENT_file_open, condition, RESPONSE_alert);
	CU_ASSERT_EQUAL(compile(&compiled, ruleset, 1, &diagnostics), 0);
	CU_ASSERT_EQUAL(diagnostics.total[SEVERITY_ERROR], 0);
	return text ? build_diagnosed(&diagnostics, SEVERITY_WARNING, text) : diagnostics.count;
}

UNIT_TEST(compile, conditions_that_say_nothing)
{
	static const char never[] = "the condition of 'rule 0' can never be true";
	static const char always[] = "the condition of 'rule 0' is always true";
	struct expression *empty_range = build_range(FIELD_common_user_id, 5, 4);

	CU_ASSERT(warned(build_or(), never));
	CU_ASSERT(warned(empty_range, never));
	CU_ASSERT(warned(build_bits(FIELD_file_open_access, 0), never));
	CU_ASSERT(warned(build_test(PATH, TEST_TEXT), never));
	CU_ASSERT(
		warned(build_and(build_text(PATH, "a"), build_not(build_text(PATH, "A"))), never));
	/* what the pattern requires is excluded */
	CU_ASSERT(warned(build_and(build_text(PATH, "*long*x*"),
				   build_not(build_text(PATH, "*long*"))),
			 never));
	CU_ASSERT(warned(build_and(), always));
	CU_ASSERT(
		warned(build_or(build_text(PATH, "a"), build_not(build_text(PATH, "A"))), always));
	CU_ASSERT(warned(build_or(build_text(PATH, "a*b"), build_not(build_text(PATH, "a*b"))),
			 always));
	CU_ASSERT(warned(build_not(build_or()), always));
	CU_ASSERT(!warned(build_not(build_text(PATH, "a")), NULL));
	CU_ASSERT(!warned(build_text(PATH, "a"), NULL));
}

/* Parts joined by `or` that change nothing about when the rule matches. */
UNIT_TEST(compile, dead_alternatives)
{
#define A build_text(PATH, "a")
#define B build_text(PATH, "b")
#define C build_text(PATH, "c")
	struct expression *both, *other, *any;

	/* one that contradicts the rest */
	both = build_and(A, B);
	CU_ASSERT(warned(build_and(build_or(both, C), build_not(A)),
			 "alternative 1 of 2 in the condition of 'rule 0' adds nothing"));
	both = build_and(B, build_or(C, A));
	CU_ASSERT(warned(build_and(build_not(A), both), "alternative 2 of 2 in the condition"));
	both = build_and(A, build_not(A));
	CU_ASSERT(warned(build_or(B, both, C), "alternative 2 of 3"));
	/* one that another covers; of two alike the later one is told */
	CU_ASSERT(warned(build_or(A, build_and(A, B)), "alternative 2 of 2"));
	CU_ASSERT(warned(build_or(A, B, A), "alternative 3 of 3"));
	/* not what a filter takes out of an alternative */
	both = build_and(A, B);
	other = build_and(A, C);
	CU_ASSERT(!warned(build_and(build_or(both, C), build_not(other)), NULL));
	CU_ASSERT(!warned(build_and(build_or(A, B), build_not(C)), NULL));
	/* two filters that have a test in common */
	both = build_and(A, B);
	other = build_and(A, C);
	any = build_or(build_bits(FIELD_file_open_access, 1),
		       build_range(FIELD_common_user_id, 1, 1));
	CU_ASSERT(!warned(build_and(any, build_not(both), build_not(other)), NULL));
#undef A
#undef B
#undef C
}

/* `width` alternatives in each of `depth` groups that must all hold. */
static struct expression *product(size_t depth, size_t width)
{
	struct expression *all = build_and();
	char pattern[48];

	for (size_t i = 0; i < depth; i++) {
		struct expression *any = build_or();

		for (size_t k = 0; k < width; k++) {
			snprintf(pattern, sizeof(pattern), "*<%zu,%zu>*", i, k);
			build_child(any, build_text(PATH, pattern));
		}
		build_child(all, any);
	}
	return all;
}

UNIT_TEST(compile, limits_of_a_rule)
{
	struct ruleset *ruleset = build_ruleset();
	struct expression *deep = build_text(PATH, "x");

	build_rule(ruleset, EVENT_file_open, product(9, 2), RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	build_rule(ruleset, EVENT_file_open, product(10, 2), RESPONSE_alert);
	build_refused(ruleset, "the condition of 'rule 1' needs more than 512 clauses (1024 when");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	build_rule(ruleset, EVENT_file_open, product(LITERALS_MAX, 1), RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	build_rule(ruleset, EVENT_file_open, product(LITERALS_MAX + 1, 1), RESPONSE_alert);
	build_refused(ruleset, "'rule 1' has a clause of more than 16 tests");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	build_rule(ruleset, EVENT_file_open, product(200, 1), RESPONSE_alert);
	build_refused(ruleset, "'rule 0' has a clause of more than 16 tests");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	for (size_t i = 0; i < DNF_DEPTH_MAX; i++)
		deep = build_not(deep);
	build_rule(ruleset, EVENT_file_open, deep, RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	ruleset->rules[0]->condition = build_not(deep);
	build_refused(ruleset, "the condition of 'rule 0' is nested deeper than 256");
	ruleset_free(ruleset);
}

/* Work on the way to few clauses is bounded as well. */
UNIT_TEST(compile, absorbed_clauses_are_bounded)
{
	struct ruleset *ruleset = build_ruleset();
	struct expression *all = build_and();

	for (size_t i = 0; i < 40; i++)
		build_child(all,
			    build_or(product(1, 400), build_range(FIELD_common_user_id, i, i)));
	build_rule(ruleset, EVENT_file_open, all, RESPONSE_alert);
	build_refused(ruleset, "needs more than 512 clauses");
	ruleset_free(ruleset);
}

UNIT_TEST(compile, tests_that_cannot_be)
{
	static const unsigned char broken[] = { 'a', WILDCARD };
	struct {
		enum event_type event;
		struct expression *test;
	} wrong[] = {
		{ EVENT_file_open, build_range(PATH, 1, 2) },
		{ EVENT_file_open, build_text(FIELD_common_user_id, "x") },
		{ EVENT_file_open, build_bits(FIELD_common_user_id, 1) },
		{ EVENT_file_open, build_test(FIELD_file_open_access, TEST_ADDRESS) },
		{ EVENT_file_open,
		  build_bytes(build_test(PATH, TEST_TEXT), broken, sizeof(broken), false, false) },
		/* a field of another event */
		{ EVENT_network_connection, build_text(PATH, "x") },
		{ EVENT_file_open, build_test(FIELD_MAX, TEST_EXISTS) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct ruleset *ruleset = build_ruleset();

		build_rule(ruleset, wrong[i].event, wrong[i].test, RESPONSE_alert);
		build_refused(ruleset, "'rule 0' tests a field in a way that cannot be compiled");
		ruleset_free(ruleset);
	}
}

UNIT_TEST(compile, limits_of_correlations)
{
	static const size_t nine[STEPS_MAX + 1];
	struct ruleset *ruleset = build_ruleset();
	size_t many[2] = { 0, 0 };

	build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
	build_correlation(ruleset, nine, STEPS_MAX + 1, 1, RESPONSE_alert);
	build_correlation(ruleset, nine, 1, 1, RESPONSE_alert);
	build_correlation(ruleset, (size_t[]) { 0, 99 }, 2, 1, RESPONSE_alert);
	build_refused(ruleset, "correlation 'rule 1' has 9 steps; it must have 2 to 8");
	build_refused(ruleset, "correlation 'rule 2' has 1 steps");
	build_refused(ruleset, "step 2 of correlation 'rule 3' is not a rule");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
	build_correlation(ruleset, (size_t[]) { 0, 2 }, 2, 1, RESPONSE_alert);
	build_correlation(ruleset, (size_t[]) { 0, 1 }, 2, 1, RESPONSE_alert);
	build_refused(ruleset, "correlation 'rule 1' refers, in the end, to itself");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
	for (size_t i = 0; i < RULE_STEPS_MAX / 2; i++)
		build_correlation(ruleset, many, 2, 1, RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	build_correlation(ruleset, many, 2, 1, RESPONSE_alert);
	build_refused(ruleset, "rule 'rule 0' is a step in more than 64 places");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	for (size_t i = 0; i <= CORRELATIONS_MAX; i++) {
		build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
		many[0] = many[1] = 2 * i;
		build_correlation(ruleset, many, 2, 1, RESPONSE_alert);
		if (i == CORRELATIONS_MAX - 1)
			compiled_free(build_compiled(ruleset));
	}
	build_refused(ruleset, "'rule 1025' is one correlation more than the 512");
	ruleset_free(ruleset);
}

UNIT_TEST(compile, limits_of_a_policy)
{
	struct ruleset *ruleset = build_ruleset();
	char pattern[48];

	for (size_t i = 0; i < RULES_MAX; i++)
		build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
	build_refused(ruleset, "'rule 4096' is one rule more than the 4096");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	for (size_t i = 0; i < CLAUSES_MAX / 512; i++)
		build_rule(ruleset, EVENT_file_open, product(9, 2), RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "x"), RESPONSE_alert);
	build_refused(ruleset, "with 'rule 8' the rules need more than 4096 clauses");
	ruleset_free(ruleset);

	ruleset = build_ruleset();
	for (size_t i = 0; i < ATOMS_MAX; i += 8) {
		struct expression *all = build_and();

		for (size_t k = i; k < i + 8; k++) {
			snprintf(pattern, sizeof(pattern), "%zu*", k);
			build_child(all, build_text(PATH, pattern));
		}
		build_rule(ruleset, EVENT_file_open, all, RESPONSE_alert);
	}
	compiled_free(build_compiled(ruleset));
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "more*"), RESPONSE_alert);
	build_refused(ruleset, "with 'rule 1024' the rules need more than 8192 different tests");
	ruleset_free(ruleset);
}

UNIT_TEST(compile, limit_of_intervals)
{
	struct ruleset *ruleset = build_ruleset();
	struct expression *test = build_test(FIELD_common_user_id, TEST_RANGE);

	/* each number alone is two bounds, and one is at the start */
	for (__s64 i = 0; i < BOUNDS_MAX / 2 - 1; i++)
		build_value(test, (union test_value) { .range = { 2 * i, 2 * i } });
	build_rule(ruleset, EVENT_file_open, test, RESPONSE_alert);
	compiled_free(build_compiled(ruleset));
	build_value(test, (union test_value) { .range = { -4, -4 } });
	build_refused(ruleset, "cut the values of UserId into 16385 intervals, the limit is 16384");
	ruleset_free(ruleset);
}

/* Random words of `length` bytes, as many as make the automaton pass the limit. */
UNIT_TEST(compile, limit_of_size)
{
	struct ruleset *ruleset = build_ruleset();
	_cleanup_diagnostics_ struct diagnostics diagnostics = { 0 };
	struct compiled *compiled = NULL;
	uint64_t random = unit_seed();
	char word[101] = "";

	for (size_t i = 0; i < 1200; i++) {
		for (size_t k = 0; k < 100; k++)
			word[k] = 'a' + unit_below(&random, 26);
		build_rule(ruleset, EVENT_file_open, build_text(PATH, word), RESPONSE_alert);
	}
	build_refused(ruleset, "bytes, the limit is 8388608: ");
	CU_ASSERT_EQUAL(compile(&compiled, ruleset, 1, &diagnostics), -EINVAL);
	if (diagnostics.count)
		unit_note("%s", diagnostics.list[0].message);
	ruleset_free(ruleset);
}

/* Lists that grow with the square of the rules: 'a', 'aa', 'aaa' … all hold together. */
UNIT_TEST(compile, limit_of_lists)
{
	struct ruleset *ruleset = build_ruleset();
	char run[3001];

	memset(run, 'a', sizeof(run));
	for (size_t i = 1; i < sizeof(run); i++) {
		struct expression *test = build_test(PATH, TEST_TEXT);

		build_rule(ruleset, EVENT_file_open, build_bytes(test, run, i, true, true),
			   RESPONSE_alert);
	}
	build_refused(ruleset, "for lists of tests that hold together");
	ruleset_free(ruleset);
}

static struct expression *realistic(uint64_t *random, size_t number)
{
	static const char *const directories[] = { "/etc", "/home", "/usr/bin", "/var/lib",
						   "/tmp" };
	struct expression *paths = build_test(FIELD_fact_command_line, TEST_TEXT);
	struct expression *images = build_test(FIELD_fact_image, TEST_TEXT);
	char text[64];

	for (size_t i = 0; i < 6; i++) {
		snprintf(text, sizeof(text), "*%s/%llx*", directories[unit_below(random, 5)],
			 (unsigned long long)unit_random(random) >> 24);
		build_pattern(paths, text);
	}
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "*/program%llu",
			 (unsigned long long)unit_below(random, 500));
		build_pattern(images, text);
	}
	if (number % 10)
		return build_and(paths, images);
	return build_and(build_or(paths, images),
			 build_not(build_range(FIELD_common_user_id, 0, unit_below(random, 9))));
}

UNIT_TEST(compile, thousand_rules_in_half_a_second)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_diagnostics_ struct diagnostics diagnostics = { 0 };
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	uint64_t random = unit_seed();
	clock_t start;
	double seconds;

	for (size_t i = 0; i < 1000; i++)
		build_rule(ruleset, EVENT_process_creation, realistic(&random, i),
			   i % 3 ? RESPONSE_alert : RESPONSE_kill);
	start = clock();
	CU_ASSERT_EQUAL(compile(&compiled, ruleset, 1, &diagnostics), 0);
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	if (!compiled) {
		diagnostics_print(&diagnostics, stderr);
		return;
	}
	unit_note("%.3f s; %zu atoms, %u clauses, %zu states, %u bytes", seconds, compiled->atoms,
		  compiled->policy->clause_count, compiled->states, compiled->policy->size);
	CU_ASSERT(seconds < 0.5 || unit_is_slow());
	start = clock();
	CU_ASSERT_EQUAL(policy_check(compiled->policy, compiled->capacity), 0);
	unit_note("policy_check: %.3f s", (double)(clock() - start) / CLOCKS_PER_SEC);
}
