/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of text fields as the matcher takes them: cut where the kernel side cuts
 * them, so that both sides see the same.
 */
#ifndef FERMATA_TEXTS_H
#define FERMATA_TEXTS_H

#include "match.h"
#include "pipeline/event_view.h"

/* The part of a value that is matched: of a path that does not fit the last bytes, of other
 * texts the first. *ret_incomplete says whether the value counts as incomplete. */
struct bytes text_captured(enum field field, struct bytes value, bool *ret_incomplete);

/* Puts that part into *ret_text, with ret_text->incomplete. */
void text_fill(struct text *ret_text, enum field field, struct bytes value);

#endif
