/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file refers to by name, rules and fields, each with its place.
 */
#ifndef FERMATA_REFERENCE_H
#define FERMATA_REFERENCE_H

#include "rules/node.h"

struct reference {
	char *text; /* owned */
	struct place place;
};

struct reference_list {
	struct reference *list;
	size_t count;
};

/* Takes the text of a node. -EINVAL (diagnosed): it is none, or empty; -ENOMEM. */
int reference_read(struct reference *ret_reference, const struct node *node, const char *what,
		   struct diagnostics *diagnostics);

/*
 * Takes the texts of a list, or one text: at most `most`, `item` is what each is. -EINVAL
 * (diagnosed) or -ENOMEM; the list is to be released in any case.
 */
int reference_list_read(struct reference_list *list, const struct node *node, size_t most,
			const char *what, const char *item, struct diagnostics *diagnostics);
void reference_list_done(struct reference_list *list);

#endif
