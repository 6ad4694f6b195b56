/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of a policy image while it is made: equal ones are shared. They become
 * one run of bytes, so a list is known by its place in that run.
 */
#ifndef FERMATA_LISTS_H
#define FERMATA_LISTS_H

#include "rules/intern.h"

struct lists {
	struct intern intern;
};

/* Lists of at most POLICY_SIZE_MAX bytes together. -ENOMEM. */
int lists_init(struct lists *lists);
void lists_done(struct lists *lists);

/*
 * Adds the list of `count` numbers, at most ATOMS_MAX. *ret_place is its place in the
 * run, 0 for the empty list. -ENOSPC: all lists together are over the maximum; -ENOMEM.
 */
int lists_add(struct lists *lists, const __u16 *numbers, size_t count, __u32 *ret_place);

/* The same for the numbers of two lists, of which each has its numbers in ascending
 * order; a number that both have is in it once. */
int lists_join(struct lists *lists, __u32 one, __u32 other, __u32 *ret_place);

/* The run of bytes. */
const void *lists_bytes(const struct lists *lists);
size_t lists_size(const struct lists *lists);

#endif
