/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What differs between the two compilers, so that the other headers of this
 * folder read the same in the kernel and in user space.
 */
#ifndef FERMATA_BOTH_H
#define FERMATA_BOTH_H

#ifdef __bpf__
#include "kernel.h"
#include <bpf/bpf_helpers.h>
/*
 * Calls fn(i, context) for i in 0..n-1 until it returns non-zero. State that
 * changes from call to call lives in map memory, never in *context: the 6.1
 * verifier takes scalars of the context that are constant at the call for
 * constant in every iteration, and removes the branches that test them.
 */
#define repeat(n, fn, context) bpf_loop(n, fn, context, 0)
#else
#include <linux/types.h>
#include <stddef.h>
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
typedef long (*repeat_fn)(__u32 i, void *context);
static inline void repeat_call(__u32 n, repeat_fn fn, void *context)
{
	for (__u32 i = 0; i < n; i++)
		if (fn(i, context))
			break;
}
#define repeat(n, fn, context) repeat_call(n, fn, context)
#endif

/* Keeps the compiler from reasoning about x: the verifier must see the bound. */
#define opaque(x) asm volatile("" : "+r"(x))

#endif
