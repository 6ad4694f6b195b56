/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the files that rules name, labels and marks them, and those that appear later or take
 * their place. A name is what the kernel writes: no symbolic link is followed on the way.
 */
#ifndef FERMATA_PLACING_H
#define FERMATA_PLACING_H

#include "rules/names.h"
#include "sensor/labels.h"
#include "sensor/mark_table.h"

#define WATCHES_MAX 1024 /* directories; what appears in others is not found */
#define PATTERN_FILES_MAX 64 /* found for one pattern with wildcards */

/* How far it has come; what the maker of the process is told. */
struct placed {
	size_t failed; /* files that could not be labelled or marked, directories not watched */
	bool full; /* a bound was reached: not everything is found or watched */
};

struct placing {
	const struct names *names;
	int group; /* of fanotify; -1: files are labelled only */
	int inotify;
	struct mark_table *table;
	struct labels labels;
	int watch[WATCHES_MAX];
	size_t watch_count;
	struct placed placed;
};

/* Looks for all the files. */
void placing_run(struct placing *placing);

/* Waits until one may have appeared, and looks again. Returns -errno when there will be no
 * more word of that. */
int placing_follow(struct placing *placing);

/* Takes the labels back. */
void placing_end(struct placing *placing);

#endif
