/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of numbers and addresses, and the table of intervals that they cut a field's
 * values into: one binary search tells all atoms that hold.
 */
#ifndef FERMATA_INTERVAL_H
#define FERMATA_INTERVAL_H

#include <stddef.h>

#include "policy.h"
#include "rules/lists.h"

/* A value as the matcher compares it: see struct policy_bound. */
struct key {
	__u64 high, low;
};

/* From first to last, both in it; first is not above last. */
struct range {
	struct key first, last;
};

/* The largest key of a number, and of an address. */
extern const struct key key_number_max, key_address_max;

struct key key_of_number(__s64 number);
struct key key_of_address(const unsigned char address[16]); /* network byte order */
int key_compare(struct key a, struct key b);

/* Sorts the ranges and joins those that overlap or touch. Returns how many are left. */
size_t ranges_join(struct range *ranges, size_t count);

/* What one atom holds for; the ranges are joined. */
struct interval_atom {
	__u16 atom;
	const struct range *ranges; /* borrowed */
	size_t count;
};

struct intervals {
	struct policy_bound *bounds; /* owned; `list` is a place in the lists */
	size_t count;
};

/*
 * Makes the table of all atoms of one field, whose largest key is `max`. It has a
 * bound even when there are no atoms. -E2BIG: more than BOUNDS_MAX bounds, and then
 * ret_intervals->count is how many it would be; -ENOSPC: lists_add(); -ENOMEM.
 */
int intervals_make(struct intervals *ret_intervals, const struct interval_atom *atoms,
		   size_t atom_count, struct key max, struct lists *lists);

#endif
