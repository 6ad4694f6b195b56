/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const char plan_silent[] = "it loads and attaches, and does not fire";
const char plan_ignored[] = "it fires, and its refusal has no effect";

const char *failure_text(const struct failure *failure, char *text, size_t size)
{
	snprintf(text, size, failure->error ? "%s: %s" : "%s", failure->step,
		 strerror(failure->error));
	return text;
}

/* Strongest first, from the one that the tier is named for. */
static const enum shell shell_order[] = { SHELL_lsm,	SHELL_fmod_ret,	  SHELL_cgroup,
					  SHELL_packet, SHELL_tracepoint, SHELL_sys_exit };
static const size_t first_shell[TIER_MAX] = {
	[TIER_lsm] = 0,
	[TIER_fmod_ret] = 1,
	[TIER_portable] = 2,
};

void plan_fail_shell(struct plan *plan, enum shell shell, const char *step, int error)
{
	for (const struct program *row = program_table; row->name; row++)
		if (row->shell == shell)
			plan_fail(plan, row->hook, shell, step, error);
}

void plan_init(struct plan *ret_plan, enum tier tier)
{
	struct plan plan = { .tier = tier };
	const char *step;
	int error;

	/* 7.0 runs tracepoints under SRCU; before, with pre-emption disabled */
	plan.pre_empted = kernel_version() >= 7 << 8;
	plan.skips = tier != TIER_portable && kernel_pre_emptible();
	if (tier != TIER_portable) {
		error = tier_trampolines_refused(&step);
		if (error) {
			plan_fail_shell(&plan, SHELL_lsm, step, error);
			plan_fail_shell(&plan, SHELL_fmod_ret, step, error);
		}
	}
	if (tier == TIER_lsm) {
		error = tier_lsm_refused(&step);
		if (error)
			plan_fail_shell(&plan, SHELL_lsm, step, error);
	}
	*ret_plan = plan;
}

bool plan_fail(struct plan *plan, enum hook hook, enum shell shell, const char *step, int error)
{
	struct failure *failure = &plan->failed[hook][shell];

	if (failure->step)
		return false;
	*failure = (struct failure) { step, error };
	return true;
}

const struct failure *plan_shell_failure(const struct plan *plan, enum shell shell)
{
	for (int hook = 0; hook < HOOK_MAX; hook++)
		if (plan->failed[hook][shell].step)
			return &plan->failed[hook][shell];
	return NULL;
}

static bool works(const struct plan *plan, const struct program *row)
{
	return !plan->failed[row->hook][row->shell].step;
}

bool plan_tagging_failed(const struct plan *plan)
{
	for (const struct program *row = program_table; row->name; row++)
		if (row->shell == SHELL_tracepoint && row->need == NEED_ALWAYS && !works(plan, row))
			return true;
	return false;
}

bool plan_shell_works(const struct plan *plan, enum shell shell)
{
	for (const struct program *row = program_table; row->name; row++)
		if (row->shell == shell && works(plan, row))
			return true;
	return false;
}

/* Whether the shell has hooks that are about the event, and all of them work. What is always
 * there does not decide about it, but for the tracepoints, which see all programs. */
static bool serves(const struct plan *plan, enum shell shell, enum event_type event)
{
	bool any = false;

	for (const struct program *row = program_table; row->name; row++) {
		if (row->shell != shell || !(row->events >> event & 1) ||
		    (row->need == NEED_ALWAYS && shell != SHELL_tracepoint) ||
		    row->need == NEED_NAMES)
			continue;
		if (!works(plan, row))
			return false;
		any = true;
	}
	return any;
}

enum shell plan_event(const struct plan *plan, enum event_type event)
{
	for (size_t i = first_shell[plan->tier]; i < ARRAY_SIZE(shell_order); i++)
		if (serves(plan, shell_order[i], event))
			return shell_order[i];
	return SHELL_none;
}

/* Whether some clause is about the event, of a rule that refuses or kills if asked. */
static bool policy_has(const struct policy *policy, enum event_type event, bool refusing)
{
	const char *image = (const char *)policy;
	const struct policy_clause *clauses = (const void *)(image + policy->clauses);
	const struct policy_rule *rules = (const void *)(image + policy->rules);

	for (__u32 i = 0; i < policy->clause_count; i++)
		if (clauses[i].event == event &&
		    (!refusing || rules[clauses[i].rule].response >= RESPONSE_deny))
			return true;
	return false;
}

/* Whether the shell has to do with the event: it serves it, or examines what fmod_ret, which
 * does, was kept from. */
static bool concerns(const struct plan *plan, enum shell shell, enum event_type event)
{
	enum shell by = plan_event(plan, event);

	return by == shell || (plan->skips && by == SHELL_fmod_ret &&
			       (shell == SHELL_cgroup || shell == SHELL_sys_exit));
}

bool plan_marks(const struct plan *plan)
{
	return plan->marks && plan_event(plan, EVENT_file_open) == SHELL_sys_exit &&
	       !plan->failed[HOOK_file_mark][SHELL_fanotify].step;
}

/* EVENT_BIT of the events that need the program. */
static __u32 events_of(const struct plan *plan, const struct program *program,
		       const struct policy *policy)
{
	__u32 events = 0;

	for (int event = 0; event < EVENT_MAX; event++)
		if (program->events >> event & 1 && concerns(plan, program->shell, event) &&
		    (plan->everything || (plan->every_event && program->need == NEED_EVENT) ||
		     policy_has(policy, event, program->need == NEED_REFUSAL)))
			events |= 1u << event;
	return events;
}

