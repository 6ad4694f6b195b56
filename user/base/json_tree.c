/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values are rendered when they are added; sorting the names then brings those of one
 * object together, and walking them opens and closes objects where names part.
 */
#include "base/json_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT_MAX 64 /* bytes of one part of a name */
#define KEYS_MAX (JSON_TREE_MAX * 128) /* bytes of all names */

_Static_assert(JSON_TREE_MAX <= 256, "rows are sorted as bytes");

void json_tree_init(struct json_tree *tree, size_t maximum)
{
	buffer_init(&tree->keys, KEYS_MAX);
	buffer_init(&tree->values, maximum);
	tree->count = 0;
	tree->error = 0;
}

void json_tree_done(struct json_tree *tree)
{
	buffer_done(&tree->keys);
	buffer_done(&tree->values);
}

struct json *json_tree_add(struct json_tree *tree, const char *key)
{
	json_init(&tree->writer, &tree->values);
	if (tree->count == JSON_TREE_MAX) {
		tree->error = -E2BIG;
	} else {
		tree->row[tree->count].key = tree->keys.length;
		tree->row[tree->count].value = tree->values.length;
		tree->count++;
	}
	buffer_add(&tree->keys, key, strlen(key) + 1);
	return &tree->writer;
}

void json_tree_bytes(struct json_tree *tree, const char *key, const char *data, size_t length)
{
	_cleanup_buffer_ struct buffer twin = BUFFER(256);

	json_put_text(json_tree_add(tree, key), NULL, data, length);
	if (!json_needs_hex(data, length))
		return;
	buffer_print(&twin, "%s_hex", key);
	json_put_hex(json_tree_add(tree, buffer_string(&twin)), NULL, data, length);
}

static const char *tree_key(const struct json_tree *tree, unsigned int row)
{
	return tree->keys.data + tree->row[row].key;
}

/* By bytes, with the dot before all others: what an object holds stands together. */
static int row_compare(const void *a, const void *b, void *tree)
{
	const char *left = tree_key(tree, *(const unsigned char *)a);
	const char *right = tree_key(tree, *(const unsigned char *)b);

	while (*left && *left == *right) {
		left++;
		right++;
	}
	if (*left == '.' && *right)
		return -1;
	if (*right == '.' && *left)
		return 1;
	return (unsigned char)*left - (unsigned char)*right;
}

/* A name may neither be there twice nor be a value and an object at once; in the sorted
 * order such names are neighbours. */
static int check_names(const struct json_tree *tree, const unsigned char *order)
{
	for (size_t i = 1; i < tree->count; i++) {
		const char *last = tree_key(tree, order[i - 1]);
		const char *key = tree_key(tree, order[i]);
		size_t length = strlen(last);

		if (!strncmp(last, key, length) && (!key[length] || key[length] == '.'))
			return -EEXIST;
	}
	return 0;
}

/* Goes from the object that holds `last` to the one that holds `key`. Returns the last
 * component of `key`. */
static const char *move(struct json *w, const char *last, const char *key)
{
	char component[COMPONENT_MAX];
	size_t shared = 0; /* bytes of the objects that both are in */
	const char *dot;

	for (size_t at = 0; last[at] && last[at] == key[at]; at++)
		if (last[at] == '.')
			shared = at + 1;
	for (last += shared; (dot = strchr(last, '.')); last = dot + 1)
		json_object_end(w);
	for (key += shared; (dot = strchr(key, '.')); key = dot + 1) {
		snprintf(component, sizeof(component), "%.*s", (int)(dot - key), key);
		json_object_begin(w, component);
	}
	return key;
}

int json_tree_write(struct json_tree *tree, struct json *w, const char *key)
{
	unsigned char order[JSON_TREE_MAX];
	const char *last = "", *name;
	int r = tree->error;

	if (!r)
		r = tree->keys.error ? tree->keys.error : tree->values.error;
	if (r < 0)
		return r;
	for (size_t i = 0; i < tree->count; i++)
		order[i] = (unsigned char)i;
	qsort_r(order, tree->count, sizeof(order[0]), row_compare, tree);
	r = check_names(tree, order);
	if (r < 0)
		return r;
	json_object_begin(w, key);
	for (size_t i = 0; i < tree->count; i++) {
		size_t row = order[i], start = tree->row[row].value;
		size_t end = row + 1 < tree->count ? tree->row[row + 1].value : tree->values.length;

		name = move(w, last, tree_key(tree, row));
		json_put_raw(w, name, tree->values.data + start, end - start);
		last = tree_key(tree, row);
	}
	move(w, last, "");
	json_object_end(w);
	return w->out->error;
}
