/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file to read first. A record comes from a ring and goes through
 *
 *	decode → enrich → evaluate → respond → alert log → recording
 *
 * in pipeline_record() and event_take(), which are that sentence; each word is a file
 * beside this one. Records of the verdict ring carry what the kernel decided and did.
 * Those of the telemetry ring tell of processes that come and go, so that a later verdict
 * can say who it was about.
 */
#include "pipeline/pipeline.h"

#include <errno.h>

#include "base/log.h"
#include "pipeline/decision.h"
#include "pipeline/decode.h"
#include "pipeline/enrich.h"
#include "pipeline/evaluate.h"
#include "pipeline/flat_event.h"
#include "pipeline/loss.h"
#include "pipeline/recording.h"
#include "pipeline/respond.h"
#include "pipeline/session.h"
#include "pipeline/teller.h"
#include "rules/step.h"

/* The rules that records of one generation are told by, and what is kept for them. */
struct regime {
	const struct ruleset *rules;
	const struct compiled *compiled;
	struct evaluator *evaluator;
	struct evaluator_losses losses; /* of it, counted so far */
	struct session *session[AGENTS_MAX]; /* by row */
};

struct pipeline {
	struct pipeline_config config; /* rules and compiled: those of `regime` */
	struct regime *regime; /* what is told now is told by it: one of these two */
	struct regime *present, *former; /* former: NULL before the first switch */
	struct process_table *processes;
	struct enricher *enricher;
	struct losses *losses;
	struct teller *teller;
	struct pipeline_counters counters;
	/* the current event, and the one that is taken to catch up with it */
	struct event_view view[2];
	struct decision decision; /* about the current event */
	__u64 warned[RULES_MAX / 64]; /* by rule: that a test of it was given up */
	struct buffer facts; /* of its process, in words for the recording */
	bool catching_up;
};

DEFINE_CLEANUP(struct pipeline *, pipeline_free)

static void regime_free(struct regime *regime)
{
	for (size_t row = 0; row < AGENTS_MAX; row++)
		if (regime->session[row])
			session_free(regime->session[row]);
	evaluator_freep(&regime->evaluator);
	free(regime);
}

DEFINE_CLEANUP(struct regime *, regime_free)

static int regime_new(struct regime **ret_regime, const struct ruleset *rules,
		      const struct compiled *compiled)
{
	_cleanup_(regime_freep) struct regime *regime = calloc(1, sizeof(*regime));
	int r;

	if (!regime)
		return -ENOMEM;
	if (rules->count != compiled->policy->rule_count)
		return -EINVAL;
	regime->rules = rules;
	regime->compiled = compiled;
	r = evaluator_new(&regime->evaluator, compiled->policy);
	if (r < 0)
		return r;
	*ret_regime = take_ptr(regime);
	return 0;
}

/* What follows is about events that were decided by it. */
static void regime_use(struct pipeline *p, struct regime *regime)
{
	if (p->regime == regime)
		return;
	p->regime = regime;
	p->config.rules = regime->rules;
	p->config.compiled = regime->compiled;
	if (p->teller)
		teller_policy(p->teller, regime->compiled->policy);
}

static struct regime *regime_of(const struct pipeline *p, const struct record_header *header)
{
	return p->former && header->generation == p->former->compiled->policy->generation
		       ? p->former
		       : p->present;
}

/* Numbers go on from where they stood. */
static int losses_begin(struct pipeline *p, const struct pipeline_config *config)
{
	int r = losses_new(&p->losses);

	for (__u32 cpu = 0; !r && config->before && cpu < config->cpus; cpu++)
		for (int ring = 0; !r && ring < RING_MAX; ring++)
			r = losses_expect(p->losses, (enum ring_kind)ring, cpu,
					  config->before[cpu].sequence[ring]);
	return r;
}

