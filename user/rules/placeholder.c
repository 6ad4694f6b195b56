/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value with placeholders is a row of pieces: texts that stay, and lists. All ways to
 * take one value of each list are counted through.
 */
#include "rules/placeholder.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "rules/document.h"
#include "rules/strings.h"
#include "rules/value.h"

struct named_list {
	char *name;
	struct strings values;
};

struct placeholders {
	char *file; /* NULL: none was read */
	struct named_list *lists;
	size_t count;
};

void placeholders_free(struct placeholders *placeholders)
{
	for (size_t i = 0; i < placeholders->count; i++) {
		free(placeholders->lists[i].name);
		strings_done(&placeholders->lists[i].values);
	}
	free(placeholders->lists);
	free(placeholders->file);
	free(placeholders);
}

static bool is_name_byte(char byte)
{
	return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
	       byte == '_' || byte == '-' || byte == '.';
}

static int value_take(struct named_list *list, const struct node *node,
		      struct diagnostics *diagnostics)
{
	if (node->kind != NODE_TEXT || node_is_null(node))
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"the list '%s' takes values, not null, lists or maps", list->name);
	return strings_add(&list->values, node->text);
}

static int list_read(struct named_list *list, const struct node *key, const struct node *node,
		     struct diagnostics *diagnostics)
{
	int r = 0;

