/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command that `run` watches: made and held before it executes, so that it can be
 * tagged first; everything of the caller's passes through to it.
 */
#ifndef FERMATA_CHILD_H
#define FERMATA_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct filter;

/* Whom the command runs as. */
struct identity {
	bool change; /* else: as the caller */
	uid_t uid;
	gid_t gid;
	char *name, *home; /* owned; NULL when the user has no entry */
};

void identity_done(struct identity *identity);

/*
 * Of `user` (a name or number), or, when that is NULL, of who called sudo: an agent
 * should not become root because its monitor is. 0; -ENOENT: no such user; -EINVAL:
 * SUDO_UID or SUDO_GID is not a number.
 */
int identity_find(struct identity *ret_identity, const char *user);

struct child {
	pid_t pid;
	int go; /* closed or written: it executes */
	int failure; /* errno of an exec that failed, by read */
};

/* What the child will be. */
struct child_config {
	char *const *argv;
	const struct identity *identity;
	const struct filter *filter; /* of its system calls, or NULL */
	const sigset_t *mask; /* what it will have blocked */
	bool ignores_children; /* it will ignore SIGCHLD */
};

/* Forks the child, which waits. 0 or -errno. */
int child_start(struct child *ret_child, const struct child_config *config);

/* Lets it execute. 0: it did, or died before; else the errno of what failed, positive,
 * with *ret_step a constant string; it has ended then. */
int child_release(struct child *child, const char **ret_step);

#endif