int pipeline_new(struct pipeline **ret_pipeline, const struct pipeline_config *config)
{
	_cleanup_(pipeline_freep) struct pipeline *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	r = regime_new(&p->present, config->rules, config->compiled);
	if (r < 0)
		return r;
	p->config = *config;
	regime_use(p, p->present);
	buffer_init(&p->facts, FLAT_EVENT_MAX);
	if (!p->config.root)
		p->config.root = "";
	r = process_table_new(&p->processes, p->config.root, PROCESSES_MAX, PROCESSES_BYTES_MAX);
	if (!r)
		r = enricher_new(&p->enricher, p->processes, p->config.root, config->cgroup_path);
	if (!r)
		r = losses_begin(p, config);
	if (!r)
		r = teller_new(&p->teller, &p->config, &p->counters, p->losses);
	if (r < 0)
		return r;
	*ret_pipeline = take_ptr(p);
	return 0;
}

void pipeline_free(struct pipeline *p)
{
	regime_freep(&p->present);
	regime_freep(&p->former);
	if (p->teller)
		teller_free(p->teller);
	if (p->losses)
		losses_free(p->losses);
	if (p->enricher)
		enricher_free(p->enricher);
	if (p->processes)
		process_table_free(p->processes);
	buffer_done(&p->facts);
	free(p);
}

int pipeline_session_begin(struct pipeline *p, const struct pipeline_agent *agent)
{
	if (agent->row >= AGENTS_MAX || !agent->session)
		return -EINVAL;
	if (p->present->session[agent->row])
		return -EEXIST;
	return session_new(&p->present->session[agent->row], agent, p->present->compiled->policy);
}

/* Its agent goes on, under other rules. */
static int session_continue(struct regime *next, const struct session *session)
{
	return session_new(&next->session[session->row],
			   &(struct pipeline_agent) { .row = session->row,
						      .session = session->id,
						      .name = session->texts.name,
						      .id = session->texts.id,
						      .profile = session->texts.profile,
						      .observe = session->observe },
			   next->compiled->policy);
}

/* Tells what was only counted, and forgets the session. */
static void session_finish(struct pipeline *p, struct regime *regime, __u32 row)
{
	struct session *session = regime->session[row];

	if (!session)
		return;
	regime_use(p, regime);
	for (size_t rule = 0; rule < session->rule_count; rule++)
		if (session->folded[rule])
			teller_folded(p->teller, session, (__u32)rule, session->folded[rule]);
	evaluator_forget(regime->evaluator, session->id);
	session_free(session);
	regime->session[row] = NULL;
}

/* No record of it comes any more. */
static void former_end(struct pipeline *p)
{
	for (__u32 row = 0; p->former && row < AGENTS_MAX; row++)
		session_finish(p, p->former, row);
	regime_use(p, p->present);
	regime_freep(&p->former);
	p->former = NULL;
}

int pipeline_policy(struct pipeline *p, const struct ruleset *rules,
		    const struct compiled *compiled)
{
	_cleanup_(regime_freep) struct regime *next = NULL;
	int r = regime_new(&next, rules, compiled);

	for (size_t row = 0; !r && row < AGENTS_MAX; row++)
		if (p->present->session[row])
			r = session_continue(next, p->present->session[row]);
	if (r < 0)
		return r;
	former_end(p);
	p->former = p->present;
	p->present = take_ptr(next);
	regime_use(p, p->present);
	return 0;
}

int pipeline_renew(const struct pipeline *p, const struct policy *policy, renewal_fn take,
		   void *context)
{
	return renew(p->processes, policy, take, context);
}

/* What the recording could not take is a loss. */
static void recording_took(struct pipeline *p, int r)
{
	const struct responder *responder = &p->config.responder;

	losses_count(p->losses, USER_LOSS_recording, recording_lost(p->config.recording));
	if (r < 0 && responder->recording_failed)
		responder->recording_failed(responder->context, r);
}

void pipeline_flush(struct pipeline *p, bool all)
{
	if (p->config.recording)
		recording_took(p, recording_flush(p->config.recording, all));
}

void pipeline_session_end(struct pipeline *p, __u32 row)
{
	pipeline_flush(p, true);
	if (row >= AGENTS_MAX)
		return;
	if (p->former)
		session_finish(p, p->former, row);
	session_finish(p, p->present, row);
}

