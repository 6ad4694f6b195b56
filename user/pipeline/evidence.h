/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which events led to a correlation: the user side's shadow of a session's chains.
 * Where decide.h keeps the time at which a chain started, this keeps the chain's
 * events, by the same rules, so that the alert can name every step.
 *
 * Bounded by the policy: each correlation has at most one chain for each step, and a
 * chain at most STEPS_MAX events.
 */
#ifndef FERMATA_EVIDENCE_H
#define FERMATA_EVIDENCE_H

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "pipeline/event_view.h"
#include "policy.h"

/* One event, shared by all chains that it is part of. */
struct evidence_event {
	unsigned int references;
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 sequence; /* of its record; of a recorded event its line */
	struct buffer json; /* an object: the brief fields of event_json.h */
	struct buffer words; /* "cat[4709] read /home/u/.aws/credentials" */
};

/* A chain, from its last event back to its first. */
struct evidence_link {
	unsigned int references;
	__u32 rule; /* the step */
	__u64 start; /* time of the chain's first event */
	struct evidence_event *event;
	struct evidence_link *before; /* NULL: the first */
};

struct evidence;

/* For one session under one policy, which is borrowed. -ENOMEM. */
int evidence_new(struct evidence **ret_evidence, const struct policy *policy);
void evidence_free(struct evidence *evidence);
DEFINE_CLEANUP(struct evidence *, evidence_free)

/*
 * Takes the event into the chains of the correlations that the matched rules are steps
 * of; `rules` are those that match for certain. 0 or -ENOMEM, -ENOSPC: some chain lacks it.
 */
int evidence_note(struct evidence *evidence, const struct event_view *view, const __u16 *rules,
		  size_t rule_count, struct clock *clock);

/*
 * The chain of that correlation which the event of that time completed, its last event
 * first; NULL when there is none. It is whole if it has as many links as the
 * correlation has steps. Borrowed until the next call of evidence_note().
 */
const struct evidence_link *evidence_chain(const struct evidence *evidence, __u32 rule, __u64 time);

#endif
