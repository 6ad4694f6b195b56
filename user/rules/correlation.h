/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `correlation` block of a rule: which rules, in which time span. Read when all
 * detections are known, then linked to them.
 */
#ifndef FERMATA_CORRELATION_H
#define FERMATA_CORRELATION_H

#include "base/cleanup.h"
#include "rules/node.h"
#include "rules/rule.h"

struct correlation {
	struct rule *rule; /* borrowed; NULL when it could not be linked */
	struct strings steps; /* ids and names of rules, in order */
	struct place *places; /* of each */
	struct rule **resolved; /* borrowed, of each; NULL before it is linked */
	bool generate; /* the steps alert on their own as well */
};

/* NULL is allowed. */
void correlation_free(struct correlation *correlation);
DEFINE_CLEANUP(struct correlation *, correlation_free)

/* Whether `reference` is the id or the name of the rule, or of one that it replaces. */
bool rule_is(const struct rule *rule, const char *reference);

/* The rule that the reference at `place` means, or NULL (diagnosed). A name that several
 * rules have is the one of the same file. */
struct rule *rule_find(const char *reference, const struct place *place, struct rule *const *rules,
		       size_t count, struct diagnostics *diagnostics);

/* Reads the block of `document` for `rule`, whose timespan it sets. 0, -EINVAL
 * (diagnosed) or -ENOMEM. */
int correlation_read(struct correlation **ret_correlation, struct rule *rule,
		     const struct node *document, struct diagnostics *diagnostics);

/*
 * Finds the rule of each step among `rules`, by rule_find(). 0, or -EINVAL (diagnosed): there is none, or it cannot be a step.
 */
int correlation_resolve(struct correlation *correlation, struct rule *const *rules, size_t count,
			struct diagnostics *diagnostics);

/*
 * Writes the resolved steps into the correlations' rules as indices of the ruleset,
 * and marks the rules that are silent because of them. 0 or -ENOMEM.
 */
int correlations_link(struct ruleset *ruleset, struct correlation *const *correlations,
		      size_t count, struct diagnostics *diagnostics);

#endif
