/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel matched is never less than what is true, so the user side only takes
 * away: a candidate that is none. It adds only what the kernel leaves to it, the
 * correlations that it does not advance, and what a full record could not name.
 */
#include "pipeline/decision.h"

#include <errno.h>
#include <sys/param.h>

#include "pipeline/policy_rows.h"

static bool has_match(const struct decision *decision, __u16 rule)
{
	for (size_t i = 0; i < decision->count; i++)
		if (decision->match[i].rule == rule)
			return true;
	return false;
}

static void add_match(struct decision *decision, __u16 rule, __u16 flags)
{
	if (decision->count < RULES_MAX && !has_match(decision, rule))
		decision->match[decision->count++] = (struct match) { rule, flags };
}

/* What the record says: certain matches into the decision, the others into `candidate`. */
struct named {
	size_t count; /* candidates */
	__u16 candidate[MATCHES_MAX];
	bool open; /* the evaluator has to be asked */
	bool unknown; /* a rule number is not in the policy */
};

static void take_named(struct decision *decision, const struct verdict *verdict,
		       const struct policy *policy, struct named *named)
{
	size_t told = verdict->matches < MATCHES_MAX ? verdict->matches : MATCHES_MAX;

	named->open = verdict->matches > MATCHES_MAX;
	for (size_t i = 0; i < told; i++) {
		const struct match *match = &verdict->match[i];

		if (match->rule >= policy->rule_count) {
			named->unknown = true;
			continue;
		}
		if (match->flags & MATCH_CANDIDATE) {
			named->candidate[named->count++] = match->rule;
			named->open = true;
		} else {
			add_match(decision, match->rule, match->flags);
			named->open = named->open ||
				      policy_rule_row(policy, match->rule)->user_step_count;
		}
	}
	decision->by_kernel = decision->count;
}

/* The verdict may have more matches than it names. */
static __u16 flags_in(const struct verdict *verdict, const struct evaluator *evaluator, __u16 rule)
{
	for (size_t i = 0; i < verdict->matches && i < MATCHES_MAX; i++)
		if (verdict->match[i].rule == rule)
			return verdict->match[i].flags;
	return evaluator_folded(evaluator, rule) ? MATCH_FOLDED : 0;
}

static void take_confirmed(struct decision *decision, const struct named *named,
			   const struct verdict *exact, const struct evaluator *evaluator)
{
	for (size_t i = 0; i < named->count; i++) {
		__u16 rule = named->candidate[i];

		if (evaluator_matched(evaluator, rule))
			add_match(decision, rule, flags_in(exact, evaluator, rule));
		else if (!has_match(decision, rule))
			decision->refuted++;
	}
}

/* Correlations that are the user side's, and, after a record that could not name all
 * matches (`full`), whatever else is one. Returns how many were found. */
static size_t take_others(struct decision *decision, const struct verdict *exact,
			  const struct policy *policy, const struct evaluator *evaluator, bool full)
{
	size_t before = decision->count;

	for (__u32 rule = 0; rule < policy->rule_count; rule++)
		if ((full || policy_rule_row(policy, rule)->flags & RULE_USER) &&
		    evaluator_matched(evaluator, (__u16)rule))
			add_match(decision, (__u16)rule, flags_in(exact, evaluator, (__u16)rule));
	return decision->count - before;
}

int decide_certain(struct decision *decision, const struct event_view *view,
		   const struct compiled *compiled, struct evaluator *evaluator)
{
	const struct verdict *verdict = &view->record->header.verdict;
	const struct policy *policy = compiled->policy;
	struct named named = { 0 };
	struct verdict exact;
	size_t others;
	int r;

	decision->count = decision->by_kernel = 0;
	decision->unnamed = decision->refuted = 0;
	decision->unconfirmed = false;
	decision->undecided = 0;
	decision->outcome = (struct outcome) { 0 };
	if (!(view->record->header.flags & RECORD_VERDICT))
		return 0; /* told for who it is, not decided on */
	decision->outcome.done = verdict->done;
	decision->outcome.shell = verdict->shell;
	decision->outcome.latency = verdict->latency;
	if (verdict->matches > MATCHES_MAX)
		decision->unnamed = verdict->matches - MATCHES_MAX;
	take_named(decision, verdict, policy, &named);
	if (named.open) {
		r = evaluate(evaluator, view, SIDE_CONFIRM, &exact);
		if (r < 0)
			return r;
		take_confirmed(decision, &named, &exact, evaluator);
		others = take_others(decision, &exact, policy, evaluator, decision->unnamed);
		decision->unnamed -= MIN(decision->unnamed, others);
		decision->unconfirmed =
			decision->refuted && (!view->text[FIELD_fact_image].data ||
					      !view->text[FIELD_fact_command_line].data);
		decision->undecided = evaluator_undecided(evaluator, &decision->undecided_rule);
	}
	return named.unknown ? -EBADMSG : 0;
}
