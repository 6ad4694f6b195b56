/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The automaton against a matcher that tries every position, on random patterns and
 * texts, through compiler and evaluator.
 */
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "unit.h"

#define FIELD FIELD_file_open_target_filename
#define PATTERNS_MAX 24

struct sample {
	unsigned char bytes[TEXT_MAX];
	size_t length;
	bool before, after; /* of a pattern: '*' there */
};

static unsigned char naive_fold(unsigned char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A' + 'a';
	return byte ? byte : ' ';
}

static bool naive_at(const struct sample *pattern, const unsigned char *text)
{
	for (size_t i = 0; i < pattern->length; i++)
		if (naive_fold(pattern->bytes[i]) != naive_fold(text[i]))
			return false;
	return true;
}

static bool naive_matches(const struct sample *pattern, const struct sample *text)
{
	if (pattern->length > text->length)
		return false;
	for (size_t i = 0; i <= text->length - pattern->length; i++) {
		if (!pattern->before && i)
			break;
		if (!pattern->after && i != text->length - pattern->length)
			continue;
		if (naive_at(pattern, text->bytes + i))
			return true;
	}
	return false;
}

/* Alphabets: overlaps need few letters, columns need many bytes. */
static unsigned char random_byte(uint64_t *random, unsigned int alphabet)
{
	static const char *const letters[] = { "a", "ab", "aAbB", "/.a-Z \0",
					       "\xc3\xa9\xff\x80zZ" };
	static const size_t counts[] = { 1, 2, 4, 7, 6 };
	unsigned char byte;

	if (alphabet < sizeof(counts) / sizeof(counts[0]))
		byte = letters[alphabet][unit_below(random, counts[alphabet])];
	else
		byte = unit_random(random);
	return byte == WILDCARD ? 0xfe : byte;
}

static void random_sample(uint64_t *random, struct sample *sample, unsigned int alphabet,
			  size_t length)
{
	sample->length = length;
	for (size_t i = 0; i < length; i++)
		sample->bytes[i] = random_byte(random, alphabet);
	sample->before = unit_below(random, 2);
	sample->after = unit_below(random, 2);
	/* a bare '*' is a test of its own */
	if (!length)
		sample->before = sample->after = false;
}

/* A text that is likely to have some of the patterns in it. */
static void random_text(uint64_t *random, struct sample *text, const struct sample *patterns,
			size_t count, unsigned int alphabet, size_t most)
{
	random_sample(random, text, alphabet, unit_below(random, most + 1));
	if (unit_below(random, 4) == 0)
		return;
	text->length = 0;
	for (size_t n = unit_below(random, 4) + 1; n; n--) {
		const struct sample *pattern = &patterns[unit_below(random, count)];

		if (text->length + pattern->length > most)
			break;
		memcpy(text->bytes + text->length, pattern->bytes, pattern->length);
		text->length += pattern->length;
		if (unit_below(random, 3) == 0 && text->length < most)
			text->bytes[text->length++] = random_byte(random, alphabet);
	}
	for (size_t i = 0; i < text->length; i++)
		if (unit_below(random, 4) == 0 && text->bytes[i] >= 'A' && text->bytes[i] <= 'z')
			text->bytes[i] ^= 0x20;
}

static struct compiled *patterns_compile(const struct sample *patterns, size_t count)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();

	for (size_t i = 0; i < count; i++) {
		const struct sample *p = &patterns[i];
		struct expression *test = build_bytes(build_test(FIELD, TEST_TEXT), p->bytes,
						      p->length, p->before, p->after);

		/* some atoms have two patterns */
		if (i % 5 == 4)
			build_bytes(test, patterns[i - 1].bytes, patterns[i - 1].length,
				    patterns[i - 1].before, patterns[i - 1].after);
		build_rule(ruleset, EVENT_file_open, test, RESPONSE_alert);
	}
	return build_compiled(ruleset);
}

/* Returns how many of the patterns the text matches; adds to *wrong for how many the
 * evaluator says otherwise. */
