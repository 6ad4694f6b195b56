/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata doctor`: what this kernel will really do, by event and by rule.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/options.h"
#include "rules/compile.h"
#include "rules/default_paths.h"
#include "rules/placeholder.h"
#include "rules/strings.h"
#include "sensor/filter.h"
#include "sensor/gap.h"
#include "sensor/strength.h"
#include "sensor/survey.h"

struct doctor {
	struct strings paths;
	bool json;
	struct diagnostics diagnostics;
	struct ruleset *ruleset;
	struct compiled *compiled;
	struct names names; /* when the rules were compiled */
	struct plan plan; /* of this kernel */
	struct plan shell[SHELL_MAX]; /* where each shell was tried */
	bool filters; /* seccomp works; else: */
	struct failure no_filters;
};

static int store_rules(void *target, const char *value)
{
	return strings_add(&((struct doctor *)target)->paths, value);
}

static int store_json(void *target, const char *value)
{
	(void)value;
	((struct doctor *)target)->json = true;
	return 0;
}

static const struct option_row doctor_options[] = {
	{ "rules", "PATH", "rule file or directory, also several times (default: the shipped ones)",
	  store_rules, 0 },
	{ "json", NULL, "print JSON", store_json, 0 },
	{ 0 },
};

static void doctor_done(struct doctor *doctor)
{
	names_done(&doctor->names);
	compiled_free(doctor->compiled);
	ruleset_free(doctor->ruleset);
	diagnostics_done(&doctor->diagnostics);
	strings_done(&doctor->paths);
}

/* Rules that cannot be read are the matter of `rules check`: here they are left out. */
static void rules_load(struct doctor *doctor)
{
	_cleanup_(placeholders_freep) struct placeholders *placeholders = NULL;

	if (!doctor->paths.count && rules_default_paths(&doctor->paths))
		return;
	if (!doctor->paths.count)
		return;
	(void)placeholders_read(&placeholders, NULL, &doctor->diagnostics);
	if (ruleset_read(&doctor->ruleset, (const char *const *)doctor->paths.list,
			 doctor->paths.count,
			 &(const struct rule_inputs) { .placeholders = placeholders },
			 &doctor->diagnostics))
		log_warning(0, "some rules cannot be read; 'fermata rules check' says why");
	if (doctor->ruleset)
		(void)compile_what_can(&doctor->compiled, doctor->ruleset, 1, &doctor->diagnostics);
	if (doctor->compiled && names_find(&doctor->names, doctor->ruleset, doctor->compiled)) {
		compiled_free(doctor->compiled);
		doctor->compiled = NULL;
	}
	if (doctor->diagnostics.total[SEVERITY_ERROR])
		log_warning(0, "some rules have errors; 'fermata rules check' says which");
}

/* Surveys the strongest tier, and those below it whose shells that did not try. */
static int kernel_survey(struct doctor *doctor, const char **ret_missing)
{
	enum tier next = TIER_lsm;
	bool tried[SHELL_MAX] = { false };
	struct plan plan;
	int r;

	while (next < TIER_MAX) {
		r = survey(&plan, next, ret_missing);
		if (r)
			return r;
		if (next == TIER_lsm)
			doctor->plan = plan;
		for (int shell = 0; shell < SHELL_MAX; shell++) {
			if (tried[shell] || !plan_shell_tried(&plan, shell))
				continue;
			tried[shell] = true;
			doctor->shell[shell] = plan;
		}
		next = plan_tier(&plan) + 1;
	}
	doctor->filters = filter_probe(&doctor->no_filters);
	return 0;
}

static enum strength strength_of(const struct doctor *doctor, size_t i)
{
	const struct judged judged = { doctor->ruleset, doctor->compiled,
				       doctor->compiled ? &doctor->names : NULL };

	return rule_strength(&doctor->plan, &judged, i);
}

static enum strength strongest(const struct doctor *doctor, int event)
{
	return event_strength(plan_event(&doctor->plan, event), event);
}

static bool shell_works(const struct doctor *doctor, enum shell shell)
{
	return shell == SHELL_seccomp ? doctor->filters
				      : plan_shell_works(&doctor->shell[shell], shell);
}

/* NULL: nothing of it failed. */
static const struct failure *shell_failure(const struct doctor *doctor, enum shell shell)
{
	if (shell != SHELL_seccomp)
		return plan_shell_failure(&doctor->shell[shell], shell);
	return doctor->filters ? NULL : &doctor->no_filters;
}

static void print_shell(const struct doctor *doctor, enum shell shell)
{
	const struct plan *plan = &doctor->shell[shell];
	char text[160];

	if (!shell_works(doctor, shell)) {
		printf("  %-24s no: %s\n", shell_table[shell],
		       failure_text(shell_failure(doctor, shell), text, sizeof(text)));
		return;
	}
	printf("  %-24s works\n", shell_table[shell]);
	for (int hook = 0; hook < HOOK_MAX; hook++)
		if (plan->failed[hook][shell].step)
			printf("  %-24s   but for %s: %s\n", "", hook_name_table[hook],
			       failure_text(&plan->failed[hook][shell], text, sizeof(text)));
}

/* Why the strongest tier is not had, and what would bring it. */
static const char *advice(enum tier tier)
{
	if (tier == TIER_lsm)
		return NULL;
	if (tier == TIER_fmod_ret)
		return "'bpf' is not in the kernel's list of active LSMs. fmod_ret refuses the "
		       "same acts, but a pre-emptible kernel (preempt=full or lazy) may skip it "
		       "when "
		       "it is busy: what it skipped is examined when the call ends, and killed; "
		       "lsm=…,bpf on the kernel command line makes it lsm, which is never skipped";
	return "this kernel refuses BPF trampolines (lsm, fmod_ret), as many micro-VM kernels do; "
	       "a kernel with CONFIG_BPF_LSM and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS refuses "
	       "more";
}

static void print_gaps(const struct doctor *doctor)
{
	printf("\nfields that are not, or not always, known here\n");
	for (const struct gap *gap = gap_table; gap->field; gap++)
		if (gap_is_here(gap, &doctor->plan))
			printf("  %-24s %-20s %s\n", event_table[gap->event].name, gap->field,
			       gap->why);
}

static void print_text(const struct doctor *doctor, const char *release)
{
	const char *hint = advice(plan_tier(&doctor->plan));

	printf("kernel %s, tier %s\n\nshells\n", release, tier_table[plan_tier(&doctor->plan)]);
	for (int i = SHELL_lsm; i < SHELL_MAX; i++)
		print_shell(doctor, i);
	printf("\nevents, what can be done about them at most, and by which shell\n");
	for (int i = 0; i < EVENT_MAX; i++)
		printf("  %-24s %-20s %s%s\n", event_table[i].name,
		       strength_table[strongest(doctor, i)],
		       shell_table[plan_event(&doctor->plan, i)],
		       i == EVENT_file_open && plan_marks(&doctor->plan)
			       ? " (deny, by fanotify: files that rules name)"
			       : "");
	print_gaps(doctor);
	if (doctor->ruleset)
		printf("\nrules, what they ask for, and what this kernel does\n");
	for (size_t i = 0; doctor->ruleset && i < doctor->ruleset->count; i++) {
		const struct rule *rule = doctor->ruleset->rules[i];
		enum strength strength = strength_of(doctor, i);

		if (rule->silent)
			continue;
		printf("  %-12s %-20s %s%s\n", response_table[rule->response],
		       strength_table[strength], rule->title ? rule->title : "(no title)",
		       strength_falls_short(rule, strength) ? "  (less than it asks for)" : "");
	}
	if (hint)
		printf("\n%s\n", hint);
}

static void json_gaps(struct json *w, const struct doctor *doctor)
{
	json_array_begin(w, "fields_not_known");
	for (const struct gap *gap = gap_table; gap->field; gap++) {
		if (!gap_is_here(gap, &doctor->plan))
			continue;
		json_object_begin(w, NULL);
		json_put_string(w, "event", event_table[gap->event].name);
		json_put_string(w, "field", gap->field);
		json_put_string(w, "why", gap->why);
		json_object_end(w);
	}
	json_array_end(w);
}

static void json_shell(struct json *w, const struct doctor *doctor, enum shell shell)
{
	const struct plan *plan = &doctor->shell[shell];
	const struct failure *failure = shell_failure(doctor, shell);

	json_object_begin(w, shell_table[shell]);
	json_put_bool(w, "works", shell_works(doctor, shell));
	if (failure) {
		json_put_string(w, "step", failure->step);
		json_put_string(w, "error", failure->error ? strerror(failure->error) : NULL);
	}
	json_array_begin(w, "without");
	for (int hook = 0; hook < HOOK_MAX; hook++)
		if (plan->failed[hook][shell].step)
			json_put_string(w, NULL, hook_name_table[hook]);
	json_array_end(w);
	json_object_end(w);
}

static void json_kernel(struct json *w, const struct doctor *doctor)
{
	json_object_begin(w, "shells");
	for (int i = SHELL_lsm; i < SHELL_MAX; i++)
		json_shell(w, doctor, i);
	json_object_end(w);
	json_object_begin(w, "events");
	for (int i = 0; i < EVENT_MAX; i++) {
		json_object_begin(w, event_table[i].name);
		json_put_string(w, "strength", strength_table[strongest(doctor, i)]);
		json_put_string(w, "shell", shell_table[plan_event(&doctor->plan, i)]);
		json_object_end(w);
	}
	json_object_end(w);
}

static int print_json(const struct doctor *doctor, const char *release)
{
	_cleanup_buffer_ struct buffer out = BUFFER(16 << 20);
	struct json w;

	json_init(&w, &out);
	json_object_begin(&w, NULL);
	json_put_string(&w, "kernel", release);
	json_put_string(&w, "tier", tier_table[plan_tier(&doctor->plan)]);
	json_kernel(&w, doctor);
	json_gaps(&w, doctor);
	json_array_begin(&w, "rules");
	for (size_t i = 0; doctor->ruleset && i < doctor->ruleset->count; i++) {
		const struct rule *rule = doctor->ruleset->rules[i];
		enum strength strength = strength_of(doctor, i);

		json_object_begin(&w, NULL);
		json_put_string(&w, "id", rule->id);
		json_put_string(&w, "title", rule->title);
		json_put_string(&w, "response", response_table[rule->response]);
		json_put_string(&w, "strength", strength_table[strength]);
		json_put_bool(&w, "step_only", rule->silent);
		json_put_bool(&w, "falls_short",
			      !rule->silent && strength_falls_short(rule, strength));
		json_object_end(&w);
	}
	json_array_end(&w);
	json_object_end(&w);
	buffer_add_byte(&out, '\n');
	if (out.error)
		return out.error;
	return fwrite(out.data, 1, out.length, stdout) == out.length ? 0 : -EIO;
}

int cmd_doctor(int argc, char **argv)
{
	_cleanup_(doctor_done) struct doctor doctor = { 0 };
	int next = options_read(argc, argv, doctor_options, &doctor, "doctor");
	const char *missing;
	struct utsname name;
	int r;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (next < argc) {
		log_error(0, "doctor takes no '%s'; 'fermata doctor -h' shows how", argv[next]);
		return STATUS_USAGE;
	}
	r = kernel_survey(&doctor, &missing);
	if (r) {
		log_error(0, "cannot watch here: this needs %s", missing);
		return r == -EPERM ? STATUS_CANNOT : STATUS_NO;
	}
	uname(&name);
	rules_load(&doctor);
	if (!doctor.json)
		print_text(&doctor, name.release);
	else if (print_json(&doctor, name.release))
		return STATUS_CANNOT;
	return STATUS_DONE;
}
