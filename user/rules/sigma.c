/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for systems that we do not see are skipped before anything else of them is
 * looked at: a whole public rule tree can be given, and its other parts are not ours
 * to judge.
 */
#include "rules/sigma.h"

#include <errno.h>
#include <string.h>

#include "rules/detection.h"
#include "rules/examples.h"
#include "rules/metadata.h"
#include "rules/nearest.h"
#include "rules/strings.h"

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	free(rule->title);
	free(rule->id);
	free(rule->name);
	free(rule->status);
	free(rule->description);
	strings_done(&rule->former_names);
	strings_done(&rule->tags);
	strings_done(&rule->references);
	strings_done(&rule->falsepositives);
	free(rule->maestro.framework);
	free(rule->maestro.layer);
	free(rule->maestro.category);
	strings_done(&rule->maestro.threats);
	strings_done(&rule->maestro.also);
	examples_free(rule->examples);
	expression_free(rule->condition);
	free(rule->filters);
	free(rule->steps);
	strings_done(&rule->group_by);
	strings_done(&rule->fields);
	free(rule->keys);
	free(rule);
}

/* The text of a member, or NULL when it is not there or something else. */
static const char *text_of(const struct node *map, const char *key)
{
	const struct node *node = node_find(map, key);

	return node && node->kind == NODE_TEXT && *node->text ? node->text : NULL;
}

static int skip(const struct place *place, struct diagnostics *diagnostics, const char *what,
		const char *value)
{
	diagnose(diagnostics, SEVERITY_SKIPPED, place, "%s '%s'", what, value);
	return -ENOENT;
}

/* Says so when a category is nearly one of ours: a rule skipped by mistake is a hole. */
static int category_skip(const struct node *logsource, const char *category,
			 struct diagnostics *diagnostics)
{
	const struct node *node = node_find(logsource, "category");
	struct nearest nearest;

	if (!category) {
		diagnose(diagnostics, SEVERITY_SKIPPED, &logsource->place,
			 "its log source has no category");
		return -ENOENT;
	}
	nearest_start(&nearest, category);
	for (int i = 0; i < EVENT_MAX; i++)
		nearest_offer(&nearest, event_table[i].name);
	diagnose(diagnostics, SEVERITY_SKIPPED, &node->place, "category '%s'%s", category,
		 nearest_hint(&nearest, "seen are"));
	return -ENOENT;
}

/* Returns the event of the log source, or -ENOENT when it is not ours. That of a filter
 * may be without category, and EVENT_MAX then. */
static int logsource_read(const struct node *logsource, bool filter,
			  struct diagnostics *diagnostics)
{
	static const char *const members[] = { "product", "service", "category" };
	const char *product, *service, *category;

	if (node_expect(logsource, NODE_MAP, "'logsource'", diagnostics) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct node *member = node_find(logsource, members[i]);

		if (member && node_expect(member, NODE_TEXT, members[i], diagnostics) < 0)
			return -EINVAL;
	}
	product = text_of(logsource, "product");
	service = text_of(logsource, "service");
	category = text_of(logsource, "category");
	if (product && strcmp(product, "linux"))
		return skip(&logsource->place, diagnostics, "product", product);
	if (service)
		return skip(&logsource->place, diagnostics, "service", service);
	if (!category && filter)
		return EVENT_MAX;
	if (!category || event_find(category) < 0)
		return category_skip(logsource, category, diagnostics);
	return event_find(category);
}

/* The kind by the block that a document has, of which there must be one. */
static int block_find(const struct node *document, struct diagnostics *diagnostics)
{
	static const char *const blocks[] = {
		[SIGMA_DETECTION] = "detection",
		[SIGMA_CORRELATION] = "correlation",
		[SIGMA_FILTER] = "filter",
	};
	int kind = -1;

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		if (!node_find(document, blocks[i]))
			continue;
		if (kind >= 0)
			return diagnose(diagnostics, SEVERITY_ERROR, &document->place,
					"a document has '%s' or '%s', not both", blocks[kind],
					blocks[i]);
		kind = (int)i;
	}
	return kind >= 0 ? kind
			 : diagnose(diagnostics, SEVERITY_ERROR, &document->place,
				    "neither 'detection' nor 'correlation' nor 'filter': not a "
				    "rule");
}

/* A search of words in whole log lines, by the specification: a list that has texts, or
 * a map with a key that begins with '|'. */
static const struct node *keywords_find(const struct node *search)
{
	for (size_t i = 0; search->kind == NODE_LIST && i < search->count; i++)
		if (search->child[i]->kind == NODE_TEXT && !node_is_null(search->child[i]))
			return search->child[i];
	for (size_t i = 0; search->kind == NODE_MAP && i < search->count; i++)
		if (*search->key[i]->text == '|')
			return search->key[i];
	return NULL;
}

