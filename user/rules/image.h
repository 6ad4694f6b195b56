/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of compiling: all parts put into one policy image.
 */
#ifndef FERMATA_IMAGE_H
#define FERMATA_IMAGE_H

#include "rules/compile.h"
#include "rules/step.h"
#include "rules/tables.h"

/* What goes into it. */
struct image_parts {
	const struct ruleset *ruleset;
	const struct rule_compiled *rules; /* by rule index */
	const struct atoms *atoms;
	const struct clauses *clauses; /* sorted */
	const struct steps *steps;
	const struct tables *tables;
	const struct automaton *automaton; /* linked */
	const struct lists *lists;
	__u64 generation;
};

/*
 * Makes the image; *ret_capacity bytes are allocated for it. -EINVAL: it is larger
 * than POLICY_SIZE_MAX, diagnosed; -ENOMEM.
 */
int image_make(struct policy **ret_policy, size_t *ret_capacity, const struct image_parts *parts,
	       struct diagnostics *diagnostics);

#endif
