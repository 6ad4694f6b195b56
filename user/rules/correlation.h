/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `correlation` block of a rule: which rules, in which time span, grouped and compared
 * how. Read when all detections are known, then linked to the rules that are its steps.
 *
 * A step may be a correlation. It stands for the event that completes it, and has the
 * fields of that event.
 */
#ifndef FERMATA_CORRELATION_H
#define FERMATA_CORRELATION_H

#include "base/cleanup.h"
#include "rules/reference.h"
#include "rules/rule.h"

/* In the events of that rule the alias is that field. */
struct alias {
	struct reference name, rule, field;
	bool used;
};

struct correlation {
	struct rule *rule; /* borrowed */
	struct reference_list steps; /* ids and names of rules, in order */
	struct rule **resolved; /* borrowed, of each step; NULL before it is linked */
	struct reference_list group_by, fields;
	struct alias *aliases;
	size_t alias_count;
	unsigned int depth; /* 1: of detections; 0: not known yet */
	bool generate; /* the steps alert on their own as well */
	bool failed; /* it cannot be linked, which was diagnosed */
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

/* Reads the block of `document` for `rule`, whose part of a correlation it sets, but for
 * steps and keys. 0, -EINVAL (diagnosed) or -ENOMEM. */
int correlation_read(struct correlation **ret_correlation, struct rule *rule,
		     const struct node *document, struct diagnostics *diagnostics);

/* Finds the rule of each step among `rules`, by rule_find(). 0, or -EINVAL (diagnosed):
 * there is none. */
int correlation_resolve(struct correlation *correlation, struct rule *const *rules, size_t count,
			struct diagnostics *diagnostics);

/*
 * Finds the depth, the events and the keys of all correlations, whose steps are resolved if
 * `failed` is not set. Fails those whose fields or aliases are wrong, that refer to
 * themselves, that are nested deeper than CORRELATION_DEPTH_MAX, or that refer to one that
 * failed (diagnosed). 0 or -ENOMEM.
 */
int correlations_order(struct correlation *const *correlations, size_t count,
		       struct diagnostics *diagnostics);

/*
 * Writes the resolved steps into the correlations' rules as indices of the ruleset, and
 * marks the rules that are silent because of them. None has failed. 0 or -ENOMEM.
 */
int correlations_link(struct ruleset *ruleset, struct correlation *const *correlations,
		      size_t count, struct diagnostics *diagnostics);

/* Marks the rules that are silent, and only those: some correlation refers to it, and none
 * of those says `generate: true`. */
void rules_silence(const struct ruleset *ruleset);

#endif
