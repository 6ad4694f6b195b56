/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only the user side can evaluate: patterns with wildcards inside, cased texts,
 * enriched fields; and how texts that do not fit are cut.
 */
#include <stdlib.h>
#include <string.h>

#include "pipeline/confirm.h"
#include "pipeline/facts.h"
#include "base/glob.h"
#include "pipeline/texts.h"
#include "rule_builder.h"
#include "rules/expression.h"
#include "rules/literal.h"
#include "unit.h"

#define PATH FIELD_file_open_target_filename

/* `pattern` in the notation of rule_builder.h. */
static bool glob(const char *pattern, const char *text, bool cased)
{
	_cleanup_(expression_freep) struct expression *test = build_text(PATH, pattern);
	const union test_value *value = &test->test.values[0];

	return glob_matches(value->pattern.bytes, value->pattern.length, (const void *)text,
			    strlen(text), cased);
}

UNIT_TEST(confirm, glob_examples)
{
	static const struct {
		const char *pattern, *text;
		bool cased, uncased;
	} examples[] = {
		{ "", "", true, true },
		{ "", "a", false, false },
		{ "*", "", true, true },
		{ "*", "abc", true, true },
		{ "?", "", false, false },
		{ "?", "a", true, true },
		{ "?", "\xc3\xa9", true, true }, /* é */
		{ "?", "\xe2\x82\xac", true, true }, /* € */
		{ "?", "\xf0\x9f\x92\xa9", true, true },
		{ "??", "\xe2\x82\xac", false, false },
		{ "*??", "\xe2\x82\xac", false, false },
		{ "*??b",
		  "\xe2\x82\xac"
		  "b",
		  false, false },
		{ "?", "\xc3", true, true }, /* cut short: one byte */
		{ "??", "\xe2\x82", true, true },
		{ "??", "\x82\x82", true, true },
		{ "?a",
		  "\xff"
		  "a",
		  true, true },
		{ "a*b", "ab", true, true },
		{ "a*b", "aXXb", true, true },
		{ "a*b", "aXXbc", false, false },
		{ "A*b", "aXXB", false, true },
		{ "\xc3\x89*", "\xc3\xa9", false, false }, /* É é: only ASCII is folded */
		{ "a*b*c", "abbc", true, true },
		{ "a*b*c", "acbc", true, true },
		{ "a*b*c", "acb", false, false },
		{ "*abab*", "aababa", true, true },
		{ "*a?c*", "abbabcd", true, true },
		{ "*a?c", "abcabd", false, false },
		{ "?*?", "a", false, false },
		{ "?*?", "ab", true, true },
		{ "*?*?*", "ab", true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		CU_ASSERT_EQUAL(glob(examples[i].pattern, examples[i].text, true),
				examples[i].cased);
		CU_ASSERT_EQUAL(glob(examples[i].pattern, examples[i].text, false),
				examples[i].uncased);
	}
}

/* Tries everything: ASCII only, so that a character is a byte. */
static bool naive_glob(const unsigned char *pattern, size_t length, const char *text)
{
	if (!length)
		return !*text;
	if (pattern[0] == WILDCARD && pattern[1] == '*')
		return naive_glob(pattern + 2, length - 2, text) ||
		       (*text && naive_glob(pattern, length, text + 1));
	if (!*text)
		return false;
	if (pattern[0] == WILDCARD)
		return naive_glob(pattern + 2, length - 2, text + 1);
	return (pattern[0] | 0x20) == (*text | 0x20) &&
	       naive_glob(pattern + 1, length - 1, text + 1);
}

/* The whole way: gate in the automaton, confirmation by the glob. */
UNIT_TEST(confirm, random_patterns_agree)
{
	static const char alphabet[] = "abAB*?**";
	uint64_t random = unit_seed();
	size_t wrong = 0, held = 0;

	for (size_t set = 0; set < 500; set++) {
		_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
		_cleanup_(compiled_freep) struct compiled *compiled = NULL;
		_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;

		for (size_t i = 0; i < 16; i++) {
			struct expression *test = build_test(PATH, TEST_TEXT);
			char pattern[10] = "";

			for (size_t n = unit_below(&random, sizeof(pattern)); n; n--)
				pattern[n - 1] = alphabet[unit_below(&random, 8)];
			build_rule(ruleset, EVENT_file_open, build_pattern(test, pattern),
				   RESPONSE_alert);
		}
		compiled = build_compiled(ruleset);
		if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
			return;
		for (size_t n = 0; n < 40; n++) {
			char text[10] = "";
			struct built_event event;
			struct verdict verdict;

			for (size_t i = unit_below(&random, sizeof(text)); i; i--)
				text[i - 1] = alphabet[unit_below(&random, 4)];
			event_start(&event, EVENT_file_open);
			event_text(&event, PATH, text);
			evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
			for (size_t i = 0; i < 16; i++) {
				const struct test *test = &ruleset->rules[i]->condition->test;
				bool expected = naive_glob(test->values->pattern.bytes,
							   test->values->pattern.length, text);

				held += expected;
				wrong += expected != evaluator_matched(evaluator, i);
			}
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	unit_note("%zu matches of 320000", held);
}

/* What of a pattern the kernel looks for. */
UNIT_TEST(confirm, gates)
{
	static const struct {
		const char *pattern, *piece;
		enum literal_form form;
		unsigned int anchors;
	} examples[] = {
		{ "", "", FORM_LITERAL, ANCHOR_START | ANCHOR_END },
		{ "abc", "abc", FORM_LITERAL, ANCHOR_START | ANCHOR_END },
		{ "abc*", "abc", FORM_LITERAL, ANCHOR_START },
		{ "**abc", "abc", FORM_LITERAL, ANCHOR_END },
		{ "*abc**", "abc", FORM_LITERAL, 0 },
		{ "**", "", FORM_ANY, 0 },
		{ "?*", "", FORM_WILD, 0 },
		{ "ab*cde*f", "cde", FORM_PIECE, 0 },
		{ "ab*cd*ef", "ab", FORM_PIECE, ANCHOR_START },
		{ "*ab*cd", "cd", FORM_PIECE, ANCHOR_END },
		{ "?ab", "ab", FORM_PIECE, ANCHOR_END },
		{ "ab?*", "ab", FORM_PIECE, ANCHOR_START },
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		_cleanup_(expression_freep) struct expression *test =
			build_text(PATH, examples[i].pattern);
		const union test_value *value = &test->test.values[0];
		struct literal literal;

		CU_ASSERT_EQUAL(literal_find(value->pattern.bytes, value->pattern.length, &literal),
				(int)examples[i].form);
		CU_ASSERT_EQUAL(literal.length, strlen(examples[i].piece));
		CU_ASSERT(!literal.length ||
			  !memcmp(literal.bytes, examples[i].piece, literal.length));
		CU_ASSERT_EQUAL(literal.anchors, examples[i].anchors);
	}
}

/* What the kernel decides alone must not be left to the user side. */
UNIT_TEST(confirm, only_where_it_is_needed)
{
	static const struct {
		const char *pattern;
		bool cased, confirm;
	} examples[] = {
		{ "*abc*", false, false }, { "abc*", false, false }, { "abc", false, false },
		{ "*abc", true, true },	   { "*123/", true, false }, { "a*c", false, true },
		{ "a?c", false, true },	   { "*", true, false },     { "?*", false, true },
	};
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	size_t count = ARRAY_SIZE(examples);

	for (size_t i = 0; i < count; i++)
		build_rule(ruleset, EVENT_file_open,
			   examples[i].cased ? build_cased(PATH, examples[i].pattern)
					     : build_text(PATH, examples[i].pattern),
			   RESPONSE_alert);
	/* plain values beside a pattern that needs confirmation are still the kernel's */
	build_rule(ruleset, EVENT_file_open, build_pattern(build_text(PATH, "*abc*"), "x*y"),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD_enriched_user, "root"),
		   RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled)
		return;
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_EQUAL(compiled->rules[i].confirm, examples[i].confirm);
	CU_ASSERT(compiled->rules[count].confirm);
	CU_ASSERT_EQUAL(compiled->rules[count].clauses, 2);
	CU_ASSERT(compiled->rules[count + 1].confirm);
}

/* The kernel's side: certain where it can be, a candidate where the gate holds. */
UNIT_TEST(confirm, candidates)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;

	build_rule(ruleset, EVENT_file_open, build_pattern(build_text(PATH, "*abc*"), "long*y"),
		   RESPONSE_kill);
	build_rule(ruleset, EVENT_file_open,
		   build_and(build_text(PATH, "*q*"), build_not(build_cased(PATH, "*Q*"))),
		   RESPONSE_kill);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	event_start(&event, EVENT_file_open);
	event_text(&event, PATH, "xABCx");
	evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 1);
	CU_ASSERT_EQUAL(verdict.match[0].flags, 0);
	CU_ASSERT_EQUAL(verdict.asked, RESPONSE_kill);
	event_text(&event, PATH, "longx");
	evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 1);
	CU_ASSERT_EQUAL(verdict.match[0].flags, MATCH_CANDIDATE);
	CU_ASSERT_EQUAL(verdict.asked, RESPONSE_alert);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_CONFIRM, &verdict), 0);
	/* its gate is the longest piece, at the start of the text */
	event_text(&event, PATH, "xlongy");
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict), 0);
	event_text(&event, PATH, "LONGer y");
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_CONFIRM, &verdict), 1);
	event_text(&event, PATH, "qQ");
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict), 1);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_CONFIRM, &verdict), 0);
	event_text(&event, PATH, "q");
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_CONFIRM, &verdict), 1);
}

