/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session and its first process start with: the atoms of texts that the kernel
 * side has not seen itself.
 */
#ifndef FERMATA_SEED_H
#define FERMATA_SEED_H

#include "agent.h"

/* Of the names of the agent; a name may be NULL. */
void seed_agent(const struct policy *policy, struct facts *ret_facts, const char *name,
		const char *id, const char *profile);

/* Of a child of ours that has not executed anything yet: our own program is what it runs,
 * and its parent's. Their key is always the same, so that they can be renewed. 0 or -errno. */
int seed_self(const struct policy *policy, struct tag *tag);

#endif
