/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undoing what `run` changed on the host, also when it is killed: a process that does
 * nothing but wait for the end of the one that made it.
 */
#ifndef FERMATA_UNDO_H
#define FERMATA_UNDO_H

#include <stdbool.h>

struct cgroup;

/*
 * Starts it. When the caller ends without undo_release(), whatever the reason, it kills
 * what is left in the cgroup (an agent must not go on unwatched) and removes it.
 * Returns a descriptor that stands for it, or -errno.
 */
int undo_start(struct cgroup *cgroup);

/* Ends it. `undone`: the caller has removed the cgroup itself; else it does now. */
void undo_release(int undo, bool undone);

#endif
