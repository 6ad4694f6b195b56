/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata rules explain`: what became of one rule. Its clauses as the decider looks at
 * them, what of them the kernel sees, and what is done on kernels of each kind.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cmd/rules_command.h"
#include "cmd/strengths.h"
#include "rules/atom_text.h"
#include "rules/inspection.h"
#include "rules/step.h"

#define VALUES_SHOWN 8 /* of one test; in JSON all are */
#define WORDS_MAX (1u << 20) /* bytes of one test in words */

struct explaining {
	struct rules_session session; /* first: rows of the options are about it */
	size_t number;
	const struct rule *rule;
	struct inspection *inspection;
	struct strengths strengths;
	struct buffer out;
};

static void explaining_done(struct explaining *e)
{
	inspection_freep(&e->inspection);
	strengths_done(&e->strengths);
	rules_session_done(&e->session);
	buffer_done(&e->out);
}

static const struct option_row options[] = { OPTION_JSON, OPTION_CONFIG, { 0 } };

/* Whether the word names the rule; titles without regard to case. */
static bool is_named(const struct rule *rule, const char *word)
{
	return (rule->id && !strcasecmp(rule->id, word)) ||
	       (rule->name && !strcmp(rule->name, word)) ||
	       (rule->title && !strcasecmp(rule->title, word));
}

static int rule_find(struct explaining *e, const char *word)
{
	const struct ruleset *ruleset = e->session.ruleset;
	size_t found = 0;

	for (size_t i = 0; i < ruleset->count; i++)
		if (is_named(ruleset->rules[i], word)) {
			e->number = i;
			found++;
		}
	if (found == 1) {
		e->rule = ruleset->rules[e->number];
		return STATUS_DONE;
	}
	log_error(0,
		  found ? "'%s' names more than one rule; give an id, which 'fermata rules list' "
			  "prints"
			: "there is no rule '%s'; 'fermata rules list' lists them",
		  word);
	return STATUS_NO;
}

static const char *where(const struct explaining *e)
{
	return e->session.compiled->rules[e->number].confirm ? "user" : "kernel";
}

/* Why the user side has to decide, NULL when it has not. */
static const char *reason(const struct explaining *e)
{
	if (!e->session.compiled->rules[e->number].confirm)
		return NULL;
	return e->rule->condition
		       ? "the kernel does not see every test of some clause"
		       : "a step needs the user side, or the kernel does not keep its state";
}

static void add_text(struct buffer *out, const char *text)
{
	utf8_escape(out, text, strlen(text));
}

static void add_literal(struct buffer *out, const struct inspected_literal *literal)
{
	_cleanup_buffer_ struct buffer words = BUFFER(WORDS_MAX);

	atom_describe(&words, literal->atom, VALUES_SHOWN);
	buffer_add_string(out, literal->negated ? "not " : "");
	utf8_escape(out, buffer_string(&words), words.length);
	if (literal->user)
		buffer_add_string(out, "   [user side]");
	if (literal->pivot)
		buffer_add_string(out, "   [pivot]");
	buffer_add_byte(out, '\n');
}

static void text_clauses(struct buffer *out, const struct inspection *inspection)
{
	buffer_print(out,
		     "clauses   any of %zu; each is looked at when its pivot holds, and needs all "
		     "of its tests\n",
		     inspection->count);
	for (size_t i = 0; i < inspection->count; i++)
		for (size_t j = 0; j < inspection->clauses[i].count; j++) {
			if (j)
				buffer_print(out, "%10s     and ", "");
			else
				buffer_print(out, "%10s%3zu. ", "", i + 1);
			add_literal(out, &inspection->clauses[i].literal[j]);
		}
}

static void text_steps(struct explaining *e)
{
	buffer_print(&e->out, "steps     within %llu s, in one session\n",
		     (unsigned long long)(e->rule->timespan / CLOCK_SECOND));
	for (size_t i = 0; i < e->rule->step_count; i++) {
		const struct rule *step = e->session.ruleset->rules[e->rule->steps[i]];

		buffer_print(&e->out, "%10s%3zu. ", "", i + 1);
		add_text(&e->out, rule_key(step));
		buffer_add_string(&e->out, " (");
		add_text(&e->out, rule_title(step));
		buffer_print(&e->out, "), %s:%u\n", step->place.file, step->place.line);
	}
}

static void text_strengths(struct explaining *e)
{
	const char *here = strengths_of(&e->strengths, -1, e->number);

	buffer_print(&e->out, "does      here: %s\n",
		     here ? here : "is told when root asks, on a kernel that Fermata works on");
	for (int tier = 0; tier < TIER_MAX; tier++)
		buffer_print(&e->out, "%10s%s: %s\n", "", tier_table[tier],
			     strengths_of(&e->strengths, tier, e->number));
}

static void text_write(struct explaining *e)
{
	const struct rule *rule = e->rule;
	const struct inspection *inspection = e->inspection;
	struct buffer *out = &e->out;

	add_text(out, rule_title(rule));
	buffer_print(out, "\nid        %s\nplace     ", rule->id ? rule->id : "none");
	add_text(out, rule->place.file);
	buffer_print(out, ":%u\nlevel     %s\nresponse  %s\nevent     %s\n", rule->place.line,
		     level_table[rule->level],
		     rule->silent ? "none: only a step of correlations"
				  : response_table[rule->response],
		     rule_event_name(rule));
	buffer_print(out, "decided   %s%s%s\n", where(e), reason(e) ? ": " : "",
		     reason(e) ? reason(e) : "");
	if (rule->condition)
		text_clauses(out, inspection);
	else
		text_steps(e);
	text_strengths(e);
	buffer_print(
		out,
		"takes     alone %zu atoms, %zu states of the automaton, an image of %zu bytes",
		inspection->atom_count, inspection->state_count, inspection->bytes);
	if (inspection->words)
		buffer_print(out, "\n%10sof each session %zu words of 8 bytes", "",
			     inspection->words);
}

static void json_literal(struct json *w, const struct inspected_literal *literal)
{
	_cleanup_buffer_ struct buffer words = BUFFER(WORDS_MAX);
	const struct atom *atom = literal->atom;

	atom_describe(&words, atom, atom->count);
	json_object_begin(w, NULL);
	json_put_string(w, "field",
			atom->kind == ATOM_ALWAYS ? NULL : field_table[atom->field].name);
	json_put_text(w, "test", buffer_string(&words), words.length);
	json_put_bool(w, "not", literal->negated);
	json_put_bool(w, "pivot", literal->pivot);
	json_put_string(w, "where", literal->user ? "user" : "kernel");
	json_object_end(w);
}

static void json_clauses(struct json *w, const struct inspection *inspection)
{
	json_array_begin(w, "clauses");
	for (size_t i = 0; i < inspection->count; i++) {
		json_array_begin(w, NULL);
		for (size_t j = 0; j < inspection->clauses[i].count; j++)
			json_literal(w, &inspection->clauses[i].literal[j]);
		json_array_end(w);
	}
	json_array_end(w);
}

static void json_steps(struct json *w, const struct explaining *e)
{
	json_put_number(w, "timespan_ns", e->rule->timespan);
	json_array_begin(w, "steps");
	for (size_t i = 0; i < e->rule->step_count; i++) {
		const struct rule *step = e->session.ruleset->rules[e->rule->steps[i]];

		json_object_begin(w, NULL);
		json_put_string(w, "id", step->id);
		json_put_string(w, "name", step->name);
		json_put_string(w, "title", step->title);
		json_object_end(w);
	}
	json_array_end(w);
}

static void json_write(struct explaining *e)
{
	const struct rule *rule = e->rule;
	struct json w;

	json_init(&w, &e->out);
	json_object_begin(&w, NULL);
	json_put_string(&w, "id", rule->id);
	json_put_string(&w, "name", rule->name);
	json_put_string(&w, "title", rule->title);
	json_put_string(&w, "file", rule->place.file);
	json_put_number(&w, "line", rule->place.line);
	json_put_string(&w, "level", level_table[rule->level]);
	json_put_string(&w, "response", response_table[rule->response]);
	json_put_bool(&w, "silent", rule->silent);
	json_put_string(&w, "event", rule_event_name(rule));
	json_put_string(&w, "where", where(e));
	json_put_string(&w, "reason", reason(e));
	if (rule->condition)
		json_clauses(&w, e->inspection);
	else
		json_steps(&w, e);
	json_object_begin(&w, "strength");
	json_put_string(&w, "here", strengths_of(&e->strengths, -1, e->number));
	for (int tier = 0; tier < TIER_MAX; tier++)
		json_put_string(&w, tier_table[tier], strengths_of(&e->strengths, tier, e->number));
	json_object_end(&w);
	json_object_begin(&w, "takes");
	json_put_number(&w, "atoms", e->inspection->atom_count);
	json_put_number(&w, "states", e->inspection->state_count);
	json_put_number(&w, "bytes", e->inspection->bytes);
	json_put_number(&w, "session_words", e->inspection->words);
	json_object_end(&w);
	json_object_end(&w);
}

static int explain(struct explaining *e, const char *word)
{
	int status = rule_find(e, word), r;

	if (status != STATUS_DONE)
		return status;
	r = inspection_make(&e->inspection, e->session.ruleset, e->number);
	if (!r)
		r = strengths_find(&e->strengths, e->session.ruleset, e->session.compiled);
	if (r < 0)
		return log_error(r, "cannot examine the rule"), STATUS_CANNOT;
	buffer_init(&e->out, OUTPUT_MAX);
	if (e->session.json)
		json_write(e);
	else
		text_write(e);
	return output_print(&e->out);
}

int rules_explain(int argc, char **argv)
{
	_cleanup_(explaining_done) struct explaining e = { 0 };
	int next = options_read(argc, argv, options, &e, "rules explain"), status;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (next == argc) {
		log_error(0, "rules explain takes the id, name or title of a rule; 'fermata rules "
			     "list' lists them");
		return STATUS_USAGE;
	}
	status = rules_session_load_whole(&e.session, (const char *const *)argv + next + 1,
					  (size_t)(argc - next - 1), STATUS_NO);
	return status == STATUS_DONE ? explain(&e, argv[next]) : status;
}
