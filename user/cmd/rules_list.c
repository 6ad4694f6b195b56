/* SPDX-License-Identifier: Apache-2.0 */
/* `fermata rules list`: a line for each rule, then for each filter. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/rules_command.h"

/*
 * Where it is decided: "kernel", "user confirms" what the kernel side cannot see, or "user"
 * alone, a correlation that the kernel side does not advance.
 */
static const char *where(const struct rules_session *session, size_t i)
{
	if (!session->compiled)
		return "-";
	switch (session->compiled->rules[i].why) {
	case WHY_none:
		return "kernel";
	case WHY_test:
		return "user confirms";
	default:
		return "user";
	}
}

/* The place of the document with the same id that this one has replaced. */
static void replaces_write(struct json *json, const struct place *replaces)
{
	if (!replaces->file)
		return;
	json_object_begin(json, "replaces");
	json_put_string(json, "file", replaces->file);
	json_put_number(json, "line", replaces->line);
	json_object_end(json);
}

static void filters_write(struct json *json, const struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->filter_count; i++) {
		const struct rule_filter *filter = ruleset->filters[i];

		json_object_begin(json, NULL);
		json_put_string(json, "id", filter->id);
		json_put_string(json, "title", filter->title);
		json_put_string(json, "event", "filter");
		json_put_number(json, "rules", filter->rule_count);
		json_put_string(json, "file", filter->place.file);
		json_put_number(json, "line", filter->place.line);
		replaces_write(json, &filter->replaces);
		json_object_end(json);
	}
}

static int list_write(const struct rules_session *session)
{
	_cleanup_buffer_ struct buffer out = BUFFER(OUTPUT_MAX);
	struct json json;

	json_init(&json, &out);
	json_array_begin(&json, NULL);
	for (size_t i = 0; i < session->ruleset->count; i++) {
		const struct rule *rule = session->ruleset->rules[i];

		json_object_begin(&json, NULL);
		json_put_string(&json, "id", rule->id);
		json_put_string(&json, "name", rule->name);
		json_put_string(&json, "title", rule->title);
		json_put_string(&json, "level", level_table[rule->level]);
		json_put_string(&json, "response", response_table[rule->response]);
		json_put_bool(&json, "silent", rule->silent);
		json_put_string(&json, "event", rule_event_name(rule));
		json_put_string(&json, "where", where(session, i));
		json_put_string(&json, "file", rule->place.file);
		json_put_number(&json, "line", rule->place.line);
		replaces_write(&json, &rule->replaces);
		json_array_begin(&json, "filters");
		for (size_t k = 0; k < rule->filter_count; k++)
			json_put_string(&json, NULL, rule->filters[k]->title);
		json_array_end(&json);
		json_object_end(&json);
	}
	filters_write(&json, session->ruleset);
	json_array_end(&json);
	return output_print(&out);
}

/* Titles and names of files are what somebody wrote: escaped. */
static void title_print(struct buffer *out, const char *title, const struct place *replaces)
{
	utf8_escape(out, title, strlen(title));
	if (!replaces->file)
		return;
	buffer_print(out, "  (replaces ");
	utf8_escape(out, replaces->file, strlen(replaces->file));
	buffer_print(out, ":%u)", replaces->line);
}

static void filters_print(struct buffer *out, const struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->filter_count; i++) {
		const struct rule_filter *filter = ruleset->filters[i];

		buffer_print(out, "\n%-36s  %-13s  %-10s  %-19s  %-4zu %-8s  ",
			     filter->id ? filter->id : "-", "-", "-", "filter", filter->rule_count,
			     filter->rule_count == 1 ? "rule" : "rules");
		title_print(out, filter->title, &filter->replaces);
	}
}

static int list_print(const struct rules_session *session)
{
	_cleanup_buffer_ struct buffer out = BUFFER(OUTPUT_MAX);

	diagnostics_print(&session->diagnostics, stderr);
	buffer_print(&out, "%-36s  %-13s  %-10s  %-19s  %-13s  %s", "ID", "LEVEL", "RESPONSE",
		     "EVENT", "WHERE", "TITLE");
	for (size_t i = 0; i < session->ruleset->count; i++) {
		const struct rule *rule = session->ruleset->rules[i];

		buffer_print(&out, "\n%-36s  %-13s  %-10s  %-19s  %-13s  ",
			     rule->id ? rule->id : "-", level_table[rule->level],
			     rule->silent ? "(step)" : response_table[rule->response],
			     rule_event_name(rule), where(session, i));
		title_print(&out, rule->title, &rule->replaces);
	}
	filters_print(&out, session->ruleset);
	return output_print(&out);
}

static const struct option_row options[] = { OPTION_JSON, OPTION_STRICT, OPTION_CONFIG, { 0 } };

int rules_list(int argc, char **argv)
{
	_cleanup_session_ struct rules_session session = { 0 };
	int next = options_read(argc, argv, options, &session, "rules list"), status;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	status = rules_session_load(&session, (const char *const *)argv + next,
				    (size_t)(argc - next));
	if (status == STATUS_DONE)
		status = session.json ? list_write(&session) : list_print(&session);
	return status == STATUS_DONE ? rules_session_status(&session) : status;
}
