/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules make of events when there is no kernel side: of recorded ones, and of those
 * in the `tests` of rules. Matches are those that the live system would tell: a rule that
 * is only a step of correlations is none, and a correlation that fires again within its
 * time span is counted.
 */
#ifndef FERMATA_REPLAY_H
#define FERMATA_REPLAY_H

#include "base/cleanup.h"
#include "pipeline/event_view.h"
#include "pipeline/evidence.h"
#include "rules/compile.h"

/* Sessions whose evidence is kept at the same time. One more: that of the one that has
 * been idle longest is forgotten. */
#define REPLAY_SESSIONS_MAX 1024

#define REPLAY_EVIDENCE_MAX 64 /* events that are named for one match */

struct replay_match {
	__u16 number; /* of the rule in the ruleset */
	bool user; /* the live system decides it on the user side */
	/* header.sequence of the events that led to it, the last is the event itself */
	size_t evidence_count;
	__u64 evidence[REPLAY_EVIDENCE_MAX];
};

/* What one rule did so far. */
struct replay_count {
	__u64 matches, folded;
};

struct replay;

/* Both are borrowed until replay_free(). -ENOMEM. */
int replay_new(struct replay **ret_replay, const struct ruleset *rules,
	       const struct compiled *compiled);
void replay_free(struct replay *replay);
DEFINE_CLEANUP(struct replay *, replay_free)

/* Evaluates the event, whose time is not before that of the one before it in its session.
 * 0 or -ENOMEM. */
int replay_event(struct replay *replay, const struct event_view *view);

/* The matches of the last event, in the order of the ruleset. */
const struct replay_match *replay_matches(const struct replay *replay, size_t *ret_count);

/* Whether the rule was true of the last event: also one that tells nothing by itself. */
bool replay_is_true(const struct replay *replay, size_t number);

/* By rule. */
const struct replay_count *replay_counts(const struct replay *replay);

/* What rules may have missed because of a limit, running totals. */
struct replay_losses {
	__u64 sessions, groups, values; /* of correlations: see struct evaluator_losses */
	__u64 undecided; /* events that a regular expression took too long on */
	__u16 undecided_rule; /* one that has it */
	__u64 crowded; /* events of more tests that hold, or steps, than are followed in one */
};

void replay_losses(const struct replay *replay, struct replay_losses *ret_losses);

#endif
