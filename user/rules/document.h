/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML file as trees of nodes that know their places: what libyaml reads, with the
 * bounds that a file from outside needs. Rules and maestro.yml are read from these.
 */
#ifndef FERMATA_DOCUMENT_H
#define FERMATA_DOCUMENT_H

#include <stddef.h>

#include "rules/node.h"

#define DOCUMENT_DEPTH_MAX 64 /* nested lists and maps; reading the file stops there */
#define DOCUMENT_NODES_MAX 200000 /* per file; reading the file stops there */

/* The documents of one file. */
struct documents {
	struct node **list;
	size_t count;
};

/*
 * Reads all documents of a file. Those with an error are left out and diagnosed;
 * after a syntax error nothing more is read, as nobody knows where the next begins.
 * Empty documents are left out. `file` is borrowed by the places. 0, or -errno as
 * source_read(), diagnosed.
 */
int documents_read(struct documents *ret_documents, const char *file,
		   struct diagnostics *diagnostics);

void documents_done(struct documents *documents);

#endif
