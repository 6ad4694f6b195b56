/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alert record (NDJSON, Elastic Common Schema): who, what, why, what was done.
 */
#ifndef FERMATA_ALERT_H
#define FERMATA_ALERT_H

#include "base/buffer.h"
#include "base/clock.h"
#include "pipeline/event_view.h"
#include "pipeline/evidence.h"
#include "rules/rule.h"

/* Bytes of a record that always suffice for the event's texts and a whole chain; rules with
 * longer texts of their own are told without those. */
#define ALERT_BYTES_MAX (1536u << 10)

/* What was done about an event, by whichever side did the more. */
struct outcome {
	unsigned int done; /* enum done */
	enum shell shell; /* SHELL_none: the user side */
	__u64 latency; /* ns from the act to the answer */
	bool gone; /* the process had ended before the user side could kill it */
};

/* Says who writes the records, and under which policy. */
struct alert_origin {
	const char *host; /* NULL: not known */
	__u8 policy_sha256[32];
};

/* One match of one rule. All is borrowed. */
struct alert {
	const struct event_view *view;
	/* NULL: no rule asked, the safe answer was taken (RECORD_REFUSED) */
	const struct rule *rule;
	unsigned int flags; /* enum match_flag */
	struct outcome outcome;
	/* matches of this rule in this session that were only counted since its last
	 * alert */
	__u64 folded;
	/* matches of this event beyond those that the record names: their alerts are
	 * missing */
	__u64 unnamed;
	const struct ruleset *rules; /* the steps of the evidence refer to it */
	/* of a correlation: what led to it, and the number that it has reached (fermata.
	 * correlation.value; temporal and temporal_ordered have none: count 0) */
	struct led_to led_to;
	struct reached reached;
};

/* What names a record: its place in the log, and its id. */
struct alert_stamp {
	__u64 seq;
	const char *id; /* UUID */
};

/*
 * Writes the record with its newline into `out`, which the caller has emptied. The
 * verdict is denied | killed | alerted, or would-RESPONSE when it was simulated.
 * -ENOSPC: it is longer than ALERT_BYTES_MAX even without what the author of the rule
 * wrote; -ENOMEM.
 */
int alert_write(struct buffer *out, const struct alert *alert, const struct alert_stamp *stamp,
		const struct alert_origin *origin, struct clock *clock);

/* "killed" and so on: the verdict of an outcome in which `asked` was asked for. */
const char *outcome_verdict(char text[32], const struct outcome *outcome, enum response asked);

/* Whether the act was kept from taking effect. */
bool outcome_stopped(const struct outcome *outcome);

/* The response the rule asked for. */
enum response alert_asked(const struct alert *alert);

/*
 * The head of every record that Fermata writes: event.id, event.kind, event.module,
 * host.name, ecs.version, fermata.seq, fermata.policy.
 */
struct json_tree;
void alert_add_head(struct json_tree *tree, const char *kind, const struct alert_stamp *stamp,
		    const struct alert_origin *origin, __u64 generation);

#endif
