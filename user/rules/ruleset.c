/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From paths to a ruleset, in two passes: detections as they are read; correlations and
 * filters when it is known what all the other documents are, because a correlation of
 * rules that were skipped is skipped with them, and a filter as well.
 */
#include <errno.h>
#include <string.h>

#include "rules/document.h"
#include "rules/drop_in.h"
#include "rules/reading.h"
#include "rules/rule_files.h"
#include "rules/strings.h"

/* Documents that are examined, also those for others; reading stops there. */
#define DOCUMENTS_MAX 100000

DEFINE_CLEANUP(struct ruleset *, ruleset_free)

void ruleset_free(struct ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->count; i++)
		rule_free(ruleset->rules[i]);
	free(ruleset->rules);
	for (size_t i = 0; i < ruleset->filter_count; i++)
		rule_filter_free(ruleset->filters[i]);
	free(ruleset->filters);
	strings_done(&ruleset->files);
	free(ruleset);
}

void entry_drop(struct entry *entry)
{
	correlation_free(take_ptr(entry->correlation));
	rule_free(take_ptr(entry->rule));
	rule_filter_free(take_ptr(entry->filter));
	node_free(take_ptr(entry->document));
}

static void reading_done(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++)
		entry_drop(&reading->entries[i]);
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
	} else if (kind == SIGMA_FILTER && ++reading->filters > FILTERS_MAX) {
		limit = FILTERS_MAX;
		what = "filters";
	} else if (kind >= 0 && reading->count - reading->filters == RULES_MAX) {
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
	if (kind == SIGMA_DETECTION)
		r = sigma_read(&entry->rule, NULL, *document, kind, &reading->maestro,
			       reading->placeholders, reading->diagnostics);
	else if (kind == SIGMA_FILTER)
		r = sigma_filter_read(&entry->filter, *document, reading->diagnostics);
	if (r >= 0 && kind != SIGMA_DETECTION)
		entry->document = take_ptr(*document);
	return r == -EINVAL ? names_note(&reading->failed, *document) : r;
}

/*
 * Old Sigma joined the documents of a file by `action: global`, `reset` and `repeat`; its
 * version 2 has no such thing. As the documents after one mean nothing without it, the
 * rest of the file is skipped.
 */
static bool starts_collection(const struct node *document)
{
	static const char *const actions[] = { "global", "reset", "repeat" };
	const struct node *action = node_find(document, "action");

	for (size_t i = 0; action && i < ARRAY_SIZE(actions); i++)
		if (action->kind == NODE_TEXT && !strcmp(action->text, actions[i]))
			return true;
	return false;
}

static int collection_skip(struct reading *reading, const struct node *document)
{
	int r = limits_check(reading, -ENOENT, &document->place);

	if (r < 0)
		return r;
	diagnose(reading->diagnostics, SEVERITY_SKIPPED, &document->place,
		 "part of a rule collection ('action: …'), which Sigma has given up: write out "
		 "each rule");
	reading->ruleset->skipped++;
	return names_note(&reading->skipped, document);
}

/* Reads one file. What is wrong in it is diagnosed; an error is one of the machine, of
 * a limit, or that the file cannot be read. */
static int file_read_rules(struct reading *reading, const char *file)
{
	_cleanup_(documents_done) struct documents documents = { 0 };
	size_t errors = reading->diagnostics->total[SEVERITY_ERROR];
	bool collection = false;
	int r = documents_read(&documents, file, reading->diagnostics);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (!documents.count && errors == reading->diagnostics->total[SEVERITY_ERROR])
		diagnose(reading->diagnostics, SEVERITY_WARNING,
			 &(const struct place) { file, 0, 0 }, "there is nothing in it");
	for (size_t i = 0; i < documents.count && r >= 0; i++) {
		struct node **document = &documents.list[i];

		collection |= starts_collection(*document);
		r = collection ? collection_skip(reading, *document)
			       : document_take(reading, document);
	}
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

/* Leaves out the correlation if one of its steps is left out. Returns whether it is left
 * out, or -ENOMEM. */
static int correlation_skip(struct reading *reading, struct entry *entry)
{
	int r = steps_check(reading, entry->document);

	if (r >= 0)
		return 0;
	if (r == -ENOENT)
		reading->ruleset->skipped++;
	r = names_note(r == -ENOENT ? &reading->skipped : &reading->failed, entry->document);
	node_free(take_ptr(entry->document));
	return r < 0 ? r : 1;
}

/* Those of correlations that are left out are left out with them, in whatever order the
 * files have them. */
static int correlations_skip(struct reading *reading)
{
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < reading->count; i++) {
			struct entry *entry = &reading->entries[i];
			int r = 0;

			if (entry->document && !entry->filter)
				r = correlation_skip(reading, entry);

			if (r < 0)
				return r;
			again = again || r;
		}
	} while (again);
	return 0;
}