UNIT_TEST(confirm, enriched_fields)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;

	build_rule(ruleset, EVENT_file_open, build_text(FIELD_enriched_user, "root"),
		   RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_exists(FIELD_enriched_user), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_not(build_exists(FIELD_enriched_user)),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD_enriched_user, "*"), RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	event_start(&event, EVENT_file_open);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 1);
	CU_ASSERT(evaluator_matched(evaluator, 2));
	/* the kernel cannot know: all of them are candidates */
	evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 4);
	CU_ASSERT_EQUAL(verdict.asked, RESPONSE_alert);
	event_text(&event, FIELD_enriched_user, "Root");
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 3);
	CU_ASSERT_EQUAL(verdict.asked, RESPONSE_deny);
}

/* NUL parts arguments and is a space, on both ways. */
UNIT_TEST(confirm, nul_is_a_space)
{
	static const char arguments[] = "sh\0-c\0id";
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;

	build_rule(ruleset, EVENT_process_creation, build_text(FIELD_fact_command_line, "sh -c *"),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_process_creation, build_text(FIELD_fact_command_line, "sh ?c id"),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_process_creation,
		   build_cased(FIELD_fact_command_line, "sh -c id"), RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	event_start(&event, EVENT_process_creation);
	event_bytes(&event, FIELD_fact_command_line, arguments, sizeof(arguments) - 1);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 3);
}

