// SPDX-License-Identifier: Apache-2.0
/*
 * The chains of events against those of times: which events are told as having led to a
 * correlation, also against decide.h on random sequences.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
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
	__u16 matched[8];
	size_t count = 0, length = 0;

	record_open(&built, second * SECOND, "/bin/x", name);
	view = record_view(&built);
	evaluate(chained->evaluator, &view, SIDE_ALL, &verdict);
	for (size_t i = 0; i < verdict.matches; i++)
		matched[i] = verdict.match[i].rule;
	CU_ASSERT_EQUAL(evidence_note(chained->evidence, &view, matched, verdict.matches, &clock),
			0);
	told[0] = '\0';
	if (!evaluator_matched(chained->evaluator, RULE_chain))
		return told;
	for (link = evidence_chain(chained->evidence, RULE_chain, second * SECOND); link;
	     link = link->before)
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
