/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the texts that a part of a regular expression matches: all of them, if
 * they are few, else how they begin, how they end and what each of them has in it.
 * regex_literals.c puts the parts together. All letters are lower case: who uses the
 * words compares without regard to case.
 *
 * Whatever is dropped because it does not fit leaves less known, never something wrong.
 */
#ifndef FERMATA_FRAGMENT_H
#define FERMATA_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 128 /* in one set; of more, only their parts are known */
#define WORDS_BYTES_MAX 4096 /* of one set together */
#define ARENA_SIZE (1u << 20) /* for all words of one regular expression */

/* Where words live until all is done. */
struct arena {
	char *memory; /* owned */
	size_t used;
	bool full; /* something did not fit: what is known is worth nothing */
};

int arena_init(struct arena *arena); /* -ENOMEM */
void arena_done(struct arena *arena);

/* Bytes in a row, and whether they are at the start or the end of the whole text. */
struct word {
	const unsigned char *bytes; /* in the arena */
	size_t length;
	unsigned int anchors; /* enum anchor */
};

struct words {
	struct word *list; /* in the arena */
	size_t count;
};

struct fragment {
	bool finite; /* `whole` is known */
	/* finite: what fits a word without regard to case is also what the part matches */
	bool exact;
	struct words whole; /* each match is one of these; finite only */
	struct words prefix, suffix; /* each match begins, and ends, with one of these */
	struct words best; /* each match has one of these in it; none: nothing is known */
};

/* The empty text. */
struct fragment fragment_empty(struct arena *arena);

/* One text, which is copied; with `cased` its letters match only themselves. */
struct fragment fragment_word(struct arena *arena, const struct word *word, bool cased);

/* One byte of a set. */
struct fragment fragment_bytes(struct arena *arena, const bool set[256]);

/* Any text, or any one byte: nothing is known but that. */
struct fragment fragment_any(struct arena *arena);

/* One and then the other. */
struct fragment fragment_concat(struct arena *arena, const struct fragment *a,
				const struct fragment *b);

/* One or the other. */
struct fragment fragment_either(struct arena *arena, const struct fragment *a,
				const struct fragment *b);

/* `least` times or more, up to `most`. */
struct fragment fragment_repeat(struct arena *arena, const struct fragment *fragment, size_t least,
				size_t most);

/* Whether every text has one of the words, because one is empty. */
bool words_are_empty(const struct words *words);

/* The better of two sets to look for; one that has an empty word is worth nothing. */
const struct words *words_better(const struct words *a, const struct words *b);

#endif
