/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlations as the decider advances them: their rows, and for each rule the places
 * where correlations refer to it.
 */
#ifndef FERMATA_STEP_H
#define FERMATA_STEP_H

#include "policy.h"
#include "rules/rule.h"

struct rule_steps {
	size_t first, count; /* in struct steps */
	__u8 levels; /* bit per step index */
	bool enforcing; /* a correlation that refuses or kills refers to it */
};

struct steps {
	struct policy_correlation *correlations;
	size_t correlation_count;
	struct policy_step *list; /* by rule */
	size_t count;
	struct rule_steps *rules; /* by rule index */
};

void steps_done(struct steps *steps);

/*
 * Collects them. -EINVAL: a limit is passed or a step is not a detection, diagnosed;
 * -ENOMEM.
 */
int steps_collect(struct steps *ret_steps, const struct ruleset *ruleset,
		  struct diagnostics *diagnostics);

/* What a rule is called in messages. */
const char *rule_title(const struct rule *rule);

/* What tells it from others, in recordings: its id, or else name, or else title. */
const char *rule_key(const struct rule *rule);

#endif
