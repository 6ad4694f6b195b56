/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a recording or of any file of flat events, in the order of their time.
 *
 * A recording is nearly in order: events that were on their way at the same moment on
 * several processors may be some lines off. Lines that have `time` near their beginning,
 * as a recording's have, are put in order as far as they are within FLAT_WINDOW lines;
 * others stay where they are. Nothing is moved past the head of a recording's next part.
 */
#ifndef FERMATA_FLAT_LINES_H
#define FERMATA_FLAT_LINES_H

#include <linux/types.h>
#include <stddef.h>

#include "base/cleanup.h"

#define FLAT_WINDOW 4096 /* fewer when lines are so long that they are more than 7 MiB */

struct flat_lines;

/* Reads from the descriptor, which is borrowed. -ENOMEM. */
int flat_lines_new(struct flat_lines **ret_lines, int fd);
void flat_lines_free(struct flat_lines *lines);
DEFINE_CLEANUP(struct flat_lines *, flat_lines_free)

struct flat_text {
	const char *data; /* borrowed until the next call; no newline in it */
	/* more than FLAT_LINE_MAX: the rest of the line is not there */
	size_t length;
	__u64 number; /* of the line in the file, from 1 */
};

/* The next line that is not empty. 1; 0 at the end; -errno of read(2). */
int flat_lines_next(struct flat_lines *lines, struct flat_text *ret_text);

#endif
