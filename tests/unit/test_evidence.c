// SPDX-License-Identifier: Apache-2.0
/*
 * The chains of events against those of times: which events are told as having led to a
 * correlation, also against decide.h on random sequences.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "correlation_stage.h"
#include "pipeline/evaluate.h"
#include "pipeline/evidence.h"
#include "record_builder.h"
#include "rule_text.h"
#include "rules/compile.h"
#include "unit.h"

#define SECOND CLOCK_SECOND
#define STEP(letter)                                                                               \
	"title: " letter "\nname: " letter "\n"                                                    \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection: {sel: {TargetFilename|contains: '" letter "'}, condition: sel}\n---\n"

/* Three steps in a minute; the files a, b and c are the steps, and `ab` is two of them. */
static const char rules[] = STEP("a") STEP("b") STEP(
	"c") "title: chain\n"
	     "correlation: {type: temporal_ordered, rules: [a, b, c], group-by: [AgentSession],\n"
	     "              timespan: 1m}\n";
#define RULE_chain 3

struct chained {
	struct rule_read read;
	struct compiled *compiled;
	struct evidence *evidence;
	struct evaluator *evaluator;
};

static void chained_open(struct chained *chained)
{
	rule_read_text(&chained->read, rules);
	CU_ASSERT_EQUAL_FATAL(chained->read.result, 0);
	CU_ASSERT_EQUAL_FATAL(compile(&chained->compiled, chained->read.ruleset, 1,
				      &chained->read.diagnostics),
			      0);
	CU_ASSERT_EQUAL_FATAL(evidence_new(&chained->evidence, chained->compiled->policy), 0);
	CU_ASSERT_EQUAL_FATAL(evaluator_new(&chained->evaluator, chained->compiled->policy), 0);
}

static void chained_close(struct chained *chained)
{
	evidence_free(chained->evidence);
	evaluator_free(chained->evaluator);
	compiled_free(chained->compiled);
	rule_read_done(&chained->read);
}

/* Opens a file whose name says which steps it is; returns the evidence of the chain that
 * the decider says is complete: "a1 b2 c4", the seconds of its events. */
static const char *chained_event(struct chained *chained, unsigned int second, const char *name)
{
	static char told[256];
	struct clock clock = { .fixed = true };
	const struct evidence_link *link, *order[8];
	union built_record built;
	struct event_view view;
	struct verdict verdict;
	struct led_to led_to;
	size_t count = 0, length = 0;

	record_open(&built, second * SECOND, "/bin/x", name);
	view = record_view(&built);
	evaluate(chained->evaluator, &view, SIDE_ALL, &verdict);
	CU_ASSERT_EQUAL(
		evidence_note(chained->evidence, &view, verdict.match, verdict.matches, &clock), 0);
	told[0] = '\0';
	if (!evaluator_matched(chained->evaluator, RULE_chain))
		return told;
	evidence_find(chained->evidence, RULE_chain, second * SECOND, &led_to);
	CU_ASSERT(led_to.whole);
	for (link = led_to.last; link; link = link->before)
		order[count++] = link;
	while (count--)
		length += (size_t)snprintf(told + length, sizeof(told) - length, "%s%c%llu",
					   length ? " " : "", 'a' + (int)order[count]->rule,
					   (unsigned long long)order[count]->event->time / SECOND);
	return told;
}

UNIT_TEST(evidence, follows_the_chain_that_fired)
{
	struct chained chained = { 0 };

	chained_open(&chained);
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 1, "a"), "");
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 2, "b"), "");
	/* a later first step is not what led here */
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 3, "a"), "");
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 4, "c"), "a1 b2 c4");
	chained_close(&chained);
}

UNIT_TEST(evidence, latest_start)
{
	struct chained chained = { 0 };

	chained_open(&chained);
	chained_event(&chained, 1, "a");
	chained_event(&chained, 2, "a");
	chained_event(&chained, 3, "b");
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 61, "c"), "a2 b3 c61");
	chained_close(&chained);
}

UNIT_TEST(evidence, one_event_is_one_step)
{
	struct chained chained = { 0 };

	chained_open(&chained);
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 1, "abc"), "");
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 2, "abc"), "");
	CU_ASSERT_STRING_EQUAL(chained_event(&chained, 3, "abc"), "a1 b2 c3");
	chained_close(&chained);
}

