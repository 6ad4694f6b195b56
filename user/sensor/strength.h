/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is really done about an act, by event and by rule.
 */
#ifndef FERMATA_STRENGTH_H
#define FERMATA_STRENGTH_H

#include <stdbool.h>

#include "rules/compile.h"
#include "rules/names.h"
#include "sensor/plan.h"

/* Weakest first. */
enum strength {
	STRENGTH_not_seen,
	STRENGTH_alert_only,
	STRENGTH_kill_after, /* kill after the act */
	STRENGTH_kill, /* before the act takes effect for the process */
	STRENGTH_deny,
	STRENGTH_MAX
};
extern const char *const strength_table[STRENGTH_MAX];

/* What a shell can do at most about an event. */
enum strength event_strength(enum shell shell, enum event_type event);

/* What is known of rules: `compiled` and `names` may be NULL. */
struct judged {
	const struct ruleset *ruleset;
	const struct compiled *compiled;
	const struct names *names;
};

/* What will be done about a match of rule `i`: what it asks for, as far as the plan goes. */
enum strength rule_strength(const struct plan *plan, const struct judged *judged, size_t i);

/* Whether that is enough. A kill counts when it comes before the act takes effect. */
bool strength_satisfies(enum strength strength, enum requirement requirement);

/* Whether the rule asks for more than that. A kill before the act is no less than a
 * refusal. */
bool strength_falls_short(const struct rule *rule, enum strength strength);

#endif
