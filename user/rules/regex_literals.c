/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of the part of PCRE that Sigma allows, and of a little more. It need not judge
 * the expression, which has compiled; where it meets something else it gives up.
 */
#include "rules/regex_literals.h"

#include <stdint.h>
#include <string.h>

#include "policy.h"
#include "rules/regex_class.h"

#define GROUPS_DEPTH_MAX 32 /* groups in groups; deeper ones are not understood */

struct parser {
	const unsigned char *at, *end;
	unsigned int flags, depth;
	struct arena *arena;
};

/* How often a part may be there. */
struct repetition {
	size_t least, most;
	bool possessive; /* it gives nothing back */
};

static struct fragment alternatives_read(struct parser *parser, bool outermost);

/* From here on nothing is concluded. */
static struct fragment give_up(struct parser *parser)
{
	parser->arena->full = true;
	parser->at = parser->end;
	return fragment_any(parser->arena);
}

static bool next_is(const struct parser *parser, unsigned char byte)
{
	return parser->at < parser->end && *parser->at == byte;
}

static bool take(struct parser *parser, unsigned char byte)
{
	bool is = next_is(parser, byte);

	parser->at += is;
	return is;
}

static struct fragment anchor(struct parser *parser, unsigned int anchors)
{
	return fragment_word(parser->arena, &(const struct word) { .anchors = anchors }, false);
}

/* True somewhere in a text or not: a match has the empty text there, if it is one. */
static struct fragment assertion(struct parser *parser)
{
	struct fragment fragment = fragment_empty(parser->arena);

	fragment.exact = false;
	return fragment;
}

/* `$` is also true before a newline that ends the text. */
static struct fragment end_read(struct parser *parser)
{
	const struct word newline = { (const unsigned char *)"\n", 1, ANCHOR_END };
	struct fragment end = anchor(parser, ANCHOR_END);
	struct fragment before = fragment_word(parser->arena, &newline, false);

	return fragment_either(parser->arena, &end, &before);
}

static struct fragment set_read(struct parser *parser)
{
	bool set[256];
	size_t length = regex_class_read(set, parser->at, (size_t)(parser->end - parser->at),
					 parser->flags & REGEX_IGNORE_CASE);

	if (!length)
		return give_up(parser);
	parser->at += length;
	return fragment_bytes(parser->arena, set);
}

static struct fragment byte_fragment(struct parser *parser, unsigned char byte)
{
	const struct word word = { .bytes = &byte, .length = 1 };

	return fragment_word(parser->arena, &word, !(parser->flags & REGEX_IGNORE_CASE));
}

static struct fragment escape_read(struct parser *parser)
{
	bool set[256] = { false };
	size_t length;
	int byte;

	if (parser->at == parser->end)
		return give_up(parser);
	if (regex_class_letter(set, *parser->at)) {
		parser->at++;
		return fragment_bytes(parser->arena, set);
	}
	if (take(parser, 'b') || take(parser, 'B'))
		return assertion(parser);
	if (take(parser, 'A'))
		return anchor(parser, ANCHOR_START);
	if (take(parser, 'z'))
		return anchor(parser, ANCHOR_END);
	if (take(parser, 'Z'))
		return end_read(parser);
	byte = regex_escaped_byte(parser->at, (size_t)(parser->end - parser->at), &length);
	if (byte <= 0)
		return give_up(parser);
	parser->at += length;
	return byte_fragment(parser, (unsigned char)byte);
}

/* The letters between `(?` and `:` or `)`. Returns false when they are something else. */
static bool flags_read(struct parser *parser)
{
	static const struct {
		unsigned char letter;
		unsigned int flag;
	} letters[] = { { 'i', REGEX_IGNORE_CASE },
			{ 'm', REGEX_MULTILINE },
			{ 's', REGEX_DOT_ALL } };
	bool off = false;

	while (parser->at < parser->end && *parser->at != ':' && *parser->at != ')') {
		unsigned char letter = *parser->at++;
		unsigned int flag = 0;

		for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
			flag |= letters[i].letter == letter ? letters[i].flag : 0;
		if (!flag && (letter != '-' || off))
			return false;
		off = off || letter == '-';
		parser->flags = off ? parser->flags & ~flag : parser->flags | flag;
	}
	return parser->at < parser->end;
}

/* After the `(`. Flags that stand alone, as in `(?i)`, hold to the end of what is around
 * them: *ret_alone. */
static struct fragment group_read(struct parser *parser, bool *ret_alone)
{
	unsigned int flags = parser->flags;
	bool atomic = false;
	struct fragment fragment;

	if (next_is(parser, '*') || parser->depth == GROUPS_DEPTH_MAX)
		return give_up(parser);
	if (take(parser, '?')) {
		atomic = take(parser, '>');
		if (!atomic && !flags_read(parser))
			return give_up(parser);
		if (!atomic && *parser->at++ == ')') {
			*ret_alone = true;
			return fragment_empty(parser->arena);
		}
	}
	parser->depth++;
	fragment = alternatives_read(parser, false);
	parser->depth--;
	parser->flags = flags;
	if (!take(parser, ')'))
		return give_up(parser);
	if (atomic)
		fragment.exact = false;
	return fragment;
}

/* One part without its repetition. */
static struct fragment part_read(struct parser *parser, bool *ret_alone)
{
	unsigned char byte = *parser->at++;

	switch (byte) {
	case '(':
		return group_read(parser, ret_alone);
	case '[':
		return set_read(parser);
	case '\\':
		return escape_read(parser);
	case '.':
		return fragment_any(parser->arena);
	case '^':
		return parser->flags & REGEX_MULTILINE ? assertion(parser)
						       : anchor(parser, ANCHOR_START);
	case '$':
		return parser->flags & REGEX_MULTILINE ? assertion(parser) : end_read(parser);
	case '*':
	case '+':
	case '?':
		return give_up(parser);
	default:
		return byte_fragment(parser, byte);
	}
}