/* Whenever the decider fires, the evidence is a whole chain, in order and within its
 * time. */
UNIT_TEST(evidence, agrees_with_the_decider)
{
	struct chained chained = { 0 };
	uint64_t seed = unit_seed();
	unsigned int second = 1, fired = 0, wrong = 0;

	chained_open(&chained);
	for (int i = 0; i < 20000; i++) {
		static const char *const names[] = { "a", "b", "c", "ab", "bc", "ac", "abc" };
		unsigned int a, b, c;
		const char *told;

		second += 1 + (unsigned int)unit_below(&seed, 30);
		told = chained_event(&chained, second, names[unit_below(&seed, 7)]);
		if (!*told)
			continue;
		fired++;
		wrong += sscanf(told, "a%u b%u c%u", &a, &b, &c) != 3 || a >= b || b >= c ||
			 c != second || c - a > 60;
	}
	unit_note("%u chains", fired);
	CU_ASSERT(fired > 500);
	CU_ASSERT_EQUAL(wrong, 0);
	chained_close(&chained);
}

/* Evidence of other types, by the events of a stage: "a1 b2", or "" when nothing was
 * completed; a '+' in front when it is not whole, '#' and a number when it counted. */
static const char *noted(struct stage *stage, struct evidence *evidence, const char *text)
{
	static char told[256];
	struct clock clock = { .fixed = true };
	const struct evidence_link *link, *order[STEPS_MAX];
	struct built_event event;
	struct led_to led_to;
	size_t count = 0, length = 0;

	CU_ASSERT_FATAL(stage_event(&event, &text));
	told[0] = '\0';
	stage_play(stage, &event);
	CU_ASSERT_EQUAL(evidence_note(evidence, &event.view, stage->decision.match,
				      stage->decision.count, &clock),
			0);
	if (!evaluator_matched(stage->replay, stage->rule))
		return told;
	evidence_find(evidence, stage->rule, event.record.header.time, &led_to);
	for (link = led_to.last; link; link = link->before)
		order[count++] = link;
	if (!led_to.whole)
		length += (size_t)sprintf(told, "+");
	if (led_to.count.count)
		length += (size_t)sprintf(told + length, "#%d ", (int)led_to.count.sum);
	while (count--)
		length += (size_t)snprintf(told + length, sizeof(told) - length, "%s%s%llu",
					   length && told[length - 1] != ' ' ? " " : "",
					   stage->read.ruleset->rules[order[count]->rule]->title,
					   (unsigned long long)order[count]->event->time / SECOND);
	return told;
}

struct noted_case {
	const char *rules;
	const char *events[12][2]; /* the event, and what led to it */
};

