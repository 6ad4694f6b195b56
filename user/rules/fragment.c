/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After Russ Cox's description of how a code search finds what to look for
 * ("Regular Expression Matching with a Trigram Index"), with anchors.
 */
#include "rules/fragment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "rules/literal.h"

#define REPEAT_MAX 32 /* times that a part is written out; beyond, nothing is known */
#define LENGTH_COUNTS 16 /* bytes of a word; longer ones are as rare */

int arena_init(struct arena *arena)
{
	*arena = (struct arena) { .memory = malloc(ARENA_SIZE) };
	return arena->memory ? 0 : -ENOMEM;
}

void arena_done(struct arena *arena)
{
	free(arena->memory);
	*arena = (struct arena) { 0 };
}

/* NULL when it is full. */
static void *arena_take(struct arena *arena, size_t size)
{
	void *taken = arena->memory + arena->used;

	size = (size + 7) & ~(size_t)7;
	if (arena->full || size > ARENA_SIZE - arena->used) {
		arena->full = true;
		return NULL;
	}
	arena->used += size;
	return taken;
}

static struct words words_new(struct arena *arena, size_t count)
{
	struct words words = { arena_take(arena, count * sizeof(struct word)), count };

	if (!words.list)
		words.count = 0;
	return words;
}

static struct words words_one(struct arena *arena, const struct word *word)
{
	struct words words = words_new(arena, 1);

	if (words.count)
		words.list[0] = *word;
	return words;
}

static bool word_is_empty(const struct word *word)
{
	return !word->length && word->anchors != (ANCHOR_START | ANCHOR_END);
}

bool words_are_empty(const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (word_is_empty(&words->list[i]))
			return true;
	return false;
}

static size_t words_bytes(const struct words *words)
{
	size_t bytes = 0;

	for (size_t i = 0; i < words->count; i++)
		bytes += words->list[i].length;
	return bytes;
}

/* How rarely a text has one: by the word that is had most often, and how many there are. */
static int words_worth(const struct words *words)
{
	int worth = 8 * (LENGTH_COUNTS + 2), penalty = 0;

	if (!words->count || words_are_empty(words))
		return 0;
	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->list[i];
		size_t length = word->length < LENGTH_COUNTS ? word->length : LENGTH_COUNTS;
		int own = 8 * (int)length + 4 * __builtin_popcount(word->anchors);

		worth = own < worth ? own : worth;
	}
	for (size_t count = words->count; count > 1; count /= 2)
		penalty++;
	return worth > penalty ? worth - penalty : 1;
}

const struct words *words_better(const struct words *a, const struct words *b)
{
	return words_worth(b) > words_worth(a) ? b : a;
}

