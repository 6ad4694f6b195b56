/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One flat set of ECS names, filled from the event, the rule and what was done, and
 * written as one line.
 *
 * event.outcome is that of the act, not of Fermata: failure when it was refused or
 * the process was dead before it took effect, success otherwise, also when the process was
 * killed after it.
 */
#include "pipeline/alert.h"

#include <errno.h>

#include "base/json_tree.h"
#include "pipeline/act.h"
#include "pipeline/event_json.h"
#include "pipeline/rule_json.h"
#include "rules/correlation_type.h"
#include "rules/step.h"

#define ECS_VERSION "9.4.0"

bool outcome_stopped(const struct outcome *outcome)
{
	return outcome->done & (DONE_DENIED | DONE_KILLED) &&
	       !(outcome->done & (DONE_AFTER | DONE_SIMULATED));
}

const char *outcome_verdict(char text[32], const struct outcome *outcome, enum response asked)
{
	if (outcome->done & DONE_SIMULATED && asked != RESPONSE_alert)
		snprintf(text, 32, "would-%s", response_table[asked]);
	else if (outcome->done & DONE_SIMULATED)
		snprintf(text, 32, "alerted");
	else
		snprintf(text, 32, "%s",
			 outcome->done & DONE_KILLED   ? "killed"
			 : outcome->done & DONE_DENIED ? "denied"
						       : "alerted");
	return text;
}

enum response alert_asked(const struct alert *alert)
{
	return alert->rule ? alert->rule->response : RESPONSE_deny;
}

void alert_add_head(struct json_tree *tree, const char *kind, const struct alert_stamp *stamp,
		    const struct alert_origin *origin, __u64 generation)
{
	json_put_string(json_tree_add(tree, "ecs.version"), NULL, ECS_VERSION);
	json_put_string(json_tree_add(tree, "event.id"), NULL, stamp->id);
	json_put_string(json_tree_add(tree, "event.kind"), NULL, kind);
	json_put_string(json_tree_add(tree, "event.module"), NULL, "fermata");
	if (origin->host)
		json_put_string(json_tree_add(tree, "host.name"), NULL, origin->host);
	json_put_number(json_tree_add(tree, "fermata.seq"), NULL, stamp->seq);
	json_put_number(json_tree_add(tree, "fermata.policy.generation"), NULL, generation);
	json_put_hex(json_tree_add(tree, "fermata.policy.sha256"), NULL,
		     (const char *)origin->policy_sha256, sizeof(origin->policy_sha256));
}

/* What was done, as the end of a sentence. */
static const char *done_words(const struct outcome *outcome)
{
	if (outcome->done & DONE_SIMULATED)
		return "only told, as the agent is observed";
	if (outcome->done & DONE_CONDEMNED)
		return outcome->done & DONE_AFTER ? "the process was killed after the act took "
						    "effect, and the agent's "
						    "whole tree with it"
						  : "the process was killed before the act took "
						    "effect, and the agent's "
						    "whole tree with it";
	if (outcome->done & DONE_KILLED)
		return outcome->done & DONE_AFTER
			       ? "the process was killed after the act took effect"
			       : "the process was killed before the act took effect";
	if (outcome->done & DONE_DENIED)
		return "the act was refused";
	if (outcome->gone)
		return "the process had ended before it could be killed";
	return "only told";
}

/* "curl[4711] of agent demo tried to connect to 203.0.113.9:443; rule "…" (critical)
 * asks for kill-agent; the process was killed before the act took effect" */
static void add_reason(struct json_tree *tree, const struct alert *alert)
{
	_cleanup_buffer_ struct buffer words = BUFFER(64 << 10);
	struct bytes agent = alert->view->text[FIELD_agent_agent_name];

	act_describe_process(&words, alert->view);
	if (agent.data) {
		buffer_add_string(&words, " of agent ");
		buffer_add(&words, agent.data, agent.length);
	}
	buffer_add_byte(&words, ' ');
	act_describe(&words, alert->view, outcome_stopped(&alert->outcome) ? ACT_TRIED : ACT_DONE);
	if (alert->rule)
		buffer_print(&words, "; rule \"%s\" (%s) asks for %s; ", rule_title(alert->rule),
			     level_table[alert->rule->level],
			     response_table[alert->rule->response]);
	else
		buffer_add_string(&words, "; it could not be examined for want of memory; ");
	buffer_add_string(&words, done_words(&alert->outcome));
	json_put_text(json_tree_add(tree, "event.reason"), NULL, buffer_string(&words),
		      words.length);
}

static void add_event(struct json_tree *tree, const struct alert *alert)
{
	const struct event_info *event = &event_table[event_view_type(alert->view)];
	struct json *w;

	w = json_tree_add(tree, "event.category");
	json_array_begin(w, NULL);
	json_put_string(w, NULL, event->ecs_category);
	json_array_end(w);
	w = json_tree_add(tree, "event.type");
	json_array_begin(w, NULL);
	json_put_string(w, NULL, event->ecs_type);
	json_array_end(w);
	json_put_string(json_tree_add(tree, "event.outcome"), NULL,
			outcome_stopped(&alert->outcome) ? "failure" : "success");
	json_put_number(json_tree_add(tree, "event.sequence"), NULL,
			alert->view->record->header.sequence);
	json_put_number(json_tree_add(tree, "event.severity"), NULL,
			alert->rule ? rule_severity(alert->rule) : (unsigned int)LEVEL_medium + 1);
	add_reason(tree, alert);
}

