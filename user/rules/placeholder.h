/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of values that a site names in its configuration, and rules take by `expand`:
 *
 *	expand:
 *	  allowed_networks: [10.0.0.0/8, 192.0.2.0/24]
 *
 *	DestinationIp|expand|cidr: '%allowed_networks%'
 */
#ifndef FERMATA_PLACEHOLDER_H
#define FERMATA_PLACEHOLDER_H

#include "rules/node.h"

#define PLACEHOLDERS_FILE "/etc/fermata/fermata.yml" /* when no other is named */
#define PLACEHOLDERS_MAX 16 /* in one value of a rule */
#define EXPANDED_MAX (64u << 10) /* bytes of a value with its placeholders replaced */

struct placeholders;

/*
 * Reads the lists of a configuration file; of what else is in it nothing is looked at.
 * `file` is NULL: PLACEHOLDERS_FILE, which need not exist. -EINVAL: it has mistakes, or
 * another -errno, diagnosed; -ENOMEM.
 */
int placeholders_read(struct placeholders **ret_placeholders, const char *file,
		      struct diagnostics *diagnostics);
void placeholders_free(struct placeholders *placeholders);
DEFINE_CLEANUP(struct placeholders *, placeholders_free)

/* Values of a rule that were made here. */
struct expanded {
	struct node **list; /* owned, with the nodes */
	size_t count;
};

void expanded_done(struct expanded *expanded);

/*
 * Replaces the placeholders of a value, `%name%`, by each value of their lists; `\%` is a
 * plain percent sign. The values are at the place of the rule's. `placeholders` is NULL:
 * there are no lists. -EINVAL: a list is missing, or there are too many values
 * (diagnosed); -ENOMEM.
 */
int placeholders_expand(const struct placeholders *placeholders, struct expanded *expanded,
			const struct node *value, struct diagnostics *diagnostics);

#endif