static size_t text_check(struct evaluator *evaluator, const struct sample *patterns, size_t count,
			 const struct sample *text, size_t *wrong)
{
	struct verdict verdict;
	struct built_event event;
	size_t held = 0;

	event_start(&event, EVENT_file_open);
	event_bytes(&event, FIELD, text->bytes, text->length);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	for (size_t i = 0; i < count; i++) {
		bool expected = naive_matches(&patterns[i], text) ||
				(i % 5 == 4 && naive_matches(&patterns[i - 1], text));

		*wrong += expected != evaluator_matched(evaluator, i);
		held += expected;
	}
	*wrong += verdict.matches != held;
	return held;
}

/* Compares `sets` sets of patterns with `texts` texts each. */
static void compare(uint64_t *random, size_t sets, size_t texts, size_t pattern_most,
		    size_t text_most)
{
	static struct sample patterns[PATTERNS_MAX], text;
	size_t pairs = 0, held = 0, wrong = 0;

	for (size_t set = 0; set < sets; set++) {
		size_t count = 1 + unit_below(random, PATTERNS_MAX);
		unsigned int alphabet = unit_below(random, 6);
		_cleanup_(compiled_freep) struct compiled *compiled = NULL;
		_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;

		for (size_t i = 0; i < count; i++)
			random_sample(random, &patterns[i], alphabet,
				      unit_below(random, pattern_most + 1));
		compiled = patterns_compile(patterns, count);
		if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
			return;
		for (size_t i = 0; i < texts; i++) {
			random_text(random, &text, patterns, count, alphabet, text_most);
			held += text_check(evaluator, patterns, count, &text, &wrong);
			pairs++;
		}
	}
	unit_note("%zu pairs (patterns, text), %zu matches", pairs, held);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(held > pairs / 4);
}

UNIT_TEST(automaton, agrees_with_naive_matcher)
{
	uint64_t random = unit_seed();

	compare(&random, 4000, 32, 7, 40);
}

UNIT_TEST(automaton, agrees_on_long_texts)
{
	uint64_t random = unit_seed() + 1;

	compare(&random, 60, 40, 300, TEXT_MAX);
}

/* Patterns as long as a text may be, and one byte more or less. */
UNIT_TEST(automaton, agrees_at_maximum_length)
{
	static struct sample patterns[PATTERNS_MAX], text;
	uint64_t random = unit_seed() + 2;
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	size_t held, wrong = 0;

	random_sample(&random, &text, 3, TEXT_MAX);
	for (size_t i = 0; i < 12; i++) {
		patterns[i] = text;
		patterns[i].before = i & 1;
		patterns[i].after = i & 2;
		if (i >= 4)
			patterns[i].length--;
		if (i >= 8)
			memmove(patterns[i].bytes, patterns[i].bytes + 1, patterns[i].length);
	}
	compiled = patterns_compile(patterns, 12);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	held = text_check(evaluator, patterns, 12, &text, &wrong);
	CU_ASSERT(held >= 4 + 2 + 2);
	text.length--;
	text_check(evaluator, patterns, 12, &text, &wrong);
	text.bytes[2000] ^= 1;
	CU_ASSERT_EQUAL(text_check(evaluator, patterns, 12, &text, &wrong), 0);
	CU_ASSERT_EQUAL(wrong, 0);
}

UNIT_TEST(automaton, empty_text_and_any_text)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct verdict verdict;
	struct built_event event;

	build_rule(ruleset, EVENT_file_open, build_text(FIELD, ""), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD, "*"), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD, "**"), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_exists(FIELD), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD, "?"), RESPONSE_alert);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	event_start(&event, EVENT_file_open);
	event_text(&event, FIELD, "");
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 4);
	CU_ASSERT(evaluator_matched(evaluator, 0));
	CU_ASSERT(!evaluator_matched(evaluator, 4));
	event_text(&event, FIELD, "\xe2\x82\xac");
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(verdict.matches, 4);
	CU_ASSERT(!evaluator_matched(evaluator, 0));
	CU_ASSERT(evaluator_matched(evaluator, 4));
	event_absent(&event, FIELD);
	CU_ASSERT_EQUAL(evaluate(evaluator, &event.view, SIDE_ALL, &verdict), 0);
	/* '*', '**' and exists are one atom; '' one; '?' one with the same gate */
	CU_ASSERT_EQUAL(compiled->atoms, 3);
}
