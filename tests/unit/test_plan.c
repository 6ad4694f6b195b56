/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs a plan takes, what becomes of an event when a hook fails, and what that
 * makes of rules.
 */
#include <errno.h>

#include "rule_builder.h"
#include "sensor/gap.h"
#include "sensor/strength.h"
#include "unit.h"

/* As plan_init() on a kernel that has everything. */
static struct plan plan_of(enum tier tier)
{
	return (struct plan) { .tier = tier };
}

static bool wants(const struct plan *plan, const char *name, const struct policy *policy)
{
	const struct program *program = program_find(name);

	CU_ASSERT_PTR_NOT_NULL_FATAL(program);
	return plan_wants(plan, program, policy);
}

static struct expression *path(void)
{
	return build_text(FIELD_file_open_target_filename, "/secret");
}

UNIT_TEST(plan, each_tier_begins_with_its_shell)
{
	struct plan lsm = plan_of(TIER_lsm), fmod_ret = plan_of(TIER_fmod_ret);
	struct plan portable = plan_of(TIER_portable);

	CU_ASSERT_EQUAL(plan_event(&lsm, EVENT_file_open), SHELL_lsm);
	CU_ASSERT_EQUAL(plan_event(&fmod_ret, EVENT_file_open), SHELL_fmod_ret);
	CU_ASSERT_EQUAL(plan_event(&portable, EVENT_file_open), SHELL_sys_exit);
	CU_ASSERT_EQUAL(plan_event(&portable, EVENT_network_connection), SHELL_cgroup);
	CU_ASSERT_EQUAL(plan_event(&portable, EVENT_process_creation), SHELL_tracepoint);
	CU_ASSERT_EQUAL(plan_event(&lsm, EVENT_process_termination), SHELL_tracepoint);
	CU_ASSERT_EQUAL(plan_tier(&lsm), TIER_lsm);
	CU_ASSERT_EQUAL(plan_tier(&portable), TIER_portable);
}

UNIT_TEST(plan, a_hook_that_fails_falls_back_alone)
{
	struct plan plan = plan_of(TIER_lsm);

	CU_ASSERT(plan_fail(&plan, HOOK_path_rmdir, SHELL_lsm, "load", ENOENT));
	CU_ASSERT(!plan_fail(&plan, HOOK_path_rmdir, SHELL_lsm, "trigger", 0));
	CU_ASSERT_EQUAL(plan.failed[HOOK_path_rmdir][SHELL_lsm].error, ENOENT);
	CU_ASSERT_EQUAL(plan_event(&plan, EVENT_file_delete), SHELL_fmod_ret);
	CU_ASSERT_EQUAL(plan_event(&plan, EVENT_file_open), SHELL_lsm);
	CU_ASSERT(!plan_sys_exit_alone(&plan));
	plan_fail(&plan, HOOK_path_unlink, SHELL_fmod_ret, "trigger", 0);
	CU_ASSERT(plan_sys_exit_alone(&plan));
	CU_ASSERT_EQUAL(plan_event(&plan, EVENT_file_delete), SHELL_sys_exit);
	plan_fail(&plan, HOOK_sys_exit, SHELL_sys_exit, "attach", EINVAL);
	CU_ASSERT_EQUAL(plan_event(&plan, EVENT_file_delete), SHELL_none);
	CU_ASSERT_EQUAL(plan_tier(&plan), TIER_lsm);
}

UNIT_TEST(plan, an_exec_that_cannot_be_refused_is_killed)
{
	struct plan plan = plan_of(TIER_fmod_ret);

	plan_fail(&plan, HOOK_bprm_creds_from_file, SHELL_fmod_ret, "trigger", 0);
	CU_ASSERT_EQUAL(plan_event(&plan, EVENT_process_creation), SHELL_tracepoint);
	plan.everything = true;
	CU_ASSERT(wants(&plan, "fmod_ret_task_alloc", NULL));
	CU_ASSERT(!plan_tagging_failed(&plan));
	plan_fail(&plan, HOOK_sched_process_exec, SHELL_tracepoint, "load", EINVAL);
	CU_ASSERT(plan_tagging_failed(&plan));
}

