/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compiling makes of one rule, to be looked at: its clauses with their atoms, and
 * what it takes of a policy. Made by the compiler's own parts from that rule alone.
 */
#ifndef FERMATA_INSPECTION_H
#define FERMATA_INSPECTION_H

#include "rules/atom.h"
#include "rules/compile.h"

struct inspected_literal {
	const struct atom *atom; /* of the inspection */
	bool negated;
	bool pivot; /* the clause is looked at when this holds */
	bool user; /* the kernel does not see it */
};

struct inspected_clause {
	size_t count;
	struct inspected_literal literal[LITERALS_MAX + 1];
	bool user; /* any of them is */
};

struct inspection {
	struct atoms *atoms;
	struct inspected_clause *clauses; /* of a detection */
	size_t count;
	/* of the rule and all that it refers to, alone: together with others it takes less */
	size_t atom_count, state_count, bytes;
	size_t words; /* of a session's correlation state */
};

/* -EINVAL: the rule does not compile; -ENOMEM. */
int inspection_make(struct inspection **ret_inspection, const struct ruleset *ruleset,
		    size_t number);
void inspection_free(struct inspection *inspection);
DEFINE_CLEANUP(struct inspection *, inspection_free)

#endif