/* The session of the record, or NULL: it has ended, or was never made known. */
static struct session *session_of(const struct pipeline *p, const struct record_header *header)
{
	struct session *session = p->regime->session[header->agent];

	return session && session->id == header->session ? session : NULL;
}

/* Makes sure that the process is known: its creation may wait in the other ring. */
static void catch_up(struct pipeline *p, const struct record_header *header)
{
	const struct responder *responder = &p->config.responder;

	if (!responder->catch_up || p->catching_up || !(header->flags & RECORD_VERDICT) ||
	    process_table_find(p->processes, (__u32)header->common.process_id, header->start_time,
			       header->time))
		return;
	p->catching_up = true;
	(void)responder->catch_up(responder->context); /* without: /proc, or nothing */
	p->catching_up = false;
}

/* What led to a correlation is kept before it is told. */
static void keep_evidence(struct pipeline *p, struct session *session,
			  const struct event_view *view)
{
	__u64 forgotten;

	if (!session)
		return;
	forgotten = evidence_forgotten(session->evidence);
	if (evidence_note(session->evidence, view, p->decision.match, p->decision.count,
			  teller_clock(p->teller)) < 0)
		losses_count(p->losses, USER_LOSS_evidence, 1);
	losses_count(p->losses, USER_LOSS_evidence,
		     evidence_forgotten(session->evidence) - forgotten);
}

/* What led to the match, and the number that a correlation has reached: the user side knows
 * its own, and has followed those that the kernel counts. */
static void add_evidence(struct pipeline *p, const struct session *session, struct alert *alert,
			 size_t index)
{
	__u16 rule = p->decision.match[index].rule;
	const struct reached *reached = NULL;

	if (index >= p->decision.by_kernel)
		reached = evaluator_reached(p->regime->evaluator, rule);
	evidence_find(session->evidence, rule, alert->view->record->header.time, &alert->led_to);
	if (index >= p->decision.by_kernel)
		alert->reached = reached ? *reached : (struct reached) { 0 };
	else
		alert->reached = alert->led_to.count;
}

/* One match: an alert, a count, or, for a mere step, nothing. */
static int tell_match(struct pipeline *p, struct session *session, const struct event_view *view,
		      size_t index)
{
	const struct match *match = &p->decision.match[index];
	const struct rule *rule = p->config.rules->rules[match->rule];
	struct alert alert = { .view = view,
			       .rule = rule,
			       .flags = match->flags,
			       .outcome = p->decision.outcome,
			       .unnamed = p->decision.unnamed,
			       .rules = p->config.rules };

	if (rule->silent)
		return 0;
	if (match->flags & MATCH_FOLDED) {
		p->counters.folded++;
		if (session) {
			session->folded[match->rule]++;
			return 0;
		}
	}
	if (session) {
		alert.folded = session->folded[match->rule];
		session->folded[match->rule] = 0;
		if (rule->step_count)
			add_evidence(p, session, &alert, index);
	}
	return teller_alert(p->teller, &alert);
}

/* Tells everything about the event. Returns the first error of the alert log. */
static int tell(struct pipeline *p, struct session *session, const struct event_view *view)
{
	const struct outcome *outcome = &p->decision.outcome;
	struct alert refused = { .view = view, .outcome = *outcome };
	int r = 0, q;

	if (outcome->done & DONE_SIMULATED)
		p->counters.simulated++;
	else if (outcome->done & DONE_KILLED)
		p->counters.killed++;
	else if (outcome->done & DONE_DENIED)
		p->counters.denied++;
	for (size_t i = 0; i < p->decision.count; i++) {
		q = tell_match(p, session, view, i);
		r = r < 0 ? r : q;
	}
	if (view->record->header.flags & RECORD_REFUSED)
		r = teller_alert(p->teller, &refused);
	return r;
}