/* Digits up to 65535, which is as far as PCRE2 goes. Returns false without any. */
static bool number_read(struct parser *parser, size_t *ret_number)
{
	const unsigned char *start = parser->at;

	*ret_number = 0;
	while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9' &&
	       *ret_number <= UINT16_MAX)
		*ret_number = *ret_number * 10 + (size_t)(*parser->at++ - '0');
	return parser->at > start;
}

/* After a `{`: n} n,} or n,m}. Anything else would stand for itself, or not, as PCRE2's
 * version has it. */
static bool braces_read(struct parser *parser, struct repetition *repetition)
{
	if (!number_read(parser, &repetition->least))
		return false;
	repetition->most = repetition->least;
	if (take(parser, ',') && !number_read(parser, &repetition->most))
		repetition->most = SIZE_MAX;
	return take(parser, '}');
}

static struct repetition repetition_read(struct parser *parser)
{
	struct repetition repetition = { 1, 1, false };

	if (take(parser, '*'))
		repetition = (struct repetition) { 0, SIZE_MAX, false };
	else if (take(parser, '+'))
		repetition = (struct repetition) { 1, SIZE_MAX, false };
	else if (take(parser, '?'))
		repetition = (struct repetition) { 0, 1, false };
	else if (!take(parser, '{'))
		return repetition;
	else if (!braces_read(parser, &repetition))
		give_up(parser);
	if (take(parser, '+'))
		repetition.possessive = true;
	else
		(void)take(parser, '?'); /* a lazy one matches the same texts */
	if (next_is(parser, '*') || next_is(parser, '+') || next_is(parser, '?') ||
	    next_is(parser, '{'))
		give_up(parser);
	return repetition;
}

static struct fragment repeated(struct parser *parser, const struct fragment *part, size_t least,
				size_t most)
{
	return least == 1 && most == 1 ? *part : fragment_repeat(parser->arena, part, least, most);
}

/*
 * Parts one after the other. A match may begin and end anywhere in a text: so in the
 * outermost parts, at both ends, the least of what is repeated will do, and what may be
 * left out is.
 */
static struct fragment sequence_read(struct parser *parser, bool outermost)
{
	struct fragment all = fragment_empty(parser->arena), solid = all;
	bool beginning = outermost;

	while (parser->at < parser->end && *parser->at != '|' && *parser->at != ')') {
		bool alone = false;
		struct fragment part = part_read(parser, &alone), few, many;
		struct repetition repetition;

		if (alone)
			continue;
		repetition = repetition_read(parser);
		if (beginning && !repetition.possessive)
			repetition.most = repetition.least;
		few = repeated(parser, &part, repetition.least, repetition.least);
		few.exact = few.exact && !repetition.possessive;
		beginning = beginning && !repetition.least && !repetition.possessive;
		if (repetition.least)
			solid = fragment_concat(parser->arena, &all, &few);
		if (repetition.most == repetition.least) {
			all = repetition.least ? solid : all;
			continue;
		}
		many = repeated(parser, &part, repetition.least, repetition.most);
		many.exact = many.exact && !repetition.possessive;
		all = fragment_concat(parser->arena, &all, &many);
	}
	return outermost ? solid : all;
}

static struct fragment alternatives_read(struct parser *parser, bool outermost)
{
	struct fragment any = sequence_read(parser, outermost);

	while (take(parser, '|')) {
		struct fragment next = sequence_read(parser, outermost);

		any = fragment_either(parser->arena, &any, &next);
	}
	return any;
}

/* Drops words that have another one in them. */
static void words_reduce(struct words *words)
{
	size_t kept = 0;

	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->list[i];
		bool needed = true;

		for (size_t k = 0; k < words->count && needed; k++) {
			const struct word *other = &words->list[k];

			needed = other->anchors || other->length >= word->length ||
				 !memmem(word->bytes, word->length, other->bytes, other->length);
		}
		if (needed)
			words->list[kept++] = *word;
	}
	words->count = kept;
}

static void literals_choose(struct regex_literals *literals, const struct fragment *fragment)
{
	const struct words *best;

	literals->form = FORM_WILD;
	if (literals->arena.full)
		return;
	if (fragment->finite && fragment->exact) {
		literals->form = words_are_empty(&fragment->whole) ? FORM_ANY : FORM_LITERAL;
		literals->words = fragment->whole;
	} else {
		best = words_better(words_better(&fragment->best, &fragment->prefix),
				    &fragment->suffix);
		literals->words = *best;
		if (best->count && !words_are_empty(best))
			literals->form = FORM_PIECE;
	}
	if (literals->form == FORM_ANY || literals->form == FORM_WILD)
		literals->words = (struct words) { 0 };
	words_reduce(&literals->words);
}

int regex_literals_find(struct regex_literals *ret_literals, const unsigned char *pattern,
			size_t length, unsigned int flags)
{
	struct regex_literals literals = { 0 };
	struct parser parser = {
		.at = pattern, .end = pattern + length, .flags = flags, .arena = &literals.arena
	};
	struct fragment fragment;
	int r = arena_init(&literals.arena);

	if (r < 0)
		return r;
	fragment = alternatives_read(&parser, true);
	if (parser.at != parser.end)
		give_up(&parser);
	literals_choose(&literals, &fragment);
	*ret_literals = literals;
	return 0;
}

void regex_literals_done(struct regex_literals *literals)
{
	arena_done(&literals->arena);
}