static int correlations_read(struct reading *reading)
{
	int r = correlations_skip(reading);

	for (size_t i = 0; i < reading->count && r != -ENOMEM; i++) {
		struct entry *entry = &reading->entries[i];

		if (!entry->document || entry->filter)
			continue;
		r = sigma_read(&entry->rule, &entry->correlation, entry->document,
			       SIGMA_CORRELATION, &reading->maestro, reading->placeholders,
			       reading->diagnostics);
		if (r == -EINVAL)
			r = names_note(&reading->failed, entry->document);
		node_free(take_ptr(entry->document));
	}
	return r == -ENOMEM ? r : 0;
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

/* Whether a step is a correlation that has errors of its own (diagnosed). */
static bool step_failed(const struct reading *reading, const struct correlation *correlation)
{
	for (size_t i = 0; i < correlation->steps.count; i++) {
		const struct reference *step = &correlation->steps.list[i];

		if (is_loaded(reading, step->text) || !strings_have(&reading->failed, step->text))
			continue;
		diagnose(reading->diagnostics, SEVERITY_ERROR, &step->place,
			 "the rule '%s' has errors", step->text);
		return true;
	}
	return false;
}

/* Finds the steps of all correlations; those that lack one, or are not right, are dropped.
 * Lists the rest. */
static int correlations_resolve(struct reading *reading, struct correlation **ret_list,
				size_t *ret_count)
{
	_cleanup_free_ struct rule **rules = calloc(reading->count + 1, sizeof(*rules));
	size_t rule_count = 0, count = 0;
	int r;

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < reading->count; i++)
		if (reading->entries[i].rule)
			rules[rule_count++] = reading->entries[i].rule;
	for (size_t i = 0; i < reading->count; i++) {
		struct correlation *correlation = reading->entries[i].correlation;

		if (!correlation)
			continue;
		correlation->failed = step_failed(reading, correlation) ||
				      correlation_resolve(correlation, rules, rule_count,
							  reading->diagnostics) < 0;
		ret_list[count++] = correlation;
	}
	r = correlations_order(ret_list, count, reading->diagnostics);
	if (r < 0)
		return r;
	count = 0;
	/* only now: `rules` and other correlations refer to them */
	for (size_t i = 0; i < reading->count; i++) {
		struct entry *entry = &reading->entries[i];

		if (entry->correlation && entry->correlation->failed)
			entry_drop(entry);
		else if (entry->correlation)
			ret_list[count++] = entry->correlation;
	}
	*ret_count = count;
	return 0;
}

/* Joins the filters to their rules and moves them into the ruleset. */
static int filters_apply(struct reading *reading)
{
	struct ruleset *ruleset = reading->ruleset;
	struct filter_rules rules = { .list = ruleset->rules,
				      .count = ruleset->count,
				      .skipped = &reading->skipped,
				      .failed = &reading->failed,
				      .budget = FILTERS_SIZE_MAX,
				      .placeholders = reading->placeholders };

	ruleset->filters = calloc(reading->filters + 1, sizeof(*ruleset->filters));
	if (!ruleset->filters)
		return -ENOMEM;
	for (size_t i = 0; i < reading->count; i++) {
		struct entry *entry = &reading->entries[i];
		int r;

		if (!entry->filter)
			continue;
		r = rule_filter_apply(entry->filter, entry->document,
				      sigma_filter_event(entry->document), &rules,
				      reading->diagnostics);
		if (r == -ENOMEM)
			return r;
		ruleset->skipped += r == -ENOENT;
		if (r >= 0)
			ruleset->filters[ruleset->filter_count++] = take_ptr(entry->filter);
	}
	return 0;
}

static int ruleset_finish(struct reading *reading)
{
	_cleanup_free_ struct correlation **correlations = NULL;
	size_t count;
	int r = correlations_read(reading);

	if (r >= 0)
		r = drop_ins_apply(reading);
	if (r < 0)
		return r;
	correlations = calloc(reading->count + 1, sizeof(*correlations));
	if (!correlations)
		return -ENOMEM;
	r = correlations_resolve(reading, correlations, &count);
	if (r >= 0)
		r = rules_collect(reading);
	if (r >= 0)
		r = correlations_link(reading->ruleset, correlations, count, reading->diagnostics);
	return r < 0 ? r : filters_apply(reading);
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
		 const struct rule_inputs *inputs, struct diagnostics *diagnostics)
{
	_cleanup_(reading_done) struct reading reading = {
		.maestro = { .given = inputs ? inputs->maestro : NULL,
			     .paths = paths,
			     .path_count = path_count },
		.placeholders = inputs ? inputs->placeholders : NULL,
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
