/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which atom of a clause is its pivot: the one that seems to hold in the fewest events,
 * for the clause is looked at in each of those.
 */
#ifndef FERMATA_RARITY_H
#define FERMATA_RARITY_H

#include "rules/atom.h"

/* A guess that only serves to compare atoms; larger is more seldom. */
int atom_rarity(const struct atom *atom);

#endif
