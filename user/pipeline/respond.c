/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strongest response of the matches that are the user side's is carried out, unless
 * the kernel has done as much for another rule.
 */
#include "pipeline/respond.h"

#include <errno.h>

#include "base/clock.h"

/* What has to be done that the kernel has not done. */
static unsigned int still_to_do(const struct ruleset *rules, const struct decision *decision)
{
	enum response strongest = RESPONSE_alert;
	unsigned int wanted = 0;

	for (size_t i = decision->by_kernel; i < decision->count; i++) {
		const struct rule *rule = rules->rules[decision->match[i].rule];

		if (!rule->silent && rule->response > strongest)
			strongest = rule->response;
	}
	if (strongest >= RESPONSE_kill)
		wanted |= DONE_KILLED;
	if (strongest == RESPONSE_kill_agent)
		wanted |= DONE_CONDEMNED;
	return wanted & ~decision->outcome.done;
}

static int kill_one(const struct responder *responder, const struct record_header *header)
{
	if (!responder->kill_process)
		return -EOPNOTSUPP;
	return responder->kill_process(responder->context, (__u32)header->common.process_id,
				       header->start_time);
}

static int kill_all(const struct responder *responder, const struct record_header *header,
		    struct session *session)
{
	if (session && session->finished)
		return 0;
	if (session)
		session->finished = true;
	if (!responder->kill_agent)
		return -EOPNOTSUPP;
	return responder->kill_agent(responder->context, header->agent, header->session);
}

/* The kernel condemned the session and killed who acted; the others are killed here. */
static int finish(const struct responder *responder, const struct record_header *header,
		  struct session *session, const struct decision *decision)
{
	int r;

	if (!(decision->outcome.done & DONE_CONDEMNED) || decision->outcome.done & DONE_SIMULATED)
		return 0;
	r = kill_all(responder, header, session);
	return r == -ESRCH ? 0 : r;
}

int respond(const struct responder *responder, const struct event_view *view,
	    struct session *session, const struct ruleset *rules, struct decision *decision)
{
	const struct record_header *header = &view->record->header;
	struct outcome *outcome = &decision->outcome;
	unsigned int wanted = still_to_do(rules, decision);
	/* the act went on unless the kernel stopped it for another rule */
	unsigned int after = outcome_stopped(outcome) ? 0 : DONE_AFTER;
	int r = finish(responder, header, session, decision);

	if (!wanted)
		return r;
	if (session && session->observe) {
		outcome->done |= wanted | after | DONE_SIMULATED;
		return r;
	}
	r = wanted & DONE_CONDEMNED ? kill_all(responder, header, session)
				    : kill_one(responder, header);
	outcome->shell = SHELL_none;
	outcome->latency = clock_boottime() - header->time;
	if (!r)
		outcome->done |= wanted | after;
	else if (r == -ESRCH)
		outcome->gone = true;
	return r == -ESRCH ? 0 : r;
}
