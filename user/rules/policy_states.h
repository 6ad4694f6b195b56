/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The automaton and the lists of atoms of a policy image from outside: the parts whose
 * extent only shows when they are followed. Part of policy_check().
 */
#ifndef FERMATA_POLICY_STATES_H
#define FERMATA_POLICY_STATES_H

#include <stdbool.h>

#include "policy.h"

/* Lists of atoms that were looked at. */
struct policy_lists {
	const struct policy *policy; /* borrowed; the head and table sizes were checked */
	__u64 *seen; /* by place / 2 */
	size_t atoms; /* of all seen lists */
};

/* -ENOMEM. */
int policy_lists_init(struct policy_lists *lists, const struct policy *policy);
void policy_lists_done(struct policy_lists *lists);

/* Whether there is a list at `offset` whose atoms exist; 0 is the empty list. */
bool policy_list_ok(struct policy_lists *lists, __u32 offset);

/* Follows the automaton from every start state. -EINVAL: a column, state or list is not
 * where it may be; -ENOMEM. */
int policy_states_check(struct policy_lists *lists);

#endif
