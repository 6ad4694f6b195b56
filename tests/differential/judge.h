/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be different between the two sides, and what may not.
 */
#ifndef FERMATA_JUDGE_H
#define FERMATA_JUDGE_H

#include "pipeline/evaluate.h"
#include "rules/compile.h"
#include "stage.h"

struct judged_event {
	const struct ruleset *rules;
	const struct compiled *compiled;
	const struct event_view *view;
	const struct decided *kernel;
	const struct evaluator *evaluator; /* that has evaluated it */
	const struct verdict *user;
	__u64 incomplete; /* that the texts say: more of them is an overflow */
	bool apart; /* after an overflow the sides may have taken different steps */
};

/* Whether more held or matched than there is place for: then what was left out may differ,
 * but for rules that refuse or kill. */
bool judge_overflowed(const struct judged_event *event);

/*
 * Compares. NULL, or what is wrong, with the rule that it is about (SIZE_MAX: none). Counts
 * into *tally.
 */
const char *judge(const struct judged_event *event, struct tally *tally, size_t *ret_rule);

/* Tells on standard output: the event, the rule, and both verdicts. */
void judge_tell(const struct judged_event *event, const char *wrong, size_t rule);

#endif
