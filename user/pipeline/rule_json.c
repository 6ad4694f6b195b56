/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only place that knows how Sigma spells what ECS spells otherwise.
 */
#include "pipeline/rule_json.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/step.h"

#define SPELLING_MAX 128 /* bytes of a technique id or tactic name; a longer one is cut */

unsigned int rule_severity(const struct rule *rule)
{
	return (unsigned int)rule->level + 1;
}

const char *rule_step_name(const struct rule *rule)
{
	return rule->name ? rule->name : rule->id ? rule->id : rule_title(rule);
}

/* What a tag is: which kind of value it has, and that value in `spelling`. */
enum tag_kind { TAG_TECHNIQUE, TAG_SUBTECHNIQUE, TAG_TACTIC, TAG_OWASP, TAG_OTHER };

static void spell_technique(char spelling[SPELLING_MAX], const char *id)
{
	size_t length = 0;

	for (; id[length] && length < SPELLING_MAX - 1; length++)
		spelling[length] = (char)toupper((unsigned char)id[length]);
	spelling[length] = '\0';
}

/* "command-and-control" → "Command and Control" */
static void spell_tactic(char spelling[SPELLING_MAX], const char *slug)
{
	bool start = true;
	size_t length = 0;

	for (; slug[length] && length < SPELLING_MAX - 1; length++) {
		char c = slug[length];

		if (start && strncmp(&slug[length], "and-", 4) && strncmp(&slug[length], "and_", 4))
			c = (char)toupper((unsigned char)c);
		start = c == '-' || c == '_';
		spelling[length] = start ? ' ' : c;
	}
	spelling[length] = '\0';
}

static enum tag_kind tag_spell(char spelling[SPELLING_MAX], const char *tag)
{
	if (!strncasecmp(tag, "owasp.", 6)) {
		snprintf(spelling, SPELLING_MAX, "%s", tag + 6);
		return TAG_OWASP;
	}
	if (strncasecmp(tag, "attack.", 7))
		return TAG_OTHER;
	tag += 7;
	if (tolower((unsigned char)tag[0]) == 't' && isdigit((unsigned char)tag[1])) {
		spell_technique(spelling, tag);
		return strchr(tag, '.') ? TAG_SUBTECHNIQUE : TAG_TECHNIQUE;
	}
	/* attack.g0016 and attack.s0002 name groups and software */
	if (!tag[0] || isdigit((unsigned char)tag[1]))
		return TAG_OTHER;
	spell_tactic(spelling, tag);
	return TAG_TACTIC;
}

/* The values of the tags of two kinds as an array, or no name at all. Returns whether
 * there was one. */
static bool add_tags(struct json_tree *tree, const char *key, const struct strings *tags,
		     enum tag_kind kind, enum tag_kind other_kind)
{
	char spelling[SPELLING_MAX];
	struct json *w = NULL;

	for (size_t i = 0; i < tags->count; i++) {
		enum tag_kind found = tag_spell(spelling, tags->list[i]);

		if (found != kind && found != other_kind)
			continue;
		if (!w) {
			w = json_tree_add(tree, key);
			json_array_begin(w, NULL);
		}
		json_put_string(w, NULL, spelling);
	}
	if (w)
		json_array_end(w);
	return w;
}

static void add_strings(struct json_tree *tree, const char *key, const struct strings *strings)
{
	struct json *w;

	if (!strings->count)
		return;
	w = json_tree_add(tree, key);
	json_array_begin(w, NULL);
	for (size_t i = 0; i < strings->count; i++)
		json_put_string(w, NULL, strings->list[i]);
	json_array_end(w);
}

static void add_string(struct json_tree *tree, const char *key, const char *value)
{
	if (value)
		json_put_string(json_tree_add(tree, key), NULL, value);
}

static void add_threat(struct json_tree *tree, const struct strings *tags)
{
	bool technique, tactic;

	technique = add_tags(tree, "threat.technique.id", tags, TAG_TECHNIQUE, TAG_SUBTECHNIQUE);
	add_tags(tree, "threat.technique.subtechnique.id", tags, TAG_SUBTECHNIQUE,
		 TAG_SUBTECHNIQUE);
	tactic = add_tags(tree, "threat.tactic.name", tags, TAG_TACTIC, TAG_TACTIC);
	if (technique || tactic)
		add_string(tree, "threat.framework", "MITRE ATT&CK");
	add_tags(tree, "labels.owasp", tags, TAG_OWASP, TAG_OWASP);
}

void rule_json_add(struct json_tree *tree, const struct rule *rule, enum rule_json_extent extent)
{
	add_string(tree, "rule.id", rule->id);
	add_string(tree, "rule.name", rule_title(rule));
	add_string(tree, "fermata.level", level_table[rule->level]);
	add_string(tree, "fermata.maestro.framework", rule->maestro.framework);
	add_string(tree, "fermata.maestro.layer", rule->maestro.layer);
	add_string(tree, "fermata.maestro.category", rule->maestro.category);
	add_strings(tree, "fermata.maestro.threats", &rule->maestro.threats);
	add_strings(tree, "fermata.maestro.also", &rule->maestro.also);
	if (extent == RULE_JSON_BRIEF)
		return;
	add_string(tree, "rule.description", rule->description);
	if (rule->references.count)
		add_string(tree, "rule.reference", rule->references.list[0]);
	add_threat(tree, &rule->tags);
	add_strings(tree, "tags", &rule->tags);
}
