/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pipeline keeps about one session while it lives.
 */
#ifndef FERMATA_SESSION_H
#define FERMATA_SESSION_H

#include "base/cleanup.h"
#include "pipeline/enrich.h"
#include "pipeline/evidence.h"
#include "pipeline/pipeline.h"

struct session {
	__u64 id;
	__u32 row;
	bool observe;
	bool finished; /* the responder was asked to kill the whole tree */
	struct agent_texts texts; /* owned */
	struct evidence *evidence;
	__u64 *folded; /* by rule: matches that no alert has told yet */
	size_t rule_count;
};

/* A session of that agent under that policy, which is borrowed. -ENOMEM. */
int session_new(struct session **ret_session, const struct pipeline_agent *agent,
		const struct policy *policy);
void session_free(struct session *session);
DEFINE_CLEANUP(struct session *, session_free)

#endif
