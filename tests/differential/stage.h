/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule set and the agents that live under it: what they do is decided by the kernel
 * side and by the user side, and compared.
 */
#ifndef FERMATA_STAGE_H
#define FERMATA_STAGE_H

#include "dice.h"
#include "kernel_side.h"
#include "rules/compile.h"

struct tally {
	__u64 events;
	__u64 matches; /* of rules that the kernel decides */
	__u64 completed, folded; /* of correlations among them */
	__u64 assumed; /* because of a text that was cut */
	__u64 candidates, confirmed; /* of rules that the user side confirms */
	__u64 early; /* matches before the program was executed */
	__u64 cut; /* events with a text that is longer than what is captured */
	__u64 overflowed; /* events with more atoms or matches than there is place for */
	__u64 named; /* events whose matches a record could not all name */
};

struct stage;

/* All is borrowed until stage_free(). `tally` is counted on. -errno. */
int stage_new(struct stage **ret_stage, struct kernel_side *kernel, const struct ruleset *rules,
	      const struct compiled *compiled, struct dice *dice, struct tally *tally);
void stage_free(struct stage *stage);
DEFINE_CLEANUP(struct stage *, stage_free)

/* A few events, aimed at a rule that is chosen by chance. 0; 1: the sides disagree, which has
 * been told on standard output; -errno. */
int stage_play(struct stage *stage);

#endif
