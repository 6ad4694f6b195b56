/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names are taken from the condition as it was written, because the atoms have lost the
 * case of letters; whether they are all that a clause can match, the atoms tell.
 */
#include "rules/names.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "rules/dnf.h"

#define TARGET FIELD_file_open_target_filename

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i].path.bytes);
	free(names->list);
	free(names->rules);
	*names = (struct names) { 0 };
}

/* Where the kernel takes no permission marks, or where opening again does something. */
static bool is_special(const struct pattern *path)
{
	static const char *const places[] = { "/proc/", "/sys/", "/dev/" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (path->length > strlen(places[i]) &&
		    !memcmp(path->bytes, places[i], strlen(places[i])))
			return true;
	return false;
}

/* Whether it is a path in any directory. */
static bool is_anywhere(const struct pattern *path)
{
	return path->length > 3 && path->bytes[0] == WILDCARD && path->bytes[1] == '*' &&
	       path->bytes[2] == '/';
}

/* What is behind the wildcard. */
static struct pattern rest_of(const struct pattern *path)
{
	return (struct pattern) { path->bytes + 2, path->length - 2 };
}

/* Whether the path is as the kernel writes one: no empty component, no dots. */
static bool is_resolved(const struct pattern *path)
{
	size_t start = 1, length;

	if (path->length < 2 || path->bytes[0] != '/' || memchr(path->bytes, 0, path->length))
		return false;
	for (size_t i = 1; i <= path->length; i++) {
		if (i < path->length && path->bytes[i] != '/')
			continue;
		length = i - start;
		if (!length || (length == 1 && path->bytes[start] == '.') ||
		    (length == 2 && !memcmp(path->bytes + start, "..", 2)))
			return false;
		start = i + 1;
	}
	return true;
}

/* Whether files can be looked for: from a directory that is named, so that a pattern for
 * any place does not search the whole host. */
static bool is_name(const struct pattern *path)
{
	const unsigned char *wildcard;

	if (!is_resolved(path) || is_special(path))
		return false;
	wildcard = memchr(path->bytes, WILDCARD, path->length);
	return !wildcard || memchr(path->bytes + 1, '/', (size_t)(wildcard - path->bytes - 1));
}

/* Adds the path, of two parts. */
static int names_add(struct names *names, const struct pattern *directory,
		     const struct pattern *path, bool refused)
{
	size_t capacity = names->capacity ? 2 * names->capacity : 16;
	size_t length = directory->length + path->length;
	struct name name = { { malloc(length), length }, refused }, *list;

	if (name.path.bytes && names->count == names->capacity) {
		list = reallocarray(names->list, capacity, sizeof(*list));
		if (!list) {
			free(name.path.bytes);
			return -ENOMEM;
		}
		names->list = list;
		names->capacity = capacity;
	}
	if (!name.path.bytes)
		return -ENOMEM;
	memcpy(name.path.bytes, directory->bytes, directory->length);
	memcpy(name.path.bytes + directory->length, path->bytes, path->length);
	names->list[names->count++] = name;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return pattern_compare(&((const struct name *)a)->path, &((const struct name *)b)->path,
			       true);
}

static void names_unite(struct names *names)
{
	size_t kept = 0;

	if (!names->count)
		return;
	qsort(names->list, names->count, sizeof(*names->list), compare);
	for (size_t i = 1; i < names->count; i++) {
		if (compare(&names->list[kept], &names->list[i])) {
			names->list[++kept] = names->list[i];
			continue;
		}
		names->list[kept].refused |= names->list[i].refused;
		free(names->list[i].path.bytes);
	}
	names->count = kept + 1;
}

static int add_below(struct names *names, const struct name *name, const struct strings *homes)
{
	struct pattern rest = rest_of(&name->path);
	int r = 0;

	for (size_t i = 0; i < homes->count && !r; i++)
		r = names_add(names,
			      &(struct pattern) { (unsigned char *)homes->list[i],
						  strlen(homes->list[i]) },
			      &rest, name->refused);
	return r;
}

int names_expand(struct names *names, const struct strings *homes)
{
	size_t count = names->count, kept = 0;
	struct name name;
	int r = 0;

	for (size_t i = 0; i < count && !r; i++) {
		name = names->list[i]; /* the list may move */
		if (is_anywhere(&name.path))
			r = add_below(names, &name, homes);
	}
	if (r)
		return r;
	for (size_t i = 0; i < names->count; i++)
		if (is_anywhere(&names->list[i].path))
			free(names->list[i].path.bytes);
		else
			names->list[kept++] = names->list[i];
	names->count = kept;
	names_unite(names);
	return 0;
}

bool names_refused(const struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->list[i].refused)
			return true;
	return false;
}

