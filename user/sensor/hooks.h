/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs of the kernel side: include/hook.h expanded to one row for each.
 */
#ifndef FERMATA_HOOKS_H
#define FERMATA_HOOKS_H

#include "hook.h"

/* What must be so for a program to be loaded. */
enum hook_need { NEED_ALWAYS, NEED_EVENT, NEED_REFUSAL, NEED_NAMES };

/* On which kernels: where a task can be pre-empted inside of a tracepoint's program, more
 * and other programs are needed (bpf/shell.bpf.h). */
enum hook_kernels { KERNELS_all, KERNELS_pre_empted, KERNELS_not_pre_empted };

struct program {
	const char *name; /* in bpf/ */
	enum hook hook;
	enum shell shell;
	unsigned int copy; /* below COPIES_MAX; of a hook and shell, they follow one another */
	enum hook_need need;
	__u32 events; /* EVENT_BIT */
	enum hook_kernels kernels;
	const char *function; /* of the kernel, that the kernel may lack; else NULL */
};

/* Ended by a NULL name. */
extern const struct program program_table[];

extern const char *const hook_name_table[HOOK_MAX];

/* NULL: not in the table (iterators and the like, which are always loaded). */
const struct program *program_find(const char *name);

#endif
