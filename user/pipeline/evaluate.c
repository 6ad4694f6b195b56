/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/evaluate.h"

#include <errno.h>
#include <string.h>

#include "pipeline/confirm.h"
#include "pipeline/policy_rows.h"
#include "pipeline/texts.h"

struct session_chains {
	__u64 session;
	__u64 touched; /* number of the event that used it last */
	struct chains *chains; /* owned; NULL: the row is free */
};

struct evaluator {
	const struct policy *policy;
	struct confirmer *confirmer;
	struct undecided undecided; /* of the last event */
	__u64 events, forgotten;
	struct session_chains sessions[EVALUATOR_SESSIONS_MAX];
	struct work work;
};

int evaluator_new(struct evaluator **ret_evaluator, const struct policy *policy)
{
	_cleanup_(evaluator_freep) struct evaluator *evaluator = calloc(1, sizeof(*evaluator));
	int r;

	if (!evaluator)
		return -ENOMEM;
	evaluator->policy = policy;
	r = confirmer_new(&evaluator->confirmer, policy);
	if (r < 0)
		return r;
	*ret_evaluator = take_ptr(evaluator);
	return 0;
}

void evaluator_free(struct evaluator *evaluator)
{
	for (size_t i = 0; i < EVALUATOR_SESSIONS_MAX; i++)
		free(evaluator->sessions[i].chains);
	confirmer_freep(&evaluator->confirmer);
	free(evaluator);
}

/* The row of the session, or the one that it may have: free, or idle longest. */
static struct session_chains *session_row(struct evaluator *evaluator, __u64 session)
{
	struct session_chains *best = &evaluator->sessions[0];

	for (size_t i = 0; i < EVALUATOR_SESSIONS_MAX; i++) {
		struct session_chains *row = &evaluator->sessions[i];

		if (row->chains && row->session == session)
			return row;
		if (best->chains && (!row->chains || row->touched < best->touched))
			best = row;
	}
	return best;
}

/* The correlation state of the session. */
static int session_chains_get(struct evaluator *evaluator, __u64 session,
			      struct chains **ret_chains)
{
	struct session_chains *row = session_row(evaluator, session);

	if (!row->chains) {
		row->chains = calloc(1, sizeof(*row->chains));
		if (!row->chains)
			return -ENOMEM;
	} else if (row->session != session) {
		memset(row->chains, 0, sizeof(*row->chains));
		evaluator->forgotten++;
	}
	row->session = session;
	row->touched = evaluator->events;
	*ret_chains = row->chains;
	return 0;
}

void evaluator_forget(struct evaluator *evaluator, __u64 session)
{
	struct session_chains *row = session_row(evaluator, session);

	if (!row->chains || row->session != session)
		return;
	free(row->chains);
	*row = (struct session_chains) { 0 };
}

__u64 evaluator_forgotten(const struct evaluator *evaluator)
{
	return evaluator->forgotten;
}

bool evaluator_matched(const struct evaluator *evaluator, __u16 rule)
{
	return rule < RULES_MAX && evaluator->work.rule[rule / 64] >> (rule & 63) & 1;
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
	int r;

	evaluator->events++;
	if (evaluator->policy->correlation_count) {
		r = session_chains_get(evaluator, view->record->header.session, &deciding.chains);
		if (r < 0)
			return r;
	}
	work_forget(work);
	work->record = *view->record;
	work->record.header.verdict = (struct verdict) { 0 };
	match_texts(evaluator, view);
	match_numbers(&matching);
	confirmer_confirm(evaluator->confirmer, work, view, &evaluator->undecided);
	r = decide(&deciding);
	*ret_verdict = work->record.header.verdict;
	return r;
}
