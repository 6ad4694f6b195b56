/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata rules check` and `rules list`: reads and compiles rules as `run` would, and
 * tells what is wrong with them or what they are. Needs no privilege, but to say what this
 * kernel makes of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cmd/command.h"
#include "cmd/options.h"
#include "cmd/strengths.h"
#include "rules/compile.h"
#include "rules/default_paths.h"
#include "rules/strings.h"

#define OUTPUT_MAX (64u << 20) /* bytes of one answer; a longer one is an error */

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)

/* What both commands start from. */
struct session {
	bool json, strict;
	struct strings defaults;
	struct diagnostics diagnostics;
	struct ruleset *ruleset;
	struct compiled *compiled; /* NULL when the rules do not compile */
};

static void session_done(struct session *session)
{
	compiled_freep(&session->compiled);
	ruleset_freep(&session->ruleset);
	diagnostics_done(&session->diagnostics);
	strings_done(&session->defaults);
}

static int json_store(void *target, const char *value)
{
	(void)value;
	((struct session *)target)->json = true;
	return 0;
}

static int strict_store(void *target, const char *value)
{
	(void)value;
	((struct session *)target)->strict = true;
	return 0;
}

static const struct option_row options[] = {
	{ "json", NULL, "tell it as JSON", json_store },
	{ "strict", NULL, "warnings count as errors", strict_store },
	{ 0 },
};

/* Reads and compiles. Returns an exit status: STATUS_DONE also with errors in the
 * diagnostics. */
static int session_load(struct session *session, const char *const *paths, size_t count)
{
	int r;

	if (!count) {
		if (rules_default_paths(&session->defaults) < 0) {
			log_error(ENOMEM, "cannot list the default rules");
			return STATUS_CANNOT;
		}
		paths = (const char *const *)session->defaults.list;
		count = session->defaults.count;
	}
	if (!count) {
		log_error(0, "there are no default rules; name a file or a folder");
		return STATUS_USAGE;
	}
	r = ruleset_read(&session->ruleset, paths, count, NULL, &session->diagnostics);
	if (r >= 0) {
		r = compile(&session->compiled, session->ruleset, 1, &session->diagnostics);
		if (r == -EINVAL)
			return STATUS_DONE;
	}
	if (r >= 0)
		return STATUS_DONE;
	diagnostics_print(&session->diagnostics, stderr);
	log_error(r, "cannot read the rules");
	return r == -EACCES || r == -EPERM || r == -ENOMEM ? STATUS_CANNOT : STATUS_USAGE;
}

static int session_status(const struct session *session)
{
	const size_t *total = session->diagnostics.total;

	return total[SEVERITY_ERROR] || (session->strict && total[SEVERITY_WARNING]) ? STATUS_NO
										     : STATUS_DONE;
}

static int output_print(struct buffer *out)
{
	if (out->error)
		return log_error(out->error, "cannot put the answer together"), STATUS_CANNOT;
	if (fwrite(out->data, 1, out->length, stdout) != out->length || putchar('\n') == EOF ||
	    fflush(stdout))
		return log_error(errno, "cannot write to standard output"), STATUS_CANNOT;
	return STATUS_DONE;
}

static size_t correlation_count(const struct ruleset *ruleset)
{
	size_t count = 0;

	for (size_t i = 0; i < ruleset->count; i++)
		count += !ruleset->rules[i]->condition;
	return count;
}

static void diagnostics_write(struct json *json, const struct diagnostics *diagnostics)
{
	static const char *const severities[SEVERITY_MAX] = {
		[SEVERITY_ERROR] = "error",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_SKIPPED] = "skipped",
	};

	json_array_begin(json, "diagnostics");
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = &diagnostics->list[i];

		json_object_begin(json, NULL);
		json_put_string(json, "severity", severities[item->severity]);
		json_put_string(json, "file", item->file);
		json_put_number(json, "line", item->line);
		json_put_number(json, "column", item->column);
		json_put_string(json, "message", item->message);
		json_object_end(json);
	}
	json_array_end(json);
}

static int check_write(const struct session *session)
{
	_cleanup_buffer_ struct buffer out = BUFFER(OUTPUT_MAX);
	const struct ruleset *ruleset = session->ruleset;
	const struct compiled *compiled = session->compiled;
	size_t correlations = correlation_count(ruleset);
	_cleanup_(strengths_done) struct strengths strengths = { 0 };
	struct json json;

	json_init(&json, &out);
	json_object_begin(&json, NULL);
	json_put_number(&json, "rules", ruleset->count);
	json_put_number(&json, "detections", ruleset->count - correlations);
	json_put_number(&json, "correlations", correlations);
	json_put_number(&json, "skipped", ruleset->skipped);
	json_put_number(&json, "errors", session->diagnostics.total[SEVERITY_ERROR]);
	json_put_number(&json, "warnings", session->diagnostics.total[SEVERITY_WARNING]);
	if (compiled) {
		json_object_begin(&json, "policy");
		json_put_number(&json, "atoms", compiled->atoms);
		json_put_number(&json, "clauses", compiled->policy->clause_count);
		json_put_number(&json, "states", compiled->states);
		json_put_number(&json, "bytes", compiled->policy->size);
		json_object_end(&json);
	}
	if (strengths_find(&strengths, ruleset, compiled))
		return STATUS_CANNOT;
	strengths_write(&json, "strengths", &strengths);
	diagnostics_write(&json, &session->diagnostics);
	json_object_end(&json);
	return output_print(&out);
}

static int check_print(const struct session *session)
{
	const struct ruleset *ruleset = session->ruleset;
	const size_t *total = session->diagnostics.total;
	size_t correlations = correlation_count(ruleset);
	_cleanup_(strengths_done) struct strengths strengths = { 0 };

	diagnostics_print(&session->diagnostics, stderr);
	if (strengths_find(&strengths, ruleset, session->compiled))
		return STATUS_CANNOT;
	strengths_print(&strengths, stdout);
	printf("%zu rules (%zu detections, %zu correlations), %zu skipped, %zu errors, %zu "
	       "warnings\n",
	       ruleset->count, ruleset->count - correlations, correlations, ruleset->skipped,
	       total[SEVERITY_ERROR], total[SEVERITY_WARNING]);
	if (session->compiled)
		printf("%zu atoms, %" PRIu32 " clauses, image of %" PRIu32 " bytes\n",
		       session->compiled->atoms, session->compiled->policy->clause_count,
		       session->compiled->policy->size);
	return fflush(stdout) ? STATUS_CANNOT : STATUS_DONE;
}

static int check(struct session *session)
{
	int status = session->json ? check_write(session) : check_print(session);

	return status != STATUS_DONE ? status : session_status(session);
}

/* Where it is decided: "kernel", or "user confirms" what the kernel side cannot see. */
static const char *where(const struct session *session, size_t i)
{
	if (!session->compiled)
		return "-";
	return session->compiled->rules[i].confirm ? "user confirms" : "kernel";
}

static const char *event_of(const struct rule *rule)
{
	return rule->condition ? event_table[rule->event].name : "correlation";
}

static int list_write(const struct session *session)
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
		json_put_string(&json, "event", event_of(rule));
		json_put_string(&json, "where", where(session, i));
		json_put_string(&json, "file", rule->place.file);
		json_put_number(&json, "line", rule->place.line);
		json_object_end(&json);
	}
	json_array_end(&json);
	return output_print(&out);
}

static int list_print(const struct session *session)
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
			     event_of(rule), where(session, i));
		utf8_escape(&out, rule->title, strlen(rule->title));
	}
	return output_print(&out);
}

static int list(struct session *session)
{
	int status = session->json ? list_write(session) : list_print(session);

	return status != STATUS_DONE ? status : session_status(session);
}

int cmd_rules(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct session *session);
	} commands[] = { { "check", check }, { "list", list } };
	_cleanup_(session_done) struct session session = { 0 };
	const char *name = argc > 1 ? argv[1] : "";
	bool named = *name && *name != '-';
	int next = options_read(argc - named, argv + named, options, &session, "rules");

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	next += named;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int status;

		if (strcmp(commands[i].name, name))
			continue;
		status = session_load(&session, (const char *const *)argv + next,
				      (size_t)(argc - next));
		return status != STATUS_DONE ? status : commands[i].run(&session);
	}
	log_error(0, "rules takes check or list; 'fermata rules -h' shows how");
	return STATUS_USAGE;
}
