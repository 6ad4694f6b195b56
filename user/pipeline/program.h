/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of an executed program. They never change, so processes, their children
 * and their forks share them.
 */
#ifndef FERMATA_PROGRAM_H
#define FERMATA_PROGRAM_H

#include "agent.h"
#include "base/cleanup.h"
#include "pipeline/event_view.h"

struct program {
	unsigned int references;
	size_t size; /* bytes of memory it takes */
	struct bytes image, command_line, current_directory; /* data == NULL: not known */
	struct program_key key; /* of its execution; all zero: no record told of it */
	__u16 incomplete; /* of the three texts, in their order, a bit each: it did not fit */
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
