/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checked tree of the data file is kept as it is, and looked into by key.
 */
#include "rules/maestro.h"

#include <errno.h>
#include <string.h>

#include "rules/document.h"
#include "rules/nearest.h"
#include "rules/strings.h"

struct maestro {
	char *file;
	struct documents documents;
	const struct node *frameworks, *categories; /* in documents */
};

void maestro_free(struct maestro *maestro)
{
	if (!maestro)
		return;
	documents_done(&maestro->documents);
	free(maestro->file);
	free(maestro);
}

/* The value of `key`, which must be there and of that kind, or NULL (diagnosed). */
static const struct node *member_require(const struct node *map, const char *key,
					 enum node_kind kind, struct diagnostics *diagnostics)
{
	const struct node *member;

	if (node_expect(map, NODE_MAP, "this", diagnostics) < 0)
		return NULL;
	member = node_find(map, key);
	if (!member) {
		diagnose(diagnostics, SEVERITY_ERROR, &map->place, "'%s' is missing", key);
		return NULL;
	}
	return node_expect(member, kind, key, diagnostics) < 0 ? NULL : member;
}

/* A map whose values are texts. */
static int names_check(const struct node *map, const char *what, struct diagnostics *diagnostics)
{
	int r = node_expect(map, NODE_MAP, what, diagnostics);

	for (size_t i = 0; r >= 0 && i < map->count; i++)
		if (node_expect(map->child[i], NODE_TEXT, map->key[i]->text, diagnostics) < 0)
			r = -EINVAL;
	return r;
}

static int layer_check(const struct node *framework, const struct node *layer,
		       struct diagnostics *diagnostics)
{
	const struct node *number = member_require(layer, "number", NODE_TEXT, diagnostics);
	const struct node *domains = node_find(framework, "domains"), *domain, *threats;
	int r = number && member_require(layer, "name", NODE_TEXT, diagnostics) ? 0 : -EINVAL;

	if (r < 0)
		return r;
	domain = node_find(layer, "domain");
	if (domain && (node_expect(domain, NODE_TEXT, "domain", diagnostics) < 0 || !domains ||
		       !node_find(domains, domain->text)))
		r = diagnose(diagnostics, SEVERITY_ERROR, &domain->place,
			     "the framework has no such domain");
	threats = node_find(layer, "threats");
	if (!threats)
		return r;
	if (names_check(threats, "threats", diagnostics) < 0)
		return -EINVAL;
	for (size_t i = 0; i < threats->count; i++) {
		size_t length = strlen(number->text);
		const char *id = threats->key[i]->text;

		if (strncmp(id, number->text, length) || strncmp(id + length, "-T", 2))
			r = diagnose(diagnostics, SEVERITY_ERROR, &threats->key[i]->place,
				     "the id of a threat to this layer begins with '%s-T'",
				     number->text);
	}
	return r;
}

static int framework_check(const struct node *framework, struct diagnostics *diagnostics)
{
	const struct node *layers = member_require(framework, "layers", NODE_MAP, diagnostics);
	const struct node *domains = node_find(framework, "domains");
	int r = layers ? 0 : -EINVAL;

	if (!member_require(framework, "name", NODE_TEXT, diagnostics) ||
	    !member_require(framework, "version", NODE_TEXT, diagnostics) ||
	    (domains && names_check(domains, "domains", diagnostics) < 0))
		return -EINVAL;
	for (size_t i = 0; layers && i < layers->count; i++)
		if (layer_check(framework, layers->child[i], diagnostics) < 0)
			r = -EINVAL;
	return r;
}

static int maestro_check(struct maestro *maestro, struct diagnostics *diagnostics)
{
	const struct place place = { maestro->file, 0, 0 };
	const struct node *root;
	int r = 0;

	if (maestro->documents.count != 1)
		return diagnose(diagnostics, SEVERITY_ERROR, &place,
				"it must hold one document without errors");
	root = maestro->documents.list[0];
	maestro->frameworks = member_require(root, "frameworks", NODE_MAP, diagnostics);
	maestro->categories = member_require(root, "categories", NODE_MAP, diagnostics);
	if (!maestro->frameworks || !maestro->categories)
		return -EINVAL;
	for (size_t i = 0; i < maestro->frameworks->count; i++)
		if (framework_check(maestro->frameworks->child[i], diagnostics) < 0)
			r = -EINVAL;
	return names_check(maestro->categories, "categories", diagnostics) < 0 ? -EINVAL : r;
}

int maestro_read(struct maestro **ret_maestro, const char *file, struct diagnostics *diagnostics)
{
	_cleanup_(maestro_freep) struct maestro *maestro = calloc(1, sizeof(*maestro));
	int r;

	if (!maestro)
		return -ENOMEM;
	maestro->file = strdup(file);
	if (!maestro->file)
		return -ENOMEM;
	r = documents_read(&maestro->documents, maestro->file, diagnostics);
	if (r >= 0)
		r = maestro_check(maestro, diagnostics);
	if (r < 0)
		return r;
	*ret_maestro = take_ptr(maestro);
	return 0;
}

