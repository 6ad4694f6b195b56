/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/literal.h"

#include <errno.h>

#include "rules/rule.h"

/* Longer pieces are rarer; of two alike the anchored one is. */
static bool literal_is_rarer(const struct literal *a, const struct literal *b)
{
	if (a->length != b->length)
		return a->length > b->length;
	return a->anchors && !b->anchors;
}

int literal_find(const unsigned char *pattern, size_t length, struct literal *ret_literal)
{
	struct literal piece = { .bytes = pattern, .anchors = ANCHOR_START }, best = { 0 };
	size_t pieces = 0, singles = 0, stars = 0;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && pattern[i] != WILDCARD) {
			piece.length++;
			continue;
		}
		if (i == length)
			piece.anchors |= ANCHOR_END;
		else if (i + 1 == length || (pattern[i + 1] != '*' && pattern[i + 1] != '?'))
			return -EINVAL;
		pieces += piece.length > 0;
		if (piece.length && literal_is_rarer(&piece, &best))
			best = piece;
		if (i == length)
			break;
		stars += pattern[i + 1] == '*';
		singles += pattern[++i] == '?';
		piece = (struct literal) { .bytes = pattern + i + 1 };
	}
	if (!stars && !singles) {
		*ret_literal = piece;
		return FORM_LITERAL;
	}
	*ret_literal = best;
	if (!singles && pieces < 2)
		return pieces ? FORM_LITERAL : FORM_ANY;
	return pieces ? FORM_PIECE : FORM_WILD;
}

bool literal_has_letter(const unsigned char *pattern, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((pattern[i] | 0x20) >= 'a' && (pattern[i] | 0x20) <= 'z')
			return true;
	return false;
}
