/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/replay.h"

#include <errno.h>
#include <string.h>

#include "pipeline/evaluate.h"
#include "pipeline/policy_rows.h"

struct session_evidence {
	__u64 session;
	__u64 touched; /* number of the event that used it last */
	struct evidence *evidence; /* owned; NULL: the row is free */
};

struct replay {
	const struct ruleset *rules;
	const struct compiled *compiled;
	struct evaluator *evaluator;
	/* sees what the kernel sees; NULL until a rule matches that may need confirmation */
	struct evaluator *kernel;
	struct session_evidence sessions[REPLAY_SESSIONS_MAX];
	__u64 events;
	struct clock clock; /* nobody reads the times of this evidence */
	struct replay_count *counts;
	struct replay_losses losses; /* but for those of correlations */
	size_t match_count;
	struct replay_match *matches; /* as many as there are rules */
};

int replay_new(struct replay **ret_replay, const struct ruleset *rules,
	       const struct compiled *compiled)
{
	_cleanup_(replay_freep) struct replay *replay = calloc(1, sizeof(*replay));
	int r;

	if (!replay)
		return -ENOMEM;
	replay->rules = rules;
	replay->compiled = compiled;
	replay->clock.fixed = true;
	r = evaluator_new(&replay->evaluator, compiled->policy);
	if (r < 0)
		return r;
	replay->counts = calloc(rules->count + 1, sizeof(*replay->counts));
	replay->matches = calloc(rules->count + 1, sizeof(*replay->matches));
	if (!replay->counts || !replay->matches)
		return -ENOMEM;
	*ret_replay = take_ptr(replay);
	return 0;
}

void replay_free(struct replay *replay)
{
	for (size_t i = 0; i < REPLAY_SESSIONS_MAX; i++)
		evidence_freep(&replay->sessions[i].evidence);
	evaluator_freep(&replay->evaluator);
	evaluator_freep(&replay->kernel);
	free(replay->counts);
	free(replay->matches);
	free(replay);
}

/* The session's evidence, a new one if there is none. NULL: no memory. */
static struct evidence *evidence_of(struct replay *replay, __u64 session)
{
	struct session_evidence *row = &replay->sessions[0], *each = row;

	for (; each < replay->sessions + REPLAY_SESSIONS_MAX; each++) {
		if (each->evidence && each->session == session) {
			each->touched = replay->events;
			return each->evidence;
		}
		if (row->evidence && (!each->evidence || each->touched < row->touched))
			row = each;
	}
	evidence_freep(&row->evidence);
	*row = (struct session_evidence) { .session = session, .touched = replay->events };
	if (evidence_new(&row->evidence, replay->compiled->policy) < 0)
		return NULL;
	return row->evidence;
}

static int compare_rules(const void *a, const void *b)
{
	return (int)((const struct match *)a)->rule - (int)((const struct match *)b)->rule;
}

/* All rules that are true of the event, ascending. Returns how many. */
static size_t rules_collect(const struct replay *replay, const struct verdict *verdict,
			    struct match matched[RULES_MAX])
{
	size_t count = 0;

	if (verdict->matches <= MATCHES_MAX) {
		memcpy(matched, verdict->match, verdict->matches * sizeof(*matched));
		qsort(matched, verdict->matches, sizeof(*matched), compare_rules);
		return verdict->matches;
	}
	for (__u32 rule = 0; rule < replay->rules->count; rule++) {
		if (!evaluator_matched(replay->evaluator, (__u16)rule))
			continue;
		matched[count++] = (struct match) { (__u16)rule,
						    evaluator_folded(replay->evaluator, (__u16)rule)
							    ? MATCH_FOLDED
							    : 0 };
	}
	return count;
}

/* Whether the live system decides the match on the user side. */
static int find_where(struct replay *replay, const struct event_view *view, __u16 number,
		      bool *ret_user)
{
	const struct policy *policy = replay->compiled->policy;
	__u8 flags = policy_rule_row(policy, number)->flags;
	struct verdict verdict;
	int r;

	*ret_user = flags & RULE_USER;
	if (flags & RULE_CORRELATION || !replay->compiled->rules[number].confirm)
		return 0;
	if (!replay->kernel) {
		r = evaluator_new(&replay->kernel, policy);
		if (r < 0)
			return r;
	}
	r = evaluate(replay->kernel, view, SIDE_KERNEL, &verdict);
	if (r < 0)
		return r;
	*ret_user = !evaluator_matched(replay->kernel, number);
	return 0;
}