/* The facts of the process are put into words once for all of its events. */
static struct bytes facts_of(struct pipeline *p, const struct event_view *view)
{
	struct bytes facts;

	if (view->process && view->process->facts.data)
		return view->process->facts;
	buffer_reset(&p->facts);
	(void)flat_facts_write(&p->facts, view); /* those that fit */
	facts = (struct bytes) { p->facts.data, p->facts.length };
	if (view->process)
		(void)process_table_keep_facts(p->processes, view->process, facts);
	return facts;
}

static void record(struct pipeline *p, const struct event_view *view)
{
	if (p->config.recording)
		recording_took(p, recording_event(p->config.recording, view, facts_of(p, view),
						  &p->decision, p->config.rules));
}

/* A rule of which a test was given up is named once. */
static void warn_undecided(struct pipeline *p)
{
	__u16 rule = p->decision.undecided_rule;
	__u64 bit = 1ULL << (rule & 63);

	if (!p->decision.undecided || p->warned[rule / 64] & bit)
		return;
	p->warned[rule / 64] |= bit;
	log_warning(0,
		    "a regular expression of '%s' took too long on an event and counts as not "
		    "matching there (a loss, 'evaluation'); rewrite it so that fewer ways lead to "
		    "the same text, without repetitions inside of repetitions",
		    rule_title(p->config.rules->rules[rule]));
}

/* What correlations had to leave out since the last call. */
static void count_forgotten(struct pipeline *p)
{
	struct evaluator_losses losses, *told = &p->regime->losses;

	evaluator_losses(p->regime->evaluator, &losses);
	losses_count(p->losses, USER_LOSS_group,
		     losses.groups + losses.sessions - told->groups - told->sessions);
	losses_count(p->losses, USER_LOSS_value, losses.values - told->values);
	*told = losses;
}

/* What the steps before had to leave out is a loss. */
static void count_losses(struct pipeline *p, int decided)
{
	if (decided == -EBADMSG)
		losses_count(p->losses, USER_LOSS_rule, 1);
	else if (decided < 0 || p->decision.unconfirmed || p->decision.undecided)
		losses_count(p->losses, USER_LOSS_evaluation, 1);
	losses_count(p->losses, USER_LOSS_match, p->decision.unnamed);
	count_forgotten(p);
	p->counters.refuted += p->decision.refuted;
	p->counters.evicted = process_table_evicted(p->processes);
}

static int event_take(struct pipeline *p, struct event_view *view)
{
	const struct record_header *header = &view->record->header;
	struct session *session;
	int r;

	(void)losses_sequence(p->losses,
			      header->flags & RECORD_VERDICT ? RING_verdict : RING_telemetry,
			      header->cpu, header->sequence);
	catch_up(p, header);
	regime_use(p, regime_of(p, header));
	session = session_of(p, header);
	enrich(p->enricher, session ? &session->texts : NULL, view);
	view->wall = clock_wall(teller_clock(p->teller), header->time);

	count_losses(p,
		     decide_certain(&p->decision, view, p->config.compiled, p->regime->evaluator));

	warn_undecided(p);
	r = respond(&p->config.responder, view, session, p->config.rules, &p->decision);
	if (r < 0)
		log_error(r, "cannot kill what a rule asks to kill (process %llu)",
			  (unsigned long long)header->common.process_id);

	keep_evidence(p, session, view);
	r = tell(p, session, view);
	record(p, view);
	return r;
}

int pipeline_record(struct pipeline *p, const void *data, size_t size)
{
	struct event_view *view = &p->view[p->catching_up];
	int r;

	p->counters.records++;
	if (decode(data, size, view) < 0) {
		losses_count(p->losses, USER_LOSS_record, 1);
		return 0;
	}
	r = event_take(p, view);
	event_view_forget(view);
	return r;
}

int pipeline_losses(struct pipeline *p, const __u64 counters[LOSS_MAX])
{
	losses_update(p->losses, counters);
	return teller_losses(p->teller);
}

const struct pipeline_counters *pipeline_counters(const struct pipeline *p)
{
	return &p->counters;
}
