/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds of the programs that live under another policy than the one they were executed
 * under: see sensor_policy_prepare().
 */
#ifndef FERMATA_RENEWAL_H
#define FERMATA_RENEWAL_H

#include "agent.h"

struct process_table;

/* Takes one program; what it returns, other than 0, ends it. */
typedef int (*renewal_fn)(void *context, const struct program_key *key,
			  const struct program_facts *facts);

/* Every program that a process of the table runs, or was created under; one that several do
 * comes several times. Those that no record told of have no key, and do not come. 0, or what
 * `take` returned. */
int renew(const struct process_table *table, const struct policy *policy, renewal_fn take,
	  void *context);

#endif
