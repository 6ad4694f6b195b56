/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: what is matched and what is given up, and the texts that the kernel
 * looks for in their place.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fold.h"
#include "base/regex.h"
#include "rules/regex_literals.h"
#include "unit.h"

#define I REGEX_IGNORE_CASE
#define M REGEX_MULTILINE
#define S REGEX_DOT_ALL

/* "^foo$ bar": words with their anchors, a newline as \n, each followed by a space but the
 * last; "any" and "wild" for those forms. Exact ones have "= " in front. */
static char *literals_text(const char *pattern, unsigned int flags)
{
	_cleanup_(regex_literals_done) struct regex_literals literals = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out ||
	    regex_literals_find(&literals, (const unsigned char *)pattern, strlen(pattern), flags))
		abort();
	if (literals.form == FORM_ANY || literals.form == FORM_WILD)
		fputs(literals.form == FORM_ANY ? "any" : "wild", out);
	if (literals.form == FORM_LITERAL)
		fputs("= ", out);
	for (size_t i = 0; i < literals.words.count; i++) {
		const struct word *word = &literals.words.list[i];

		fputs(i ? " " : "", out);
		fputs(word->anchors & ANCHOR_START ? "^" : "", out);
		for (size_t k = 0; k < word->length; k++)
			fprintf(out, word->bytes[k] == '\n' ? "\\n" : "%c", word->bytes[k]);
		fputs(word->anchors & ANCHOR_END ? "$" : "", out);
	}
	fclose(out);
	return text;
}

