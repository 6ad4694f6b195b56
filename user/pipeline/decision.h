/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rules match an event for certain: those the kernel was certain of, and those
 * that the user side confirms or decides alone.
 */
#ifndef FERMATA_DECISION_H
#define FERMATA_DECISION_H

#include "pipeline/alert.h"
#include "pipeline/evaluate.h"
#include "rules/compile.h"

struct decision {
	struct outcome outcome; /* what the kernel did; then what respond() adds */
	size_t count; /* matches, those of the kernel first */
	size_t by_kernel; /* how many are the kernel's */
	__u64 unnamed; /* at most so many more matched, that the record does not name */
	__u64 refuted; /* candidates that are no match */
	bool unconfirmed; /* a candidate is open, for want of a text */
	/* tests that took too long and count as false, and a rule that has one */
	size_t undecided;
	__u16 undecided_rule;
	struct match match[RULES_MAX]; /* flags: MATCH_FOLDED, MATCH_ASSUMED */
};

/*
 * Decides. Nothing in it refers to `view` afterwards. The evaluator is asked only when
 * the kernel left something open. 0; -EBADMSG: a match names a rule that the policy
 * does not have (it is left out); -ENOMEM: the evaluator could not (what the kernel was
 * certain of is there).
 */
int decide_certain(struct decision *decision, const struct event_view *view,
		   const struct compiled *compiled, struct evaluator *evaluator);

#endif
