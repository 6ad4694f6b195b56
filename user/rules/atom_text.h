/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atoms in words, for `rules explain`.
 */
#ifndef FERMATA_ATOM_TEXT_H
#define FERMATA_ATOM_TEXT_H

#include "base/buffer.h"
#include "rules/atom.h"

/* Adds "Image ends with '/nc' or '/ncat'". Of more than `most` values, how many more there
 * are. Bytes are added as they are in the rule. */
void atom_describe(struct buffer *out, const struct atom *atom, size_t most);

#endif
