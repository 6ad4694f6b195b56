/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc says about a living process: the last resort for one whose creation was
 * not seen (it was there before the agent was tagged, or its record was lost). `root`
 * is put in front of /proc; "" on a live system.
 */
#ifndef FERMATA_PROCFS_H
#define FERMATA_PROCFS_H

#include <linux/types.h>

struct program;

/*
 * The program that the process executes now. start_time is CLOCK_BOOTTIME in ns, as in
 * records; /proc has it in clock ticks, so up to two of them are taken for equal.
 * -ESRCH: no such process, or another one has its pid by now; else -errno.
 */
int procfs_program(const char *root, __u32 pid, __u64 start_time, struct program **ret_program);

/* The id of this boot, the caller's to free. */
int procfs_boot_id(const char *root, char **ret_id);

#endif
