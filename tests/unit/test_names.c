/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files rules name, and which rules match nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "rules/names.h"
#include "unit.h"

#define PATH FIELD_file_open_target_filename
#define ACCESS FIELD_file_open_access

/* The names that rules have, as text with '*' and '?' for wildcards. */
struct found {
	struct ruleset *ruleset;
	struct compiled *compiled;
	struct names names;
};

static void found_done(struct found *found)
{
	names_done(&found->names);
	compiled_freep(&found->compiled);
	ruleset_freep(&found->ruleset);
}

#define FOUND(name) _cleanup_(found_done) struct found name = { .ruleset = build_ruleset() }

static bool find(struct found *found)
{
	found->compiled = build_compiled(found->ruleset);
	return found->compiled && !names_find(&found->names, found->ruleset, found->compiled);
}

static bool has(const struct found *found, const char *wanted)
{
	for (size_t i = 0; i < found->names.count; i++) {
		const struct pattern *name = &found->names.list[i].path;
		char text[256] = "";
		size_t length = 0;

		for (size_t at = 0; at < name->length && length < sizeof(text) - 1; at++)
			if (name->bytes[at] != WILDCARD)
				text[length++] = (char)name->bytes[at];
		if (!strcmp(text, wanted))
			return true;
	}
	return false;
}

/* Finds the names of one rule that refuses. */
#define ONE_RULE(name, condition)                                                                  \
	FOUND(name);                                                                               \
	build_rule(name.ruleset, EVENT_file_open, condition, RESPONSE_deny);                       \
	if (!find(&(name)))                                                                        \
	return

UNIT_TEST(names, exact_name_is_served)
{
	ONE_RULE(f, build_and(build_text(PATH, "/etc/Secret"), build_bits(ACCESS, ACCESS_read)));
	CU_ASSERT_EQUAL(f.names.count, 1);
	CU_ASSERT(has(&f, "/etc/Secret"));
	CU_ASSERT(f.names.rules[0].served);
	CU_ASSERT(!names_exist(f.ruleset->rules[0]));
}

/* In a list, with other conditions, and below a doubled negation. */
UNIT_TEST(names, every_clause_needs_a_name)
{
	ONE_RULE(f, build_or(build_and(build_pattern(build_text(PATH, "/a/b"), "/a/c"),
				       build_not(build_text(FIELD_fact_image, "/bin/x"))),
			     build_not(build_not(build_text(PATH, "/d/e")))));
	CU_ASSERT_EQUAL(f.names.count, 3);
	CU_ASSERT(has(&f, "/a/b") && has(&f, "/a/c") && has(&f, "/d/e"));
	CU_ASSERT(f.names.rules[0].served);
}

UNIT_TEST(names, clause_without_a_name_is_not_served)
{
	ONE_RULE(f, build_or(build_text(PATH, "/a/b"), build_text(FIELD_fact_image, "/bin/x")));
	CU_ASSERT_EQUAL(f.names.count, 1);
	CU_ASSERT(!f.names.rules[0].served);
}

UNIT_TEST(names, what_is_negated_is_no_name)
{
	ONE_RULE(f, build_and(build_text(FIELD_fact_image, "/bin/x"),
			      build_not(build_or(build_text(PATH, "/a/b"),
						 build_not(build_text(PATH, "/c/d"))))));
	CU_ASSERT_EQUAL(f.names.count, 1);
	CU_ASSERT(has(&f, "/c/d"));
	CU_ASSERT(f.names.rules[0].served);
}

/* Beside a name, a pattern keeps the rule from being served, whatever it is. */
UNIT_TEST(names, wildcards_are_found_and_not_served)
{
	static const char *const patterns[] = { "/home/*", "/home/*/.aws/key", "/home/u/k?y" };

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		ONE_RULE(f, build_pattern(build_text(PATH, "/etc/secret"), patterns[i]));
		CU_ASSERT_EQUAL(f.names.count, 2);
		CU_ASSERT(has(&f, patterns[i]));
		CU_ASSERT(!f.names.rules[0].served);
	}
}

