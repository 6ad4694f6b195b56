/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clauses of a policy: conjunctions as the decider looks at them, each hung on its
 * pivot.
 */
#ifndef FERMATA_CLAUSE_H
#define FERMATA_CLAUSE_H

#include "rules/dnf.h"

struct clause {
	__u16 rule;
	__u8 event; /* enum event_type */
	bool enforcing; /* looked at when a field is incomplete */
	bool confirm; /* has an atom that the kernel side does not see */
	__u16 pivot;
	__u32 order; /* in which it was added */
	__u32 count;
	__u32 literal[LITERALS_MAX]; /* as in struct policy_clause */
};

struct clauses {
	struct clause *list;
	size_t count;
};

/* -ENOMEM. */
int clauses_init(struct clauses *clauses);
void clauses_done(struct clauses *clauses);

/* Whose clauses are added. */
struct clause_owner {
	__u16 rule;
	enum event_type event;
	bool enforcing;
};

/*
 * Adds one clause and notes in its atoms that the event has them. Returns 1; 0 when it
 * can never hold, because a gate contradicts it; -ERANGE: more than LITERALS_MAX
 * literals; -EINVAL: a field that the event does not have; -ENOSPC: more than
 * CLAUSES_MAX clauses, or ATOMS_MAX atoms; -ENOMEM.
 */
int clauses_add(struct clauses *clauses, const struct clause_owner *owner,
		const struct conjunction *conjunction, struct atoms *atoms);

/* Brings those of one pivot together. */
void clauses_sort(struct clauses *clauses);

#endif
