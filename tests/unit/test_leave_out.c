/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that can be read and not compiled: the others go on without them. */
#include "rules/compile.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "rule_text.h"
#include "unit.h"

#define RULE(name, condition)                                                                      \
	"title: " name "\nname: " name "\nlogsource: {category: file_open}\n"                      \
	"detection:\n    s: {CommandLine|contains: " name "}\n" condition "---\n"
#define GOOD(name) RULE(name, "    condition: s\n")
/* with a test more than a clause can have */
#define BAD(name)                                                                                  \
	RULE(name,                                                                                 \
	     "    t: {Image|contains|all: [a1, a2, a3, a4, a5, a6, a7, a8, a9, b1, b2, b3, b4, "   \
	     "b5, b6, b7]}\n    condition: s and t\n")
#define CHAIN(name, steps)                                                                         \
	"title: " name "\nname: " name "\ncorrelation:\n    type: temporal\n"                      \
	"    rules: " steps "\n    timespan: 1m\n"

/* Reads and compiles the text. Returns what compiling did. */
static int left_make(struct rule_read *read, struct compiled **ret_compiled, const char *text)
{
	*ret_compiled = NULL;
	rule_read_text(read, text);
	CU_ASSERT_EQUAL_FATAL(read->result, 0);
	CU_ASSERT_EQUAL(read->diagnostics.total[SEVERITY_ERROR], 0);
	return compile_what_can(ret_compiled, read->ruleset, 1, &read->diagnostics);
}

static void left_expect(const struct ruleset *ruleset, const char *const *titles, size_t count)
{
	CU_ASSERT_EQUAL_FATAL(ruleset->count, count);
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_STRING_EQUAL(ruleset->rules[i]->title, titles[i]);
}

UNIT_TEST(leave_out, rule)
{
	static const char *const left[] = { "one", "three" };
	struct compiled *compiled;
	struct rule_read read;

	CU_ASSERT_EQUAL(left_make(&read, &compiled, GOOD("one") BAD("two") GOOD("three")), 0);
	left_expect(read.ruleset, left, ARRAY_SIZE(left));
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 1);
	rule_expect_diagnostic(&read.diagnostics,
			       "8:1: error: 'two' has a clause of more than 16 tests");
	CU_ASSERT_EQUAL(compiled->policy->rule_count, 2);
	CU_ASSERT_EQUAL(compiled->policy->clause_count, 2);
	compiled_free(compiled);
	rule_read_done(&read);
}

/* The correlations of it go with it, and those of them; what only they referred to is heard
 * again. */
UNIT_TEST(leave_out, correlations)
{
	static const char *const left[] = { "one", "four", "five", "other" };
	static const char text[] = CHAIN("outer", "[inner, four]") "---\n" GOOD("one") BAD("two")
		CHAIN("inner", "[one, two]") "---\n" GOOD("four") GOOD("five")
			CHAIN("other", "[four, five]");
	struct compiled *compiled;
	struct rule_read read;
	const struct rule *other;

	CU_ASSERT_EQUAL(left_make(&read, &compiled, text), 0);
	left_expect(read.ruleset, left, ARRAY_SIZE(left));
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 3);
	rule_expect_diagnostic(&read.diagnostics,
			       "23:1: error: it is a correlation of 'two', which has errors");
	rule_expect_diagnostic(&read.diagnostics,
			       "1:1: error: it is a correlation of 'inner', which has errors");
	CU_ASSERT(!read.ruleset->rules[0]->silent);
	CU_ASSERT(read.ruleset->rules[1]->silent);
	other = read.ruleset->rules[3];
	CU_ASSERT_EQUAL(other->steps[0], 1);
	CU_ASSERT_EQUAL(other->steps[1], 2);
	CU_ASSERT_EQUAL(compiled->policy->correlation_count, 1);
	compiled_free(compiled);
	rule_read_done(&read);
}

/* Steps that keep `generate: true` of a correlation that is left. */
UNIT_TEST(leave_out, generate)
{
	struct compiled *compiled;
	struct rule_read read;

	CU_ASSERT_EQUAL(left_make(&read, &compiled,
				  GOOD("one") GOOD("two") BAD("three")
					  CHAIN("c", "[one, two]") "generate: true\n---\n" CHAIN(
						  "d", "[one, two]")),
			0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->count, 4);
	CU_ASSERT(!read.ruleset->rules[0]->silent);
	compiled_free(compiled);
	rule_read_done(&read);
}

/* Warnings are told once, though the others are compiled twice. */
UNIT_TEST(leave_out, warnings)
{
	struct compiled *compiled;
	struct rule_read read;

	CU_ASSERT_EQUAL(left_make(&read, &compiled,
				  RULE("never", "    condition: s and not s\n") BAD("two")),
			0);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_WARNING], 1);
	CU_ASSERT_EQUAL(read.diagnostics.total[SEVERITY_ERROR], 1);
	CU_ASSERT_EQUAL(read.ruleset->count, 1);
	compiled_free(compiled);
	rule_read_done(&read);
}

UNIT_TEST(leave_out, filters)
{
	static const char filter[] = "title: ours\nlogsource: {category: file_open}\n"
				     "filter:\n    rules: any\n    s: {UserId: 0}\n"
				     "    condition: not s\n";
	char text[2048];
	struct compiled *compiled;
	struct rule_read read;

	snprintf(text, sizeof(text), "%s%s", GOOD("one") BAD("two"), filter);
	CU_ASSERT_EQUAL(left_make(&read, &compiled, text), 0);
	CU_ASSERT_EQUAL_FATAL(read.ruleset->filter_count, 1);
	CU_ASSERT_EQUAL(read.ruleset->filters[0]->rule_count, 1);
	compiled_free(compiled);
	rule_read_done(&read);
}

/* A rule that is good but for what a site has added to it: the message says so. */
UNIT_TEST(leave_out, too_many_filters)
{
	_cleanup_buffer_ struct buffer text = BUFFER(64 << 10);
	struct compiled *compiled;
	struct rule_read read;

	buffer_add_string(&text, GOOD("one"));
	for (size_t i = 0; i < LITERALS_MAX; i++)
		buffer_print(
			&text,
			"title: ours\nlogsource: {category: file_open}\nfilter:\n    rules: any\n"
			"    s: {Image|endswith: /x%zu}\n    condition: not s\n---\n",
			i);
	CU_ASSERT_EQUAL(left_make(&read, &compiled, buffer_string(&text)), 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 0);
	rule_expect_diagnostic(&read.diagnostics,
			       "1:1: error: 'one' with its 16 filters (one is at ");
	compiled_free(compiled);
	rule_read_done(&read);
}

UNIT_TEST(leave_out, nothing_is_left)
{
	struct compiled *compiled;
	struct rule_read read;

	CU_ASSERT_EQUAL(left_make(&read, &compiled, BAD("two")), 0);
	CU_ASSERT_EQUAL(read.ruleset->count, 0);
	CU_ASSERT_EQUAL(compiled->policy->rule_count, 0);
	compiled_free(compiled);
	rule_read_done(&read);
}