/* What is matched of a text of this length, and whether it counts as incomplete. */
static void cut_check(enum field field, size_t length, size_t expected, bool last, bool incomplete)
{
	_cleanup_free_ char *value = malloc(length + 1);
	struct text text;

	if (!value)
		abort();
	for (size_t i = 0; i < length; i++)
		value[i] = i % 251;
	text_fill(&text, field, (struct bytes) { value, length });
	CU_ASSERT_EQUAL(text.length, expected);
	CU_ASSERT_EQUAL(!!text.incomplete, incomplete);
	CU_ASSERT(
		!memcmp(text.byte + text.offset, value + (last ? length - expected : 0), expected));
}

UNIT_TEST(confirm, long_texts_are_cut_as_the_kernel_cuts_them)
{
	cut_check(PATH, 0, 0, true, false);
	cut_check(PATH, TEXT_MAX, TEXT_MAX, true, false);
	cut_check(PATH, TEXT_MAX + 1, TEXT_MAX, true, true);
	cut_check(FIELD_fact_command_line, TEXT_MAX, TEXT_MAX, false, false);
	/* of other texts nothing is assumed */
	cut_check(FIELD_fact_command_line, 3 * TEXT_MAX, TEXT_MAX, false, false);
	cut_check(FIELD_fact_current_directory, DIRECTORY_MAX, DIRECTORY_MAX, true, false);
	cut_check(FIELD_fact_current_directory, DIRECTORY_MAX + 1, DIRECTORY_MAX + 1, true, true);
	cut_check(FIELD_process_creation_original_file_name, 254, 254, false, false);
	cut_check(FIELD_process_creation_original_file_name, 255, 255, false, false);
	cut_check(FIELD_process_creation_original_file_name, 256, 255, false, false);
}

