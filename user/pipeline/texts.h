/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of text fields as the matcher takes them: cut where the kernel side cuts
 * them, so that both sides see the same.
 */
#ifndef FERMATA_TEXTS_H
#define FERMATA_TEXTS_H

#include "match.h"
#include "pipeline/event_view.h"

/*
 * Puts the value into *ret_text: of a path that does not fit the last bytes, of other
 * texts the first. ret_text->incomplete says whether the value counts as incomplete.
 */
void text_fill(struct text *ret_text, enum field field, struct bytes value);

#endif
