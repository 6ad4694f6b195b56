/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From paths to a ruleset, in two passes: detections as they are read; correlations
 * when it is known what all the other documents are, because a correlation of rules
 * that were skipped is skipped with them.
 */
#include <errno.h>
#include <string.h>

#include "rules/document.h"
#include "rules/rule_files.h"
#include "rules/sigma.h"
#include "rules/strings.h"

/* Documents that are examined, also those for others; reading stops there. */
#define DOCUMENTS_MAX 100000

DEFINE_CLEANUP(struct ruleset *, ruleset_free)

/* A document that is or may become a rule, in the order of reading. */
struct entry {
	struct rule *rule; /* owned; NULL while its document waits, or when it was left out */
	struct correlation *correlation; /* owned; of such a rule */
	struct node *document; /* owned; a correlation that waits */
};

struct reading {
	struct ruleset *ruleset;
	struct maestro_source maestro;
	struct diagnostics *diagnostics;
	struct entry *entries;
	size_t count;
	size_t documents, correlations; /* examined so far */
	/* ids and names of documents that are not in the ruleset */
	struct strings skipped, failed;
};

void ruleset_free(struct ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->count; i++)
		rule_free(ruleset->rules[i]);
	free(ruleset->rules);
	strings_done(&ruleset->files);
	free(ruleset);
}

static void reading_done(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		rule_free(reading->entries[i].rule);
		correlation_free(reading->entries[i].correlation);
		node_free(reading->entries[i].document);
	}
	free(reading->entries);
	strings_done(&reading->skipped);
	strings_done(&reading->failed);
	maestro_source_done(&reading->maestro);
	ruleset_free(reading->ruleset);
}

static int names_note(struct strings *strings, const struct node *document)
{
	static const char *const keys[] = { "id", "name" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && r >= 0; i++) {
		const struct node *node = node_find(document, keys[i]);

		if (node && node->kind == NODE_TEXT && *node->text)
			r = strings_add(strings, node->text);
	}
	return r;
}

static struct entry *entry_add(struct reading *reading)
{
	struct entry *entries =
		reallocarray(reading->entries, reading->count + 1, sizeof(*entries));

	if (!entries)
		return NULL;
	reading->entries = entries;
	entries[reading->count] = (struct entry) { 0 };
	return &entries[reading->count++];
}

/* Counts a document of that kind. -E2BIG when it is one too many (diagnosed). */
static int limits_check(struct reading *reading, int kind, const struct place *place)
{
	const char *what = NULL;
	int limit = 0;

	if (++reading->documents > DOCUMENTS_MAX) {
		limit = DOCUMENTS_MAX;
		what = "documents";
	} else if (kind >= 0 && reading->count == RULES_MAX) {
		limit = RULES_MAX;
		what = "rules";
	} else if (kind == SIGMA_CORRELATION && ++reading->correlations > CORRELATIONS_MAX) {
		limit = CORRELATIONS_MAX;
		what = "correlations";
	}
	if (!what)
		return 0;
	diagnose(reading->diagnostics, SEVERITY_ERROR, place,
		 "nothing is read from here on: the limit of %d %s is reached", limit, what);
	return -E2BIG;
}

/* Takes the document. 0, -ENOMEM, or -E2BIG when a limit is reached (diagnosed). */
static int document_take(struct reading *reading, struct node **document)
{
	int kind = sigma_kind(*document, reading->diagnostics);
	struct entry *entry;
	int r;

	r = limits_check(reading, kind, &(*document)->place);
	if (r < 0)
		return r;
	if (kind == -ENOENT) {
		reading->ruleset->skipped++;
		return names_note(&reading->skipped, *document);
	}
	if (kind < 0)
		return names_note(&reading->failed, *document);
	entry = entry_add(reading);
	if (!entry)
		return -ENOMEM;
	if (kind == SIGMA_CORRELATION) {
		entry->document = take_ptr(*document);
		return 0;
	}
	r = sigma_read(&entry->rule, NULL, *document, SIGMA_DETECTION, &reading->maestro,
		       reading->diagnostics);
	return r == -EINVAL ? names_note(&reading->failed, *document) : r;
}

/* Reads one file. What is wrong in it is diagnosed; an error is one of the machine, of
 * a limit, or that the file cannot be read. */
static int file_read_rules(struct reading *reading, const char *file)
{
	_cleanup_(documents_done) struct documents documents = { 0 };
	size_t errors = reading->diagnostics->total[SEVERITY_ERROR];
	int r = documents_read(&documents, file, reading->diagnostics);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (!documents.count && errors == reading->diagnostics->total[SEVERITY_ERROR])
		diagnose(reading->diagnostics, SEVERITY_WARNING,
			 &(const struct place) { file, 0, 0 }, "there is nothing in it");
	for (size_t i = 0; i < documents.count && r >= 0; i++)
		r = document_take(reading, &documents.list[i]);
	return r;
}

static bool is_loaded(const struct reading *reading, const char *reference)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->entries[i].rule && rule_is(reading->entries[i].rule, reference))
			return true;
	return false;
}

/*
 * Whether the correlation can be read: -ENOENT when one of its steps was skipped, and
 * it with it; -EINVAL when one has errors (both diagnosed).
 */
