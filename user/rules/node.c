/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps are searched from the start: those of rules have few keys, and each is looked
 * for once.
 */
#include "rules/node.h"

#include <string.h>

void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++) {
		node_free(node->child[i]);
		if (node->key)
			node_free(node->key[i]);
	}
	free(node->child);
	free(node->key);
	free(node->text);
	free(node);
}

const struct node *node_find(const struct node *map, const char *key)
{
	for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
		if (!strcmp(map->key[i]->text, key))
			return map->child[i];
	return NULL;
}

bool node_is_null(const struct node *node)
{
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; node->kind == NODE_TEXT && !node->quoted && i < ARRAY_SIZE(names); i++)
		if (!strcmp(node->text, names[i]))
			return true;
	return false;
}

struct place node_place_in(const struct node *node, size_t offset)
{
	struct place place = node->place;

	if (!node->text_column)
		return place;
	place.column = node->text_column;
	for (size_t i = 0; i < offset; i++)
		place.column += ((unsigned char)node->text[i] & 0xc0) != 0x80;
	return place;
}

int node_expect(const struct node *node, enum node_kind kind, const char *what,
		struct diagnostics *diagnostics)
{
	static const char *const kinds[] = {
		[NODE_TEXT] = "a text",
		[NODE_LIST] = "a list",
		[NODE_MAP] = "a map",
	};

	if (node->kind == kind && (kind != NODE_TEXT || *node->text))
		return 0;
	return diagnose(diagnostics, SEVERITY_ERROR, &node->place, "%s must be %s%s", what,
			kinds[kind], kind == NODE_TEXT ? " that is not empty" : "");
}
