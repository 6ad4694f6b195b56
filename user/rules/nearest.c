/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every known word is offered once; the closest by edit distance is kept, and all are
 * listed for when none is close.
 */
#include "rules/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 64 /* longer words are near nothing */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours, case aside. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t before[WORD_MAX + 1], previous[WORD_MAX + 1], current[WORD_MAX + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > WORD_MAX || n > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n; j++)
		previous[j] = j;
	for (size_t i = 1; i <= m; i++) {
		current[0] = i;
		for (size_t j = 1; j <= n; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			current[j] = least(least(previous[j], current[j - 1]) + 1,
					   previous[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				current[j] = least(current[j], before[j - 2] + 1);
		}
		memcpy(before, previous, sizeof(before));
		memcpy(previous, current, sizeof(previous));
	}
	return previous[n];
}

void nearest_start(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest) { .word = word, .distance = WORD_MAX };
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	size_t m = strlen(nearest->word), n = strlen(known), distance = nearest->distance;
	size_t room = sizeof(nearest->list) - nearest->length;

	/* As many insertions or deletions are needed at least. */
	if ((m > n ? m - n : n - m) < nearest->distance)
		distance = edit_distance(nearest->word, known);
	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = known;
	}
	if (n + sizeof(", , …") <= room)
		nearest->length += snprintf(nearest->list + nearest->length, room, "%s%s",
					    nearest->length ? ", " : "", known);
	else if (room > sizeof(", …")) {
		snprintf(nearest->list + nearest->length, room, ", …");
		nearest->length = sizeof(nearest->list);
	}
}

const char *nearest_hint(struct nearest *nearest, const char *what)
{
	nearest->hint[0] = 0;
	if (!nearest->best)
		return nearest->hint;
	if (nearest->distance <= 1 + strlen(nearest->word) / 4 &&
	    nearest->distance < strlen(nearest->word))
		snprintf(nearest->hint, sizeof(nearest->hint), "; did you mean '%s'?",
			 nearest->best);
	else if (what)
		snprintf(nearest->hint, sizeof(nearest->hint), "; %.64s %s", what, nearest->list);
	return nearest->hint;
}
