/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a pattern the automaton can find: a run of bytes, and whether it must be at
 * the start or the end of the text.
 */
#ifndef FERMATA_LITERAL_H
#define FERMATA_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

enum anchor { ANCHOR_START = 1 << 0, ANCHOR_END = 1 << 1 };

struct literal {
	const unsigned char *bytes; /* part of the pattern; borrowed */
	size_t length;
	unsigned int anchors; /* enum anchor */
};

enum literal_form {
	FORM_ANY, /* every value fits: there is no literal */
	FORM_LITERAL, /* the literal says all */
	FORM_PIECE, /* the literal is the longest piece between wildcards */
	FORM_WILD, /* wildcards alone: there is no literal */
};

/*
 * Takes a pattern of rule.h apart. Returns its form; *ret_literal is empty where there
 * is none. -EINVAL: a WILDCARD byte is not followed by '*' or '?'.
 */
int literal_find(const unsigned char *pattern, size_t length, struct literal *ret_literal);

/* Whether any byte of the pattern is an ASCII letter. */
bool literal_has_letter(const unsigned char *pattern, size_t length);

#endif