/* The entry of `map` that the text names, or NULL (diagnosed). */
static const struct node *entry_require(const struct node *map, const struct node *text,
					const char *what, struct diagnostics *diagnostics)
{
	const struct node *entry;
	struct nearest nearest;

	if (node_expect(text, NODE_TEXT, what, diagnostics) < 0)
		return NULL;
	entry = node_find(map, text->text);
	if (entry)
		return entry;
	nearest_start(&nearest, text->text);
	for (size_t i = 0; i < map->count; i++)
		nearest_offer(&nearest, map->key[i]->text);
	diagnose(diagnostics, SEVERITY_ERROR, &text->place, "unknown %s '%s'%s", what, text->text,
		 nearest_hint(&nearest, "known are"));
	return NULL;
}

static int threat_require(const struct node *layers, const struct node *text,
			  struct diagnostics *diagnostics)
{
	struct nearest nearest;

	if (node_expect(text, NODE_TEXT, "a threat", diagnostics) < 0)
		return -EINVAL;
	nearest_start(&nearest, text->text);
	for (size_t i = 0; i < layers->count; i++) {
		const struct node *threats = node_find(layers->child[i], "threats");

		for (size_t j = 0; threats && j < threats->count; j++) {
			if (!strcmp(threats->key[j]->text, text->text))
				return 0;
			nearest_offer(&nearest, threats->key[j]->text);
		}
	}
	if (!nearest.best)
		return diagnose(diagnostics, SEVERITY_ERROR, &text->place,
				"unknown threat '%s'; this framework names none", text->text);
	return diagnose(diagnostics, SEVERITY_ERROR, &text->place, "unknown threat '%s'%s",
			text->text, nearest_hint(&nearest, "known are"));
}

/* Where a block's values go, and what they must be in. */
struct block {
	struct rule *rule;
	const struct maestro *maestro;
	const struct node *layers; /* of its framework */
	struct diagnostics *diagnostics;
};

static int text_keep(char **ret_text, const struct node *node)
{
	char *text = strdup(node->text);

	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

/* Reads `also` or `threats`. */
static int list_read(const struct block *block, struct strings *strings, const struct node *node,
		     const char *what)
{
	int r = node_expect(node, NODE_LIST, what, block->diagnostics);

	for (size_t i = 0; r != -ENOMEM && i < node->count; i++) {
		const struct node *item = node->child[i];
		int q = 0;

		if (strings == &block->rule->maestro.threats)
			q = threat_require(block->layers, item, block->diagnostics);
		else if (!entry_require(block->layers, item, "layer", block->diagnostics))
			q = -EINVAL;
		if (q >= 0)
			q = strings_add(strings, item->text);
		r = q < 0 ? q : r;
	}
	return r;
}

static int layer_read(const struct block *block, const struct node *node, const struct node *also)
{
	const struct node *layer = entry_require(block->layers, node, "layer", block->diagnostics);

	if (!layer)
		return -EINVAL;
	if (!node_find(layer, "domain") && (!also || also->count < 2))
		return diagnose(block->diagnostics, SEVERITY_ERROR, &node->place,
				"with '%s', 'also' must name the two or more layers", node->text);
	return text_keep(&block->rule->maestro.layer, node);
}

static int block_keys_check(const struct node *node, struct diagnostics *diagnostics)
{
	static const char *const keys[] = { "framework", "layer", "also", "threats", "category" };
	struct nearest nearest;
	int r = 0;

	for (size_t i = 0; i < node->count; i++) {
		bool known = false;

		nearest_start(&nearest, node->key[i]->text);
		for (size_t j = 0; j < ARRAY_SIZE(keys); j++) {
			known = known || !strcmp(node->key[i]->text, keys[j]);
			nearest_offer(&nearest, keys[j]);
		}
		if (!known)
			r = diagnose(diagnostics, SEVERITY_ERROR, &node->key[i]->place,
				     "'maestro' has no '%s'%s", node->key[i]->text,
				     nearest_hint(&nearest, "it has"));
	}
	return r;
}

int maestro_block_read(struct rule *rule, const struct maestro *maestro, const struct node *node,
		       struct diagnostics *diagnostics)
{
	struct block block = { .rule = rule, .maestro = maestro, .diagnostics = diagnostics };
	const struct node *framework, *layer, *also, *threats, *category, *entry;
	int r = node_expect(node, NODE_MAP, "'maestro'", diagnostics), q;

	if (r < 0)
		return r;
	r = block_keys_check(node, diagnostics);
	framework = member_require(node, "framework", NODE_TEXT, diagnostics);
	layer = member_require(node, "layer", NODE_TEXT, diagnostics);
	if (!framework || !layer)
		return -EINVAL;
	entry = entry_require(maestro->frameworks, framework, "framework", diagnostics);
	if (!entry)
		return -EINVAL;
	block.layers = node_find(entry, "layers");
	also = node_find(node, "also");
	threats = node_find(node, "threats");
	category = node_find(node, "category");
	q = text_keep(&rule->maestro.framework, framework);
	r = q < 0 ? q : r;
	q = layer_read(&block, layer, also);
	r = q < 0 ? q : r;
	q = also ? list_read(&block, &rule->maestro.also, also, "'also'") : 0;
	r = q < 0 ? q : r;
	q = threats ? list_read(&block, &rule->maestro.threats, threats, "'threats'") : 0;
	r = q < 0 ? q : r;
	if (category && !entry_require(maestro->categories, category, "category", diagnostics))
		return -EINVAL;
	q = category ? text_keep(&rule->maestro.category, category) : 0;
	return q < 0 ? q : r;
}
