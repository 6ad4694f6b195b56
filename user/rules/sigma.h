/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Sigma document becomes a rule: which kind it is, whether it is for us, and who
 * reads its parts. ruleset.c calls it for each document.
 */
#ifndef FERMATA_SIGMA_H
#define FERMATA_SIGMA_H

#include "base/cleanup.h"
#include "rules/correlation.h"
#include "rules/node.h"
#include "rules/maestro_source.h"
#include "rules/placeholder.h"
#include "rules/rule.h"
#include "rules/rule_filter.h"

/* NULL is allowed. */
void rule_free(struct rule *rule);
DEFINE_CLEANUP(struct rule *, rule_free)

enum sigma_kind { SIGMA_DETECTION, SIGMA_CORRELATION, SIGMA_FILTER };

/*
 * What the document is. -ENOENT: a rule for another product, service or category, one
 * that searches whole log lines, or marked as not usable (diagnosed as skipped); -EINVAL
 * (diagnosed).
 */
int sigma_kind(const struct node *document, struct diagnostics *diagnostics);

/*
 * Reads a document of that kind. *ret_correlation is only set for SIGMA_CORRELATION,
 * and not linked yet. 0, -EINVAL (diagnosed) or -ENOMEM.
 */
int sigma_read(struct rule **ret_rule, struct correlation **ret_correlation,
	       const struct node *document, enum sigma_kind kind, struct maestro_source *maestro,
	       const struct placeholders *placeholders, struct diagnostics *diagnostics);

/* Reads what a filter says about itself and checks its block. 0, -EINVAL (diagnosed) or
 * -ENOMEM. */
int sigma_filter_read(struct rule_filter **ret_filter, const struct node *document,
		      struct diagnostics *diagnostics);

/* The category of a filter's log source, or -1 when it has none: it is of every one. */
int sigma_filter_event(const struct node *document);

#endif
