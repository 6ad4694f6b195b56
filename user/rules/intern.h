/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings, each kept once and numbered: atoms by what they test, lists by what
 * they hold.
 */
#ifndef FERMATA_INTERN_H
#define FERMATA_INTERN_H

#include <linux/types.h>

#include "base/buffer.h"

struct interned {
	size_t offset, length; /* in `bytes` */
};

struct intern {
	struct buffer bytes; /* all strings, one after the other */
	struct interned *items;
	size_t count;
	__u32 *slots; /* item + 1, 0: free */
	size_t slot_count; /* power of two */
};

/* Makes it empty, for at most `maximum` bytes of strings. Allocates nothing yet. */
void intern_init(struct intern *intern, size_t maximum);
void intern_done(struct intern *intern);

/*
 * Finds the string or adds it: *ret_index is its number. Returns 1 when it is new, 0
 * when it was there, -ENOSPC over the maximum, -ENOMEM.
 */
int intern_add(struct intern *intern, const void *string, size_t length, size_t *ret_index);

#endif
