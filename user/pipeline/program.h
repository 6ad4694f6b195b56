/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of an executed program. They never change, so processes, their children
 * and their forks share them.
 */
#ifndef FERMATA_PROGRAM_H
#define FERMATA_PROGRAM_H

#include "base/cleanup.h"
#include "pipeline/event_view.h"

struct program {
	unsigned int references;
	size_t size; /* bytes of memory it takes */
	struct bytes image, command_line, current_directory; /* data == NULL: not known */
};

/* Copies the texts. In the arguments a NUL, which parts one from the next, becomes
 * a space. -ENOMEM. */
int program_new(struct program **ret_program, struct bytes image, struct bytes arguments,
		struct bytes directory);

/* One more owner. NULL is allowed; returns `program`. */
struct program *program_ref(struct program *program);

/* One owner less; the last frees it. */
void program_unref(struct program *program);
DEFINE_CLEANUP(struct program *, program_unref)

#endif
