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

/* Characters, by the specification. */
#define NAME_MAX_CHARACTERS 256
#define DESCRIPTION_MAX 65535
#define LIST_MAX 1024 /* items; a list of more is refused */
#define ITEM_MIN 2 /* of falsepositives and scope */

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

/* Texts but the title may be empty, and are as good as not there then. */
static int text_check(const struct attribute *a)
{
	if (a->node->kind == NODE_TEXT)
		return 0;
	return node_expect(a->node, NODE_TEXT, a->name, a->diagnostics);
}

static int text_read(const struct attribute *a)
{
	char **member = (char **)((char *)a->rule + a->offset);
	int r = text_check(a);

	if (r < 0 || !*a->node->text)
		return r;
	*member = strdup(a->node->text);
	return *member ? 0 : -ENOMEM;
}

static void length_warn(const struct attribute *a, size_t limit)
{
	size_t characters = 0;

	for (const char *p = a->node->text; *p; p++)
		characters += (*p & 0xc0) != 0x80;
	if (characters > limit)
		diagnose(a->diagnostics, SEVERITY_WARNING, &a->node->place,
			 "'%s' is longer than the %zu characters that Sigma allows", a->name,
			 limit);
}

/* A text that is not kept. */
static int short_check(const struct attribute *a)
{
	int r = text_check(a);

	if (r >= 0)
		length_warn(a, NAME_MAX_CHARACTERS);
	return r;
}

static int name_read(const struct attribute *a)
{
	int r = text_read(a);

	if (r >= 0)
		length_warn(a, NAME_MAX_CHARACTERS);
	return r;
}

static int title_read(const struct attribute *a)
{
	int r = node_expect(a->node, NODE_TEXT, a->name, a->diagnostics);

	return r < 0 ? r : name_read(a);
}

static int description_read(const struct attribute *a)
{
	int r = text_read(a);

	if (r >= 0)
		length_warn(a, DESCRIPTION_MAX);
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

/* YYYY-MM-DD, with a month and a day that there are. */
static bool is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	unsigned long month, day;

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? text[i] != '-' : !isdigit((unsigned char)text[i]))
			return false;
	month = strtoul(text + 5, NULL, 10);
	day = strtoul(text + 8, NULL, 10);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int date_check(const struct attribute *a)
{
	if (a->node->kind != NODE_TEXT || !is_date(a->node->text))
		diagnose(a->diagnostics, SEVERITY_WARNING, &a->node->place,
			 "'%s' is not a date that is written as YYYY-MM-DD", a->name);
	return 0;
}

static void repeated_warn(const struct attribute *a, size_t item)
{
	const struct node *const node = a->node->child[item];

	for (size_t i = 0; i < item; i++)
		if (!strcmp(a->node->child[i]->text, node->text)) {
			diagnose(a->diagnostics, SEVERITY_WARNING, &node->place,
				 "'%s' is listed twice in '%s'", node->text, a->name);
			return;
		}
}

/* A list of texts; kept in the member if there is one. */
static int list_read(const struct attribute *a)
{
	struct strings *member = a->offset ? (void *)((char *)a->rule + a->offset) : NULL;
	int r = node_expect(a->node, NODE_LIST, a->name, a->diagnostics);

	if (r >= 0 && a->node->count > LIST_MAX)
		return diagnose(a->diagnostics, SEVERITY_ERROR, &a->node->place,
				"more than the limit of %d items in one list", LIST_MAX);
	for (size_t i = 0; r >= 0 && i < a->node->count; i++) {
		const struct node *item = a->node->child[i];

		if (node_expect(item, NODE_TEXT, "an item of this list", a->diagnostics) < 0)
			return -EINVAL;
		repeated_warn(a, i);
		if (member)
			r = strings_add(member, item->text);
	}
	return r;
}

/* The same, of words. */
static int words_read(const struct attribute *a)
{
	int r = list_read(a);

	for (size_t i = 0; r >= 0 && i < a->node->count; i++)
		if (strlen(a->node->child[i]->text) < ITEM_MIN)
			diagnose(a->diagnostics, SEVERITY_WARNING, &a->node->child[i]->place,
				 "an item of '%s' has at least %d characters", a->name, ITEM_MIN);
	return r;
}

/* Correlations may have a text instead of a list. */
static int falsepositives_read(const struct attribute *a)
{
	if (a->node->kind == NODE_TEXT && *a->node->text)
		return strings_add(&a->rule->falsepositives, a->node->text);
	return words_read(a);
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
		if (node_expect(id, NODE_TEXT, "id", a->diagnostics) < 0)
			return -EINVAL;
		if (!is_uuid(id->text))
			diagnose(a->diagnostics, SEVERITY_WARNING, &id->place,
				 "the related id '%s' is not a UUID", id->text);
		if (one_of(a, type, relation_table, ARRAY_SIZE(relation_table)) < 0)
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
	{ "name", name_read, MEMBER(name) },
	{ "status", status_read, MEMBER(status) },
	{ "description", description_read, MEMBER(description) },
	{ "level", level_read, 0 },
	{ "tags", tags_read, MEMBER(tags) },
	{ "references", list_read, MEMBER(references) },
	{ "falsepositives", falsepositives_read, MEMBER(falsepositives) },
	{ "fields", list_read, 0 },
	{ "scope", words_read, 0 },
	{ "related", related_check, 0 },
	{ "author", text_check, 0 },
	{ "license", text_check, 0 },
	{ "taxonomy", short_check, 0 },
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
