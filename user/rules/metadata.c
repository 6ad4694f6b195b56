/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per attribute of the specification. What would change how a rule works is an
 * error; what only makes it less well kept is a warning.
 */
#include "rules/metadata.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "rules/nearest.h"
#include "rules/strings.h"

#define TITLE_MAX 256 /* characters, by the specification */

const char *const level_table[LEVEL_MAX] = {
	[LEVEL_informational] = "informational",
	[LEVEL_low] = "low",
	[LEVEL_medium] = "medium",
	[LEVEL_high] = "high",
	[LEVEL_critical] = "critical",
};

static const char *const status_table[] = {
	"stable", "test", "experimental", "deprecated", "unsupported",
};

static const char *const relation_table[] = {
	"derived", "obsolete", "merged", "renamed", "similar",
};

/* An attribute while it is read. */
struct attribute {
	struct rule *rule;
	const char *name;
	const struct node *node;
	size_t offset; /* in struct rule, of the member it is kept in */
	struct diagnostics *diagnostics;
};

/* The index of the text in the table, or -EINVAL (diagnosed). */
static int one_of(const struct attribute *a, const struct node *node, const char *const *table,
		  size_t count)
{
	struct nearest nearest;

	if (node_expect(node, NODE_TEXT, a->name, a->diagnostics) < 0)
		return -EINVAL;
	nearest_start(&nearest, node->text);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(table[i], node->text))
			return (int)i;
		nearest_offer(&nearest, table[i]);
	}
	return diagnose(a->diagnostics, SEVERITY_ERROR, &node->place, "unknown %s '%s'%s", a->name,
			node->text, nearest_hint(&nearest, "known are"));
}

static int text_read(const struct attribute *a)
{
	char **member = (char **)((char *)a->rule + a->offset);
	int r = node_expect(a->node, NODE_TEXT, a->name, a->diagnostics);

	if (r < 0)
		return r;
	*member = strdup(a->node->text);
	return *member ? 0 : -ENOMEM;
}

/* A text that is not kept. */
static int text_check(const struct attribute *a)
{
	return node_expect(a->node, NODE_TEXT, a->name, a->diagnostics);
}

static int title_read(const struct attribute *a)
{
	size_t characters = 0;
	int r = text_read(a);

	for (const char *p = a->rule->title; r >= 0 && p && *p; p++)
		characters += (*p & 0xc0) != 0x80;
	if (characters > TITLE_MAX)
		diagnose(a->diagnostics, SEVERITY_WARNING, &a->node->place,
			 "'title' is longer than the %d characters that Sigma allows", TITLE_MAX);
	return r;
}

static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* In lower case, so that ids can be compared. */
static int id_read(const struct attribute *a)
{
	int r = node_expect(a->node, NODE_TEXT, a->name, a->diagnostics);

	if (r < 0)
		return r;
	if (!is_uuid(a->node->text))
		return diagnose(a->diagnostics, SEVERITY_ERROR, &a->node->place,
				"'id' must be a UUID, not '%s'", a->node->text);
	r = text_read(a);
	for (char *p = a->rule->id; r >= 0 && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return r;
}

static int status_read(const struct attribute *a)
{
	int r = one_of(a, a->node, status_table, ARRAY_SIZE(status_table));

	return r < 0 ? r : text_read(a);
}

static int level_read(const struct attribute *a)
{
	int r = one_of(a, a->node, level_table, LEVEL_MAX);

	if (r < 0)
		return r;
	a->rule->level = (enum level)r;
	return 0;
}

static int date_check(const struct attribute *a)
{
	static const char form[] = "dddd-dd-dd";
	const char *text = a->node->kind == NODE_TEXT ? a->node->text : "";
	bool fits = strlen(text) == sizeof(form) - 1;

	for (size_t i = 0; fits && form[i]; i++)
		fits = form[i] == '-' ? text[i] == '-' : isdigit((unsigned char)text[i]);
	if (!fits)
		diagnose(a->diagnostics, SEVERITY_WARNING, &a->node->place,
			 "'%s' is not written as YYYY-MM-DD", a->name);
	return 0;
}

/* A list of texts; kept in the member if there is one. */
static int list_read(const struct attribute *a)
{
	struct strings *member = a->offset ? (void *)((char *)a->rule + a->offset) : NULL;
	int r = node_expect(a->node, NODE_LIST, a->name, a->diagnostics);

	for (size_t i = 0; r >= 0 && i < a->node->count; i++) {
		const struct node *item = a->node->child[i];

		if (node_expect(item, NODE_TEXT, "an item of this list", a->diagnostics) < 0)
			return -EINVAL;
		if (member)
			r = strings_add(member, item->text);
	}
	return r;
}

/* namespace.name, in lower case. */
static bool is_tag(const char *tag)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strspn(tag, allowed);

	return length && tag[length] == '.' && tag[length + 1] &&
	       strspn(strchr(tag, '.'), "abcdefghijklmnopqrstuvwxyz0123456789_-.") ==
		       strlen(tag) - length;
}

