/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From rules to the policy image: tests become atoms, conditions become clauses,
 * patterns one automaton, numbers interval tables.
 */
#ifndef FERMATA_COMPILE_H
#define FERMATA_COMPILE_H

#include "policy.h"
#include "rules/rule.h"
#include "rules/step.h"

/* What became of one rule, for `rules check`, `rules list` and `doctor`. */
struct rule_compiled {
	size_t clauses;
	bool confirm; /* the user side confirms it, or decides it alone */
	enum why_user why; /* why it does */
};

struct compiled {
	struct policy *policy; /* owned; `policy->size` bytes, allocated to `capacity` */
	size_t capacity; /* power of two, POLICY_SIZE_MIN .. POLICY_SIZE_MAX */
	struct rule_compiled *rules; /* by rule index */
	size_t atoms, states;
};

void compiled_free(struct compiled *compiled);

/*
 * Compiles the ruleset. `generation` is put into the image. -EINVAL: a limit of
 * policy.h is passed or a rule cannot be expressed, diagnosed with the rule's place;
 * -ENOMEM.
 */
int compile(struct compiled **ret_compiled, const struct ruleset *ruleset, __u64 generation,
	    struct diagnostics *diagnostics);

/*
 * The same, but a rule that cannot be expressed is taken out of the ruleset, diagnosed, and
 * with it the correlations of it. -EINVAL: what is left passes a limit of the whole policy.
 */
int compile_what_can(struct compiled **ret_compiled, struct ruleset *ruleset, __u64 generation,
		     struct diagnostics *diagnostics);

#endif
