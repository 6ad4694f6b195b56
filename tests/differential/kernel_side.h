/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The product's kernel side, loaded and attached to nothing: events are handed to it.
 */
#ifndef FERMATA_KERNEL_SIDE_H
#define FERMATA_KERNEL_SIDE_H

#include "base/cleanup.h"
#include "subject.h"

#define SESSIONS 4 /* rows */

struct kernel_side;

/* -errno; *ret_step is what failed. */
int kernel_side_open(struct kernel_side **ret_kernel, const char **ret_step);
void kernel_side_close(struct kernel_side *kernel);
DEFINE_CLEANUP(struct kernel_side *, kernel_side_close)

/* Puts the image in force, in turn in one of the two slots, and forgets what sessions did. */
int kernel_side_policy(struct kernel_side *kernel, const struct policy *policy);

/* Forgets what the session in that row did. */
int kernel_side_forget(struct kernel_side *kernel, __u32 row);

/* Where the next event is put. */
struct subject *kernel_side_subject(struct kernel_side *kernel);

/* Decides on it. -errno, -EIO: the program did not come to its end. Valid until the next. */
int kernel_side_decide(struct kernel_side *kernel, const struct decided **ret_decided);

#endif
