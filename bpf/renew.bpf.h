/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * When the policy is switched, the atoms in tags are those of the one before. What holds of
 * each living program under the next one is in `renewals` by then: the user side puts it
 * there, and who executes a program meanwhile does so itself. A tag is renewed by the first
 * event of its task under the new policy.
 */
#ifndef FERMATA_RENEW_H
#define FERMATA_RENEW_H

#include "tag.bpf.h"

#define FACT_BIT(member) (1 << (SLOT_fact_##member - SLOT_fact_image))
#define OWN_FACTS (FACT_BIT(image) | FACT_BIT(command_line) | FACT_BIT(current_directory))
#define PARENT_FACTS (FACT_BIT(parent_image) | FACT_BIT(parent_command_line))

/* The key is a copy: 6.1 takes no argument of a global function for one. */
static __always_inline const struct program_facts *renewal_of(struct program_key key,
							      __u64 generation)
{
	const struct renewal *renewal = bpf_map_lookup_elem(&renewals, &key);

	if (renewal && renewal->slot[0].generation == generation)
		return &renewal->slot[0];
	if (renewal && renewal->slot[1].generation == generation)
		return &renewal->slot[1];
	count_loss(LOSS_renewal);
	return NULL;
}

static __always_inline void facts_lose(struct facts *facts, __u16 fields)
{
	facts->count = 0;
	facts->incomplete = fields;
}

/* Puts the atoms of the policy of that generation into the tag. What is not known of a
 * program is incomplete. */
__noinline int tag_renew(struct tag *tag, __u64 generation)
{
	const struct program_facts *facts;

	if (!tag)
		return 0;
	facts = renewal_of(tag->program, generation);
	if (facts) {
		tag->own = facts->own;
		tag->as_parent = facts->as_parent;
	} else {
		facts_lose(&tag->own, OWN_FACTS);
		facts_lose(&tag->as_parent, PARENT_FACTS);
	}
	facts = renewal_of(tag->parent_program, generation);
	if (facts)
		tag->parent = facts->as_parent;
	else
		facts_lose(&tag->parent, PARENT_FACTS);
	tag->generation = generation;
	return 0;
}

#endif