/* Whether fmod_ret serves all that the program is needed for. */
static bool stands_behind(const struct plan *plan, const struct program *program,
			  const struct policy *policy)
{
	__u32 events = events_of(plan, program, policy);

	for (int event = 0; event < EVENT_MAX; event++)
		if (events >> event & 1 && plan_event(plan, event) != SHELL_fmod_ret)
			return false;
	return true;
}

bool plan_backs(const struct plan *plan, const struct program *program, const struct policy *policy)
{
	if (!plan->skips)
		return false;
	if (program->shell == SHELL_sys_exit)
		return stands_behind(plan, program, policy);
	if (program->shell != SHELL_fmod_ret)
		return false;
	for (int event = 0; event < EVENT_MAX; event++)
		if (program->events >> event & 1 && !serves(plan, SHELL_cgroup, event) &&
		    !serves(plan, SHELL_sys_exit, event) && !serves(plan, SHELL_tracepoint, event))
			return false;
	return true;
}

/* Whether some rule tests what an address is called. */
static bool tests_names(const struct policy *policy)
{
	return policy->event[EVENT_network_connection].use >>
			       SLOT_network_connection_destination_hostname &
		       1 ||
	       policy->event[EVENT_network_send].use >> SLOT_network_send_destination_hostname & 1;
}

bool plan_names(const struct plan *plan, const struct policy *policy)
{
	return !plan->failed[HOOK_ingress][SHELL_packet].step &&
	       (plan->everything || plan->every_event || tests_names(policy));
}

bool plan_sys_exit_alone(const struct plan *plan)
{
	if (plan_tier(plan) != TIER_lsm || plan_marks(plan))
		return false;
	for (int event = 0; event < EVENT_MAX; event++)
		if (plan_event(plan, event) == SHELL_fmod_ret)
			return false;
	return true;
}

__u32 plan_packet_events(const struct plan *plan, const struct policy *policy)
{
	const struct program *row = program_table;

	while (row->hook != HOOK_egress)
		row++;
	return works(plan, row) ? events_of(plan, row, policy) : 0;
}

bool plan_knows_senders(const struct plan *plan)
{
	enum shell shell = plan_event(plan, EVENT_network_connection);

	return shell == SHELL_lsm || shell == SHELL_fmod_ret;
}

/* Whether it tells whose packets are, beside what it is for. */
static bool notes_senders(const struct plan *plan, const struct program *program,
			  const struct policy *policy)
{
	return program->events & EVENT_BIT(network_connection) && program->need != NEED_NAMES &&
	       concerns(plan, program->shell, EVENT_network_connection) &&
	       (plan_packet_events(plan, policy) || plan_names(plan, policy));
}

static bool kernel_takes(const struct plan *plan, const struct program *program)
{
	switch (program->kernels) {
	case KERNELS_pre_empted:
		return plan->pre_empted;
	case KERNELS_not_pre_empted:
		return !plan->pre_empted;
	default:
		return true;
	}
}

/* Tagging is done in the strongest shell, and by the tracepoints. */
static bool tags(const struct plan *plan, const struct program *program)
{
	if (program->shell == SHELL_tracepoint)
		return true;
	for (size_t i = first_shell[plan->tier]; i < ARRAY_SIZE(shell_order); i++)
		if (!plan->failed[program->hook][shell_order[i]].step)
			return program->shell == shell_order[i];
	return false;
}

/* Where fmod_ret may be skipped, sys_exit is also what tells the calls apart. */
static bool tells_calls_apart(const struct plan *plan, const struct program *program,
			      const struct policy *policy)
{
	if (program->shell != SHELL_sys_exit || !plan->skips)
		return false;
	for (int event = 0; event < EVENT_MAX; event++)
		if (plan_event(plan, event) == SHELL_fmod_ret &&
		    (plan->everything || plan->every_event || policy_has(policy, event, false)))
			return true;
	return false;
}

bool plan_wants(const struct plan *plan, const struct program *program, const struct policy *policy)
{
	if (!kernel_takes(plan, program) || !works(plan, program))
		return false;
	if (program->need == NEED_ALWAYS)
		return tags(plan, program);
	if (program->need == NEED_NAMES)
		return plan_names(plan, policy);
	if (program->shell == SHELL_fanotify)
		return plan_marks(plan);
	return events_of(plan, program, policy) || tells_calls_apart(plan, program, policy) ||
	       notes_senders(plan, program, policy);
}

__u32 plan_sys_exit_events(const struct plan *plan, const struct policy *policy)
{
	const struct program *row = program_table;

	while (row->shell != SHELL_sys_exit)
		row++;
	return events_of(plan, row, policy);
}

bool plan_shell_tried(const struct plan *plan, enum shell shell)
{
	for (const struct program *row = program_table; row->name; row++)
		if (row->shell == shell && (!works(plan, row) || plan_wants(plan, row, NULL)))
			return true;
	return false;
}

enum tier plan_tier(const struct plan *plan)
{
	if (plan->tier == TIER_lsm && plan_shell_works(plan, SHELL_lsm))
		return TIER_lsm;
	if (plan->tier <= TIER_fmod_ret && plan_shell_works(plan, SHELL_fmod_ret))
		return TIER_fmod_ret;
	return TIER_portable;
}
