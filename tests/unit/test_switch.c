// SPDX-License-Identifier: Apache-2.0
/*
 * Rules that are switched: who is told by which, and what holds of programs that live.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "pipeline/facts.h"
#include "pipeline_fixture.h"
#include "record_builder.h"
#include "unit.h"

#define SECOND CLOCK_SECOND
#define NEXT 900 /* a generation */
#define OTHER_RULES                                                                                \
	"title: by the other rules\n"                                                              \
	"level: high\n"                                                                            \
	"logsource: {product: linux, category: file_open}\n"                                       \
	"detection:\n"                                                                             \
	"  s: {TargetFilename: /etc/shadow, Image|endswith: /cat, ParentImage|endswith: /cat}\n"   \
	"  condition: s\n"

struct others {
	struct rule_read read;
	struct compiled *compiled;
};

static void others_open(struct others *others, __u64 generation)
{
	*others = (struct others) { 0 };
	rule_read_text(&others->read, OTHER_RULES);
	CU_ASSERT_PTR_NOT_NULL_FATAL(others->read.ruleset);
	CU_ASSERT_EQUAL_FATAL(compile(&others->compiled, others->read.ruleset, generation,
				      &others->read.diagnostics),
			      0);
}

static void others_close(struct others *others)
{
	compiled_free(others->compiled);
	rule_read_done(&others->read);
}

static int others_switch(struct fixture *fixture, const struct others *others)
{
	return pipeline_policy(fixture->pipeline, others->read.ruleset, others->compiled);
}

static void shadow_read(struct fixture *fixture, __u64 generation, __u16 rule, __u16 flags)
{
	union built_record built;

	record_open(&built, 10 * SECOND, "/usr/bin/cat", "/etc/shadow");
	built.record.header.generation = generation;
	record_match(&built, rule, flags);
	fixture_record(fixture, &built, 0);
}

static bool told(struct fixture *fixture, const char *words)
{
	return strstr(fixture_readable(fixture), words);
}

UNIT_TEST(switch, each_by_its_own_rules)
{
	struct fixture fixture;
	struct others others;
	const char *shadow;
	__u64 before;

	fixture_open(&fixture, NULL, false);
	before = fixture.compiled->policy->generation;
	shadow = fixture.read.ruleset->rules[RULE_shadow]->title;
	others_open(&others, NEXT);
	CU_ASSERT_EQUAL(others_switch(&fixture, &others), 0);
	/* on its way when the rules were switched */
	shadow_read(&fixture, before, RULE_shadow, 0);
	CU_ASSERT(told(&fixture, shadow));
	CU_ASSERT(!told(&fixture, "by the other rules"));
	shadow_read(&fixture, NEXT, 0, 0);
	CU_ASSERT(told(&fixture, "by the other rules"));
	CU_ASSERT_EQUAL(pipeline_counters(fixture.pipeline)->alerts, 2);
	fixture_close(&fixture);
	others_close(&others);
}

UNIT_TEST(switch, refused)
{
	struct fixture fixture;
	struct others others;

	fixture_open(&fixture, NULL, false);
	others_open(&others, NEXT);
	CU_ASSERT_EQUAL(pipeline_policy(fixture.pipeline, fixture.read.ruleset, others.compiled),
			-EINVAL);
	shadow_read(&fixture, fixture.compiled->policy->generation, RULE_shadow, 0);
	CU_ASSERT(told(&fixture, fixture.read.ruleset->rules[RULE_shadow]->title));
	fixture_close(&fixture);
	others_close(&others);
}

/* What was only counted is told when no record of those rules comes any more. */
UNIT_TEST(switch, folded)
{
	struct fixture fixture;
	struct others first, second;
	__u64 before;

	fixture_open(&fixture, NULL, false);
	before = fixture.compiled->policy->generation;
	shadow_read(&fixture, before, RULE_secret_then_outside, MATCH_FOLDED);
	others_open(&first, NEXT);
	others_open(&second, NEXT + 1);
	CU_ASSERT_EQUAL(others_switch(&fixture, &first), 0);
	shadow_read(&fixture, before, RULE_secret_then_outside, MATCH_FOLDED);
	CU_ASSERT(!told(&fixture, "times more within"));
	CU_ASSERT_EQUAL(others_switch(&fixture, &second), 0);
	CU_ASSERT(told(&fixture, "2 times more within"));
	/* the session goes on */
	shadow_read(&fixture, NEXT + 1, 0, 0);
	CU_ASSERT(told(&fixture, "demo"));
	fixture_close(&fixture);
	others_close(&first);
	others_close(&second);
}

struct taken {
	size_t count;
	struct program_key key;
	struct program_facts facts;
};

static int program_take(void *context, const struct program_key *key,
			const struct program_facts *facts)
{
	struct taken *taken = context;

	taken->count++;
	taken->key = *key;
	taken->facts = *facts;
	return 0;
}

UNIT_TEST(switch, programs_that_live)
{
	static const char arguments[] = "cat\0/etc/shadow";
	const struct bytes texts[] = { { "/usr/bin/cat", 12 },
				       { arguments, 15 },
				       { "/home/u", 7 } };
	struct taken taken = { 0 };
	struct fixture fixture;
	struct others others;
	struct facts own, as_parent;
	union built_record built;

	fixture_open(&fixture, NULL, false);
	others_open(&others, NEXT);
	record_creation(&built, 7 * SECOND, "/usr/bin/cat", arguments, sizeof(arguments) - 1);
	built.record.header.incomplete = SLOT_BIT(SLOT_fact_image);
	record_process(&built, 4711, 6 * SECOND, 0, 0);
	fixture_record(&fixture, &built, 0);
	CU_ASSERT_EQUAL(
		pipeline_renew(fixture.pipeline, others.compiled->policy, program_take, &taken), 0);
	CU_ASSERT_EQUAL(taken.count, 1);
	CU_ASSERT_EQUAL(taken.key.time, 7 * SECOND);
	CU_ASSERT_EQUAL(taken.key.process_id, 4711);
	facts_compute(&own, others.compiled->policy, FIELD_fact_image, texts, 3);
	facts_compute(&as_parent, others.compiled->policy, FIELD_fact_parent_image, texts, 2);
	CU_ASSERT_EQUAL(taken.facts.generation, NEXT);
	CU_ASSERT_EQUAL(taken.facts.own.count, 1);
	CU_ASSERT_EQUAL(taken.facts.own.atom[0], own.atom[0]);
	CU_ASSERT_EQUAL(taken.facts.as_parent.count, 1);
	CU_ASSERT_EQUAL(taken.facts.as_parent.atom[0], as_parent.atom[0]);
	/* what did not fit still does not */
	CU_ASSERT_EQUAL(taken.facts.own.incomplete, 1);
	CU_ASSERT_EQUAL(taken.facts.as_parent.incomplete, 1 << 3);
	fixture_close(&fixture);
	others_close(&others);
}
