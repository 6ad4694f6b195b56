/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML document as a tree of nodes that know their places. document.c makes them,
 * whoever reads a part of a rule looks into them.
 */
#ifndef FERMATA_NODE_H
#define FERMATA_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "rules/diagnostic.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	struct place place;
	/* NODE_TEXT */
	char *text; /* NUL-terminated, no other NUL */
	bool quoted; /* or a block scalar: a string, never null, number or boolean */
	/* column of text[0] when the text stands in the file as it is, on one line; else 0 */
	unsigned int text_column;
	/* items of a list; values of a map, each with its key, a NODE_TEXT */
	struct node **child;
	struct node **key;
	size_t count;
};

/* Frees the tree. NULL is allowed. */
void node_free(struct node *node);
DEFINE_CLEANUP(struct node *, node_free)

/* The value of a key of a map, or NULL. */
const struct node *node_find(const struct node *map, const char *key);

/* Whether it is `null`, `~` or nothing, unquoted. */
bool node_is_null(const struct node *node);

/* The place of the character at `offset` (bytes) in the node's text. */
struct place node_place_in(const struct node *node, size_t offset);

/* 0, or -EINVAL and "`what` must be a map" (a list, a text that is not empty). */
int node_expect(const struct node *node, enum node_kind kind, const char *what,
		struct diagnostics *diagnostics);

#endif