UNIT_TEST(confirm, long_path_makes_rules_that_enforce_match)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	_cleanup_free_ char *path = malloc(TEXT_MAX + 6);
	struct built_event event;
	struct verdict verdict;

	build_rule(ruleset, EVENT_file_open, build_text(PATH, "secret*"), RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_text(PATH, "secret*"), RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!path || !compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	memset(path, 'x', TEXT_MAX + 6);
	event_start(&event, EVENT_file_open);
	event_bytes(&event, PATH, path, TEXT_MAX);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 0);
	memcpy(path, "secret", 6);
	event_bytes(&event, PATH, path, TEXT_MAX + 6);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 1);
	CU_ASSERT_EQUAL(verdict.matches, 1);
	CU_ASSERT_EQUAL(verdict.match[0].rule, 0);
	CU_ASSERT_EQUAL(verdict.match[0].flags, MATCH_ASSUMED);
	CU_ASSERT_EQUAL(evaluator_incomplete(evaluator), SLOT_BIT(SLOT_file_open_target_filename));
}

/* A rule on facts decides alike with the texts and with the atoms kept of them. */
UNIT_TEST(confirm, facts_stand_for_texts)
{
	static const char *const texts[] = { "/bin/sh", "sh -c x", "/home" };
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	struct bytes values[3];
	struct facts facts;

	build_rule(ruleset, EVENT_file_open, build_text(FIELD_fact_image, "*/SH"), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD_fact_parent_image, "*/sh"),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_exists(FIELD_agent_agent_name), RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled)
		return;
	for (size_t i = 0; i < 3; i++)
		values[i] = (struct bytes) { texts[i], strlen(texts[i]) };
	facts_compute(&facts, compiled->policy, FIELD_fact_image, values, 3);
	CU_ASSERT_EQUAL(facts.count, 1);
	CU_ASSERT_EQUAL(facts.atom[0], 0);
	CU_ASSERT_EQUAL(facts.incomplete, 0);
	facts_compute(&facts, compiled->policy, FIELD_fact_parent_image, values, 2);
	CU_ASSERT_EQUAL(facts.count, 1);
	CU_ASSERT_EQUAL(facts.atom[0], 1);
	values[0].data = NULL;
	facts_compute(&facts, compiled->policy, FIELD_agent_agent_name, values, 3);
	CU_ASSERT_EQUAL(facts.count, 0);
	values[0] = (struct bytes) { "", 0 };
	facts_compute(&facts, compiled->policy, FIELD_agent_agent_name, values, 3);
	CU_ASSERT_EQUAL(facts.count, 1);
	CU_ASSERT_EQUAL(facts.atom[0], 2);
}

UNIT_TEST(confirm, facts_that_do_not_fit)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+!%&/()=;:,.#'<>|",
	     pattern[] = "*?*";
	char longer[TEXT_MAX + 1] = "";
	struct bytes values[2] = { { longer, sizeof(longer) }, { letters, FACT_ATOMS_MAX } };
	struct facts facts;

	for (size_t i = 0; letters[i]; i++) {
		pattern[1] = letters[i];
		build_rule(ruleset, EVENT_file_open,
			   build_text(FIELD_fact_parent_command_line, pattern), RESPONSE_alert);
	}
	compiled = build_compiled(ruleset);
	if (!compiled)
		return;
	CU_ASSERT(strlen(letters) > FACT_ATOMS_MAX + 1);
	facts_compute(&facts, compiled->policy, FIELD_fact_parent_image, values, 2);
	CU_ASSERT_EQUAL(facts.count, FACT_ATOMS_MAX);
	CU_ASSERT_EQUAL(facts.incomplete, 1 << 3);
	values[0].length = 5;
	values[1].length++;
	facts_compute(&facts, compiled->policy, FIELD_fact_parent_image, values, 2);
	CU_ASSERT_EQUAL(facts.count, FACT_ATOMS_MAX);
	CU_ASSERT_EQUAL(facts.incomplete, 1 << 3 | 1 << 4);
}

