/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A condition in disjunctive normal form: what of it can be looked at one clause at a
 * time. Contradictions and clauses that another one makes superfluous are gone.
 */
#ifndef FERMATA_DNF_H
#define FERMATA_DNF_H

#include "rules/atom.h"

#define DNF_CLAUSES_MAX 512 /* per rule */
#define DNF_LITERALS_MAX 48 /* per clause, on the way */
#define DNF_DEPTH_MAX 256 /* of a condition's nesting */
#define DNF_WORK_MAX (1u << 18) /* clauses that are made on the way */

/* An atom, or that it does not hold: 2 × atom, + 1 for not. */
typedef __u16 dnf_literal;
#define DNF_LITERAL(atom, negated) ((dnf_literal)(2 * (atom) + !!(negated)))
#define DNF_ATOM(literal) ((literal) >> 1)
#define DNF_NEGATED(literal) ((literal)&1)

struct conjunction {
	__u64 signature; /* a bit per literal, hashed: to see quickly what is no subset */
	size_t count;
	dnf_literal literal[DNF_LITERALS_MAX]; /* ascending */
};

/* Any of the list; none: never true. One without literals: always true. */
struct dnf {
	struct conjunction *list;
	size_t count, capacity;
	bool dropped; /* contradictions or superfluous clauses were left out on the way */
};

void dnf_done(struct dnf *dnf);

/*
 * Brings the condition, or its negation, into the form. -E2BIG: more than
 * DNF_CLAUSES_MAX clauses or too much work on the way; -ERANGE: a clause of more than
 * DNF_LITERALS_MAX literals; else the errors of atoms_of_test(). All functions here
 * recurse: dnf_is_too_deep() goes before them.
 */
int dnf_make(struct dnf *ret_dnf, const struct expression *condition, bool negated,
	     struct atoms *atoms);

/* How many clauses it would have without simplification, 2^53 or more counting as
 * infinity: to tell an author how far over the limit it is. */
double dnf_estimate(const struct expression *condition, bool negated);

/* Whether the condition is nested deeper than DNF_DEPTH_MAX; `depth` is 0. */
bool dnf_is_too_deep(const struct expression *condition, size_t depth);

/* Whether the condition holds when none of its tests does. */
bool dnf_holds_of_nothing(const struct expression *condition);

#endif
