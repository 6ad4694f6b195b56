/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user side's evaluator: matcher and decider of include/ on the same policy image,
 * with all texts of an event at hand. It confirms what the kernel side had to leave
 * open, and decides alone where there is no kernel side (replay, tests of rules).
 */
#ifndef FERMATA_EVALUATE_H
#define FERMATA_EVALUATE_H

#include "base/cleanup.h"
#include "pipeline/correlate.h"

/* Sessions whose correlations are followed at the same time. One more: the one that
 * has been idle longest is forgotten, and counted. Each has its own groups (correlate.h). */
#define EVALUATOR_SESSIONS_MAX 1024

struct evaluator;

/*
 * `policy` is borrowed until evaluator_free(); it was compiled here or has passed
 * policy_check(). -EINVAL: a regular expression of it does not compile here; -ENOMEM.
 */
int evaluator_new(struct evaluator **ret_evaluator, const struct policy *policy);
void evaluator_free(struct evaluator *evaluator);
DEFINE_CLEANUP(struct evaluator *, evaluator_free)

/*
 * Decides on one event. `side` is SIDE_CONFIRM or SIDE_ALL. *ret_verdict has what was
 * matched and what is asked for, nothing of what was done. With SIDE_CONFIRM the record's
 * verdict is the kernel's, whose correlations are taken from it. Returns whether any rule
 * matched (0 or 1), or -ENOMEM, and then the event has not advanced every correlation.
 */
int evaluate(struct evaluator *evaluator, const struct event_view *view, enum side side,
	     struct verdict *ret_verdict);

/* Whether the rule matched in the last event; a verdict names MATCHES_MAX rules only. */
bool evaluator_matched(const struct evaluator *evaluator, __u16 rule);

/* Whether it is a correlation that only folded the last event, which it matched: see
 * MATCH_FOLDED. */
bool evaluator_folded(const struct evaluator *evaluator, __u16 rule);

/*
 * How many tests of the last event are not decided, because a regular expression took too
 * long (base/regex.h): they count as false. *ret_rule is one of the rules that have them.
 */
size_t evaluator_undecided(const struct evaluator *evaluator, __u16 *ret_rule);

/* Which fields of the last event were incomplete, by slot. */
__u64 evaluator_incomplete(const struct evaluator *evaluator);

/* Forgets the correlations of a session that has ended. */
void evaluator_forget(struct evaluator *evaluator, __u64 session);

/* What a correlation of the user side had reached when the last event completed it, see
 * correlator_reached(). */
const struct reached *evaluator_reached(const struct evaluator *evaluator, __u16 rule);

/* What correlations had to leave out, running totals. */
struct evaluator_losses {
	__u64 sessions; /* forgotten because there were too many */
	__u64 groups; /* the same, within one session */
	__u64 values; /* left out of a value_percentile */
};

void evaluator_losses(const struct evaluator *evaluator, struct evaluator_losses *ret_losses);

#endif
