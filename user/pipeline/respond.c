/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strongest response of the matches that are the user side's is carried out, unless
 * the kernel has done as much for another rule.
 */
#include "pipeline/respond.h"

#include <errno.h>
#include <netinet/in.h>

#include "base/clock.h"
#include "sender.h"

#define DNS_PORT 53

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

/* The connection of a packet. Returns false for what is none. */
static bool connection_of(const struct record *record, struct connection *ret_connection)
{
	const struct event_network_send *n = &record->network_send;
	const struct event_tls_handshake *t = &record->tls_handshake;
	const struct event_dns_query *q = &record->dns_query;

	switch (record->header.event) {
	case EVENT_network_send:
		*ret_connection =
			(struct connection) { n->source_ip, n->destination_ip,
					      (__u16)n->source_port, (__u16)n->destination_port };
		return n->protocol == IPPROTO_TCP;
	case EVENT_tls_handshake:
		*ret_connection =
			(struct connection) { t->source_ip, t->destination_ip,
					      (__u16)t->source_port, (__u16)t->destination_port };
		return true;
	case EVENT_dns_query:
		*ret_connection = (struct connection) { q->source_ip, q->resolver,
							(__u16)q->source_port, DNS_PORT };
		return q->protocol == IPPROTO_TCP;
	default:
		return false;
	}
}

/* Of a packet the kernel has dropped that only: it would be sent again, and its process is to
 * be killed where that is asked for. */
static int finish_packet(const struct responder *responder, const struct record *record,
			 struct outcome *outcome)
{
	struct connection connection;
	int r = 0, q;

	if (connection_of(record, &connection) && responder->abort_connection)
		r = responder->abort_connection(responder->context, &connection,
						(__u32)record->header.common.process_id);
	if (r == -ENOENT)
		r = 0;
	if (!(outcome->done & DONE_KILLED) || outcome->done & DONE_CONDEMNED)
		return r;
	if (!record->header.common.process_id) {
		outcome->done &= ~(unsigned int)DONE_KILLED; /* nobody knows which it is */
		return r;
	}
	q = kill_one(responder, &record->header);
	if (q) {
		outcome->done &= ~(unsigned int)DONE_KILLED;
		outcome->gone = q == -ESRCH;
	}
	return q && q != -ESRCH ? q : r;
}

/* The kernel condemned the session and killed who acted; the others are killed here. */
static int finish(const struct responder *responder, const struct record *record,
		  struct session *session, struct decision *decision)
{
	struct outcome *outcome = &decision->outcome;
	int r = 0, q;

	if (outcome->done & DONE_SIMULATED)
		return 0;
	if (outcome->done & DONE_CONDEMNED)
		r = kill_all(responder, &record->header, session);
	if (r == -ESRCH)
		r = 0;
	if (outcome->shell != SHELL_packet || !(outcome->done & DONE_DENIED))
		return r;
	q = finish_packet(responder, record, outcome);
	return r ? r : q;
}

int respond(const struct responder *responder, const struct event_view *view,
	    struct session *session, const struct ruleset *rules, struct decision *decision)
{
	const struct record_header *header = &view->record->header;
	struct outcome *outcome = &decision->outcome;
	unsigned int wanted = still_to_do(rules, decision);
	/* the act went on unless the kernel stopped it for another rule */
	unsigned int after = outcome_stopped(outcome) ? 0 : DONE_AFTER;
	int r = finish(responder, view->record, session, decision);

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
