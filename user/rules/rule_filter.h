/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sigma filters: a site's exclusions, kept apart from the rules. Read with the other
 * documents; joined to the conditions of their rules by ruleset.c, when it is known
 * which rules there are.
 */
#ifndef FERMATA_RULE_FILTER_H
#define FERMATA_RULE_FILTER_H

#include "base/cleanup.h"
#include "rules/node.h"
#include "rules/placeholder.h"
#include "rules/rule.h"

#define FILTERS_MAX 1024 /* in one ruleset */
/* Nodes and values that all filters together add to all their rules; the filter that
 * would pass it is refused. */
#define FILTERS_SIZE_MAX (1u << 20)

/* NULL is allowed. */
void rule_filter_free(struct rule_filter *filter);
DEFINE_CLEANUP(struct rule_filter *, rule_filter_free)

/* Whether a `filter` block has what it needs. 0 or -EINVAL (diagnosed). */
int filter_block_check(const struct node *block, struct diagnostics *diagnostics);

/* Where a filter looks for the rules that it names. */
struct filter_rules {
	struct rule *const *list;
	size_t count;
	/* ids and names of documents that are not among them */
	const struct strings *skipped, *failed;
	size_t budget; /* what is left of FILTERS_SIZE_MAX */
	const struct placeholders *placeholders; /* NULL: there are none */
};

/*
 * Joins the filter to the conditions of its rules and lists it in them. `event` is that
 * of its log source, or -1: any. -ENOENT: all of its rules were skipped, and it with
 * them (diagnosed); -EINVAL (diagnosed), and then no rule has changed; -ENOMEM.
 */
int rule_filter_apply(struct rule_filter *filter, const struct node *document, int event,
		      struct filter_rules *rules, struct diagnostics *diagnostics);

#endif
