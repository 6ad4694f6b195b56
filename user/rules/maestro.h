/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MAESTRO as data: the frameworks, layers, threats and categories of maestro.yml, and
 * the `maestro` block of a rule checked against them. No name or id of it is in code.
 */
#ifndef FERMATA_MAESTRO_H
#define FERMATA_MAESTRO_H

#include "base/cleanup.h"
#include "rules/node.h"
#include "rules/rule.h"

struct maestro;

/*
 * Reads the data file:
 *
 *	frameworks:
 *	  SLUG:
 *	    name: …, version: …
 *	    domains: {SLUG: name, …}
 *	    layers:
 *	      SLUG: {number: L1, name: …, domain: SLUG, threats: {L1-T01: name, …}}
 *	categories: {SLUG: what it is, …}
 *
 * A layer without a domain stands for no single layer: a rule on it must name at
 * least two in `also`. 0; -EINVAL: the content is wrong; else -errno of reading it;
 * all diagnosed.
 */
int maestro_read(struct maestro **ret_maestro, const char *file, struct diagnostics *diagnostics);

/* NULL is allowed. */
void maestro_free(struct maestro *maestro);
DEFINE_CLEANUP(struct maestro *, maestro_free)

/* Reads a rule's `maestro` block into rule->maestro. 0, -EINVAL (diagnosed), -ENOMEM. */
int maestro_block_read(struct rule *rule, const struct maestro *maestro, const struct node *block,
		       struct diagnostics *diagnostics);

#endif