UNIT_TEST(names, what_cannot_be_looked_for)
{
	static const char *const paths[] = { "*key",	  "/*/key",	   "/*",
					     "relative",  "/a//b",	   "/a/./b",
					     "/a/../b",	  "/a/b/",	   "/",
					     "/proc/1/x", "/sys/kernel/x", "/dev/sda" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		ONE_RULE(f, build_text(PATH, paths[i]));
		CU_ASSERT_EQUAL(f.names.count, 0);
		CU_ASSERT(!f.names.rules[0].served);
	}
}

/* A component may begin with dots, and a place with the name of another. */
UNIT_TEST(names, what_only_looks_special)
{
	static const char *const paths[] = { "/a/.b", "/a/..b", "/a/...", "/process/x", "/.a" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		ONE_RULE(f, build_text(PATH, paths[i]));
		CU_ASSERT(has(&f, paths[i]));
		CU_ASSERT(f.names.rules[0].served);
	}
}

UNIT_TEST(names, of_rules_on_openings)
{
	FOUND(f);

	build_rule(f.ruleset, EVENT_file_open, build_text(PATH, "/a/tells"), RESPONSE_alert);
	build_rule(f.ruleset, EVENT_file_event,
		   build_text(FIELD_file_event_target_filename, "/a/made"), RESPONSE_kill);
	build_rule(f.ruleset, EVENT_file_open, build_text(PATH, "/a/kills"), RESPONSE_kill_agent);
	build_rule(f.ruleset, EVENT_file_open, build_text(PATH, "/a/kills"), RESPONSE_deny);
	build_correlation(f.ruleset, (size_t[]) { 0, 2 }, 2, 1000, RESPONSE_kill);
	if (!find(&f))
		return;
	CU_ASSERT_EQUAL(f.names.count, 2);
	CU_ASSERT(has(&f, "/a/kills") && has(&f, "/a/tells"));
	CU_ASSERT(f.names.list[0].refused && !f.names.list[1].refused);
	CU_ASSERT(names_refused(&f.names));
	CU_ASSERT(!f.names.rules[0].served && !f.names.rules[1].served);
	CU_ASSERT(f.names.rules[2].served && f.names.rules[3].served);
	CU_ASSERT(!f.names.rules[4].served);
}

/* What the user side confirms, nobody refuses. */
UNIT_TEST(names, what_is_confirmed_is_not_served)
{
	ONE_RULE(f, build_and(build_text(PATH, "/etc/secret"),
			      build_text(FIELD_fact_command_line, "*a*b*")));
	CU_ASSERT_EQUAL(f.names.count, 1);
	CU_ASSERT(!f.names.rules[0].served);
}

UNIT_TEST(names, whether_they_exist)
{
	FOUND(f);
	struct rule *there, *missing;

	there = build_rule(f.ruleset, EVENT_file_open,
			   build_pattern(build_text(PATH, "/proc/self/exe"), "/no/such/*"),
			   RESPONSE_deny);
	missing = build_rule(f.ruleset, EVENT_file_open,
			     build_pattern(build_text(PATH, "/proc/self/exe"), "/no/such"),
			     RESPONSE_deny);
	CU_ASSERT(names_exist(there));
	CU_ASSERT(!names_exist(missing));
}

/* In any directory: in those that people live in. */
UNIT_TEST(names, below_homes)
{
	char *places[] = { (char *)"/root", (char *)"/home/u" };
	const struct strings homes = { .list = places, .count = ARRAY_SIZE(places) };
	FOUND(f);

	build_rule(f.ruleset, EVENT_file_open, build_pattern(build_text(PATH, "/a"), "*/.ssh/id_*"),
		   RESPONSE_alert);
	build_rule(f.ruleset, EVENT_file_open, build_text(PATH, "/root/.ssh/id_*"), RESPONSE_deny);
	build_rule(f.ruleset, EVENT_file_open, build_pattern(build_text(PATH, "/a"), "*/../x"),
		   RESPONSE_deny);
	if (!find(&f))
		return;
	CU_ASSERT_EQUAL(names_expand(&f.names, &homes), 0);
	CU_ASSERT_EQUAL(f.names.count, 3);
	CU_ASSERT(has(&f, "/a") && has(&f, "/root/.ssh/id_*") && has(&f, "/home/u/.ssh/id_*"));
	for (size_t i = 0; i < f.names.count; i++)
		CU_ASSERT_EQUAL(f.names.list[i].refused, f.names.list[i].path.bytes[1] != 'h');
}
