/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Shells: how a body is attached. SECURITY_HOOK makes the programs that sit on an LSM
 * hook, of which the loader takes those that fire on this kernel. No program takes the
 * trailing `ret`: the chain stops at the first refusal, so it is always 0, and its place
 * differs between kernels.
 *
 * Why some programs are attached more than once: the kernel does not run a tracing
 * program (fmod_ret, tp_btf) on a CPU where that same program has begun and not ended
 * (bpf_prog->active, meant against recursion). Where it can be pre-empted, the one that
 * has begun may be another task's, and the event of the task that runs now is skipped in
 * silence: one exec in ten of a busy tree on 7.3. bpf_preempt_disable() does not help, as
 * the pre-emption then comes when it is undone, still inside of the program. A copy has a
 * count of its own and examines what the first was kept from; of the long programs, the
 * last copy is one for perf, which the kernel runs with pre-emption disabled. What all
 * copies were kept from is counted by the kernel, and told as a loss. What both programs of a
 * fmod_ret hook were kept from is examined later in the same call, by programs that are not
 * skipped: of cgroups for connections, of sys_exit for files (struct tag, seen). lsm programs
 * have no such count and are never skipped.
 */
#ifndef FERMATA_SHELL_H
#define FERMATA_SHELL_H

#include <bpf/bpf_tracing.h>

#include "verdict.bpf.h"

/* The 6.12 verifier cannot bound the branch-free form of a choice between 0 and an
 * error that clang makes; hidden from clang, it stays a branch. */
static __always_inline int refusal(int r)
{
	opaque(r);
	return r ? -EPERM : 0;
}

/* SECURITY_HOOK(lsm hook, name of the security_ function, body, parameters, arguments) */
#define SECURITY_HOOK(hook, function, body, parameters, arguments)                                 \
	SEC("lsm/" #hook)                                                                          \
	int BPF_PROG(lsm_##hook, PARAMETERS parameters)                                            \
	{                                                                                          \
		return refusal(body(ORIGIN(lsm, hook, 0), PARAMETERS arguments));                  \
	}                                                                                          \
	SEC("fmod_ret/security_" #function)                                                        \
	int BPF_PROG(fmod_ret_##hook, PARAMETERS parameters)                                       \
	{                                                                                          \
		return ONCE(fmod_ret, hook, 0,                                                     \
			    body(ORIGIN(fmod_ret, hook, 0), PARAMETERS arguments));                \
	}                                                                                          \
	SEC("fmod_ret/security_" #function)                                                        \
	int BPF_PROG(fmod_ret_##hook##_copy, PARAMETERS parameters)                                \
	{                                                                                          \
		return ONCE(fmod_ret, hook, 1,                                                     \
			    body(ORIGIN(fmod_ret, hook, 1), PARAMETERS arguments));                \
	}

/* The same of a body that takes its arguments by number, from the context: where the verifier
 * of some kernel lets nobody look at their types, or their places differ. */
#define ARGUMENT_HOOK(hook)                                                                        \
	SEC("lsm/" #hook)                                                                          \
	int lsm_##hook(void *context)                                                              \
	{                                                                                          \
		return refusal(hook##_body(ORIGIN(lsm, hook, 0), context));                        \
	}                                                                                          \
	SEC("fmod_ret/security_" #hook)                                                            \
	int fmod_ret_##hook(void *context)                                                         \
	{                                                                                          \
		return ONCE(fmod_ret, hook, 0, hook##_body(ORIGIN(fmod_ret, hook, 0), context));   \
	}                                                                                          \
	SEC("fmod_ret/security_" #hook)                                                            \
	int fmod_ret_##hook##_copy(void *context)                                                  \
	{                                                                                          \
		return ONCE(fmod_ret, hook, 1, hook##_body(ORIGIN(fmod_ret, hook, 1), context));   \
	}

/* Of a program and its copy, the one that comes first examines and the other passes;
 * after a refusal no other comes. */
#define EXAMINED(tag, hook) (tag)->examined[HOOK_WORD(HOOK_##hook)]
#define ONCE(shell, hook, copy, examine)                                                           \
	({                                                                                         \
		struct tag *tag_ = tag_current();                                                  \
		int r_ = 0;                                                                        \
		if (tag_ && EXAMINED(tag_, hook) & HOOK_BIT(HOOK_##hook)) {                        \
			EXAMINED(tag_, hook) &= ~HOOK_BIT(HOOK_##hook);                            \
			if (tag_->trial)                                                           \
				r_ = refusal(trial_second(tag_, ORIGIN(shell, hook, copy)));       \
		} else if (tag_) {                                                                 \
			r_ = refusal(examine);                                                     \
			if (!r_)                                                                   \
				EXAMINED(tag_, hook) |= HOOK_BIT(HOOK_##hook);                     \
		}                                                                                  \
		r_;                                                                                \
	})

/* TRACEPOINT(program, tracepoint, copy, body, parameters, arguments): bodies know by
 * themselves what they have examined. The _PERF form has the context of its arguments only. */
#define TRACEPOINT(name, point, copy, body, parameters, arguments)                                 \
	SEC("tp_btf/" #point)                                                                      \
	int BPF_PROG(name, PARAMETERS parameters)                                                  \
	{                                                                                          \
		body(ORIGIN(tracepoint, point, copy), PARAMETERS arguments);                       \
		return 0;                                                                          \
	}
#define TRACEPOINT_PERF(name, category, point, copy, body, arguments)                              \
	SEC("tp/" #category "/" #point)                                                            \
	int name(void *context)                                                                    \
	{                                                                                          \
		body(ORIGIN(tracepoint, point, copy), PARAMETERS arguments);                       \
		return 0;                                                                          \
	}
#define PARAMETERS(...) __VA_ARGS__

#endif
