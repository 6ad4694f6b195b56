/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/hooks.h"

#include <string.h>

#include "policy.h"

#define SECURITY(hook, need, event)                                                                \
	{ "lsm_" #hook, SHELL_lsm, NEED_##need, EVENT_##event, NULL },                             \
		{ "fmod_ret_" #hook, SHELL_fmod_ret, NEED_##need, EVENT_##event, NULL },           \
	{                                                                                          \
		"fmod_ret_" #hook "_copy", SHELL_fmod_ret, NEED_##need, EVENT_##event,             \
			"fmod_ret_" #hook                                                          \
	}
#define CGROUP(hook, event)                                                                        \
	{                                                                                          \
		"cgroup_" #hook, SHELL_cgroup, NEED_EVENT, EVENT_##event, NULL                     \
	}
#define CALLED(hook)                                                                               \
	{                                                                                          \
#hook, SHELL_tracepoint, NEED_ALWAYS, EVENT_process_creation, NULL                 \
	}
#define TRACEPOINT(hook)                                                                           \
	{ #hook, SHELL_tracepoint, NEED_ALWAYS, EVENT_process_creation, NULL },                    \
		{ #hook "_copy", SHELL_tracepoint, NEED_ALWAYS, EVENT_process_creation, #hook },   \
	{                                                                                          \
#hook "_copy2", SHELL_tracepoint, NEED_ALWAYS, EVENT_process_creation, #hook       \
	}
#define SYS_EXIT(hook, event)                                                                      \
	{                                                                                          \
#hook, SHELL_sys_exit, NEED_EVENT, EVENT_##event, NULL                             \
	}

const struct hook hook_table[] = {
	TRACEPOINT(task_newtask),
	TRACEPOINT(sched_process_exec),
	TRACEPOINT(sched_process_exit),
	CALLED(tag_threads),
	CALLED(list_processes),
	CALLED(find_symbols),
	SECURITY(task_alloc, ALWAYS, process_creation),
	SECURITY(bprm_creds_from_file, REFUSAL, process_creation),
	SECURITY(file_open, EVENT, file_open),
	SECURITY(path_mknod, EVENT, file_event),
	SECURITY(socket_connect, EVENT, network_connection),
	SECURITY(socket_sendmsg, EVENT, network_connection),
	CGROUP(connect4, network_connection),
	CGROUP(connect6, network_connection),
	CGROUP(sendmsg4, network_connection),
	CGROUP(sendmsg6, network_connection),
	SYS_EXIT(sys_exit_open, file_open),
	SYS_EXIT(sys_exit_open, file_event),
	SYS_EXIT(sys_exit_open_perf, file_open),
	SYS_EXIT(sys_exit_open_perf, file_event),
	{ 0 },
};

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

static bool shell_used(enum shell shell, const struct tier_probe *probe, enum tier tier)
{
	switch (shell) {
	case SHELL_lsm:
		return tier == TIER_lsm;
	case SHELL_fmod_ret:
		return tier == TIER_fmod_ret;
	case SHELL_cgroup:
		return tier == TIER_portable && probe->shell[SHELL_cgroup].works;
	case SHELL_sys_exit:
		return tier == TIER_portable;
	default:
		return true;
	}
}

bool hook_wanted(const struct hook *hook, const struct tier_probe *probe, enum tier tier,
		 const struct policy *policy)
{
	if (!shell_used(hook->shell, probe, tier))
		return false;
	if (hook->shell == SHELL_tracepoint && hook->copy_of && !probe->tracepoints_preempted)
		return false;
	if (hook->shell == SHELL_sys_exit &&
	    probe->tracepoints_preempted == !strcmp(hook->program, "sys_exit_open"))
		return false;
	if (hook->need == NEED_ALWAYS)
		return true;
	return policy_has(policy, hook->event, hook->need == NEED_REFUSAL);
}