UNIT_TEST(regex, literals)
{
	static const struct {
		const char *pattern;
		unsigned int flags;
		const char *expected;
	} examples[] = {
		/* plain texts; letters that have a case are not all of it */
		{ "foo", 0, "foo" },
		{ "foo", I, "= foo" },
		{ "FOO", I, "= foo" },
		{ "(?i)foo", 0, "= foo" },
		{ "(?i:foo)", 0, "= foo" },
		{ "(?i:foo)bar", 0, "foobar" },
		{ "(?-i)foo", I, "foo" },
		{ "f(?i)oo|bar", 0, "foo bar" },
		{ "[fF][oO]o", 0, "foo" },
		{ "[fF][oO]", 0, "= fo" },
		{ "123/45", 0, "= 123/45" },
		{ "\\.\\*\\+\\/", 0, "= .*+/" },
		{ "\\x2f\\x2e", 0, "= /." },
		{ "1\\t2", 0, "= 1\t2" },
		/* anchors */
		{ "^12", 0, "= ^12" },
		{ "12$", 0, "= 12$ 12\\n$" },
		{ "^12$", 0, "= ^12$ ^12\\n$" },
		{ "\\A12\\z", 0, "= ^12$" },
		{ "12\\Z", 0, "= 12$ 12\\n$" },
		{ "^12", M, "12" },
		{ "12$", M, "12" },
		{ "(?m)^12", 0, "12" },
		{ "(^|/)12", 0, "= ^12 /12" },
		{ "12(/|$)", 0, "= 12/ 12$ 12\\n$" },
		{ "^$", 0, "= ^$ ^\\n$" },
		{ "^", 0, "any" },
		{ "$", 0, "any" },
		{ "a^b", I, "wild" },
		{ "1$2", 0, "wild" },
		{ "1$\\n", 0, "wild" },
		/* alternatives and classes */
		{ "1|2|34", 0, "= 1 2 34" },
		{ "0(1|2)3", 0, "= 013 023" },
		{ "0(?:1|2)3", 0, "= 013 023" },
		{ "12|", 0, "any" },
		{ "12|.*", 0, "any" },
		{ "12|.3?", 0, "wild" },
		{ "1[2-4]", 0, "= 12 13 14" },
		{ "1[24-]", 0, "= 1- 12 14" },
		{ "1[]2]", 0, "= 12 1]" },
		{ "1[^2]3", 0, "1" },
		{ "0\\d", 0, "= 00 01 02 03 04 05 06 07 08 09" },
		{ "-\\s", 0, "= -\t -\\n -\v -\f -\r - " },
		{ "9\\W8", 0, "9" },
		{ "1(2|12)", 0, "= 12" },
		/* repetitions */
		{ "12*3", 0, "1" },
		{ "12+345", 0, "2345" },
		{ "123+4", 0, "123" },
		{ "12?3", 0, "= 13 123" },
		{ "1{3}", 0, "= 111" },
		{ "01{2,}3", 0, "011" },
		{ "01{1,2}3", 0, "= 013 0113" },
		{ "(12){2}", 0, "= 1212" },
		{ "(12){0}3", 0, "= 3" },
		{ "(12)+", 0, "= 12" },
		{ "0(12)+?3", 0, "012" },
		{ "0(12)++3", 0, "012" },
		{ "01?+1", 0, "01" },
		{ "(?>1|12)3", 0, "13 123" },
		{ ".{200,}", 0, "wild" },
		{ "[^/]{100,}$", 0, "wild" },
		/* at both ends the least will do */
		{ ".*123.*", 0, "= 123" },
		{ "1*23+", 0, "= 23" },
		{ "1+2", 0, "= 12" },
		{ ".+12", 0, "12" },
		{ "^.*12", 0, "12" },
		{ "12.*$", 0, "12" },
		{ "1*+12", 0, "12" },
		{ "\\s*\\d*", 0, "any" },
		{ "", 0, "any" },
		/* in the midst: the rarest */
		{ "/tmp/.*\\.sh", I, "/tmp/" },
		{ "a.*bcd.*ef", 0, "bcd" },
		{ "a.*(bcd|xyz).*ef", 0, "bcd xyz" },
		{ "\\bfoo\\b", I, "foo" },
		/* not understood */
		{ "(?=1)2", 0, "wild" },
		{ "(?!1)2", 0, "wild" },
		{ "(?<=1)2", 0, "wild" },
		{ "(?x)1 2", 0, "wild" },
		{ "(1)\\1", 0, "wild" },
		{ "(?<n>1)", 0, "wild" },
		{ "(?(1)2|3)", 0, "wild" },
		{ "(*COMMIT)1", 0, "wild" },
		{ "1(*SKIP)2", 0, "wild" },
		{ "\\Q1*\\E", 0, "wild" },
		{ "[[:digit:]]1", 0, "wild" },
		{ "1\\K2", 0, "wild" },
		{ "1\\R2", 0, "wild" },
		{ "1\\0002", 0, "wild" },
		{ "1{,3}2", 0, "wild" },
		{ "(?#1)2", 0, "wild" },
		/* of the public rules */
		{ "(?:\\s-[^-\\s]{0,20}i|\\s--inode\\s)", 0, "\t- \\n- \v- \f- \r-  -" },
		{ "-D", 0, "-d" },
		{ "\\s-O\\s", I,
		  "= \t-o\t \t-o\\n \t-o\v \t-o\f \t-o\r \t-o  \\n-o\t \\n-o\\n \\n-o\v \\n-o\f "
		  "\\n-o\r \\n-o  \v-o\t \v-o\\n \v-o\v \v-o\f \v-o\r \v-o  \f-o\t \f-o\\n \f-o\v "
		  "\f-o\f \f-o\r \f-o  \r-o\t \r-o\\n \r-o\v \r-o\f \r-o\r \r-o   -o\t  -o\\n  "
		  "-o\v  -o\f  -o\r  -o " },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		_cleanup_free_ char *got = literals_text(examples[i].pattern, examples[i].flags);

		CU_ASSERT_STRING_EQUAL(got, examples[i].expected);
		if (strcmp(got, examples[i].expected))
			unit_note("%s: '%s', not '%s'", examples[i].pattern, got,
				  examples[i].expected);
	}
	unit_note("%zu cases", sizeof(examples) / sizeof(*examples));
}

