/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel can do about an act, found by trying: every shell is loaded,
 * attached and triggered in a throw-away child, because a program that attaches may
 * still never fire.
 */
#ifndef FERMATA_TIER_H
#define FERMATA_TIER_H

#include <stdbool.h>

#include "event.h"
#include "rules/rule.h"

enum tier { TIER_lsm, TIER_fmod_ret, TIER_portable, TIER_MAX };
extern const char *const tier_table[TIER_MAX];

/* What is really done about an act, weakest first. */
enum strength {
	STRENGTH_not_seen,
	STRENGTH_alert_only,
	STRENGTH_kill_after, /* kill after the act */
	STRENGTH_kill, /* before the act takes effect for the process */
	STRENGTH_deny,
	STRENGTH_MAX
};
extern const char *const strength_table[STRENGTH_MAX];

struct shell_probe {
	bool works;
	int error; /* of the step that failed, positive; 0 when it did not fire */
	const char *step; /* "load", "attach", "trigger": the step that failed */
};

struct tier_probe {
	enum tier tier; /* the strongest that works */
	struct shell_probe shell[SHELL_MAX]; /* lsm, fmod_ret, cgroup, tracepoint */
	bool tracepoints_preempted; /* programs on tracepoints run with pre-emption enabled */
};

#define TIER_STRONGEST (-1)
#define TIER_EVERY (-2)

/*
 * Probes what `tier` (enum tier) needs, or how far it is to the strongest, or every shell;
 * what that leaves untried counts as not working. Returns 0 and fills *ret, or -errno when nothing at all can be had: -EPERM
 * (no privilege), -ENOSYS (no BPF, no BTF, or a kernel before 6.1); *ret_missing is then
 * a constant string that names what is missing.
 */
int tier_probe(struct tier_probe *ret, int tier, const char **ret_missing);

/* Whether the tier can be had. */
bool tier_works(const struct tier_probe *probe, enum tier tier);

/* What a tier can do at most about an event. */
enum strength tier_event_strength(const struct tier_probe *probe, enum tier tier,
				  enum event_type event);

/* What will be done about a match of a rule: what it asks for, as far as the tier goes.
 * `confirm`: the user side confirms it first. */
enum strength tier_rule_strength(const struct tier_probe *probe, enum tier tier,
				 const struct ruleset *ruleset, const struct rule *rule,
				 bool confirm);

/* Whether that is enough. A kill counts when it comes before the act takes effect. */
bool tier_satisfies(enum strength strength, enum requirement requirement);

/* Whether the rule asks for more than that. A kill before the act is no less than a
 * refusal. */
bool tier_falls_short(const struct rule *rule, enum strength strength);

#endif
