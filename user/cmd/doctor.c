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
#include "rules/strings.h"
#include "sensor/tier.h"

struct doctor {
	struct strings paths;
	bool json;
	struct diagnostics diagnostics;
	struct ruleset *ruleset;
	struct compiled *compiled;
	struct tier_probe probe;
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
	  store_rules },
	{ "json", NULL, "print JSON", store_json },
	{ 0 },
};

static void doctor_done(struct doctor *doctor)
{
	compiled_free(doctor->compiled);
	ruleset_free(doctor->ruleset);
	diagnostics_done(&doctor->diagnostics);
	strings_done(&doctor->paths);
}

/* Rules that cannot be read are the matter of `rules check`: here they are left out. */
static void rules_load(struct doctor *doctor)
{
	if (!doctor->paths.count && rules_default_paths(&doctor->paths))
		return;
	if (!doctor->paths.count)
		return;
	if (ruleset_read(&doctor->ruleset, (const char *const *)doctor->paths.list,
			 doctor->paths.count, NULL, &doctor->diagnostics))
		log_warning(0, "some rules cannot be read; 'fermata rules check' says why");
	if (doctor->ruleset)
		(void)compile(&doctor->compiled, doctor->ruleset, 1, &doctor->diagnostics);
	if (doctor->diagnostics.total[SEVERITY_ERROR])
		log_warning(0, "some rules have errors; 'fermata rules check' says which");
}

static enum strength rule_strength(const struct doctor *doctor, size_t i)
{
	return tier_rule_strength(&doctor->probe, doctor->probe.tier, doctor->ruleset,
				  doctor->ruleset->rules[i],
				  doctor->compiled && doctor->compiled->rules[i].confirm);
}

static const char *shell_says(const struct shell_probe *shell, char *text, size_t size)
{
	if (shell->works)
		return "works";
	if (shell->error)
		snprintf(text, size, "no: %s: %s", shell->step, strerror(shell->error));
	else
		snprintf(text, size, "no: it loads and attaches, and does not fire");
	return text;
}

/* Why the strongest tier is not had, and what would bring it. */
static const char *advice(const struct tier_probe *probe)
{
	if (probe->tier == TIER_lsm)
		return NULL;
	if (probe->tier == TIER_fmod_ret)
		return "'bpf' is not in the kernel's list of active LSMs. fmod_ret refuses the "
		       "same acts, but a pre-emptible kernel (7.0 and later; preempt=full or "
		       "lazy) skips it when it is busy, which the alert log tells as loss "
		       "'skipped'; "
		       "lsm=…,bpf on the kernel command line makes it lsm, which is never skipped";
	return "this kernel refuses BPF trampolines (lsm, fmod_ret), as many micro-VM kernels do; "
	       "a kernel with CONFIG_BPF_LSM and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS refuses "
	       "more";
}

static void print_text(const struct doctor *doctor, const char *release)
{
	const char *hint = advice(&doctor->probe);
	char text[160];

	printf("kernel %s, tier %s\n\nshells\n", release, tier_table[doctor->probe.tier]);
	for (int i = SHELL_lsm; i < SHELL_MAX; i++)
		printf("  %-24s %s\n", shell_table[i],
		       shell_says(&doctor->probe.shell[i], text, sizeof(text)));
	printf("\nevents, and what can be done about them at most\n");
	for (int i = 0; i < EVENT_MAX; i++)
		printf("  %-24s %s\n", event_table[i].name,
		       strength_table[tier_event_strength(&doctor->probe, doctor->probe.tier, i)]);
	if (doctor->ruleset)
		printf("\nrules, what they ask for, and what this kernel does\n");
	for (size_t i = 0; doctor->ruleset && i < doctor->ruleset->count; i++) {
		const struct rule *rule = doctor->ruleset->rules[i];
		enum strength strength = rule_strength(doctor, i);

		if (rule->silent)
			continue;
		printf("  %-12s %-20s %s%s\n", response_table[rule->response],
		       strength_table[strength], rule->title ? rule->title : "(no title)",
		       tier_falls_short(rule, strength) ? "  (less than it asks for)" : "");
	}
	if (hint)
		printf("\n%s\n", hint);
}

static void json_probe(struct json *w, const struct doctor *doctor)
{
	json_object_begin(w, "shells");
	for (int i = SHELL_lsm; i < SHELL_MAX; i++) {
		const struct shell_probe *shell = &doctor->probe.shell[i];

		json_object_begin(w, shell_table[i]);
		json_put_bool(w, "works", shell->works);
		if (!shell->works) {
			json_put_string(w, "step", shell->step);
			json_put_string(w, "error",
					shell->error ? strerror(shell->error) : "does not fire");
		}
		json_object_end(w);
	}
	json_object_end(w);
	json_object_begin(w, "events");
	for (int i = 0; i < EVENT_MAX; i++)
		json_put_string(
			w, event_table[i].name,
			strength_table[tier_event_strength(&doctor->probe, doctor->probe.tier, i)]);
	json_object_end(w);
}

static int print_json(const struct doctor *doctor, const char *release)
{
	_cleanup_buffer_ struct buffer out = BUFFER(16 << 20);
	struct json w;

	json_init(&w, &out);
	json_object_begin(&w, NULL);
	json_put_string(&w, "kernel", release);
	json_put_string(&w, "tier", tier_table[doctor->probe.tier]);
	json_probe(&w, doctor);
	json_array_begin(&w, "rules");
	for (size_t i = 0; doctor->ruleset && i < doctor->ruleset->count; i++) {
		const struct rule *rule = doctor->ruleset->rules[i];
		enum strength strength = rule_strength(doctor, i);

		json_object_begin(&w, NULL);
		json_put_string(&w, "id", rule->id);
		json_put_string(&w, "title", rule->title);
		json_put_string(&w, "response", response_table[rule->response]);
		json_put_string(&w, "strength", strength_table[strength]);
		json_put_bool(&w, "step_only", rule->silent);
		json_put_bool(&w, "falls_short", !rule->silent && tier_falls_short(rule, strength));
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
	r = tier_probe(&doctor.probe, TIER_EVERY, &missing);
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
