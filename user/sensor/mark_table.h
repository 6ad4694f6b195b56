/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names rules have for a file that is labelled or marked. Filled by one thread, asked by
 * another, which never waits longer than it takes to walk it.
 */
#ifndef FERMATA_MARK_TABLE_H
#define FERMATA_MARK_TABLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "label.h"

#define MARKS_MAX 1024 /* beyond it files are known by path only, which is told */

struct mark {
	dev_t device;
	ino_t inode;
	struct file_identity file; /* as the kernel side knows it */
	int watch; /* by which the end of the file is told */
	char *name; /* owned */
};

struct mark_table {
	pthread_mutex_t lock;
	struct mark mark[MARKS_MAX];
	size_t count;
};

void mark_table_init(struct mark_table *table);

bool mark_table_has(struct mark_table *table, const struct stat *file, const char *name);

/* Adds a name of a file, which is what is set in `mark` beside. 0; -ENOSPC; -ENOMEM. */
int mark_table_add(struct mark_table *table, const struct stat *file, const struct mark *mark,
		   const char *name);

/* Takes a name out, of the file that has the watch (-1: of any). Returns false when there is
 * none; else the name is the caller's. */
bool mark_table_take(struct mark_table *table, int watch, struct mark *ret_mark);

/* Copies the file's name that comes `nth`. Returns false when it has fewer. */
bool mark_table_name(struct mark_table *table, const struct stat *file, size_t nth,
		     struct text *ret_name);

#endif