/* A regular expression while it is made up, and a text that it is made for. */
struct made {
	char pattern[256], text[256];
	size_t length, text_length;
	uint64_t *random;
};

static void put(struct made *made, const char *pattern)
{
	size_t length = strlen(pattern);

	if (made->length + length < sizeof(made->pattern) - 1)
		memcpy(made->pattern + made->length, pattern, length + 1), made->length += length;
}

static void put_text(struct made *made, char byte)
{
	if (made->text_length < sizeof(made->text) / 2)
		made->text[made->text_length++] = byte;
}

static void make_part(struct made *made, unsigned int depth);

static void make_alternatives(struct made *made, unsigned int depth)
{
	size_t count = 1 + unit_below(made->random, 5) / 3;
	size_t chosen = unit_below(made->random, count);

	for (size_t i = 0; i < count; i++) {
		size_t text_length = made->text_length;

		put(made, i ? "|" : "");
		for (size_t n = unit_below(made->random, 4); n; n--)
			make_part(made, depth);
		if (i != chosen)
			made->text_length = text_length;
	}
}

static void make_single(struct made *made)
{
	static const struct {
		const char *pattern;
		char text;
	} singles[] = {
		{ "a", 'a' },	  { "b", 'b' },	     { "B", 'B' },    { "-", '-' },
		{ "1", '1' },	  { ".", 'a' },	     { "[ab]", 'b' }, { "[^a]", '1' },
		{ "[aA]", 'A' },  { "\\s", ' ' },    { "\\d", '1' },  { "\\n", '\n' },
		{ "[-1]", '-' },  { "\\w", 'b' },    { "\\.", '.' },  { "[^-\\s]", 'a' },
		{ "\\x61", 'a' }, { "[a-b1]", '1' }, { "\\D", 'b' },
	};
	size_t i = unit_below(made->random, sizeof(singles) / sizeof(*singles));

	put(made, singles[i].pattern);
	put_text(made, singles[i].text);
}

static void make_part(struct made *made, unsigned int depth)
{
	static const char *const zero[] = { "^",    "$",   "\\b", "(?i)", "(?s)",
					    "(?m)", "\\A", "\\z", "\\Z" };
	static const char *const groups[] = { "(", "(?:", "(?i:", "(?>", "(?-i:", "(?s:" };
	static const char *const times[] = { "*",     "+",    "?",  "{2}", "{1,2}",
					     "{0,1}", "{2,}", "*?", "++" };

	if (!unit_below(made->random, 8)) {
		put(made, zero[unit_below(made->random, sizeof(zero) / sizeof(*zero))]);
		return;
	}
	if (depth && !unit_below(made->random, 4)) {
		put(made, groups[unit_below(made->random, sizeof(groups) / sizeof(*groups))]);
		make_alternatives(made, depth - 1);
		put(made, ")");
	} else {
		make_single(made);
	}
	if (!unit_below(made->random, 3))
		put(made, times[unit_below(made->random, sizeof(times) / sizeof(*times))]);
}

static bool word_fits(const struct word *word, const char *text, size_t length)
{
	for (size_t at = 0; at + word->length <= length; at++) {
		bool same = true;

		for (size_t i = 0; i < word->length && same; i++)
			same = byte_fold((unsigned char)text[at + i], false) == word->bytes[i];
		if (same && (!(word->anchors & ANCHOR_START) || !at) &&
		    (!(word->anchors & ANCHOR_END) || at + word->length == length))
			return true;
	}
	return false;
}

static bool words_fit(const struct words *words, const char *text, size_t length)
{
	for (size_t i = 0; i < words->count; i++)
		if (word_fits(&words->list[i], text, length))
			return true;
	return false;
}

/* Any text, or, half of the time, the one that the expression was made for, with more or
 * less around it. */
