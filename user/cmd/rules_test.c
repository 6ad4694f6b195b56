/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata rules test`: runs the `tests` of every rule through the evaluator, all rules
 * together, each test in a session of its own. A rule fires when it is true of any of the
 * events, also one that tells nothing by itself.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cmd/junit.h"
#include "cmd/replay_report.h"
#include "cmd/rules_command.h"
#include "pipeline/flat_read.h"
#include "pipeline/replay.h"
#include "rules/examples.h"
#include "rules/step.h"

#define FIRED_SHOWN 8 /* rules that fired, of a failed test */
#define FIRST_EVENT (1000 * CLOCK_SECOND)
#define MESSAGE_MAX 4096

struct testing {
	struct rules_session session; /* first: rows of the options are about it */
	const char *junit_path;
	struct junit junit;
	struct flat_reader *reader;
	struct replay *replay;
	bool *fired; /* by rule, of the test at hand */
	struct buffer out;
	struct json json;
	size_t tests, failed, untested;
};

static void testing_done(struct testing *t)
{
	replay_freep(&t->replay);
	flat_reader_freep(&t->reader);
	rules_session_done(&t->session);
	buffer_done(&t->junit.cases);
	buffer_done(&t->out);
	free(t->fired);
}

static int junit_store(void *target, const char *value)
{
	((struct testing *)target)->junit_path = value;
	return 0;
}

static const struct option_row options[] = {
	{ "junit", "FILE", "write the results to FILE as JUnit's XML as well", junit_store, 0 },
	OPTION_JSON,
	OPTION_CONFIG,
	{ "strict", NULL, "a rule without a test that fires and one that does not is a failure",
	  store_strict, 0 },
	{ 0 },
};

/* Runs the events. 0, or -errno when one of them could not be evaluated. */
static int example_run(struct testing *t, const struct example *example)
{
	size_t rules = t->session.ruleset->count;
	__u64 time = FIRST_EVENT;

	memset(t->fired, 0, rules * sizeof(*t->fired));
	for (size_t i = 0; i < example->count; i++) {
		const struct example_event *each = &example->events[i];
		struct flat_event *event;
		int r;

		time += each->after ? each->after : CLOCK_SECOND / 1000;
		flat_reader_set_time(t->reader, time);
		r = flat_read(t->reader, each->line, strlen(each->line), &event);
		if (r < 0)
			return r;
		event->record.header.session += t->tests;
		r = replay_event(t->replay, &event->view);
		if (r < 0)
			return r;
		for (size_t rule = 0; rule < rules; rule++)
			t->fired[rule] = t->fired[rule] || replay_is_true(t->replay, rule);
	}
	return 0;
}

/* "; fired: a, b", or that nothing did. */
static void add_fired(struct buffer *out, const struct testing *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->session.ruleset->count; i++) {
		if (!t->fired[i])
			continue;
		if (count < FIRED_SHOWN)
			buffer_print(out, "%s'%s'", count ? ", " : "; fired: ",
				     rule_title(t->session.ruleset->rules[i]));
		count++;
	}
	if (!count)
		buffer_add_string(out, "; no rule fired");
	if (count > FIRED_SHOWN)
		buffer_print(out, " and %zu more", count - FIRED_SHOWN);
}

static void result_print(struct testing *t, const struct place *place, const struct buffer *message)
{
	buffer_print(&t->out, "%s:%u:%u: ", place->file, place->line, place->column);
	utf8_escape(&t->out, buffer_string(message), message->length);
	buffer_add_byte(&t->out, '\n');
}

static void result_write(struct testing *t, const struct rule *rule, const struct example *example,
			 const struct buffer *failure)
{
	struct json *w = &t->json;

	json_object_begin(w, NULL);
	json_put_string(w, "file", example->place.file);
	json_put_number(w, "line", example->place.line);
	json_object_begin(w, "rule");
	json_put_string(w, "id", rule->id);
	json_put_string(w, "title", rule->title);
	json_object_end(w);
	json_put_bool(w, "fires", example->fires);
	json_put_bool(w, "passed", !failure->length);
	json_array_begin(w, "fired");
	for (size_t i = 0; i < t->session.ruleset->count; i++)
		if (t->fired[i])
			json_put_string(w, NULL, rule_key(t->session.ruleset->rules[i]));
	json_array_end(w);
	json_object_end(w);
}

static int example_test(struct testing *t, size_t number, const struct example *example)
{
	_cleanup_buffer_ struct buffer failure = BUFFER(MESSAGE_MAX), name = BUFFER(MESSAGE_MAX);
	const struct rule *rule = t->session.ruleset->rules[number];
	int r;

	t->tests++;
	r = example_run(t, example);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		buffer_print(&failure, "an event of a test of '%s' cannot be read: %s",
			     rule_title(rule), flat_reader_error(t->reader));
	} else if (t->fired[number] != example->fires) {
		buffer_print(&failure, "'%s' %s these events", rule_title(rule),
			     example->fires ? "does not fire on" : "fires on");
		add_fired(&failure, t);
	}
	t->failed += failure.length != 0;
	buffer_print(&name, "%s (line %u)", rule_title(rule), example->place.line);
	junit_add(&t->junit, example->place.file, buffer_string(&name),
		  failure.length ? buffer_string(&failure) : NULL);
	if (t->session.json)
		result_write(t, rule, example, &failure);
	else if (failure.length)
		result_print(t, &example->place, &failure);
	return 0;
}

/* Whether the rule has a test that fires and one that does not. */
static bool is_tested(const struct rule *rule)
{
	bool fires = false, misses = false;

	for (size_t i = 0; rule->examples && i < rule->examples->count; i++) {
		fires = fires || rule->examples->list[i].fires;
		misses = misses || !rule->examples->list[i].fires;
	}
	return fires && misses;
}

static void rule_untested(struct testing *t, const struct rule *rule)
{
	_cleanup_buffer_ struct buffer message = BUFFER(MESSAGE_MAX);

	t->untested++;
	if (!t->session.strict)
		return;
	buffer_print(&message, "'%s' lacks a test that fires, or one that does not",
		     rule_title(rule));
	junit_add(&t->junit, rule->place.file, rule_title(rule), buffer_string(&message));
	if (!t->session.json)
		result_print(t, &rule->place, &message);
}

static int rules_run(struct testing *t)
{
	const struct ruleset *ruleset = t->session.ruleset;
	int r = 0;

	for (size_t i = 0; i < ruleset->count && r >= 0; i++) {
		const struct rule *rule = ruleset->rules[i];

		for (size_t j = 0; rule->examples && j < rule->examples->count && r >= 0; j++)
			r = example_test(t, i, &rule->examples->list[j]);
		if (!is_tested(rule))
			rule_untested(t, rule);
	}
	return r;
}

static int testing_begin(struct testing *t)
{
	int r = flat_reader_new(&t->reader);

	if (!r)
		r = replay_new(&t->replay, t->session.ruleset, t->session.compiled);
	t->fired = calloc(t->session.ruleset->count + 1, sizeof(*t->fired));
	buffer_init(&t->out, OUTPUT_MAX);
	buffer_init(&t->junit.cases, JUNIT_MAX);
	json_init(&t->json, &t->out);
	return r < 0 ? r : t->fired ? 0 : -ENOMEM;
}

static int test(struct testing *t)
{
	int r = testing_begin(t), status;

	if (!r && t->session.json)
		json_array_begin(&t->json, NULL);
	if (!r)
		r = rules_run(t);
	if (r < 0)
		return log_error(r, "cannot run the tests"), STATUS_CANNOT;
	report_undecided(&(const struct replayed) { t->session.ruleset, t->replay });
	if (t->session.json)
		json_array_end(&t->json);
	else
		buffer_print(&t->out,
			     "%zu tests of %zu rules, %zu failed; %zu rules lack a test "
			     "that fires or one that does not",
			     t->tests, t->session.ruleset->count, t->failed, t->untested);
	status = output_print(&t->out);
	if (status == STATUS_DONE && t->junit_path) {
		r = junit_write(&t->junit, "fermata rules test", t->junit_path);
		if (r < 0)
			return log_error(r, "cannot write '%s'", t->junit_path), STATUS_CANNOT;
	}
	if (status != STATUS_DONE)
		return status;
	return t->failed || (t->session.strict && t->untested) ? STATUS_NO : STATUS_DONE;
}

int rules_test(int argc, char **argv)
{
	_cleanup_(testing_done) struct testing t = { 0 };
	int next = options_read(argc, argv, options, &t, "rules test"), status;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	status = rules_session_load_whole(&t.session, (const char *const *)argv + next,
					  (size_t)(argc - next), STATUS_NO);
	return status == STATUS_DONE ? test(&t) : status;
}
