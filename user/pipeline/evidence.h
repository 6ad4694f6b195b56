/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which events led to a correlation: the user side's shadow of a session's correlations,
 * whichever side advances them. Where correlate.h keeps times, this keeps events, by the
 * same rules, so that the alert can name them:
 *
 * temporal_ordered  every step of the chain
 * temporal          for every step that was taken within the time span the latest event
 * the others        the last events within the time span, at most STEPS_MAX
 *
 * Bounded: a session has at most EVIDENCE_GROUPS_MAX groups, of at most EVIDENCE_BYTES_MAX
 * bytes. One more: the one that was touched least recently is forgotten, and counted.
 */
#ifndef FERMATA_EVIDENCE_H
#define FERMATA_EVIDENCE_H

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "pipeline/event_view.h"
#include "pipeline/measure.h"
#include "policy.h"

#define EVIDENCE_GROUPS_MAX 4096
#define EVIDENCE_BYTES_MAX (16u << 20)

/* One event, shared by all chains that it is part of. */
struct evidence_event {
	unsigned int references;
	__u64 number; /* in which it came; times may be in another order */
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 sequence; /* of its record; of a recorded event its line */
	struct buffer json; /* an object: the brief fields of event_json.h */
	struct buffer words; /* "cat[4709] read /home/u/.aws/credentials" */
};

/* A chain, from its last event back to its first. */
struct evidence_link {
	unsigned int references;
	__u32 rule; /* the step */
	__u32 length;
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
 * Takes the event into the chains of the correlations that the matched rules are steps of;
 * the matches are certain. 0 or -ENOMEM, -ENOSPC: some chain lacks it.
 */
int evidence_note(struct evidence *evidence, const struct event_view *view,
		  const struct match *matches, size_t match_count, struct clock *clock);

/* What led to a correlation. */
struct led_to {
	const struct evidence_link *last; /* the event that completed it; NULL: none is known */
	bool whole; /* as far as it is to be named */
	struct reached count; /* of event_count; else count 0 */
};

/* What led to that correlation, which the event of that time completed. Borrowed until the
 * next call of evidence_note(). */
void evidence_find(const struct evidence *evidence, __u32 rule, __u64 time,
		   struct led_to *ret_led_to);

/* How many groups were forgotten, running total. */
__u64 evidence_forgotten(const struct evidence *evidence);

#endif