static size_t make_text(char *text, const struct made *made, uint64_t *random)
{
	static const char alphabet[] = "abAB1- \n.";
	size_t length = 0, middle = unit_below(random, 4) ? made->text_length : 0;

	for (size_t n = unit_below(random, 4) * unit_below(random, 2); n; n--)
		text[length++] = alphabet[unit_below(random, sizeof(alphabet) - 1)];
	for (size_t i = 0; i < middle; i++)
		text[length++] =
			(char)(unit_below(random, 8) ? made->text[i] : made->text[i] ^ 0x20);
	for (size_t n = unit_below(random, 4) * unit_below(random, 2); n; n--)
		text[length++] = alphabet[unit_below(random, sizeof(alphabet) - 1)];
	/* as it is matched: NULs are spaces */
	for (size_t i = 0; i < length; i++)
		text[i] = (char)byte_fold((unsigned char)text[i], true);
	return length;
}

/* What is looked for is in all that matches; and where it is said to be all, nothing else
 * matches. */
UNIT_TEST(regex, literals_of_made_up_expressions)
{
	_cleanup_(regex_room_freep) struct regex_room *room = NULL;
	size_t forms[4] = { 0 }, missed = 0, wrong = 0, refused = 0, matched = 0;
	uint64_t random = unit_seed();

	CU_ASSERT_EQUAL_FATAL(regex_room_new(&room), 0);
	for (size_t n = 0; n < 20000; n++) {
		struct made made = { .random = &random };
		_cleanup_(regex_freep) struct regex *regex = NULL;
		_cleanup_(regex_literals_done) struct regex_literals literals = { 0 };
		unsigned int flags = unit_below(&random, 2) ? 0 : (unsigned)unit_below(&random, 8);
		struct regex_error error;

		make_alternatives(&made, 3);
		if (regex_new(&regex, made.pattern, made.length, flags, &error)) {
			refused++;
			continue;
		}
		regex_literals_find(&literals, (const unsigned char *)made.pattern, made.length,
				    flags);
		forms[literals.form]++;
		for (size_t i = 0; i < 40; i++) {
			char text[256];
			size_t length = make_text(text, &made, &random);
			int is = regex_matches(regex, room, text, length);
			bool fits = words_fit(&literals.words, text, length);

			matched += is > 0;
			if (is > 0 && literals.form != FORM_WILD && literals.form != FORM_ANY &&
			    !fits && !missed++)
				unit_note("missed: %s, flags %u, '%.*s'", made.pattern, flags,
					  (int)length, text);
			if ((literals.form == FORM_ANY && is != 1) ||
			    (literals.form == FORM_LITERAL && is != fits)) {
				if (!wrong++)
					unit_note("wrong: %s, flags %u, '%.*s'", made.pattern,
						  flags, (int)length, text);
			}
		}
	}
	CU_ASSERT_EQUAL(missed, 0);
	CU_ASSERT_EQUAL(wrong, 0);
	for (size_t i = 0; i < 4; i++)
		CU_ASSERT(forms[i] > 500);
	CU_ASSERT(matched > 100000);
	unit_note("%zu any, %zu literal, %zu piece, %zu wild, %zu refused; %zu matches",
		  forms[FORM_ANY], forms[FORM_LITERAL], forms[FORM_PIECE], forms[FORM_WILD],
		  refused, matched);
}

static int match(const char *pattern, unsigned int flags, const char *text, size_t length)
{
	_cleanup_(regex_freep) struct regex *regex = NULL;
	_cleanup_(regex_room_freep) struct regex_room *room = NULL;
	struct regex_error error;

	if (regex_new(&regex, pattern, strlen(pattern), flags, &error) || regex_room_new(&room))
		return -EINVAL;
	return regex_matches(regex, room, text, length);
}

UNIT_TEST(regex, runaway_is_given_up)
{
	static const char *const patterns[] = { "(a+)+[x-z]",	   "(a*)*[x-z]",
						"(a|a)*[x-z]",	   "(?:a|aa)+[x-z]",
						"a*a*a*a*a*[x-z]", "([^/]{3,}){2,}[x-z]" };
	char text[TEXT_MAX];
	struct timespec start, end;

	memset(text, 'a', sizeof(text));
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		CU_ASSERT_EQUAL(match(patterns[i], 0, text, sizeof(text)), -ELOOP);
		CU_ASSERT_EQUAL(match(patterns[i], 0, "aaax", 4), 1 - (i == 5));
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	CU_ASSERT(unit_is_slow() || end.tv_sec - start.tv_sec < 3);
}