/* Calls `take` for every path that the condition tests positively, until one fails. */
static int each_path(const struct expression *e, bool negated,
		     int (*take)(void *context, const struct pattern *path), void *context)
{
	int r = 0;

	if (e->op != EXPRESSION_TEST) {
		negated = (e->op == EXPRESSION_NOT) != negated;
		for (size_t i = 0; i < e->count && !r; i++)
			r = each_path(e->child[i], negated, take, context);
		return r;
	}
	if (negated || e->test.field != TARGET ||
	    (e->test.op != TEST_TEXT && e->test.op != TEST_TEXT_CASED))
		return 0;
	for (size_t i = 0; i < e->test.count && !r; i++) {
		const union test_value *value = &e->test.values[i];

		r = take(context,
			 &(struct pattern) { value->pattern.bytes, value->pattern.length });
	}
	return r;
}

/* Of one rule. */
struct taking {
	struct names *names;
	bool refused;
};

static int take_name(void *context, const struct pattern *path)
{
	static const struct pattern nothing = { (unsigned char *)"", 0 };
	const struct taking *taking = context;
	struct pattern rest;

	if (is_anywhere(path)) {
		rest = rest_of(path);
		if (!is_resolved(&rest))
			return 0;
	} else if (!is_name(path)) {
		return 0;
	}
	return names_add(taking->names, &nothing, path, taking->refused);
}

/* A test of the path, by names alone. */
static bool names_files(const struct atom *atom)
{
	if (atom->kind != ATOM_TEXT || atom->field != TARGET)
		return false;
	for (size_t i = 0; i < atom->count; i++)
		if (atom->texts[i].anchors != (ANCHOR_START | ANCHOR_END) ||
		    !is_name(&(struct pattern) { atom->texts[i].bytes, atom->texts[i].length }))
			return false;
	return true;
}

/* Whether every clause has such a test as a positive literal; there must be one. */
static bool every_clause_names(const struct dnf *dnf, const struct atoms *atoms)
{
	for (size_t i = 0; i < dnf->count; i++) {
		const struct conjunction *clause = &dnf->list[i];
		bool found = false;

		for (size_t k = 0; k < clause->count && !found; k++)
			found = !DNF_NEGATED(clause->literal[k]) &&
				names_files(atoms_get(atoms, DNF_ATOM(clause->literal[k])));
		if (!found)
			return false;
	}
	return dnf->count;
}

static int rule_find(struct rule_names *ret, const struct rule *rule)
{
	_cleanup_(atoms_freep) struct atoms *atoms = NULL;
	_cleanup_(dnf_done) struct dnf dnf = { 0 };
	int r = atoms_new(&atoms);

	if (!r)
		r = dnf_make(&dnf, rule->condition, false, atoms);
	if (r)
		return r;
	ret->served = every_clause_names(&dnf, atoms);
	return 0;
}

int names_find(struct names *ret_names, const struct ruleset *ruleset,
	       const struct compiled *compiled)
{
	_cleanup_(names_done) struct names names = { 0 };
	int r = 0;

	names.rules = calloc(ruleset->count + 1, sizeof(*names.rules));
	if (!names.rules)
		return -ENOMEM;
	for (size_t i = 0; i < ruleset->count && !r; i++) {
		const struct rule *rule = ruleset->rules[i];
		struct taking taking = { &names, rule->response >= RESPONSE_deny };

		if (!rule->condition || rule->event != EVENT_file_open)
			continue;
		r = each_path(rule->condition, false, take_name, &taking);
		if (!r && taking.refused && !compiled->rules[i].confirm)
			r = rule_find(&names.rules[i], rule);
	}
	if (r)
		return r;
	names_unite(&names);
	*ret_names = names;
	names = (struct names) { 0 };
	return 0;
}

static int path_lacks(void *context, const struct pattern *path)
{
	char text[TEXT_MAX + 1];
	struct stat status;

	(void)context;
	if (path->length > TEXT_MAX || pattern_has_wildcard(path))
		return 0;
	memcpy(text, path->bytes, path->length);
	text[path->length] = '\0';
	return lstat(text, &status) ? -errno : 0;
}

bool names_exist(const struct rule *rule)
{
	return !rule->condition || !each_path(rule->condition, false, path_lacks, NULL);
}
