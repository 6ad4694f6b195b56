/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "pipeline/decision.h"
#include "pipeline/flat_event.h"
#include "rules/step.h"

static bool bit(const __u64 *words, size_t number)
{
	return words[number / 64] >> (number & 63) & 1;
}

static bool user_overflowed(const struct judged_event *event)
{
	return evaluator_incomplete(event->evaluator) != event->incomplete;
}

bool judge_overflowed(const struct judged_event *event)
{
	return event->kernel->incomplete != event->incomplete || user_overflowed(event);
}

/* How the match is flagged in the verdict; -1: the verdict does not name it. */
static int flags_of(const struct verdict *verdict, size_t rule)
{
	for (size_t i = 0; i < verdict->matches && i < MATCHES_MAX; i++)
		if (verdict->match[i].rule == rule && !(verdict->match[i].flags & MATCH_CANDIDATE))
			return verdict->match[i].flags;
	return -1;
}

/* A rule that the kernel side decides alone. */
static const char *judge_certain(const struct judged_event *event, size_t rule, bool overflowed,
				 struct tally *tally)
{
	const struct decided *kernel = event->kernel;
	bool enforces = event->rules->rules[rule]->response >= RESPONSE_deny;
	bool in_kernel = bit(kernel->rule, rule);
	bool in_user = evaluator_matched(event->evaluator, (__u16)rule);
	int theirs = flags_of(&kernel->verdict, rule), ours = flags_of(event->user, rule);

	if (bit(kernel->candidate, rule))
		return "the kernel is not certain of what needs no confirmation";
	if (overflowed) /* the kernel may match too much, not too little */
		return in_user && !in_kernel && enforces && !user_overflowed(event) &&
				       event->rules->rules[rule]->condition
			       ? "the kernel lacks a match of a rule that refuses or kills"
			       : NULL;
	if (in_kernel != in_user)
		return in_kernel ? "the kernel matches, the user side does not"
				 : "the user side matches, the kernel does not";
	tally->matches += in_kernel;
	if (theirs < 0 || ours < 0)
		return NULL;
	tally->completed += !event->rules->rules[rule]->condition;
	tally->folded += !!(theirs & MATCH_FOLDED);
	tally->assumed += !!(theirs & MATCH_ASSUMED);
	return theirs == ours ? NULL : "the two matches are not of the same sort";
}

/* A rule of which the kernel side sees a part. */
static const char *judge_confirmed(const struct judged_event *event, size_t rule, bool overflowed,
				   struct tally *tally)
{
	const struct decided *kernel = event->kernel;
	bool certain = bit(kernel->rule, rule), candidate = bit(kernel->candidate, rule);
	bool in_user = evaluator_matched(event->evaluator, (__u16)rule);

	if (!event->rules->rules[rule]->condition)
		return certain || candidate
			       ? "the kernel advances a correlation that is the user side's"
			       : NULL;
	if (overflowed)
		return NULL;
	tally->candidates += candidate || certain;
	tally->confirmed += in_user;
	if (certain && !in_user)
		return "the kernel is certain of a match, the user side has none";
	if (in_user && !certain && !candidate)
		return "the user side confirms what the kernel has not asked for";
	return NULL;
}

static const char *judge_early(const struct judged_event *event, size_t rule, bool overflowed,
			       struct tally *tally)
{
	if (overflowed || !bit(event->kernel->early, rule) ||
	    event->view->record->header.event != EVENT_process_creation)
		return NULL;
	tally->early++;
	return evaluator_matched(event->evaluator, (__u16)rule)
		       ? NULL
		       : "a match before the execution is none after it";
}

/* The strongest response is that of the rules that match for certain. */
static const char *judge_response(const struct judged_event *event)
{
	const struct verdict *verdict = &event->kernel->verdict;
	enum response strongest = RESPONSE_alert;
	size_t matches = 0;

	for (size_t i = 0; i < event->rules->count; i++) {
		const struct rule *rule = event->rules->rules[i];
		bool certain = bit(event->kernel->rule, i);

		matches += certain + bit(event->kernel->candidate, i);
		if (certain && !rule->silent && rule->response > strongest)
			strongest = rule->response;
	}
	if (verdict->asked != strongest)
		return "the response is not the strongest of those asked for";
	if (strongest > RESPONSE_alert &&
	    event->rules->rules[verdict->strongest]->response != strongest)
		return "the response is laid to a rule that does not ask for it";
	return verdict->matches == matches ? NULL : "the number of matches is wrong";
}

const char *judge(const struct judged_event *event, struct tally *tally, size_t *ret_rule)
{
	bool overflowed = judge_overflowed(event);
	const char *wrong = NULL;

	tally->events++;
	tally->overflowed += overflowed;
	tally->cut += !!event->incomplete;
	tally->named += event->kernel->verdict.matches > MATCHES_MAX;
	*ret_rule = SIZE_MAX;
	if (event->kernel->generation != event->compiled->policy->generation)
		return "the kernel decided by another policy";
	for (size_t i = 0; !wrong && i < event->rules->count; i++) {
		if (event->apart && !event->rules->rules[i]->condition)
			continue;
		wrong = (event->compiled->rules[i].confirm ? judge_confirmed : judge_certain)(
			event, i, overflowed, tally);
		if (!wrong)
			wrong = judge_early(event, i, overflowed, tally);
		if (wrong)
			*ret_rule = i;
	}
	return wrong ? wrong : judge_response(event);
}

static void verdict_tell(const char *side, const struct verdict *verdict, __u64 incomplete)
{
	printf("# %s: asks %s, %u matches, incomplete %" PRIx64 ":", side,
	       verdict->asked < RESPONSE_MAX ? response_table[verdict->asked] : "?",
	       verdict->matches, (uint64_t)incomplete);
	for (size_t i = 0; i < verdict->matches && i < MATCHES_MAX; i++)
		printf(" %u%s%s%s", verdict->match[i].rule,
		       verdict->match[i].flags & MATCH_CANDIDATE ? "?" : "",
		       verdict->match[i].flags & MATCH_FOLDED ? "+" : "",
		       verdict->match[i].flags & MATCH_ASSUMED ? "!" : "");
	putchar('\n');
}

void judge_tell(const struct judged_event *event, const char *wrong, size_t rule)
{
	_cleanup_buffer_ struct buffer line = BUFFER(FLAT_EVENT_MAX);
	_cleanup_buffer_ struct buffer facts = BUFFER(FLAT_EVENT_MAX);
	struct decision *none = calloc(1, sizeof(*none));

	if (none && !flat_facts_write(&facts, event->view))
		flat_event_write(&line, event->view, "-",
				 (struct bytes) { facts.data, facts.length }, none, event->rules);
	free(none);
	printf("# %s\n", wrong);
	if (rule < event->rules->count)
		printf("# rule %zu '%s', line %u\n", rule, rule_title(event->rules->rules[rule]),
		       event->rules->rules[rule]->place.line);
	verdict_tell("kernel", &event->kernel->verdict, event->kernel->incomplete);
	verdict_tell("user side", event->user, evaluator_incomplete(event->evaluator));
	printf("# event: %s", line.length ? buffer_string(&line) : "-\n");
}
