/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All literals of a policy as one Aho-Corasick automaton: a trie for each text field,
 * columns shared by all. The start of a text is a symbol that has been taken in the
 * state where the matcher begins; its end is the column that it takes last.
 */
#ifndef FERMATA_AUTOMATON_H
#define FERMATA_AUTOMATON_H

#include "base/cleanup.h"
#include "policy.h"
#include "rules/lists.h"
#include "rules/literal.h"

struct automaton;

/* -ENOMEM. */
int automaton_new(struct automaton **ret_automaton);
void automaton_free(struct automaton *automaton);
DEFINE_CLEANUP(struct automaton *, automaton_free)

/*
 * Lets `atom` hold when the literal is found in `field`. Bytes that byte_fold() makes
 * equal are alike. A literal without bytes has both anchors (the empty text). -E2BIG:
 * there are more states than any image can hold; -ENOMEM.
 */
int automaton_add(struct automaton *automaton, enum field field, const struct literal *literal,
		  __u16 atom);

/* To be called once, after the last literal: finds where each state falls back to and
 * which atoms hold in it. -ENOSPC: lists_add(); -ENOMEM. */
int automaton_link(struct automaton *automaton, struct lists *lists);

/* What the linked automaton takes of the image. */
size_t automaton_states(const struct automaton *automaton); /* that have a row */
size_t automaton_row_size(const struct automaton *automaton); /* bytes */
size_t automaton_size(const struct automaton *automaton); /* bytes, of everything */

/*
 * Writes the columns and the start states into the head of the image, and the rest at
 * `at`, a multiple of 4. `lists_at` is where the lists' run of bytes begins in the image.
 */
void automaton_write(const struct automaton *automaton, struct policy *policy, __u32 at,
		     __u32 lists_at);

#endif