/* The longest texts do not make honest expressions give up. */
UNIT_TEST(regex, long_texts)
{
	char text[TEXT_MAX];

	memset(text, 'a', sizeof(text));
	CU_ASSERT_EQUAL(match("(.){200,}", 0, text, sizeof(text)), 1);
	CU_ASSERT_EQUAL(match("[^/]{100,}$", 0, text, sizeof(text)), 1);
	CU_ASSERT_EQUAL(match("[^/]{100,}[x-z]", 0, text, sizeof(text)), 0);
	CU_ASSERT_EQUAL(match("^(a|b)+$", 0, text, sizeof(text)), 1);
	CU_ASSERT_EQUAL(match("a.*a$", 0, text, sizeof(text)), 1);
}

static void expect_refused(const char *pattern, size_t length, size_t offset, const char *message)
{
	_cleanup_(regex_freep) struct regex *regex = NULL;
	struct regex_error error = { 0 };

	CU_ASSERT_EQUAL(regex_new(&regex, pattern, length, 0, &error), -EINVAL);
	CU_ASSERT_EQUAL(error.offset, offset);
	CU_ASSERT(strstr(error.message, message) != NULL);
}

UNIT_TEST(regex, refused)
{
	char huge[REGEX_MAX + 1];
	_cleanup_(regex_freep) struct regex *regex = NULL;
	struct regex_error error;

	memset(huge, 'a', sizeof(huge));
	expect_refused(huge, sizeof(huge), REGEX_MAX, "longer than the limit of 4096 bytes");
	CU_ASSERT_EQUAL(regex_new(&regex, huge, REGEX_MAX, 0, &error), 0);
	expect_refused("a(b", 3, 3, "missing closing parenthesis");
	expect_refused("(((a{1000}){1000}){1000})", 25, 25, "too large");
	expect_refused("(*UTF)a", 7, 6, "");
	/* characters of several bytes: in a class, or repeated, they would be taken apart */
	expect_refused("a[\xc3\xa9]", 5, 2, "byte by byte");
	expect_refused("a[]\xc3\xa9]", 6, 3, "byte by byte");
	expect_refused("[[:alpha:]\xc3\xa9]", 13, 10, "byte by byte");
	expect_refused("a\xc3\xa9+", 4, 1, "byte by byte");
	expect_refused("a\\\xc3\xa9{2}", 7, 2, "byte by byte");
}

UNIT_TEST(regex, bytes)
{
	CU_ASSERT_EQUAL(match("^(?:\xc3\xa9)+$", 0, "\xc3\xa9\xc3\xa9", 4), 1);
	CU_ASSERT_EQUAL(match("[a]\xc3\xa9", 0, "a\xc3\xa9", 3), 1);
	CU_ASSERT_EQUAL(match("^..$", 0, "\xc3\xa9", 2), 1);
	CU_ASSERT_EQUAL(match("^x.y$", 0, "x\xffy", 3), 1); /* not UTF-8 */
	CU_ASSERT_EQUAL(match("\xc3\x89", I, "\xc3\xa9", 2), 0); /* É é: only ASCII is folded */
	CU_ASSERT_EQUAL(match("a.b", 0, "a\nb", 3), 0);
	CU_ASSERT_EQUAL(match("a.b", S, "a\nb", 3), 1);
	CU_ASSERT_EQUAL(match("a.b", 0, "a\rb", 3), 1); /* lines end with a newline alone */
	CU_ASSERT_EQUAL(match("^b", 0, "a\nb", 3), 0);
	CU_ASSERT_EQUAL(match("^b", M, "a\nb", 3), 1);
}
