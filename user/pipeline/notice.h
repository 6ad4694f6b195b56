/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the alert log that are no alerts: what was lost, and matches that were
 * only counted.
 */
#ifndef FERMATA_NOTICE_H
#define FERMATA_NOTICE_H

#include "pipeline/alert.h"
#include "pipeline/enrich.h"

/*
 * event.kind "pipeline_error", event.action "loss", with fermata.loss {cause, count} and in
 * event.reason what it means. `cause` is a row of loss_table. Returns 0 or out->error.
 */
int notice_loss(struct buffer *out, unsigned int cause, __u64 count,
		const struct alert_stamp *stamp, const struct alert_origin *origin,
		__u64 generation, __u64 wall);

/*
 * event.kind "event", event.action "folded_matches", with the rule, the agent, and
 * fermata.folded: that many matches of the rule had no alert of their own and no alert
 * after them that could say so.
 */
int notice_folded(struct buffer *out, const struct rule *rule, __u64 count,
		  const struct agent_texts *agent, const struct alert_stamp *stamp,
		  const struct alert_origin *origin, __u64 generation, __u64 wall);

#endif
