/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/evaluate.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "pipeline/confirm.h"
#include "pipeline/policy_rows.h"
#include "pipeline/texts.h"

/* The correlations of one session. */
struct followed {
	struct recent_row row; /* its key is the session */
	struct evaluator *evaluator;
	struct chains *chains; /* owned; NULL where the kernel has them */
	struct groups groups;
};

struct evaluator {
	const struct policy *policy;
	struct confirmer *confirmer;
	struct undecided undecided; /* of the last event */
	struct correlator *correlator; /* NULL: the user side has no correlations */
	struct recent sessions;
	__u64 groups_forgotten; /* by sessions that are not followed any more */
	struct work work;
};

static void followed_free(struct followed *followed)
{
	groups_done(&followed->groups);
	free(followed->chains);
	free(followed);
}
DEFINE_CLEANUP(struct followed *, followed_free)

static void followed_release(struct recent_row *row)
{
	struct followed *followed = (struct followed *)row;

	followed->evaluator->groups_forgotten += followed->groups.table.evicted;
	followed_free(followed);
}

int evaluator_new(struct evaluator **ret_evaluator, const struct policy *policy)
{
	_cleanup_(evaluator_freep) struct evaluator *evaluator = calloc(1, sizeof(*evaluator));
	int r;

	if (!evaluator)
		return -ENOMEM;
	evaluator->policy = policy;
	recent_init(&evaluator->sessions, EVALUATOR_SESSIONS_MAX, SIZE_MAX, followed_release);
	r = confirmer_new(&evaluator->confirmer, policy);
	if (!r)
		r = correlator_new(&evaluator->correlator, policy);
	if (r < 0)
		return r;
	*ret_evaluator = take_ptr(evaluator);
	return 0;
}

void evaluator_free(struct evaluator *evaluator)
{
	recent_done(&evaluator->sessions);
	if (evaluator->correlator)
		correlator_free(evaluator->correlator);
	confirmer_freep(&evaluator->confirmer);
	free(evaluator);
}

static struct followed *session_find(struct evaluator *evaluator, __u64 session)
{
	return (struct followed *)recent_find(&evaluator->sessions, 0,
					      &(struct fingerprint) { { session } });
}

/* The correlation state of the session. `chains`: also that which the kernel has. */
static int session_get(struct evaluator *evaluator, __u64 session, bool chains,
		       struct followed **ret_followed)
{
	_cleanup_(followed_freep) struct followed *made = NULL;
	struct followed *followed = session_find(evaluator, session);
	int r;

	if (!followed) {
		made = calloc(1, sizeof(*made));
		if (!made)
			return -ENOMEM;
		made->evaluator = evaluator;
		made->row.key.half[0] = session;
		groups_init(&made->groups);
		r = recent_add(&evaluator->sessions, &made->row);
		if (r < 0)
			return r;
		followed = take_ptr(made);
	}
	if (chains && !followed->chains)
		followed->chains = calloc(1, sizeof(*followed->chains));
	if (chains && !followed->chains)
		return -ENOMEM;
	*ret_followed = followed;
	return 0;
}

void evaluator_forget(struct evaluator *evaluator, __u64 session)
{
	struct followed *followed = session_find(evaluator, session);

	if (followed)
		recent_remove(&evaluator->sessions, &followed->row);
}

void evaluator_losses(const struct evaluator *evaluator, struct evaluator_losses *ret_losses)
{
	struct evaluator_losses losses = {
		.sessions = evaluator->sessions.evicted,
		.groups = evaluator->groups_forgotten,
		.values = evaluator->correlator ? evaluator->correlator->values_lost : 0,
	};

	for (const struct recent_row *row = evaluator->sessions.newest; row; row = row->older)
		losses.groups += ((const struct followed *)row)->groups.table.evicted;
	*ret_losses = losses;
}

const struct reached *evaluator_reached(const struct evaluator *evaluator, __u16 rule)
{
	return evaluator->correlator ? correlator_reached(evaluator->correlator, rule) : NULL;
}

static bool has_rule(const __u64 set[RULES_MAX / 64], __u16 rule)
{
	return rule < RULES_MAX && set[rule / 64] >> (rule & 63) & 1;
}

bool evaluator_matched(const struct evaluator *evaluator, __u16 rule)
{
	return has_rule(evaluator->work.rule, rule);
}

bool evaluator_folded(const struct evaluator *evaluator, __u16 rule)
{
	return has_rule(evaluator->work.candidate, rule);
}

__u64 evaluator_incomplete(const struct evaluator *evaluator)
{
	return evaluator->work.record.header.incomplete;
}

static bool clause_has(const struct policy_clause *clause, __u16 atom)
{
	for (__u32 i = 0; i < clause->count; i++)
		if (LITERAL_ATOM(clause->literal[i]) == atom)
			return true;
	return false;
}

size_t evaluator_undecided(const struct evaluator *evaluator, __u16 *ret_rule)
{
	const struct policy *policy = evaluator->policy;

	*ret_rule = 0;
	for (__u32 i = 0; evaluator->undecided.count && i < policy->clause_count; i++)
		if (clause_has(policy_clause_row(policy, i), evaluator->undecided.atom)) {
			*ret_rule = policy_clause_row(policy, i)->rule;
			break;
		}
	return evaluator->undecided.count;
}

static void match_texts(struct evaluator *evaluator, const struct event_view *view)
{
	struct work *work = &evaluator->work;
	struct matching matching = { work, evaluator->policy, &work->text };

	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if (field->kind == KIND_time && event_view_has(view, field))
			hold_list(&matching, evaluator->policy->field[i].exists);
		if (field->kind != KIND_text || !view->text[i].data)
			continue;
		text_fill(&work->text, i, view->text[i]);
		if (work->text.incomplete)
			work->record.header.incomplete |= SLOT_BIT(field->slot);
		match_text(&matching, i);
		if (field_tested_as(i) != i)
			match_text(&matching, field_tested_as(i));
	}
}

int evaluate(struct evaluator *evaluator, const struct event_view *view, enum side side,
	     struct verdict *ret_verdict)
{
	struct work *work = &evaluator->work;
	struct matching matching = { work, evaluator->policy, &work->text };
	struct deciding deciding = {
		.work = work, .policy = evaluator->policy, .side = side, .early = view->early
	};
	struct followed *followed = NULL;
	int r;

	if (evaluator->policy->correlation_count) {
		r = session_get(evaluator, view->record->header.session, side != SIDE_CONFIRM,
				&followed);
		if (r < 0)
			return r;
		deciding.chains = followed->chains;
	}
	work_forget(work);
	work->record = *view->record;
	work->record.header.verdict = (struct verdict) { 0 };
	match_texts(evaluator, view);
	match_numbers(&matching);
	confirmer_confirm(evaluator->confirmer, work, view, &evaluator->undecided);
	r = decide(&deciding);
	if (evaluator->correlator && side != SIDE_KERNEL) {
		r = correlate(evaluator->correlator, &followed->groups, &deciding, view);
		r = r < 0 ? r : decided(work);
	}
	*ret_verdict = work->record.header.verdict;
	return r;
}