static int steps_check(const struct reading *reading, const struct node *document)
{
	const struct node *block = node_find(document, "correlation");
	const struct node *steps = node_find(block, "rules");

	for (size_t i = 0; steps && i < steps->count; i++) {
		const struct node *step = steps->child[i];

		if (step->kind != NODE_TEXT || is_loaded(reading, step->text))
			continue;
		if (strings_have(&reading->skipped, step->text)) {
			diagnose(reading->diagnostics, SEVERITY_SKIPPED, &step->place,
				 "a correlation of '%s', which was skipped", step->text);
			return -ENOENT;
		}
		if (strings_have(&reading->failed, step->text))
			return diagnose(reading->diagnostics, SEVERITY_ERROR, &step->place,
					"the rule '%s' has errors", step->text);
	}
	return 0;
}

static int correlations_read(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		struct entry *entry = &reading->entries[i];
		int r;

		if (!entry->document)
			continue;
		r = steps_check(reading, entry->document);
		if (r == -ENOENT)
			reading->ruleset->skipped++;
		if (r >= 0)
			r = sigma_read(&entry->rule, &entry->correlation, entry->document,
				       SIGMA_CORRELATION, &reading->maestro, reading->diagnostics);
		node_free(take_ptr(entry->document));
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}

static void entry_drop(struct entry *entry)
{
	correlation_free(take_ptr(entry->correlation));
	rule_free(take_ptr(entry->rule));
}

/* Of rules with the same id the last one stays: a drop-in replaces a shipped rule. */
static void replaced_drop(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		struct rule *later = reading->entries[i].rule;

		for (size_t j = 0; later && later->id && j < i; j++) {
			const struct rule *earlier = reading->entries[j].rule;

			if (!earlier || !earlier->id || strcmp(earlier->id, later->id))
				continue;
			diagnose(reading->diagnostics, SEVERITY_WARNING, &later->place,
				 "it replaces the rule with the same id at %s:%u",
				 earlier->place.file, earlier->place.line);
			entry_drop(&reading->entries[j]);
		}
	}
}

/* Moves the rules that are left into the ruleset. */
static int rules_collect(struct reading *reading)
{
	struct ruleset *ruleset = reading->ruleset;

	ruleset->rules = calloc(reading->count + 1, sizeof(struct rule *));
	if (!ruleset->rules)
		return -ENOMEM;
	for (size_t i = 0; i < reading->count; i++)
		if (reading->entries[i].rule)
			ruleset->rules[ruleset->count++] = take_ptr(reading->entries[i].rule);
	return 0;
}

/* Finds the steps of all correlations; those that lack one are dropped. Lists the rest. */
static int correlations_resolve(struct reading *reading, struct correlation **ret_list,
				size_t *ret_count)
{
	_cleanup_free_ struct rule **rules = calloc(reading->count + 1, sizeof(*rules));
	size_t rule_count = 0, count = 0;

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < reading->count; i++)
		if (reading->entries[i].rule)
			rules[rule_count++] = reading->entries[i].rule;
	/* Dropped only afterwards: `rules` still refers to them. */
	for (size_t i = 0; i < reading->count; i++) {
		struct correlation *correlation = reading->entries[i].correlation;

		if (correlation &&
		    correlation_resolve(correlation, rules, rule_count, reading->diagnostics) < 0)
			correlation->rule = NULL;
	}
	for (size_t i = 0; i < reading->count; i++) {
		struct entry *entry = &reading->entries[i];

		if (entry->correlation && !entry->correlation->rule)
			entry_drop(entry);
		else if (entry->correlation)
			ret_list[count++] = entry->correlation;
	}
	*ret_count = count;
	return 0;
}

static int ruleset_finish(struct reading *reading)
{
	_cleanup_free_ struct correlation **correlations = NULL;
	size_t count;
	int r = correlations_read(reading);

	if (r < 0)
		return r;
	replaced_drop(reading);
	correlations = calloc(reading->count + 1, sizeof(*correlations));
	if (!correlations)
		return -ENOMEM;
	r = correlations_resolve(reading, correlations, &count);
	if (r >= 0)
		r = rules_collect(reading);
	if (r >= 0)
		r = correlations_link(reading->ruleset, correlations, count, reading->diagnostics);
	return r;
}

/* Whether the file is one of those that the caller named. */
static bool is_given(const char *const *paths, size_t count, const char *file)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(paths[i], file))
			return true;
	return false;
}

int ruleset_read(struct ruleset **ret_ruleset, const char *const *paths, size_t path_count,
		 const char *maestro, struct diagnostics *diagnostics)
{
	_cleanup_(reading_done) struct reading reading = {
		.maestro = { .given = maestro, .paths = paths, .path_count = path_count },
		.diagnostics = diagnostics,
	};
	struct ruleset *ruleset = reading.ruleset = calloc(1, sizeof(*ruleset));
	int result, r;

	if (!ruleset)
		return -ENOMEM;
	result = rule_files_find(&ruleset->files, paths, path_count, diagnostics);
	if (result == -ENOMEM)
		return result;
	for (size_t i = 0; i < ruleset->files.count; i++) {
		r = file_read_rules(&reading, ruleset->files.list[i]);
		if (r == -ENOMEM)
			return r;
		if (r == -E2BIG)
			break;
		if (r < 0 && !result && is_given(paths, path_count, ruleset->files.list[i]))
			result = r;
	}
	r = ruleset_finish(&reading);
	if (r < 0)
		return r;
	if (result < 0)
		return result;
	*ret_ruleset = take_ptr(reading.ruleset);
	return 0;
}
