/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files that nobody would write: every category, field, modifier and form of
 * condition, by chance. Texts are made of few words, so that they overlap.
 */
#ifndef FERMATA_RULES_MAKE_H
#define FERMATA_RULES_MAKE_H

#include "base/buffer.h"
#include "dice.h"

/* Adds `count` detections, and correlations of them. Returns out->error. */
int rules_make(struct buffer *out, struct dice *dice, size_t count);

/* The same, with so many rules that hold together that there is not place for all. */
int rules_make_dense(struct buffer *out, struct dice *dice, size_t count);

#endif