static void add_response(struct json_tree *tree, const struct alert *alert)
{
	const struct outcome *outcome = &alert->outcome;
	struct outcome carried_out = *outcome;
	char verdict[32], done[32];

	if (outcome->done & DONE_SIMULATED)
		carried_out.done = 0;
	json_put_string(json_tree_add(tree, "fermata.verdict"), NULL,
			outcome_verdict(verdict, outcome, alert_asked(alert)));
	json_put_string(json_tree_add(tree, "fermata.response.asked"), NULL,
			response_table[alert_asked(alert)]);
	json_put_string(json_tree_add(tree, "fermata.response.done"), NULL,
			outcome_verdict(done, &carried_out, alert_asked(alert)));
	json_put_bool(json_tree_add(tree, "fermata.response.simulated"), NULL,
		      outcome->done & DONE_SIMULATED);
	json_put_bool(json_tree_add(tree, "fermata.response.after_effect"), NULL,
		      outcome->done & DONE_AFTER);
	json_put_bool(json_tree_add(tree, "fermata.response.condemned"), NULL,
		      carried_out.done & DONE_CONDEMNED);
	if (outcome->gone)
		json_put_bool(json_tree_add(tree, "fermata.response.gone"), NULL, true);
	json_put_string(json_tree_add(tree, "fermata.response.tier"), NULL,
			outcome->shell == SHELL_none ? "user" : shell_table[outcome->shell]);
	json_put_number(json_tree_add(tree, "fermata.response.latency_ns"), NULL, outcome->latency);
}

/* The chain's events, first to last; each link knows the one before it. */
static void add_links(struct json *w, const struct alert *alert, const struct evidence_link *link)
{
	const struct buffer *json = &link->event->json;
	const char *step = "?";

	if (link->before)
		add_links(w, alert, link->before);
	if (link->rule < alert->rules->count)
		step = rule_step_name(alert->rules->rules[link->rule]);
	/* the step's name goes in front of the members that the event has */
	json_object_begin(w, NULL);
	json_put_string(w, "step", step);
	buffer_add_byte(w->out, ',');
	buffer_add(w->out, json->data + 1, json->length - 2);
	json_object_end(w);
}

/* Which kind of correlation, by what it groups within the session, and what it reached. */
static void add_correlation(struct json_tree *tree, const struct alert *alert)
{
	_cleanup_buffer_ struct buffer number = BUFFER(64);
	const struct rule *rule = alert->rule;
	struct json *w;

	json_put_string(json_tree_add(tree, "fermata.correlation.type"), NULL,
			correlation_type_table[rule->type]);
	if (rule->group_by.count) {
		w = json_tree_add(tree, "fermata.correlation.group_by");
		json_array_begin(w, NULL);
		for (size_t i = 0; i < rule->group_by.count; i++)
			json_put_string(w, NULL, rule->group_by.list[i]);
		json_array_end(w);
	}
	if (!alert->reached.count)
		return;
	reached_print(&number, &alert->reached);
	json_put_raw(json_tree_add(tree, "fermata.correlation.value"), NULL, buffer_string(&number),
		     number.length);
	if (alert->reached.at_least)
		json_put_bool(json_tree_add(tree, "fermata.correlation.at_least"), NULL, true);
}

static void add_fermata(struct json_tree *tree, const struct alert *alert)
{
	struct json *w = json_tree_add(tree, "fermata.evidence");

	json_array_begin(w, NULL);
	if (alert->led_to.last)
		add_links(w, alert, alert->led_to.last);
	json_array_end(w);
	if (alert->rule && !alert->rule->condition)
		add_correlation(tree, alert);
	/* a record of a step was lost, or came under an earlier policy */
	if (alert->rule && !alert->rule->condition && !alert->led_to.whole)
		json_put_bool(json_tree_add(tree, "fermata.evidence_incomplete"), NULL, true);
	if (alert->flags & MATCH_ASSUMED)
		json_put_bool(json_tree_add(tree, "fermata.assumed"), NULL, true);
	if (alert->folded)
		json_put_number(json_tree_add(tree, "fermata.folded"), NULL, alert->folded);
	if (alert->unnamed)
		json_put_number(json_tree_add(tree, "fermata.unnamed_matches"), NULL,
				alert->unnamed);
}

static int write_record(struct buffer *out, const struct alert *alert,
			const struct alert_stamp *stamp, const struct alert_origin *origin,
			struct clock *clock, enum rule_json_extent extent)
{
	_cleanup_json_tree_ struct json_tree tree;
	struct json w;
	int r;

	json_tree_init(&tree, ALERT_BYTES_MAX);
	alert_add_head(&tree, "alert", stamp, origin, alert->view->record->header.generation);
	event_json_add(&tree, alert->view, clock, EVENT_JSON_ALL);
	add_event(&tree, alert);
	add_response(&tree, alert);
	add_fermata(&tree, alert);
	if (alert->rule)
		rule_json_add(&tree, alert->rule, extent);
	json_init(&w, out);
	r = json_tree_write(&tree, &w, NULL);
	if (r < 0)
		return r;
	return buffer_add_byte(out, '\n');
}

int alert_write(struct buffer *out, const struct alert *alert, const struct alert_stamp *stamp,
		const struct alert_origin *origin, struct clock *clock)
{
	int r = write_record(out, alert, stamp, origin, clock, RULE_JSON_ALL);

	if (r != -ENOSPC && r != -E2BIG)
		return r;
	buffer_reset(out);
	return write_record(out, alert, stamp, origin, clock, RULE_JSON_BRIEF);
}
