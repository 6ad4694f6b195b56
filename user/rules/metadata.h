/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Sigma document says about its rule: title, id, level, tags, … Called by
 * sigma.c before it reads what the rule does.
 */
#ifndef FERMATA_METADATA_H
#define FERMATA_METADATA_H

#include "rules/node.h"
#include "rules/rule.h"

/* Reads them into *rule. 0, -EINVAL (diagnosed, as many mistakes as there are) or
 * -ENOMEM. */
int metadata_read(struct rule *rule, const struct node *document, struct diagnostics *diagnostics);

/* Whether metadata_read() looks at that key. */
bool metadata_has(const char *key);

/* The name of the i-th such key, or NULL after the last. */
const char *metadata_key(size_t i);

#endif