UNIT_TEST(plan, programs_are_taken_by_need)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	struct plan lsm = plan_of(TIER_lsm), portable = plan_of(TIER_portable);
	const struct policy *policy;

	build_rule(ruleset, EVENT_file_open, path(), RESPONSE_deny);
	build_rule(ruleset, EVENT_process_creation, build_text(FIELD_fact_image, "/x"),
		   RESPONSE_alert);
	compiled = build_compiled(ruleset);
	CU_ASSERT_PTR_NOT_NULL_FATAL(compiled);
	policy = compiled->policy;
	CU_ASSERT(wants(&lsm, "lsm_file_open", policy));
	CU_ASSERT(!wants(&lsm, "fmod_ret_file_open", policy));
	CU_ASSERT(!wants(&lsm, "lsm_path_mknod", policy));
	CU_ASSERT(!wants(&lsm, "sys_exit", policy));
	CU_ASSERT(wants(&lsm, "lsm_task_alloc", policy));
	/* no rule refuses an exec */
	CU_ASSERT(!wants(&lsm, "lsm_bprm_creds_from_file", policy));
	CU_ASSERT(wants(&lsm, "sched_process_exec", policy));
	CU_ASSERT(!wants(&lsm, "sched_process_exec_copy", policy));
	CU_ASSERT(wants(&portable, "sys_exit", policy));
	CU_ASSERT(!wants(&portable, "sys_exit_perf", policy));
	CU_ASSERT(!wants(&portable, "cgroup_connect4", policy));
	CU_ASSERT_EQUAL(plan_sys_exit_events(&portable, policy), EVENT_BIT(file_open));
	CU_ASSERT_EQUAL(plan_sys_exit_events(&lsm, policy), 0);
	CU_ASSERT(plan_sys_exit_alone(&lsm));
	CU_ASSERT(!plan_sys_exit_alone(&portable));
	/* recorded: what no rule is about, but nothing that only refuses */
	lsm.every_event = portable.every_event = true;
	CU_ASSERT(wants(&lsm, "lsm_path_mknod", policy));
	CU_ASSERT(!wants(&lsm, "lsm_bprm_creds_from_file", policy));
	CU_ASSERT(wants(&portable, "cgroup_connect4", policy));
	CU_ASSERT_EQUAL(plan_sys_exit_events(&portable, policy), SYS_EXIT_EVENTS);
	portable.pre_empted = true;
	CU_ASSERT(wants(&portable, "sys_exit_perf", policy));
	CU_ASSERT(!wants(&portable, "sys_exit", policy));
	CU_ASSERT(wants(&portable, "sched_process_exec_copy2", policy));
}

/* What `doctor` tells of fields is about fields, and about what is seen that way here. */
UNIT_TEST(plan, gaps_are_of_this_kernel)
{
	struct plan lsm = plan_of(TIER_lsm), portable = plan_of(TIER_portable);

	for (const struct gap *gap = gap_table; gap->field; gap++) {
		CU_ASSERT_PTR_NOT_NULL(field_find(gap->event, gap->field));
		CU_ASSERT(!gap_is_here(gap, &lsm) || !gap_is_here(gap, &portable));
		CU_ASSERT(gap->shell != SHELL_packet || !gap_is_here(gap, &portable));
	}
	/* without programs that see who connects */
	plan_fail_shell(&portable, SHELL_cgroup, "load", EINVAL);
	for (const struct gap *gap = gap_table; gap->field; gap++)
		CU_ASSERT(gap->shell != SHELL_packet || gap_is_here(gap, &portable));
}

UNIT_TEST(plan, every_event_is_served_on_every_tier)
{
	for (int tier = 0; tier < TIER_MAX; tier++) {
		struct plan plan = plan_of(tier);

		for (int event = 0; event < EVENT_MAX; event++)
			CU_ASSERT_NOT_EQUAL(plan_event(&plan, event), SHELL_none);
	}
	for (const struct program *row = program_table; row->name; row++)
		CU_ASSERT_PTR_EQUAL(program_find(row->name), row);
}

/* One rule of each kind, in this order. */
enum { OPENS, REMOVES, EXECUTES, ARGUES, TELLS, WILDCARD_INSIDE, CHAIN };

static struct ruleset *rules_make(void)
{
	struct ruleset *ruleset = build_ruleset();

	build_rule(ruleset, EVENT_file_open, path(), RESPONSE_deny);
	build_rule(ruleset, EVENT_file_delete,
		   build_text(FIELD_file_delete_target_filename, "/secret"), RESPONSE_kill);
	build_rule(ruleset, EVENT_process_creation, build_text(FIELD_fact_image, "/x"),
		   RESPONSE_deny);
	build_rule(ruleset, EVENT_process_creation, build_text(FIELD_fact_command_line, "*x*"),
		   RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, path(), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD_file_open_target_filename, "/a*b/c"),
		   RESPONSE_deny);
	build_correlation(ruleset, (size_t[]) { TELLS, OPENS }, 2, 1000, RESPONSE_kill_agent);
	return ruleset;
}

