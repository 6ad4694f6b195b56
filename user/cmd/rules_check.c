/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata rules check`: everything that is wrong with rules, and what becomes of them on
 * this kernel and on others.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/rules_command.h"
#include "cmd/strengths.h"

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

static int check_write(const struct rules_session *session)
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
	json_put_number(&json, "filters", ruleset->filter_count);
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

static int check_print(const struct rules_session *session)
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
	if (ruleset->filter_count)
		printf("%zu filters\n", ruleset->filter_count);
	if (session->compiled)
		printf("%zu atoms, %" PRIu32 " clauses, image of %" PRIu32 " bytes\n",
		       session->compiled->atoms, session->compiled->policy->clause_count,
		       session->compiled->policy->size);
	return fflush(stdout) ? STATUS_CANNOT : STATUS_DONE;
}

static const struct option_row options[] = { OPTION_JSON, OPTION_STRICT, OPTION_CONFIG, { 0 } };

int rules_check(int argc, char **argv)
{
	_cleanup_session_ struct rules_session session = { 0 };
	int next = options_read(argc, argv, options, &session, "rules check"), status;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	status = rules_session_load(&session, (const char *const *)argv + next,
				    (size_t)(argc - next));
	if (status == STATUS_DONE)
		status = session.json ? check_write(&session) : check_print(&session);
	return status == STATUS_DONE ? rules_session_status(&session) : status;
}