/* What is watched has fields and no log line. */
static int keywords_skip(const struct node *detection, struct diagnostics *diagnostics)
{
	for (size_t i = 0; detection->kind == NODE_MAP && i < detection->count; i++) {
		const struct node *found;

		if (!strcmp(detection->key[i]->text, "condition"))
			continue;
		found = keywords_find(detection->child[i]);
		if (!found)
			continue;
		diagnose(diagnostics, SEVERITY_SKIPPED, &found->place,
			 "a search for keywords in whole log lines, of which there are none");
		return -ENOENT;
	}
	return 0;
}

int sigma_kind(const struct node *document, struct diagnostics *diagnostics)
{
	const struct place *place = &document->place;
	const struct node *logsource = node_find(document, "logsource");
	const char *status = text_of(document, "status");
	const char *taxonomy = text_of(document, "taxonomy");
	int kind, r = 0;

	if (document->kind != NODE_MAP)
		return diagnose(diagnostics, SEVERITY_ERROR, place,
				"a rule is a map: 'title: …' and so on");
	kind = block_find(document, diagnostics);
	if (kind < 0)
		return kind;
	if (kind != SIGMA_CORRELATION && !logsource)
		return diagnose(diagnostics, SEVERITY_ERROR, place, "the %s has no 'logsource'",
				kind == SIGMA_FILTER ? "filter" : "rule");
	if (kind != SIGMA_CORRELATION)
		r = logsource_read(logsource, kind == SIGMA_FILTER, diagnostics);
	if (r < 0)
		return r;
	if (status && !strcmp(status, "unsupported"))
		return skip(place, diagnostics, "status", status);
	if (taxonomy && strcmp(taxonomy, "sigma"))
		return skip(place, diagnostics, "taxonomy", taxonomy);
	if (kind == SIGMA_DETECTION)
		r = keywords_skip(node_find(document, "detection"), diagnostics);
	return r < 0 ? r : kind;
}

const char *const requirement_table[REQUIREMENT_MAX] = {
	[REQUIREMENT_none] = "none",
	[REQUIREMENT_kill] = "kill",
	[REQUIREMENT_deny] = "deny",
};

int requirement_find(const char *word)
{
	for (int i = REQUIREMENT_none + 1; i < REQUIREMENT_MAX; i++)
		if (!strcmp(requirement_table[i], word))
			return i;
	return -EINVAL;
}

/* After the response: a rule that only tells can require nothing. */
static int requirement_read(struct rule *rule, const struct node *node,
			    struct diagnostics *diagnostics)
{
	int r;

	if (node_expect(node, NODE_TEXT, "'require'", diagnostics) < 0)
		return -EINVAL;
	r = requirement_find(node->text);
	if (r < 0)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'require' is 'deny' or 'kill', not '%s'", node->text);
	if (rule->response < RESPONSE_deny)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'require' needs a response that refuses or kills, not '%s'",
				response_table[rule->response]);
	rule->requirement = (enum requirement)r;
	return 0;
}

static int response_read(struct rule *rule, const struct node *node,
			 struct diagnostics *diagnostics)
{
	/* What the kernel side carries out so far. */
	static const unsigned int supported = 1u << RESPONSE_alert | 1u << RESPONSE_deny |
					      1u << RESPONSE_kill | 1u << RESPONSE_kill_agent;
	struct nearest nearest;
	int r;

	if (node_expect(node, NODE_TEXT, "'response'", diagnostics) < 0)
		return -EINVAL;
	r = response_find(node->text);
	if (r >= 0 && !(supported >> r & 1))
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"response '%s' is not supported yet", node->text);
	if (r >= 0) {
		rule->response = (enum response)r;
		return 0;
	}
	nearest_start(&nearest, node->text);
	for (int i = 0; i < RESPONSE_MAX; i++)
		if (supported >> i & 1)
			nearest_offer(&nearest, response_table[i]);
	return diagnose(diagnostics, SEVERITY_ERROR, &node->place, "unknown response '%s'%s",
			node->text, nearest_hint(&nearest, "known are"));
}

/* By enum sigma_kind; beside those of metadata.c. */
static const char *const own_keys[][7] = {
	[SIGMA_DETECTION] = { "logsource", "detection", "maestro", "response", "require", "tests" },
	[SIGMA_CORRELATION] = { "correlation", "generate", "maestro", "response", "require",
				"tests" },
	[SIGMA_FILTER] = { "logsource", "filter" },
};

