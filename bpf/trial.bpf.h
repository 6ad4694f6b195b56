/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * That a program is attached does not say that it is ever run, nor that what it answers
 * counts. So the loader tags a child with a session of its own and has it do the act of
 * each hook: the programs note there that they were run, and the hook that is tried refuses.
 * No event of such a child is examined or told.
 */
#ifndef FERMATA_TRIAL_H
#define FERMATA_TRIAL_H

#include "tag.bpf.h"

/* Which program an event came to; every part is known when it is compiled. */
#define ORIGIN(shell, hook, copy) (SHELL_##shell | HOOK_##hook << 8 | (copy) << 16)
#define ORIGIN_SHELL(origin) ((origin)&0xff)
#define ORIGIN_HOOK(origin) ((origin) >> 8 & 0xff)
#define ORIGIN_COPY(origin) ((origin) >> 16)

/* Notes that the program was run. Returns -EPERM if it is to refuse. */
static __always_inline int trial_note(struct agent *agent, __u32 origin)
{
	__u32 hook = ORIGIN_HOOK(origin);

	__sync_fetch_and_or(&agent->fired[ORIGIN_COPY(origin)][HOOK_WORD(hook)], HOOK_BIT(hook));
	return agent->refuses == hook + 1 ? -EPERM : 0;
}

/* Of a program and its copy, the one that comes first passes: the other would not be run. */
static __always_inline int trial_first(struct agent *agent, __u32 origin)
{
	int r = trial_note(agent, origin);

	return ORIGIN_SHELL(origin) == SHELL_fmod_ret ? 0 : r;
}

static __always_inline int trial_second(const struct tag *tag, __u32 origin)
{
	struct agent *agent = agent_of(tag);

	return agent ? trial_note(agent, origin) : 0;
}

#endif
