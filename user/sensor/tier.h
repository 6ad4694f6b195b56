/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiers, and what a host must have for any of them.
 */
#ifndef FERMATA_TIER_H
#define FERMATA_TIER_H

#include <stdbool.h>

/* The strongest shell that is used; what it cannot serve falls to those after it. */
enum tier { TIER_lsm, TIER_fmod_ret, TIER_portable, TIER_MAX };
extern const char *const tier_table[TIER_MAX];

/*
 * Returns 0, or -errno when nothing can be watched here: -EPERM (no privilege), -ENOSYS (no
 * BTF, or a kernel before 6.1); *ret_missing is then a constant string that names what is
 * missing.
 */
int tier_check(const char **ret_missing);

/* major << 8 | minor; 0: not known */
unsigned int kernel_version(void);

/* Whether a task may be pre-empted inside of a BPF program of a trampoline; true as well
 * where that cannot be found out. */
bool kernel_pre_emptible(void);

/*
 * Why no program of a shell can work, as far as that can be told without loading one: 0, or a
 * positive errno with *ret_step a constant string. EPERM: the kernel refuses trampolines;
 * ENOENT: bpf is not among the active security modules.
 */
int tier_lsm_refused(const char **ret_step);
int tier_trampolines_refused(const char **ret_step);

#endif