UNIT_TEST(evidence, of_every_type)
{
	static const struct noted_case cases[] = {
		{ T("type: temporal, rules: [a, b, c], timespan: 10s"),
		  { { "b@1", "" },
		    { "a@2", "" },
		    { "b@3", "" },
		    { "c@4", "a2 b3 c4" },
		    { "ab@14", "c4 a14 b14" } } },
		{ T("type: temporal, rules: [a, b, c], timespan: 10s, condition: {gte: 2}"),
		  { { "b@1", "" }, { "c@2", "b1 c2" }, { "a@12", "c2 a12" } } },
		{ T("type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 3}"),
		  { { "b@1", "" },
		    { "a@2", "" },
		    { "ab@3", "#3 b1 a2 b3" },
		    { "a@4", "#4 b1 a2 b3 a4" },
		    { "a@13", "#3 b3 a4 a13" } } },
		{ T("type: event_count, rules: [a], group-by: [Image], timespan: 10s, condition: "
		    "{gte: 2}"),
		  { { "a/ix@1", "" },
		    { "a/iy@2", "" },
		    { "a/ix@3", "#2 a1 a3" },
		    { "a/iy@4", "#2 a2 a4" } } },
		{ T("type: event_count, rules: [a], timespan: 1m, condition: {gte: 9}"),
		  { { "a@1", "" },
		    { "a@2", "" },
		    { "a@3", "" },
		    { "a@4", "" },
		    { "a@5", "" },
		    { "a@6", "" },
		    { "a@7", "" },
		    { "a@8", "" },
		    { "a@9", "#9 a2 a3 a4 a5 a6 a7 a8 a9" } } },
		/* times that are the same, or in another order than they came */
		{ T("type: event_count, rules: [a], timespan: 1m, condition: {gte: 9}"),
		  { { "a@1", "" },
		    { "a@9", "" },
		    { "a@9", "" },
		    { "a@9", "" },
		    { "a@9", "" },
		    { "a@9", "" },
		    { "a@9", "" },
		    { "a@9", "" },
		    { "a@8", "#9 a9 a9 a9 a9 a9 a9 a9 a8" } } },
		{ T("type: temporal, rules: [a, b], timespan: 10s"),
		  { { "b@5", "" }, { "a@4", "b5 a4" } } },
		{ T("type: value_count, rules: [n], timespan: 10s, condition: {field: "
		    "DestinationPort, gte: 2}"),
		  { { "n1@1", "" }, { "n1@2", "" }, { "n2@3", "n1 n2 n3" } } },
		{ T("type: temporal_ordered, rules: [a, b], group-by: [Image], timespan: 10s"),
		  { { "a/ix@1", "" },
		    { "a/iy@2", "" },
		    { "b/ix@3", "a1 b3" },
		    { "b/iy@4", "a2 b4" } } },
		{ T("type: temporal_ordered, rules: [a, b, c], timespan: 10s, condition: {gte: 2}"),
		  { { "a@1", "" },
		    { "c@2", "a1 c2" },
		    { "b@3", "a1 b3" },
		    { "c@4", "a1 b3 c4" } } },
		{ T("type: temporal_ordered, rules: [many, b], timespan: 10s")
			  OTHER("many", "type: event_count, rules: [a], timespan: 10s, condition: "
					"{gte: 2}"),
		  { { "a@1", "" }, { "a@2", "" }, { "a@3", "" }, { "b@4", "many3 b4" } } },
		{ T("type: temporal, rules: [n, m], group-by: [p], timespan: 9s, aliases: {p: {n: "
		    "DestinationPort, m: SourcePort}}"),
		  { { "n80/s7@1", "" }, { "n7@2", "m1 n2" }, { "n80/s80@3", "n3 m3" } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(stage_close) struct stage stage;
		_cleanup_(evidence_freep) struct evidence *evidence = NULL;

		CU_ASSERT_FATAL(stage_open(&stage, cases[i].rules));
		CU_ASSERT_EQUAL_FATAL(evidence_new(&evidence, stage.compiled->policy), 0);
		for (size_t k = 0; cases[i].events[k][0]; k++) {
			const char *told = noted(&stage, evidence, cases[i].events[k][0]);

			if (strcmp(told, cases[i].events[k][1]))
				unit_note("case %zu, %s: %s", i, cases[i].events[k][0], told);
			CU_ASSERT_STRING_EQUAL(told, cases[i].events[k][1]);
		}
		CU_ASSERT_EQUAL(evidence_forgotten(evidence), 0);
	}
}

/* At the bound the group that was touched least recently is forgotten. */
UNIT_TEST(evidence, too_many_groups)
{
	_cleanup_(stage_close) struct stage stage;
	_cleanup_(evidence_freep) struct evidence *evidence = NULL;
	char text[64];

	CU_ASSERT_FATAL(stage_open(&stage, T("type: event_count, rules: [a], group-by: [Image], "
					     "timespan: 1h, condition: {gte: 2}")));
	CU_ASSERT_EQUAL_FATAL(evidence_new(&evidence, stage.compiled->policy), 0);
	for (unsigned int i = 0; i <= EVIDENCE_GROUPS_MAX; i++) {
		snprintf(text, sizeof(text), "a/i%u@1", i);
		CU_ASSERT_STRING_EQUAL(noted(&stage, evidence, text), "");
	}
	CU_ASSERT_EQUAL(evidence_forgotten(evidence), 1);
	CU_ASSERT_STRING_EQUAL(noted(&stage, evidence, "a/i4096@2"), "#2 a1 a2");
	CU_ASSERT_STRING_EQUAL(noted(&stage, evidence, "a/i1@2"), "#2 a1 a2");
}