static struct expression *build_regex(enum field field, const char *pattern, unsigned int flags)
{
	struct expression *test =
		build_bytes(build_test(field, TEST_REGEX), pattern, strlen(pattern), false, false);

	test->test.flags = flags;
	return test;
}

/* As the kernel holds arguments: each but the last is ended by a NUL. */
UNIT_TEST(confirm, regular_expressions_see_single_spaces)
{
	static const char arguments[] = "sh\0-c\0id x";
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;

	build_rule(ruleset, EVENT_process_creation,
		   build_regex(FIELD_fact_command_line, "^sh -c\\sid [a-x]$", 0), RESPONSE_alert);
	build_rule(ruleset, EVENT_process_creation,
		   build_regex(FIELD_fact_command_line, "^sh -c id X$", REGEX_IGNORE_CASE),
		   RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	CU_ASSERT(compiled->rules[0].confirm);
	CU_ASSERT(!compiled->rules[1].confirm);
	event_start(&event, EVENT_process_creation);
	event_bytes(&event, FIELD_fact_command_line, arguments, sizeof(arguments) - 1);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 2);
}

/* What takes too long counts as false, and it is told whose it is. */
UNIT_TEST(confirm, runaway_expression_is_undecided)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct built_event event;
	struct verdict verdict;
	char text[256];
	__u16 rule;

	build_rule(ruleset, EVENT_file_open, build_text(PATH, "*nothing*"), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_regex(PATH, "(a+)+[^a]b", 0), RESPONSE_kill);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 'b';
	event_start(&event, EVENT_file_open);
	event_bytes(&event, PATH, text, sizeof(text));
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 0);
	CU_ASSERT_EQUAL(evaluator_undecided(evaluator, &rule), 1);
	CU_ASSERT_EQUAL(rule, 1);
	event_text(&event, PATH, "aaxb");
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 1);
	CU_ASSERT_EQUAL(evaluator_undecided(evaluator, &rule), 0);
	/* the gate does not hold: it is not even tried */
	event_bytes(&event, PATH, text, sizeof(text) - 1);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(evaluator_undecided(evaluator, &rule), 0);
}

/* Who is asked about the name of a marked file has that name alone. */
UNIT_TEST(confirm, atoms_of_a_name)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(confirmer_freep) struct confirmer *confirmer = NULL;
	const struct bytes name = { "/home/u/x.pem", 13 };
	__u16 atoms[2];

	build_rule(ruleset, EVENT_file_open, build_text(PATH, "/home/*/x.pem"), RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_regex(PATH, "/.{4}/./", 0), RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_cased(PATH, "*PEM"), RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open,
		   build_value(build_test(PATH, TEST_FIELD),
			       (union test_value) { .other = FIELD_fact_image }),
		   RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD_fact_image, "/home/*/x.pem"),
		   RESPONSE_deny);
	compiled = build_compiled(ruleset);
	if (!compiled || confirmer_new(&confirmer, compiled->policy) < 0)
		return;
	CU_ASSERT_EQUAL(confirmer_text_atoms(confirmer, EVENT_file_open, PATH, name, atoms, 2), 2);
	CU_ASSERT_EQUAL(confirmer_text_atoms(confirmer, EVENT_file_open, PATH, name, atoms, 1), 2);
	CU_ASSERT_EQUAL(
		confirmer_text_atoms(confirmer, EVENT_process_creation, PATH, name, atoms, 2), 0);
}
