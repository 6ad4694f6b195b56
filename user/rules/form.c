/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modifier.c lets one order pass: dashes, UTF-16, base64, base64offset. So bits say all.
 *
 * Sigma compares without case, and base64 is no exception unless the rule says `cased`:
 * `Zm9v` also fits `zM9V`, which encodes something else. It is left so, as pySigma has it,
 * because nothing is missed, such a chance match is rare, and the kernel decides it alone;
 * `cased` is exact and confirmed by the user side.
 */
#include "rules/form.h"

#include <errno.h>

#include "base/cleanup.h"
#include "rules/encoding.h"
#include "rules/pattern.h"

#define SHIFTS 3 /* of base64offset */

int forms_count(size_t *ret_count, unsigned int modifiers, const struct node *node,
		struct diagnostics *diagnostics)
{
	size_t dashes = modifiers & MODIFIER_BIT(windash) ? dashes_count(node->text) : 0;
	size_t count = modifiers & MODIFIER_BIT(base64offset) ? SHIFTS : 1;

	if (strlen(node->text) > FORM_SOURCE_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"longer than the limit of %d bytes for a text that is encoded or "
				"has 'windash'",
				FORM_SOURCE_MAX);
	if (dashes > FORM_DASHES_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"%zu dashes for 'windash' are more than the limit of %d in one "
				"text: split it into several, with 'contains' and 'all'",
				dashes, FORM_DASHES_MAX);
	while (dashes--)
		count *= DASHES;
	*ret_count = count;
	return 0;
}

/* What one step wrote is what the next one reads. */
static void step(struct buffer *text, struct buffer *next)
{
	struct buffer last = *text;

	*text = *next;
	*next = last;
	buffer_reset(next);
}

/* The bytes that the text stands for. Wildcards stand for none. */
static int plain_write(struct buffer *out, const struct buffer *text, const struct node *node,
		       struct diagnostics *diagnostics)
{
	_cleanup_free_ unsigned char *bytes = NULL;
	struct pattern pattern;
	int r = pattern_read(&pattern, buffer_string(text), false, false);

	if (r < 0)
		return r;
	bytes = pattern.bytes;
	if (pattern_has_wildcard(&pattern))
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' has wildcards, which have no base64: write \\* or \\? for "
				"the characters",
				node->text);
	return buffer_add(out, bytes, pattern.length);
}

/* The byte order mark is that of little-endian UTF-16, as in the specification. */
static int utf16_add(struct buffer *out, const struct buffer *text, unsigned int modifiers)
{
	if (modifiers & MODIFIER_BIT(utf16))
		buffer_add_string(out, "\xff\xfe");
	return utf16_write(out, text, modifiers & MODIFIER_BIT(utf16be));
}

static int piece_add(struct buffer *out, const struct buffer *text, unsigned int shift,
		     const struct node *node, struct diagnostics *diagnostics)
{
	if (text->length < BASE64_PIECE_MIN)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'%s' is too short for 'base64offset', which takes %d bytes or "
				"more: nothing of its base64 is the same everywhere",
				node->text, BASE64_PIECE_MIN);
	return base64_piece(out, text, shift);
}

int form_write(struct buffer *text, unsigned int modifiers, const struct node *node, size_t number,
	       struct diagnostics *diagnostics)
{
	_cleanup_buffer_ struct buffer next = BUFFER(FORM_MAX);
	bool pieces = modifiers & MODIFIER_BIT(base64offset);
	int r;

	if (!(modifiers & MODIFIER_BIT(windash)))
		r = buffer_add_string(text, node->text);
	else
		r = dashes_write(text, node->text, pieces ? number / SHIFTS : number);
	if (r < 0 || !(modifiers & BASE64_MODIFIERS))
		return r;
	r = plain_write(&next, text, node, diagnostics);
	step(text, &next);
	if (r >= 0 && modifiers & UTF16_MODIFIERS) {
		r = utf16_add(&next, text, modifiers);
		step(text, &next);
	}
	/* the alphabet has no wildcard and no backslash: what is encoded needs no escapes */
	if (r >= 0 && modifiers & MODIFIER_BIT(base64)) {
		r = base64_write(&next, text);
		step(text, &next);
	}
	if (r >= 0 && pieces) {
		r = piece_add(&next, text, number % SHIFTS, node, diagnostics);
		step(text, &next);
	}
	return r;
}
