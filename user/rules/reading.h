/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ruleset.c has while it reads: the documents that it keeps, and what it knows of
 * those that it does not.
 */
#ifndef FERMATA_READING_H
#define FERMATA_READING_H

#include "rules/sigma.h"

/* A document that is or may become a rule, in the order of reading. */
struct entry {
	struct rule *rule; /* owned; NULL while its document waits, or when it was left out */
	struct correlation *correlation; /* owned; of such a rule */
	struct rule_filter *filter; /* owned; and then there is no rule */
	struct node *document; /* owned; a correlation or filter that waits */
};

struct reading {
	struct ruleset *ruleset;
	struct maestro_source maestro;
	const struct placeholders *placeholders;
	struct diagnostics *diagnostics;
	struct entry *entries;
	size_t count;
	size_t documents, correlations, filters; /* examined so far */
	/* ids and names of documents that are not in the ruleset */
	struct strings skipped, failed;
};

/* Leaves the entry empty. */
void entry_drop(struct entry *entry);

#endif
