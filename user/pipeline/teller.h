/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything that is told goes: into the alert log with its number and id, and to
 * people as a readable line. The end of the pipeline.
 */
#ifndef FERMATA_TELLER_H
#define FERMATA_TELLER_H

#include "pipeline/loss.h"
#include "pipeline/pipeline.h"
#include "pipeline/readable.h"
#include "pipeline/session.h"

struct teller;

/* The configuration, the counters and the losses are borrowed. */
int teller_new(struct teller **ret_teller, const struct pipeline_config *config,
	       struct pipeline_counters *counters, struct losses *losses);
void teller_free(struct teller *teller);
DEFINE_CLEANUP(struct teller *, teller_free)

/* What is told from here on was decided by it. */
void teller_policy(struct teller *teller, const struct policy *policy);

/* The clock that all records are stamped by. */
struct clock *teller_clock(struct teller *teller);

/* Tells an alert. 0, or the error of the alert log. Whatever could not be told is counted
 * as a loss. */
int teller_alert(struct teller *teller, const struct alert *alert);

/* Tells that matches were only counted. */
int teller_folded(struct teller *teller, const struct session *session, __u32 rule, __u64 count);

/* Tells all losses that were not told yet; those that the alert log does not take are
 * told again at the next call. */
int teller_losses(struct teller *teller);

#endif
