/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "did you mean": the known word that is closest to a misspelt one.
 */
#ifndef FERMATA_NEAREST_H
#define FERMATA_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* what was written; borrowed */
	const char *best; /* the closest known word so far; borrowed */
	size_t distance;
	size_t length; /* of `list` */
	char list[512]; /* all known words, ", " between them, cut with an ellipsis */
	char hint[640];
};

void nearest_start(struct nearest *nearest, const char *word);

/* Offers a known word. */
void nearest_offer(struct nearest *nearest, const char *known);

/*
 * The end of a message: "; did you mean 'x'?" when a word is close, else
 * "; `what` a, b, c", or "" when `what` is NULL. Lives as long as *nearest.
 */
const char *nearest_hint(struct nearest *nearest, const char *what);

#endif
