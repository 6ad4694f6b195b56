/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flat set of dotted names ("process.parent.pid") that is written as nested
 * objects, in one pass and with no name twice. Names come in any order; they
 * are written in byte order, so equal sets give equal lines.
 */
#ifndef FERMATA_JSON_TREE_H
#define FERMATA_JSON_TREE_H

#include "base/json.h"

#define JSON_TREE_MAX 192 /* names; one more is an error */

struct json_tree_row {
	size_t key, value; /* offsets in `keys` and `values` */
};

struct json_tree {
	struct buffer keys, values;
	struct json writer;
	struct json_tree_row row[JSON_TREE_MAX];
	size_t count;
	int error; /* -E2BIG: more than JSON_TREE_MAX names */
};

/* An empty set whose values take at most `maximum` bytes. */
void json_tree_init(struct json_tree *tree, size_t maximum);
void json_tree_done(struct json_tree *tree);

/* Takes the name and returns the writer for its value: the caller writes exactly one
 * value, with NULL for its key. */
struct json *json_tree_add(struct json_tree *tree, const char *key);

/* Adds json_put_bytes(): the text, and its twin when the bytes were not UTF-8. */
void json_tree_bytes(struct json_tree *tree, const char *key, const char *data, size_t length);

/*
 * Writes the object. 0, or: -EEXIST: a name was added twice, or is both a value and
 * an object; -E2BIG; -ENOSPC: over the maximum, here or in the writer's buffer;
 * -ENOMEM. After an error the output is not valid JSON.
 */
int json_tree_write(struct json_tree *tree, struct json *w, const char *key);

#define _cleanup_json_tree_ __attribute__((cleanup(json_tree_done)))

#endif
