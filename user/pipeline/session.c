/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of a session's state is allocated when it begins: nothing in it grows with what
 * the agent does but the evidence, which the policy bounds.
 */
#include "pipeline/session.h"

#include <errno.h>
#include <string.h>

static int copy_string(const char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

int session_new(struct session **ret_session, const struct pipeline_agent *agent,
		const struct policy *policy)
{
	_cleanup_(session_freep) struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return -ENOMEM;
	session->id = agent->session;
	session->row = agent->row;
	session->observe = agent->observe;
	session->rule_count = policy->rule_count;
	session->folded = calloc(policy->rule_count + 1, sizeof(*session->folded));
	if (!session->folded || copy_string(&session->texts.name, agent->name) < 0 ||
	    copy_string(&session->texts.id, agent->id) < 0 ||
	    copy_string(&session->texts.profile, agent->profile) < 0 ||
	    evidence_new(&session->evidence, policy) < 0)
		return -ENOMEM;
	*ret_session = take_ptr(session);
	return 0;
}

void session_free(struct session *session)
{
	if (session->evidence)
		evidence_free(session->evidence);
	free(session->folded);
	free((char *)session->texts.name);
	free((char *)session->texts.id);
	free((char *)session->texts.profile);
	free(session);
}