static bool word_same(const struct word *a, const struct word *b)
{
	return a->length == b->length && a->anchors == b->anchors &&
	       (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

static void words_put(struct words *words, const struct word *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (word_same(&words->list[i], word))
			return;
	words->list[words->count++] = *word;
}

/* The words of both. None when they are too many. */
static struct words words_join(struct arena *arena, const struct words *a, const struct words *b)
{
	struct words words = { 0 };

	if (a->count + b->count > WORDS_MAX || words_bytes(a) + words_bytes(b) > WORDS_BYTES_MAX)
		return words;
	words = words_new(arena, a->count + b->count);
	if (!words.count)
		return words;
	words.count = 0;
	for (size_t i = 0; i < a->count; i++)
		words_put(&words, &a->list[i]);
	for (size_t i = 0; i < b->count; i++)
		words_put(&words, &b->list[i]);
	return words;
}

/* An anchor in the midst of a text can still be true, of newlines for one: nothing is
 * concluded from such an expression at all. */
static struct word word_concat(struct arena *arena, const struct word *a, const struct word *b)
{
	struct word word = { .length = a->length + b->length, .anchors = a->anchors | b->anchors };
	unsigned char *bytes;

	if ((a->anchors & ANCHOR_END && (b->length || b->anchors)) ||
	    (b->anchors & ANCHOR_START && (a->length || a->anchors)))
		arena->full = true;
	bytes = arena_take(arena, word.length);
	if (!bytes)
		return (struct word) { 0 };
	if (a->length)
		memcpy(bytes, a->bytes, a->length);
	if (b->length)
		memcpy(bytes + a->length, b->bytes, b->length);
	word.bytes = bytes;
	return word;
}

/* Each word of one with each of the other behind it. None when they are too many. */
static struct words words_cross(struct arena *arena, const struct words *a, const struct words *b)
{
	struct words words = { 0 };

	if (!a->count || !b->count || a->count * b->count > WORDS_MAX ||
	    words_bytes(a) * b->count + words_bytes(b) * a->count > WORDS_BYTES_MAX)
		return words;
	words = words_new(arena, a->count * b->count);
	if (!words.count)
		return words;
	words.count = 0;
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++) {
			struct word word = word_concat(arena, &a->list[i], &b->list[k]);

			words_put(&words, &word);
		}
	return words;
}

static struct fragment fragment_of(const struct words *whole, bool exact)
{
	return (struct fragment) { .finite = true,
				   .exact = exact,
				   .whole = *whole,
				   .prefix = *whole,
				   .suffix = *whole,
				   .best = *whole };
}

struct fragment fragment_word(struct arena *arena, const struct word *word, bool cased)
{
	unsigned char *bytes = arena_take(arena, word->length);
	struct word copy = { bytes, bytes ? word->length : 0, word->anchors };
	struct words whole;

	for (size_t i = 0; i < copy.length; i++)
		bytes[i] = byte_fold(word->bytes[i], false);
	whole = words_one(arena, &copy);
	return fragment_of(&whole, !cased || !literal_has_letter(word->bytes, word->length));
}

struct fragment fragment_empty(struct arena *arena)
{
	return fragment_word(arena, &(const struct word) { 0 }, false);
}

struct fragment fragment_any(struct arena *arena)
{
	struct fragment fragment = fragment_empty(arena);

	fragment.finite = false;
	fragment.whole = fragment.best = (struct words) { 0 };
	return fragment;
}

struct fragment fragment_bytes(struct arena *arena, const bool set[256])
{
	unsigned char *bytes = arena_take(arena, 256);
	struct words whole = { 0 };
	bool exact = !set[0]; /* no text has a NUL: arguments are joined by spaces */
	size_t count = 0;

	for (size_t i = 0; i < 256; i++)
		count += set[i];
	if (bytes && count && count <= WORDS_MAX)
		whole = words_new(arena, count);
	if (!whole.count)
		return fragment_any(arena);
	whole.count = 0;
	for (size_t i = 0; i < 256; i++) {
		struct word word = { .bytes = bytes + i, .length = 1 };

		bytes[i] = byte_fold((unsigned char)i, false);
		/* a letter whose other case is not in the set */
		if (set[i] && ((i | 0x20) >= 'a' && (i | 0x20) <= 'z') && !set[i ^ 0x20])
			exact = false;
		if (set[i])
			words_put(&whole, &word);
	}
	return fragment_of(&whole, exact);
}

struct fragment fragment_concat(struct arena *arena, const struct fragment *a,
				const struct fragment *b)
{
	struct fragment fragment = { 0 };
	struct words joint;

	if (a->finite && b->finite) {
		joint = words_cross(arena, &a->whole, &b->whole);
		if (joint.count)
			return fragment_of(&joint, a->exact && b->exact);
	}
	fragment.prefix = a->prefix;
	fragment.suffix = b->suffix;
	joint = words_cross(arena, &a->suffix, &b->prefix);
	if (a->finite && joint.count)
		fragment.prefix = joint;
	if (b->finite && joint.count)
		fragment.suffix = joint;
	fragment.best = *words_better(words_better(&a->best, &b->best), &joint);
	return fragment;
}

/* The words of both, unless one has none: then nothing is known of how it begins. */
static struct words edge_join(struct arena *arena, const struct words *a, const struct words *b)
{
	struct words words = words_join(arena, a, b);

	return words.count ? words : fragment_any(arena).prefix;
}

struct fragment fragment_either(struct arena *arena, const struct fragment *a,
				const struct fragment *b)
{
	struct fragment fragment = { 0 };

	if (a->finite && b->finite) {
		struct words whole = words_join(arena, &a->whole, &b->whole);

		if (whole.count)
			return fragment_of(&whole, a->exact && b->exact);
	}
	fragment.prefix = edge_join(arena, &a->prefix, &b->prefix);
	fragment.suffix = edge_join(arena, &a->suffix, &b->suffix);
	if (a->best.count && b->best.count)
		fragment.best = words_join(arena, &a->best, &b->best);
	return fragment;
}

struct fragment fragment_repeat(struct arena *arena, const struct fragment *fragment, size_t least,
				size_t most)
{
	size_t times = least < REPEAT_MAX ? least : REPEAT_MAX;
	struct fragment repeated = fragment_empty(arena), rest = fragment_any(arena);

	for (size_t i = 0; i < times; i++)
		repeated = fragment_concat(arena, &repeated, fragment);
	if (most == times)
		return repeated;
	if (times == least && most == times + 1) {
		rest = fragment_empty(arena);
		rest = fragment_either(arena, &rest, fragment);
	}
	repeated = fragment_concat(arena, &repeated, &rest);
	/* it ends as the part does */
	if (!repeated.finite && times)
		repeated.suffix = fragment->suffix;
	return repeated;
}
