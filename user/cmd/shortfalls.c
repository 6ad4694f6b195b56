/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/shortfalls.h"

#include "base/log.h"
#include "cmd/command.h"

static const char *name_of(const struct rule *rule)
{
	return rule->title ? rule->title : rule->id;
}

int shortfalls_check(const struct plan *plan, const struct judged *judged, enum requirement require)
{
	size_t count = 0;

	for (size_t i = 0; i < judged->ruleset->count; i++) {
		const struct rule *rule = judged->ruleset->rules[i];
		enum requirement requirement = rule->requirement;
		enum strength strength = rule_strength(plan, judged, i);

		if (rule->silent || rule->response < RESPONSE_deny)
			continue;
		if (require > requirement)
			requirement = require;
		if (strength_satisfies(strength, requirement))
			continue;
		count++;
		log_error(0, "'%s' requires %s, and gets on tier %s: %s", name_of(rule),
			  requirement_table[requirement], tier_table[plan_tier(plan)],
			  strength_table[strength]);
	}
	if (!count)
		return STATUS_DONE;
	log_error(0, "nothing was started; 'fermata doctor' tells what this kernel can do and why");
	return STATUS_CANNOT;
}

/* A hook that fails in a shell that else works, or that does nothing: another took over. */
static void failures_tell(const struct plan *plan)
{
	char text[160];

	for (int hook = 0; hook < HOOK_MAX; hook++)
		for (int shell = 0; shell < SHELL_MAX; shell++) {
			const struct failure *failure = &plan->failed[hook][shell];

			if (!failure->step ||
			    (failure->step != plan_silent && failure->step != plan_ignored &&
			     !plan_shell_works(plan, shell)))
				continue;
			log_warning(0, "hook %s, shell %s: %s; not used", hook_name_table[hook],
				    shell_table[shell], failure_text(failure, text, sizeof(text)));
		}
}

void shortfalls_tell(const struct plan *plan, const struct judged *judged)
{
	size_t count = 0;

	failures_tell(plan);
	for (size_t i = 0; i < judged->ruleset->count; i++) {
		const struct rule *rule = judged->ruleset->rules[i];
		enum strength strength = rule_strength(plan, judged, i);

		if (rule->silent || !strength_falls_short(rule, strength))
			continue;
		if (!count++)
			log_warning(0, "tier %s; rules that ask for more than this kernel does:",
				    tier_table[plan_tier(plan)]);
		log_warning(0, "  '%s' asks for %s, and gets: %s", name_of(rule),
			    response_table[rule->response], strength_table[strength]);
	}
}
