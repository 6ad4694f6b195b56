/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events to trees. Anchors and aliases are refused, which ends alias bombs;
 * so are tags. Errors that leave the structure readable (a key twice, an alias) spoil
 * only their document.
 */
#include "rules/document.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

#include "rules/source.h"

struct reader {
	yaml_parser_t parser;
	const char *file;
	const char *text;
	size_t length;
	struct diagnostics *diagnostics;
	size_t nodes;
	bool spoilt; /* the document has an error but can be read on */
};

static struct place mark_place(const struct reader *reader, const yaml_mark_t *mark)
{
	return (struct place) { reader->file, (unsigned int)mark->line + 1,
				(unsigned int)mark->column + 1 };
}

/* Diagnoses an error of libyaml. Returns -EINVAL or -ENOMEM. */
static int parser_failed(const struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	struct place place = mark_place(reader, &parser->problem_mark);
	size_t index = parser->problem_mark.index;
	const char *hint = "";

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	/* libyaml counts characters: the byte is the same as long as all before is ASCII,
	 * and where it is not, there is only no hint. */
	if (index < reader->length && reader->text[index] == '\t')
		hint = " (a tab cannot indent YAML)";
	return diagnose(reader->diagnostics, SEVERITY_ERROR, &place, "YAML: %s%s%s%s",
			parser->context ? parser->context : "", parser->context ? ", " : "",
			parser->problem ? parser->problem : "not readable", hint);
}

static int event_next(struct reader *reader, yaml_event_t *event)
{
	return yaml_parser_parse(&reader->parser, event) ? 0 : parser_failed(reader);
}

static int node_new(struct reader *reader, struct node **ret_node, enum node_kind kind,
		    const yaml_mark_t *mark)
{
	struct place place = mark_place(reader, mark);
	struct node *node;

	if (++reader->nodes > DOCUMENT_NODES_MAX)
		return diagnose(reader->diagnostics, SEVERITY_ERROR, &place,
				"more than the limit of %d nodes in one file", DOCUMENT_NODES_MAX);
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->kind = kind;
	node->place = place;
	*ret_node = node;
	return 0;
}

static int node_append(struct node *node, struct node *key, struct node *child)
{
	/* Grown when the count is a power of two. */
	if (!(node->count & (node->count - 1))) {
		size_t capacity = node->count ? node->count * 2 : 1;
		struct node **list = reallocarray(node->child, capacity, sizeof(*list));

		if (!list)
			return -ENOMEM;
		node->child = list;
		list = key ? reallocarray(node->key, capacity, sizeof(*list)) : NULL;
		if (key && !list)
			return -ENOMEM;
		node->key = list;
	}
	if (key)
		node->key[node->count] = key;
	node->child[node->count++] = child;
	return 0;
}

/* Whether the scalar's text can be pointed into: then the column where it begins. */
static unsigned int scalar_column(const yaml_event_t *event)
{
	size_t characters = 0, start = event->start_mark.column + 1;

	if (event->start_mark.line != event->end_mark.line)
		return 0;
	switch (event->data.scalar.style) {
	case YAML_PLAIN_SCALAR_STYLE:
		return (unsigned int)start;
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		for (size_t i = 0; i < event->data.scalar.length; i++)
			characters += (event->data.scalar.value[i] & 0xc0) != 0x80;
		/* The quotes and the text, and no escapes. */
		if (event->end_mark.column + 1 - start == characters + 2)
			return (unsigned int)start + 1;
		return 0;
	default:
		return 0;
	}
}

static void spoil(struct reader *reader, const struct place *place, const char *message)
{
	diagnose(reader->diagnostics, SEVERITY_ERROR, place, "%s", message);
	reader->spoilt = true;
}

/* `!` alone, which only says "not plain", is no tag of interest. */
static void decoration_refuse(struct reader *reader, const yaml_mark_t *mark,
			      const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct place place = mark_place(reader, mark);

	if (anchor)
		spoil(reader, &place, "YAML anchors and aliases are not supported");
	if (tag && strcmp((const char *)tag, "!"))
		spoil(reader, &place, "YAML tags are not supported");
}

