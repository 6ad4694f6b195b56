/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel matched is never less than what is true, so the user side only takes
 * away: a candidate that is none. It adds only what the kernel leaves to it, the correlations
 * with a step that needs confirmation, and what a full record could not name.
 */
#include "pipeline/decision.h"

#include <errno.h>

static const struct policy_rule *rule_at(const struct policy *policy, __u32 rule)
{
	return &POLICY_AT(policy, struct policy_rule,
			  policy->rules + rule * sizeof(struct policy_rule));
}

/* Whether the rule is a step of a correlation that the user side advances. */
static bool steps_for_user(const struct policy *policy, __u32 rule)
{
	const struct policy_rule *row = rule_at(policy, rule);

	for (__u32 i = 0; i < row->step_count; i++) {
		const struct policy_step *step = &POLICY_AT(
			policy, struct policy_step, row->steps + i * sizeof(struct policy_step));
		const struct policy_correlation *correlation =
			&POLICY_AT(policy, struct policy_correlation,
				   policy->correlations +
					   step->correlation * sizeof(struct policy_correlation));

		if (rule_at(policy, correlation->rule)->flags & RULE_USER)
			return true;
	}
	return false;
}

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
			named->open = named->open || steps_for_user(policy, match->rule);
		}
	}
	decision->by_kernel = decision->count;
}

static __u16 flags_in(const struct verdict *verdict, __u16 rule)
{
	for (size_t i = 0; i < verdict->matches && i < MATCHES_MAX; i++)
		if (verdict->match[i].rule == rule)
			return verdict->match[i].flags;
	return 0;
}

static void take_confirmed(struct decision *decision, const struct named *named,
			   const struct verdict *exact, const struct policy *policy,
			   const struct evaluator *evaluator, bool record_full)
{
	for (size_t i = 0; i < named->count; i++) {
		__u16 rule = named->candidate[i];

		if (evaluator_matched(evaluator, rule))
			add_match(decision, rule, flags_in(exact, rule));
		else if (!has_match(decision, rule))
			decision->refuted++;
	}
	for (size_t i = 0; i < policy->rule_count; i++)
		if ((record_full || rule_at(policy, i)->flags & RULE_USER) &&
		    evaluator_matched(evaluator, i))
			add_match(decision, i, flags_in(exact, i));
}

int decide_certain(struct decision *decision, const struct event_view *view,
		   const struct compiled *compiled, struct evaluator *evaluator)
{
	const struct verdict *verdict = &view->record->header.verdict;
	const struct policy *policy = compiled->policy;
	struct named named = { 0 };
	struct verdict exact;
	int r;

	decision->count = decision->by_kernel = 0;
	decision->unnamed = decision->refuted = 0;
	decision->unconfirmed = false;
	decision->outcome = (struct outcome) { 0 };
	if (!(view->record->header.flags & RECORD_VERDICT))
		return 0; /* told for who it is, not decided on */
	decision->outcome.done = verdict->done;
	decision->outcome.shell = verdict->shell;
	decision->outcome.latency = verdict->latency;
	take_named(decision, verdict, policy, &named);
	if (named.open) {
		r = evaluate(evaluator, view, SIDE_CONFIRM, &exact);
		if (r < 0)
			return r;
		take_confirmed(decision, &named, &exact, policy, evaluator,
			       verdict->matches > MATCHES_MAX);
		decision->unconfirmed =
			decision->refuted && (!view->text[FIELD_fact_image].data ||
					      !view->text[FIELD_fact_command_line].data);
	}
	if (verdict->matches > decision->count + named.count)
		decision->unnamed = verdict->matches - decision->count - named.count;
	return named.unknown ? -EBADMSG : 0;
}
