/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ground that a trial is held on: a directory of its own with a file, `file`, and a
 * program, `program`, that ends at once.
 */
#ifndef FERMATA_GROUND_H
#define FERMATA_GROUND_H

struct ground {
	int directory;
	char path[32]; /* of a directory to be removed; empty: nobody else can see it */
};

/* In a file system of our own that is mounted nowhere, else, as sandboxes may refuse that, in
 * a temporary directory. 0 or -errno. */
int ground_make(struct ground *ret_ground);
void ground_remove(struct ground *ground);

#endif