static bool key_is_known(const char *key, enum sigma_kind kind)
{
	bool known = metadata_has(key);

	for (size_t i = 0; !known && own_keys[kind][i]; i++)
		known = !strcmp(own_keys[kind][i], key);
	return known;
}

/* Attributes that Sigma does not define are allowed, but may be misspelt ones. */
static void keys_warn(const struct node *document, enum sigma_kind kind,
		      struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < document->count; i++) {
		const char *key = document->key[i]->text;
		struct nearest nearest;

		if (key_is_known(key, kind))
			continue;
		nearest_start(&nearest, key);
		for (size_t j = 0; own_keys[kind][j]; j++)
			nearest_offer(&nearest, own_keys[kind][j]);
		for (size_t j = 0; metadata_key(j); j++)
			nearest_offer(&nearest, metadata_key(j));
		diagnose(diagnostics, SEVERITY_WARNING, &document->key[i]->place,
			 "unknown attribute '%s' is ignored%s", key, nearest_hint(&nearest, NULL));
	}
}

/* What Fermata adds to Sigma. */
static int custom_read(struct rule *rule, const struct node *document,
		       struct maestro_source *source, struct diagnostics *diagnostics)
{
	const struct node *response = node_find(document, "response");
	const struct node *require = node_find(document, "require");
	const struct node *tests = node_find(document, "tests");
	const struct node *block = node_find(document, "maestro");
	int r = 0, q = 0;

	if (response)
		r = response_read(rule, response, diagnostics);
	if (!r && require)
		r = requirement_read(rule, require, diagnostics);
	if (tests) {
		q = examples_read(&rule->examples, tests, diagnostics);
		if (q == -ENOMEM)
			return q;
		r = q < 0 ? q : r;
		q = 0;
	}
	if (block) {
		const struct maestro *maestro =
			maestro_source_get(source, &block->place, diagnostics);

		q = maestro ? maestro_block_read(rule, maestro, block, diagnostics) : -EINVAL;
	}
	return q < 0 ? q : r;
}

int sigma_read(struct rule **ret_rule, struct correlation **ret_correlation,
	       const struct node *document, enum sigma_kind kind, struct maestro_source *source,
	       const struct placeholders *placeholders, struct diagnostics *diagnostics)
{
	_cleanup_(rule_freep) struct rule *rule = calloc(1, sizeof(*rule));
	_cleanup_(correlation_freep) struct correlation *correlation = NULL;
	int r, q;

	if (!rule)
		return -ENOMEM;
	rule->place = document->place;
	rule->level = LEVEL_medium;
	r = metadata_read(rule, document, diagnostics);
	if (r == -ENOMEM)
		return r;
	keys_warn(document, kind, diagnostics);
	q = custom_read(rule, document, source, diagnostics);
	if (q == -ENOMEM)
		return q;
	r = q < 0 ? q : r;
	if (kind == SIGMA_CORRELATION) {
		q = correlation_read(&correlation, rule, document, diagnostics);
	} else {
		q = event_find(text_of(node_find(document, "logsource"), "category"));
		rule->event = (enum event_type)q;
		rule->events = 1u << rule->event;
		q = detection_read(&rule->condition, node_find(document, "detection"),
				   &(const struct item_context) { rule->event, placeholders,
								  diagnostics });
	}
	r = q < 0 ? q : r;
	if (r < 0)
		return r;
	if (correlation)
		*ret_correlation = take_ptr(correlation);
	*ret_rule = take_ptr(rule);
	return 0;
}

int sigma_filter_read(struct rule_filter **ret_filter, const struct node *document,
		      struct diagnostics *diagnostics)
{
	_cleanup_(rule_filter_freep) struct rule_filter *filter = calloc(1, sizeof(*filter));
	_cleanup_(rule_freep) struct rule *metadata = calloc(1, sizeof(*metadata));
	int r;

	if (!filter || !metadata)
		return -ENOMEM;
	r = metadata_read(metadata, document, diagnostics);
	if (r == -ENOMEM)
		return r;
	keys_warn(document, SIGMA_FILTER, diagnostics);
	if (filter_block_check(node_find(document, "filter"), diagnostics) < 0 || r < 0)
		return -EINVAL;
	filter->place = document->place;
	filter->title = take_ptr(metadata->title);
	filter->id = take_ptr(metadata->id);
	filter->description = take_ptr(metadata->description);
	*ret_filter = take_ptr(filter);
	return 0;
}

int sigma_filter_event(const struct node *document)
{
	const char *category = text_of(node_find(document, "logsource"), "category");

	return category ? event_find(category) : -1;
}
