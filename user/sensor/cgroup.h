/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup of our own for an agent: what cgroup programs are attached to, and how idle
 * members are killed. Below the cgroup that the caller is in, so that its limits hold;
 * found through a detached mount, so that it does not matter where, or whether, the
 * host has cgroup v2 mounted, nor what is beside it.
 */
#ifndef FERMATA_CGROUP_H
#define FERMATA_CGROUP_H

#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>

struct cgroup;

/* Makes `name` below the caller's own cgroup. -errno: -ENODEV where the kernel has no
 * cgroup v2 hierarchy. */
int cgroup_make(struct cgroup **ret_cgroup, const char *name);

/* Kills what is left in it, waits for that (at most two seconds), removes it. NULL is
 * allowed. Returns 0 or -errno (-EBUSY: something did not die). */
int cgroup_remove(struct cgroup *cgroup);

/* Forgets it without removing it. */
void cgroup_free(struct cgroup *cgroup);

/* Moves a process into it, with all its threads. */
int cgroup_add(const struct cgroup *cgroup, int pid);

/* A descriptor of its directory, owned by it. */
int cgroup_fd(const struct cgroup *cgroup);

/* The id of the cgroup whose directory that is; 0: the descriptor is none. */
__u64 cgroup_id(int fd);

/* Whether it owns the descriptor. */
bool cgroup_owns(const struct cgroup *cgroup, int fd);

/* Finds the path in the hierarchy of any cgroup by its id. -ESTALE: there is none; -errno:
 * there is no hierarchy, or none of its file handles. */
int cgroup_find(__u64 id, char path[PATH_MAX]);

/* Its path in the hierarchy, for messages. */
const char *cgroup_path(const struct cgroup *cgroup);

/* Sends SIGKILL to all members. */
int cgroup_kill(const struct cgroup *cgroup);

#endif
