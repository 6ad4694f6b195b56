/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names rules have for a file that is marked. Filled by one thread, asked by another,
 * which never waits longer than it takes to walk it.
 */
#ifndef FERMATA_MARK_TABLE_H
#define FERMATA_MARK_TABLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "question.h"

#define MARKS_MAX 1024 /* beyond it files stay unmarked, which is told */

struct mark {
	dev_t device;
	ino_t inode;
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

/* Adds a name of a file. 0; -ENOSPC; -ENOMEM. */
int mark_table_add(struct mark_table *table, const struct stat *file, int watch, const char *name);

/* Forgets the file that has the watch: it is gone. */
void mark_table_remove(struct mark_table *table, int watch);

/* Copies the file's name that comes `nth`. Returns false when it has fewer. */
bool mark_table_name(struct mark_table *table, const struct stat *file, size_t nth,
		     struct text *ret_name);

#endif