	list->name = strdup(key->text);
	if (!list->name)
		return -ENOMEM;
	if (!*key->text || key->text[strspn(key->text, "0123456789_-."
						       "abcdefghijklmnopqrstuvwxyz"
						       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		return diagnose(diagnostics, SEVERITY_ERROR, &key->place,
				"'%s' is no name for a list: they have letters, digits, '_', '-' "
				"and '.'",
				key->text);
	if (node->kind != NODE_LIST)
		return value_take(list, node, diagnostics);
	for (size_t i = 0; i < node->count && r != -ENOMEM; i++) {
		int q = value_take(list, node->child[i], diagnostics);

		r = q < 0 ? q : r;
	}
	return r;
}

static int lists_read(struct placeholders *placeholders, const struct node *document,
		      struct diagnostics *diagnostics)
{
	const struct node *expand;
	int r = node_expect(document, NODE_MAP, "a configuration", diagnostics);

	if (r < 0)
		return r;
	expand = node_find(document, "expand");
	if (!expand || node_is_null(expand))
		return 0;
	r = node_expect(expand, NODE_MAP, "'expand'", diagnostics);
	if (r < 0)
		return r;
	placeholders->lists = calloc(expand->count + 1, sizeof(*placeholders->lists));
	if (!placeholders->lists)
		return -ENOMEM;
	for (size_t i = 0; i < expand->count && r != -ENOMEM; i++) {
		int q = list_read(&placeholders->lists[placeholders->count++], expand->key[i],
				  expand->child[i], diagnostics);

		r = q < 0 ? q : r;
	}
	return r;
}

int placeholders_read(struct placeholders **ret_placeholders, const char *file,
		      struct diagnostics *diagnostics)
{
	_cleanup_(placeholders_freep) struct placeholders *placeholders =
		calloc(1, sizeof(*placeholders));
	_cleanup_(documents_done) struct documents documents = { 0 };
	size_t errors = diagnostics->total[SEVERITY_ERROR];
	int r;

	if (!placeholders)
		return -ENOMEM;
	if (file || !access(PLACEHOLDERS_FILE, F_OK)) {
		placeholders->file = strdup(file ? file : PLACEHOLDERS_FILE);
		if (!placeholders->file)
			return -ENOMEM;
		r = documents_read(&documents, placeholders->file, diagnostics);
		if (r < 0)
			return r;
		if (diagnostics->total[SEVERITY_ERROR] > errors)
			return -EINVAL;
	}
	if (documents.count > 1)
		return diagnose(diagnostics, SEVERITY_ERROR, &documents.list[1]->place,
				"a configuration is one document");
	r = documents.count ? lists_read(placeholders, documents.list[0], diagnostics) : 0;
	if (r < 0)
		return r;
	*ret_placeholders = take_ptr(placeholders);
	return 0;
}

/* A text that stays, or a list. */
struct piece {
	const char *text;
	size_t length;
	const struct strings *values; /* NULL: the text stays, but for escaped percent signs */
};

struct pieces {
	struct piece list[2 * PLACEHOLDERS_MAX + 1];
	size_t count;
	size_t ways; /* to take one of each list */
};

static const struct strings *list_find(const struct placeholders *placeholders, const char *name,
				       size_t length)
{
	for (size_t i = 0; placeholders && i < placeholders->count; i++) {
		const struct named_list *list = &placeholders->lists[i];

		if (strlen(list->name) == length && !memcmp(list->name, name, length))
			return &list->values;
	}
	return NULL;
}

static int list_missing(const struct placeholders *placeholders, const struct node *value,
			const char *name, size_t length, struct diagnostics *diagnostics)
{
	const char *file = placeholders && placeholders->file ? placeholders->file : NULL;
	struct place place = node_place_in(value, (size_t)(name - value->text) - 1);

	if (file)
		return diagnose(
			diagnostics, SEVERITY_ERROR, &place,
			"there is no list '%.*s': add '%.*s: [value, …]' to 'expand:' in %s",
			(int)length, name, (int)length, name, file);
	return diagnose(
		diagnostics, SEVERITY_ERROR, &place,
		"there is no list '%.*s': add '%.*s: [value, …]' to 'expand:' in " PLACEHOLDERS_FILE
		", or name a file that has it with --config",
		(int)length, name, (int)length, name);
}

/* The length of the name of a placeholder that begins here, or 0. */
static size_t name_length(const char *at)
{
	size_t length = 0;

	if (*at != '%')
		return 0;
	while (is_name_byte(at[1 + length]))
		length++;
	return at[1 + length] == '%' ? length : 0;
}

static void text_put(struct pieces *pieces, const char *start, const char *end)
{
	if (end > start)
		pieces->list[pieces->count++] =
			(struct piece) { .text = start, .length = (size_t)(end - start) };
}

/* Takes the value apart. */
static int pieces_read(struct pieces *pieces, const struct placeholders *placeholders,
		       const struct node *value, struct diagnostics *diagnostics)
{
	const char *start = value->text, *at = start;
	size_t found = 0;

	*pieces = (struct pieces) { .ways = 1 };
	while (*at) {
		size_t length = name_length(at);
		const struct strings *values;

		if (!length) {
			at += at[0] == '\\' && at[1] ? 2 : 1;
			continue;
		}
		values = list_find(placeholders, at + 1, length);
		if (!values)
			return list_missing(placeholders, value, at + 1, length, diagnostics);
		if (++found > PLACEHOLDERS_MAX || values->count > VALUES_MAX ||
		    pieces->ways * values->count > VALUES_MAX)
			return diagnose(diagnostics, SEVERITY_ERROR, &value->place,
					"more than the limit of %d placeholders, or of %d values "
					"that they make",
					PLACEHOLDERS_MAX, VALUES_MAX);
		text_put(pieces, start, at);
		pieces->list[pieces->count++] = (struct piece) { .values = values };
		pieces->ways *= values->count;
		at += length + 2;
		start = at;
	}
	text_put(pieces, start, at);
	if (!found)
		diagnose(diagnostics, SEVERITY_WARNING, &value->place,
			 "'expand' finds no placeholder here: they are written %%name%%");
	return 0;
}

static void text_write(struct buffer *out, const struct piece *piece)
{
	for (size_t i = 0; i < piece->length; i++) {
		bool escape = piece->text[i] == '\\' && i + 1 < piece->length;

		/* all other escapes are those of the value */
		if (escape && piece->text[i + 1] != '%')
			buffer_add_byte(out, '\\');
		buffer_add_byte(out, piece->text[i += escape]);
	}
}

/* Writes the value of one way: the digits of its number say which of each list. */
static int way_write(struct buffer *out, const struct pieces *pieces, size_t way)
{
	for (size_t i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->list[i];

		if (!piece->values) {
			text_write(out, piece);
			continue;
		}
		buffer_add_string(out, piece->values->list[way % piece->values->count]);
		way /= piece->values->count;
	}
	return out->error;
}

void expanded_done(struct expanded *expanded)
{
	for (size_t i = 0; i < expanded->count; i++)
		node_free(expanded->list[i]);
	free(expanded->list);
	*expanded = (struct expanded) { 0 };
}

static int node_put(struct expanded *expanded, const struct node *value, const char *text)
{
	_cleanup_(node_freep) struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return -ENOMEM;
	*node = (struct node) {
		.kind = NODE_TEXT, .place = value->place, .text = strdup(text), .quoted = true
	};
	if (!node->text)
		return -ENOMEM;
	expanded->list[expanded->count++] = take_ptr(node);
	return 0;
}

int placeholders_expand(const struct placeholders *placeholders, struct expanded *expanded,
			const struct node *value, struct diagnostics *diagnostics)
{
	struct pieces pieces;
	struct node **list;
	int r = pieces_read(&pieces, placeholders, value, diagnostics);

	if (r < 0)
		return r;
	list = reallocarray(expanded->list, expanded->count + pieces.ways + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	expanded->list = list;
	for (size_t way = 0; way < pieces.ways; way++) {
		_cleanup_buffer_ struct buffer text = BUFFER(EXPANDED_MAX);

		r = way_write(&text, &pieces, way);
		if (r == -ENOSPC)
			return diagnose(diagnostics, SEVERITY_ERROR, &value->place,
					"longer than the limit of %u bytes with its placeholders "
					"replaced",
					EXPANDED_MAX);
		if (r >= 0)
			r = node_put(expanded, value, buffer_string(&text));
		if (r < 0)
			return r;
	}
	return 0;
}
