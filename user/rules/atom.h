/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The atoms of a policy: every test of every rule, each different one once. A test of a
 * value as it is captured is one exact atom. What is more than that (an inner wildcard, a
 * cased text, a regular expression, another field) is a user atom, which has a gate: an
 * exact atom that holds whenever it may, so that the kernel can leave out the rest. Exact
 * atoms of enriched fields are exact on the user side, and unknown to the kernel.
 */
#ifndef FERMATA_ATOM_H
#define FERMATA_ATOM_H

#include "base/cleanup.h"
#include "rules/interval.h"
#include "rules/literal.h"
#include "rules/rule.h"

enum atom_kind {
	ATOM_ALWAYS, /* the event is `event` */
	ATOM_EXISTS, /* the field has a value */
	ATOM_TEXT, /* any of `texts`, literals with anchors */
	ATOM_RANGES, /* in any of `ranges`, which are joined */
	ATOM_BITS, /* any bit of `bits` */
	ATOM_USER, /* any of `texts`, `ranges` or `others`, as `op` has it */
};

struct atom_text {
	unsigned char *bytes; /* owned; of literals and CONFIRM_GLOB: folded */
	size_t length;
	unsigned int anchors; /* enum anchor; ATOM_USER: 0 */
};

#define NO_ATOM (-1)

struct atom {
	enum atom_kind kind;
	enum field field; /* FIELD_MAX: ATOM_ALWAYS */
	enum event_type event; /* ATOM_ALWAYS */
	enum confirm_op op; /* ATOM_USER */
	unsigned int flags; /* ATOM_USER: of the operator */
	struct atom_text *texts;
	struct range *ranges;
	enum field *others;
	size_t count;
	__u64 bits;
	/* ATOM_USER: the first is always there, the second for the clauses alone */
	int gate[2];
	int rarity; /* a guess at how seldom it holds; larger is more seldom */
	__u32 events; /* by enum event_type: whose clauses have it */
	__u32 gates; /* by enum event_type: where it is the gate of an atom in `events` */
};

/* Which events need it, by enum event_type. */
static inline __u32 atom_users(const struct atom *atom)
{
	return atom->events | atom->gates;
}

/* Whether the kernel side sees that it holds. */
bool atom_is_seen(const struct atom *atom);

struct atoms;

/* -ENOMEM. */
int atoms_new(struct atoms **ret_atoms);
void atoms_free(struct atoms *atoms);
DEFINE_CLEANUP(struct atoms *, atoms_free)

size_t atoms_count(const struct atoms *atoms);

/* Borrowed until atoms_free(). */
struct atom *atoms_get(const struct atoms *atoms, size_t number);

/* A test is true when its exact atom or its user atom holds. With neither it is false. */
struct test_atoms {
	int exact, user; /* NO_ATOM */
};

/*
 * Finds the atoms of a test or makes them. -EINVAL: the test's operator does not suit
 * its field, or a pattern is broken; -ENOSPC: more than ATOMS_MAX, or 64 MiB of values; -ENOMEM.
 */
int atoms_of_test(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms);

/* The atom that holds in every such event. -ENOSPC, -ENOMEM. */
int atoms_always(struct atoms *atoms, enum event_type event, int *ret_atom);

#endif