static int tags_read(const struct attribute *a)
{
	int r = list_read(a);

	for (size_t i = 0; r >= 0 && i < a->node->count; i++)
		if (!is_tag(a->node->child[i]->text))
			diagnose(a->diagnostics, SEVERITY_WARNING, &a->node->child[i]->place,
				 "the tag '%s' is not of the form 'namespace.name' in lower case",
				 a->node->child[i]->text);
	return r;
}

static int related_check(const struct attribute *a)
{
	int r = node_expect(a->node, NODE_LIST, a->name, a->diagnostics);

	for (size_t i = 0; r >= 0 && i < a->node->count; i++) {
		const struct node *item = a->node->child[i];
		const struct node *id = node_find(item, "id"), *type = node_find(item, "type");

		if (!id || !type)
			return diagnose(a->diagnostics, SEVERITY_ERROR, &item->place,
					"'related' lists maps of 'id' and 'type'");
		if (node_expect(id, NODE_TEXT, "id", a->diagnostics) < 0 ||
		    one_of(a, type, relation_table, ARRAY_SIZE(relation_table)) < 0)
			return -EINVAL;
	}
	return r;
}

#define MEMBER(member) offsetof(struct rule, member)

static const struct {
	const char *name;
	int (*read)(const struct attribute *attribute);
	size_t offset; /* 0: not kept (struct rule begins with its place) */
} attribute_table[] = {
	{ "title", title_read, MEMBER(title) },
	{ "id", id_read, MEMBER(id) },
	{ "name", text_read, MEMBER(name) },
	{ "status", status_read, MEMBER(status) },
	{ "description", text_read, MEMBER(description) },
	{ "level", level_read, 0 },
	{ "tags", tags_read, MEMBER(tags) },
	{ "references", list_read, MEMBER(references) },
	{ "falsepositives", list_read, MEMBER(falsepositives) },
	{ "fields", list_read, 0 },
	{ "scope", list_read, 0 },
	{ "related", related_check, 0 },
	{ "author", text_check, 0 },
	{ "license", text_check, 0 },
	{ "taxonomy", text_check, 0 },
	{ "date", date_check, 0 },
	{ "modified", date_check, 0 },
};

const char *metadata_key(size_t i)
{
	return i < ARRAY_SIZE(attribute_table) ? attribute_table[i].name : NULL;
}

bool metadata_has(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(attribute_table); i++)
		if (!strcmp(attribute_table[i].name, key))
			return true;
	return false;
}

int metadata_read(struct rule *rule, const struct node *document, struct diagnostics *diagnostics)
{
	int r = 0;

	if (!node_find(document, "title"))
		r = diagnose(diagnostics, SEVERITY_ERROR, &document->place,
			     "the rule has no 'title'");
	for (size_t i = 0; i < ARRAY_SIZE(attribute_table) && r != -ENOMEM; i++) {
		struct attribute attribute = {
			.rule = rule,
			.name = attribute_table[i].name,
			.node = node_find(document, attribute_table[i].name),
			.offset = attribute_table[i].offset,
			.diagnostics = diagnostics,
		};
		int q = attribute.node ? attribute_table[i].read(&attribute) : 0;

		r = q < 0 ? q : r;
	}
	return r;
}