static int scalar_read(struct reader *reader, const yaml_event_t *event, struct node **ret_node)
{
	_cleanup_(node_freep) struct node *node = NULL;
	const char *value = (const char *)event->data.scalar.value;
	int r;

	r = node_new(reader, &node, NODE_TEXT, &event->start_mark);
	if (r < 0)
		return r;
	decoration_refuse(reader, &event->start_mark, event->data.scalar.anchor,
			  event->data.scalar.tag);
	if (memchr(value, 0, event->data.scalar.length))
		spoil(reader, &node->place, "a NUL character in a text");
	node->text = strdup(value);
	if (!node->text)
		return -ENOMEM;
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text_column = scalar_column(event);
	*ret_node = take_ptr(node);
	return 0;
}

static int node_read(struct reader *reader, const yaml_event_t *event, unsigned int depth,
		     struct node **ret_node);

/* Reads what comes next, unless it is the `end` event: then *ret_node stays NULL. */
static int next_read(struct reader *reader, yaml_event_type_t end, unsigned int depth,
		     struct node **ret_node)
{
	yaml_event_t event;
	int r = event_next(reader, &event);

	if (r < 0)
		return r;
	if (event.type != end)
		r = node_read(reader, &event, depth, ret_node);
	yaml_event_delete(&event);
	return r;
}

static int list_read(struct reader *reader, unsigned int depth, struct node *list)
{
	for (;;) {
		_cleanup_(node_freep) struct node *child = NULL;
		int r = next_read(reader, YAML_SEQUENCE_END_EVENT, depth, &child);

		if (r < 0 || !child)
			return r;
		r = node_append(list, NULL, child);
		if (r < 0)
			return r;
		child = NULL;
	}
}

static int map_read(struct reader *reader, unsigned int depth, struct node *map)
{
	for (;;) {
		_cleanup_(node_freep) struct node *key = NULL, *child = NULL;
		int r = next_read(reader, YAML_MAPPING_END_EVENT, depth, &key);

		if (r < 0 || !key)
			return r;
		r = next_read(reader, YAML_NO_EVENT, depth, &child);
		if (r < 0)
			return r;
		if (key->kind != NODE_TEXT) {
			spoil(reader, &key->place, "a key must be a plain text");
			continue;
		}
		r = node_append(map, key, child);
		if (r < 0)
			return r;
		key = child = NULL;
	}
}

static int key_compare(const void *a, const void *b)
{
	const struct node *left = *(struct node *const *)a, *right = *(struct node *const *)b;
	int order = strcmp(left->text, right->text);

	if (order)
		return order;
	if (left->place.line != right->place.line)
		return left->place.line < right->place.line ? -1 : 1;
	return left->place.column < right->place.column ? -1 : 1;
}