/* The chain's events, first to last, of which the event at hand is the last. */
static void take_chain(struct replay_match *match, const struct evidence_link *chain, __u64 event)
{
	size_t count = 0, skipped;

	for (const struct evidence_link *link = chain; link; link = link->before)
		count++;
	skipped = count > REPLAY_EVIDENCE_MAX ? count - REPLAY_EVIDENCE_MAX : 0;
	match->evidence_count = count - skipped;
	for (const struct evidence_link *link = chain; link && count > skipped; link = link->before)
		match->evidence[--count - skipped] = link->event->sequence;
	if (!chain) {
		match->evidence[0] = event;
		match->evidence_count = 1;
	}
}

static int keep_evidence(struct replay *replay, const struct event_view *view,
			 const struct match *matched, size_t count, struct evidence **ret_evidence)
{
	bool step = false;

	for (size_t i = 0; i < count; i++) {
		const struct policy_rule *row =
			policy_rule_row(replay->compiled->policy, matched[i].rule);

		step = step || row->step_count || row->user_step_count;
	}
	if (!step)
		return 0;
	*ret_evidence = evidence_of(replay, view->record->header.session);
	if (!*ret_evidence)
		return -ENOMEM;
	return evidence_note(*ret_evidence, view, matched, count, &replay->clock);
}

static int take_match(struct replay *replay, const struct event_view *view,
		      const struct match *matched, const struct evidence *evidence)
{
	const struct record_header *header = &view->record->header;
	struct replay_match *match = &replay->matches[replay->match_count];
	struct led_to led_to = { 0 };

	if (replay->rules->rules[matched->rule]->silent)
		return 0;
	if (matched->flags & MATCH_FOLDED) {
		replay->counts[matched->rule].folded++;
		return 0;
	}
	replay->counts[matched->rule].matches++;
	match->number = matched->rule;
	if (evidence && !replay->rules->rules[matched->rule]->condition)
		evidence_find(evidence, matched->rule, header->time, &led_to);
	take_chain(match, led_to.last, header->sequence);
	replay->match_count++;
	return find_where(replay, view, matched->rule, &match->user);
}

/* What the evaluator had to leave out of the event. */
static void count_losses(struct replay *replay, const struct event_view *view)
{
	struct replay_losses *losses = &replay->losses;
	__u64 all = ~0ULL;
	__u16 rule;

	losses->crowded += evaluator_incomplete(replay->evaluator) == all &&
			   view->record->header.incomplete != all;
	if (!evaluator_undecided(replay->evaluator, &rule))
		return;
	losses->undecided++;
	losses->undecided_rule = rule;
}

int replay_event(struct replay *replay, const struct event_view *view)
{
	struct evidence *evidence = NULL;
	struct match matched[RULES_MAX];
	struct verdict verdict;
	size_t count;
	int r = evaluate(replay->evaluator, view, SIDE_ALL, &verdict);

	replay->events++;
	replay->match_count = 0;
	if (r < 0)
		return r;
	count_losses(replay, view);
	if (!r)
		return 0;
	count = rules_collect(replay, &verdict, matched);
	r = keep_evidence(replay, view, matched, count, &evidence);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = take_match(replay, view, &matched[i], evidence);
	return r < 0 ? r : 0;
}

const struct replay_match *replay_matches(const struct replay *replay, size_t *ret_count)
{
	*ret_count = replay->match_count;
	return replay->matches;
}

bool replay_is_true(const struct replay *replay, size_t number)
{
	return number < RULES_MAX && evaluator_matched(replay->evaluator, (__u16)number);
}

const struct replay_count *replay_counts(const struct replay *replay)
{
	return replay->counts;
}

void replay_losses(const struct replay *replay, struct replay_losses *ret_losses)
{
	struct evaluator_losses losses;

	evaluator_losses(replay->evaluator, &losses);
	*ret_losses = replay->losses;
	ret_losses->sessions = losses.sessions;
	ret_losses->groups = losses.groups;
	ret_losses->values = losses.values;
}
