/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/strength.h"

const char *const strength_table[STRENGTH_MAX] = {
	[STRENGTH_not_seen] = "not seen",
	[STRENGTH_alert_only] = "alert only",
	[STRENGTH_kill_after] = "kill after the act",
	[STRENGTH_kill] = "kill",
	[STRENGTH_deny] = "deny",
};

enum strength event_strength(enum shell shell, enum event_type event)
{
	if (shell == SHELL_none)
		return STRENGTH_not_seen;
	if (event == EVENT_process_termination)
		return STRENGTH_alert_only;
	switch (shell) {
	case SHELL_tracepoint:
		return event == EVENT_process_signal ? STRENGTH_kill_after : STRENGTH_kill;
	case SHELL_sys_exit:
		return event == EVENT_file_open || event == EVENT_ipc_handover
			       ? STRENGTH_kill
			       : STRENGTH_kill_after;
	default:
		return STRENGTH_deny;
	}
}

/* Whether a condition can be decided before the exec: it tests nothing that is known
 * only after it. */
static bool known_early(const struct expression *expression)
{
	const struct field_info *field;

	if (expression->op == EXPRESSION_TEST) {
		field = &field_table[expression->test.field];
		return field->origin != ORIGIN_event && field->id != FIELD_fact_command_line &&
		       field->id != FIELD_fact_current_directory;
	}
	for (size_t i = 0; i < expression->count; i++)
		if (!known_early(expression->child[i]))
			return false;
	return true;
}

static enum strength weaker(enum strength a, enum strength b)
{
	return a < b ? a : b;
}

static enum strength strength_of(const struct plan *plan, enum event_type event)
{
	return event_strength(plan_event(plan, event), event);
}

/* The weakest of what is done about events that can match the rule. */
static enum strength weakest(const struct plan *plan, const struct rule *rule)
{
	enum strength most = STRENGTH_MAX - 1;

	for (int event = 0; event < EVENT_MAX; event++)
		if (rule->events >> event & 1)
			most = weaker(most, strength_of(plan, (enum event_type)event));
	return most;
}

/* Whether the events of all steps are seen, and of theirs. */
static bool steps_seen(const struct plan *plan, struct rule *const *rules, size_t i)
{
	const struct rule *rule = rules[i];

	for (size_t step = 0; step < rule->step_count; step++)
		if (!steps_seen(plan, rules, rule->steps[step]))
			return false;
	return weakest(plan, rule) != STRENGTH_not_seen;
}

/* Whether all that the rule matches are files that are marked. */
static bool marked(const struct plan *plan, const struct judged *judged, size_t i)
{
	return judged->names && plan_marks(plan) && judged->names->rules[i].served &&
	       names_exist(judged->ruleset->rules[i]);
}

/* Whether the user side has to confirm it first. */
static bool confirmed(const struct judged *judged, size_t i)
{
	return judged->compiled && judged->compiled->rules[i].confirm;
}

enum strength rule_strength(const struct plan *plan, const struct judged *judged, size_t i)
{
	struct rule *const *rules = judged->ruleset->rules;
	const struct rule *rule = rules[i];
	enum strength most = weakest(plan, rule);

	if (!steps_seen(plan, rules, i))
		return STRENGTH_not_seen;
	if (most <= STRENGTH_alert_only || rule->response == RESPONSE_alert)
		return weaker(most, STRENGTH_alert_only);
	if (confirmed(judged, i))
		return rule->response < RESPONSE_kill ? STRENGTH_alert_only : STRENGTH_kill_after;
	if (marked(plan, judged, i))
		return STRENGTH_deny;
	if (rule->events & EVENT_BIT(process_creation) &&
	    (!rule->condition || !known_early(rule->condition)))
		most = weaker(most, STRENGTH_kill);
	return most;
}

bool strength_satisfies(enum strength strength, enum requirement requirement)
{
	switch (requirement) {
	case REQUIREMENT_kill:
		return strength >= STRENGTH_kill;
	case REQUIREMENT_deny:
		return strength >= STRENGTH_deny;
	default:
		return true;
	}
}

bool strength_falls_short(const struct rule *rule, enum strength strength)
{
	if (rule->response >= RESPONSE_deny)
		return strength < STRENGTH_kill;
	return strength < STRENGTH_alert_only;
}