/* Sorted, so that a map of many keys costs no square of them. */
static int keys_check(struct reader *reader, const struct node *map)
{
	_cleanup_free_ struct node **keys = NULL;

	if (map->count < 2)
		return 0;
	keys = malloc(map->count * sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	memcpy(keys, map->key, map->count * sizeof(*keys));
	qsort(keys, map->count, sizeof(*keys), key_compare);
	for (size_t i = 1; i < map->count; i++) {
		if (strcmp(keys[i]->text, keys[i - 1]->text))
			continue;
		diagnose(reader->diagnostics, SEVERITY_ERROR, &keys[i]->place,
			 "the key '%s' is here twice, first in line %u", keys[i]->text,
			 keys[i - 1]->place.line);
		reader->spoilt = true;
	}
	return 0;
}

static int collection_read(struct reader *reader, const yaml_event_t *event, unsigned int depth,
			   struct node **ret_node)
{
	_cleanup_(node_freep) struct node *node = NULL;
	bool map = event->type == YAML_MAPPING_START_EVENT;
	struct place place = mark_place(reader, &event->start_mark);
	int r;

	if (depth > DOCUMENT_DEPTH_MAX)
		return diagnose(reader->diagnostics, SEVERITY_ERROR, &place,
				"nested deeper than the limit of %d", DOCUMENT_DEPTH_MAX);
	r = node_new(reader, &node, map ? NODE_MAP : NODE_LIST, &event->start_mark);
	if (r < 0)
		return r;
	if (map)
		decoration_refuse(reader, &event->start_mark, event->data.mapping_start.anchor,
				  event->data.mapping_start.tag);
	else
		decoration_refuse(reader, &event->start_mark, event->data.sequence_start.anchor,
				  event->data.sequence_start.tag);
	r = map ? map_read(reader, depth + 1, node) : list_read(reader, depth + 1, node);
	if (r >= 0 && map)
		r = keys_check(reader, node);
	if (r < 0)
		return r;
	*ret_node = take_ptr(node);
	return 0;
}

static int node_read(struct reader *reader, const yaml_event_t *event, unsigned int depth,
		     struct node **ret_node)
{
	struct place place = mark_place(reader, &event->start_mark);

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return scalar_read(reader, event, ret_node);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return collection_read(reader, event, depth, ret_node);
	case YAML_ALIAS_EVENT:
		spoil(reader, &place, "YAML anchors and aliases are not supported");
		/* Something must stand there for the map or list to be read on. */
		return node_new(reader, ret_node, NODE_LIST, &event->start_mark);
	default:
		return diagnose(reader->diagnostics, SEVERITY_ERROR, &place, "YAML: not readable");
	}
}

static int document_keep(struct reader *reader, struct documents *documents, struct node *root)
{
	struct node **list;

	if (reader->spoilt || node_is_null(root)) {
		node_free(root);
		return 0;
	}
	list = reallocarray(documents->list, documents->count + 1, sizeof(*list));
	if (!list) {
		node_free(root);
		return -ENOMEM;
	}
	documents->list = list;
	list[documents->count++] = root;
	return 0;
}

static int stream_read(struct reader *reader, struct documents *documents)
{
	for (;;) {
		struct node *root = NULL;
		yaml_event_t event;
		yaml_event_type_t type;
		int r = event_next(reader, &event);

		if (r < 0)
			return r;
		type = event.type;
		yaml_event_delete(&event);
		if (type == YAML_STREAM_END_EVENT)
			return 0;
		if (type != YAML_DOCUMENT_START_EVENT)
			continue;
		reader->spoilt = false;
		r = next_read(reader, YAML_DOCUMENT_END_EVENT, 1, &root);
		if (r < 0)
			return r;
		/* The end may be the error: a document that is cut off. */
		r = next_read(reader, YAML_DOCUMENT_END_EVENT, 1, &root);
		if (r < 0) {
			node_free(root);
			return r;
		}
		r = document_keep(reader, documents, root);
		if (r < 0)
			return r;
	}
}

/* 0 also when some of it could not be read (diagnosed), or -ENOMEM. */
static int documents_parse(struct documents *ret_documents, const char *text, size_t length,
			   const char *file, struct diagnostics *diagnostics)
{
	struct reader reader = {
		.file = file, .text = text, .length = length, .diagnostics = diagnostics
	};
	struct documents documents = { 0 };
	int r;

	if (!yaml_parser_initialize(&reader.parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
	r = stream_read(&reader, &documents);
	yaml_parser_delete(&reader.parser);
	if (r == -ENOMEM) {
		documents_done(&documents);
		return r;
	}
	*ret_documents = documents;
	return 0;
}

int documents_read(struct documents *ret_documents, const char *file,
		   struct diagnostics *diagnostics)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r = source_read(&text, &length, file, diagnostics);

	return r < 0 ? r : documents_parse(ret_documents, text, length, file, diagnostics);
}

void documents_done(struct documents *documents)
{
	for (size_t i = 0; i < documents->count; i++)
		node_free(documents->list[i]);
	free(documents->list);
	*documents = (struct documents) { 0 };
}
