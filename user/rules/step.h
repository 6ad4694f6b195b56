/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlations as they are advanced: their rows, which side does it and why, and for each
 * rule the places where correlations refer to it.
 */
#ifndef FERMATA_STEP_H
#define FERMATA_STEP_H

#include "policy.h"
#include "rules/rule.h"

/* clang-format off */
/* Why the user side decides, or has to confirm. W(name, meaning) */
#define WHY_USER(W)                                                                          \
	W(none,       "the kernel decides")                                                  \
	W(test,       "a test of it is one that only the user side makes")                   \
	W(step,       "a step of it is confirmed on the user side")                          \
	W(chain,      "a step of it is a correlation")                                       \
	W(type,       "it looks at values, which the kernel does not keep")                  \
	W(group,      "it groups by other fields than AgentSession")                         \
	W(comparison, "its condition is not that so many suffice")                           \
	W(count,      "it counts more events than the kernel keeps the times of")            \
	W(room,       "the kernel has no more room for the state of correlations")
/* clang-format on */
enum why_user {
#define W(name, ...) WHY_##name,
	WHY_USER(W)
#undef W
		WHY_MAX
};
extern const char *const why_table[WHY_MAX];

/* Where correlations refer to a rule: in struct steps, those of the kernel first. */
struct rule_steps {
	size_t first;
	__u8 kernel, user; /* how many */
	__u8 levels; /* bit per step index of those of the kernel */
	bool enforcing; /* a correlation that refuses or kills refers to it, in the end */
};

struct steps {
	size_t *order; /* rules that are correlations, none before its steps */
	struct policy_correlation *correlations; /* in that order, without `detail` */
	size_t correlation_count;
	struct policy_step *list; /* by rule */
	size_t count;
	struct rule_steps *rules; /* by rule index */
};

void steps_done(struct steps *steps);

/*
 * Collects them, but for what depends on the sides. -EINVAL: a limit is passed, or steps
 * are not right, diagnosed, and `refused`, by rule, is set for the correlations whose fault
 * it is; -ENOMEM.
 */
int steps_collect(struct steps *ret_steps, const struct ruleset *ruleset, bool *refused,
		  struct diagnostics *diagnostics);

/* Decides for each correlation which side advances it, and completes the rows. `why` is, by
 * rule, that of the detections, and becomes that of the correlations. */
void steps_place(struct steps *steps, const struct ruleset *ruleset, enum why_user *why);

/* What a rule is called in messages. */
const char *rule_title(const struct rule *rule);

/* What tells it from others, in recordings: its id, or else name, or else title. */
const char *rule_key(const struct rule *rule);

#endif