UNIT_TEST(plan, strength_of_rules)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = rules_make();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);
	const struct judged judged = { ruleset, compiled, NULL };
	struct plan lsm = plan_of(TIER_lsm), portable = plan_of(TIER_portable);
	const struct rule *removes = ruleset->rules[REMOVES];

	CU_ASSERT_PTR_NOT_NULL_FATAL(compiled);
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, OPENS), STRENGTH_deny);
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, REMOVES), STRENGTH_deny);
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, EXECUTES), STRENGTH_deny);
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, ARGUES), STRENGTH_kill);
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, TELLS), STRENGTH_alert_only);
	/* the user side confirms it */
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, WILDCARD_INSIDE), STRENGTH_alert_only);
	CU_ASSERT_EQUAL(rule_strength(&lsm, &judged, CHAIN), STRENGTH_deny);
	CU_ASSERT_EQUAL(rule_strength(&portable, &judged, OPENS), STRENGTH_kill);
	CU_ASSERT_EQUAL(rule_strength(&portable, &judged, REMOVES), STRENGTH_kill_after);
	CU_ASSERT_EQUAL(rule_strength(&portable, &judged, EXECUTES), STRENGTH_kill);
	CU_ASSERT(strength_falls_short(removes, STRENGTH_kill_after));
	CU_ASSERT(!strength_falls_short(removes, STRENGTH_kill));
	plan_fail(&portable, HOOK_sys_exit, SHELL_sys_exit, "load", EINVAL);
	CU_ASSERT_EQUAL(rule_strength(&portable, &judged, CHAIN), STRENGTH_not_seen);
	CU_ASSERT_EQUAL(rule_strength(&portable, &judged, TELLS), STRENGTH_not_seen);
}

/* Of a file that a rule names and that is there. */
UNIT_TEST(plan, marks_refuse_what_is_named)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(names_done) struct names names = { 0 };
	const struct program *sys_exit = program_find("sys_exit");
	struct plan plan = plan_of(TIER_portable);
	struct judged judged = { ruleset, NULL, &names };

	build_rule(ruleset, EVENT_file_open,
		   build_and(build_text(FIELD_file_open_target_filename, "/etc/passwd"),
			     build_bits(FIELD_file_open_access, ACCESS_read)),
		   RESPONSE_deny);
	build_rule(ruleset, EVENT_file_open, build_text(FIELD_file_open_target_filename, "/*/x"),
		   RESPONSE_deny);
	judged.compiled = compiled = build_compiled(ruleset);
	CU_ASSERT_PTR_NOT_NULL_FATAL(compiled);
	CU_ASSERT_EQUAL_FATAL(names_find(&names, ruleset, compiled), 0);
	CU_ASSERT_EQUAL(rule_strength(&plan, &judged, 0), STRENGTH_kill);
	plan.marks = true;
	CU_ASSERT(plan_marks(&plan));
	CU_ASSERT_EQUAL(rule_strength(&plan, &judged, 0), STRENGTH_deny);
	CU_ASSERT_NOT_EQUAL(rule_strength(&plan, &judged, 1), STRENGTH_deny);
	/* a mark cannot do it alone: the file may be replaced, or its name be in other case */
	CU_ASSERT(plan_wants(&plan, sys_exit, compiled->policy));
	plan_fail(&plan, HOOK_file_mark, SHELL_fanotify, "load", EPERM);
	CU_ASSERT(plan_wants(&plan, sys_exit, compiled->policy));
	CU_ASSERT_EQUAL(rule_strength(&plan, &judged, 0), STRENGTH_kill);
	/* where openings can be refused, there is nothing to mark */
	plan = plan_of(TIER_lsm);
	plan.marks = true;
	CU_ASSERT(!plan_marks(&plan));
}

/* What the kernel keeps a program from counts where nothing else examines the same. */
UNIT_TEST(plan, who_stands_behind_whom)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(ruleset_freep) struct ruleset *more = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL, *both = NULL;
	struct plan plan = plan_of(TIER_fmod_ret);

	build_rule(ruleset, EVENT_file_open, path(), RESPONSE_deny);
	compiled = build_compiled(ruleset);
	build_rule(more, EVENT_file_open, path(), RESPONSE_deny);
	build_rule(more, EVENT_namespace_change, build_text(FIELD_fact_image, "/x"),
		   RESPONSE_alert);
	both = build_compiled(more);
	CU_ASSERT_FATAL(compiled && both);
	/* nobody is skipped */
	CU_ASSERT(!plan_backs(&plan, program_find("fmod_ret_file_open"), compiled->policy));
	plan.skips = true;
	CU_ASSERT(plan_backs(&plan, program_find("fmod_ret_file_open"), compiled->policy));
	CU_ASSERT(plan_backs(&plan, program_find("sys_exit_perf"), compiled->policy));
	CU_ASSERT(!plan_backs(&plan, program_find("sched_process_exec"), compiled->policy));
	/* of these sys_exit is the only one */
	CU_ASSERT(!plan_backs(&plan, program_find("sys_exit_perf"), both->policy));
}
