/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Shells: how a body is attached. SECURITY_HOOK makes the two programs that sit on an
 * LSM hook, of which the loader takes the one that fires on this kernel. No program
 * takes the trailing `ret`: the chain stops at the first refusal, so it is always 0,
 * and its place differs between kernels.
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
		return refusal(body(SHELL_lsm, PARAMETERS arguments));                             \
	}                                                                                          \
	SEC("fmod_ret/security_" #function)                                                        \
	int BPF_PROG(fmod_ret_##hook, PARAMETERS parameters)                                       \
	{                                                                                          \
		return refusal(body(SHELL_fmod_ret, PARAMETERS arguments));                        \
	}
#define PARAMETERS(...) __VA_ARGS__

#endif
