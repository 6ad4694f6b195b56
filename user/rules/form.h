/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of a text value: `windash` and the encodings make of the one text in a rule
 * those that are looked for. value.c reads each as a pattern.
 */
#ifndef FERMATA_FORM_H
#define FERMATA_FORM_H

#include "base/buffer.h"
#include "rules/modifier.h"

#define FORM_MODIFIERS (MODIFIER_BIT(windash) | UTF16_MODIFIERS | BASE64_MODIFIERS)

#define FORM_SOURCE_MAX 4096 /* bytes of a text that they go with */
#define FORM_MAX (4 * FORM_SOURCE_MAX + 64) /* UTF-16 doubles, base64 makes 4 of 3, twice */
#define FORM_DASHES_MAX 5 /* of flags, in one text: it has 5 forms for each, multiplied */

/* Says how many forms a text has, at least 1. -EINVAL (diagnosed): over a limit. */
int forms_count(size_t *ret_count, unsigned int modifiers, const struct node *node,
		struct diagnostics *diagnostics);

/*
 * Adds form `number` of the text to an empty buffer with room for FORM_MAX. It is written
 * as in a rule: with escapes, and wildcards where `windash` left them. 0, -EINVAL
 * (diagnosed), -EILSEQ (not UTF-8, which the text of a YAML file is) or -ENOMEM.
 */
int form_write(struct buffer *text, unsigned int modifiers, const struct node *node, size_t number,
	       struct diagnostics *diagnostics);

#endif
