/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition grammar as a truth table: each condition is read, compiled and evaluated
 * on one event for each way in which the searches can hold, and the result compared with
 * the same condition in C. All 64 combinations of a, b, sel_1, sel_2, filter_x and _h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule_builder.h"
#include "rule_text.h"
#include "unit.h"

/* A search is a bit of the user id of the event: it holds of the ids that have the bit. */
enum { A = 1, B = 2, S1 = 4, S2 = 8, F = 16, H = 32, IDS = 64 };

static const char *const search_table[] = { "a", "b", "sel_1", "sel_2", "filter_x", "_h" };

/* What holds, by name, in a C expression. */
struct truth {
	bool a, b, s1, s2, f, h;
};

static struct truth truth_of(unsigned int id)
{
	return (struct truth) { id & A, id & B, id & S1, id & S2, id & F, id & H };
}

/* The detection of a rule: each search lists the ids that have its bit. */
static char *rule_of(const char *condition)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("title: t\n"
	      "logsource: {product: linux, category: process_creation}\n"
	      "detection:\n",
	      out);
	for (unsigned int bit = 0; bit < ARRAY_SIZE(search_table); bit++) {
		fprintf(out, "  %s: {UserId: [", search_table[bit]);
		for (unsigned int id = 0, any = 0; id < IDS; id++)
			if (id >> bit & 1)
				fprintf(out, "%s%u", any++ ? ", " : "", id);
		fputs("]}\n", out);
	}
	fprintf(out, "  condition: %s\n", condition);
	fclose(out);
	return text;
}

/* Each case: a condition, and when it holds. */
#define CASES(T)                                                                                   \
	T("a", v.a)                                                                                \
	T("_h", v.h)                                                                               \
	T("sel_1", v.s1)                                                                           \
	T("(a)", v.a)                                                                              \
	T("(((a)))", v.a)                                                                          \
	T("( a )", v.a)                                                                            \
	/* not */                                                                                  \
	T("not a", !v.a)                                                                           \
	T("not not a", v.a)                                                                        \
	T("not not not a", !v.a)                                                                   \
	T("not (a)", !v.a)                                                                         \
	T("not(a)", !v.a)                                                                          \
	T("(not a)", !v.a)                                                                         \
	T("not (not a)", v.a)                                                                      \
	/* and, or */                                                                              \
	T("a and b", v.a &&v.b)                                                                    \
	T("a or b", v.a || v.b)                                                                    \
	T("a and a", v.a)                                                                          \
	T("a or a", v.a)                                                                           \
	T("a and b and sel_1", v.a &&v.b &&v.s1)                                                   \
	T("a or b or sel_1", v.a || v.b || v.s1)                                                   \
	T("a and b and sel_1 and sel_2 and filter_x and _h", v.a &&v.b &&v.s1 &&v.s2 &&v.f &&v.h)  \
	T("a or b or sel_1 or sel_2 or filter_x or _h", v.a || v.b || v.s1 || v.s2 || v.f || v.h)  \
	/* and binds closer than or */                                                             \
	T("a or b and sel_1", v.a || (v.b && v.s1))                                                \
	T("a and b or sel_1", (v.a && v.b) || v.s1)                                                \
	T("a and b or sel_1 and sel_2", (v.a && v.b) || (v.s1 && v.s2))                            \
	T("a or b and sel_1 or sel_2", v.a || (v.b && v.s1) || v.s2)                               \
	T("(a or b) and sel_1", (v.a || v.b) && v.s1)                                              \
	T("a and (b or sel_1)", v.a && (v.b || v.s1))                                              \
	T("(a or b) and (sel_1 or sel_2)", (v.a || v.b) && (v.s1 || v.s2))                         \
	T("(a and b) or (sel_1 and sel_2)", (v.a && v.b) || (v.s1 && v.s2))                        \
	T("a and (b or (sel_1 and (sel_2 or filter_x)))", v.a && (v.b || (v.s1 && (v.s2 || v.f)))) \
	T("((a or b) and sel_1) or sel_2", ((v.a || v.b) && v.s1) || v.s2)                         \
	/* not binds closest */                                                                    \
	T("not a and b", !v.a && v.b)                                                              \
	T("not a or b", !v.a || v.b)                                                               \
	T("a and not b", v.a && !v.b)                                                              \
	T("a or not b", v.a || !v.b)                                                               \
	T("not a and not b", !v.a && !v.b)                                                         \
	T("not a or not b", !v.a || !v.b)                                                          \
	T("not (a and b)", !(v.a && v.b))                                                          \
	T("not (a or b)", !(v.a || v.b))                                                           \
	T("not (a or b) and sel_1", !(v.a || v.b) && v.s1)                                         \
	T("not (a and not b)", !(v.a && !v.b))                                                     \
	T("not (not a and not b)", v.a || v.b)                                                     \
	T("a and not b and not sel_1", v.a && !v.b && !v.s1)                                       \
	T("a and not (b or sel_1) and not sel_2", v.a && !(v.b || v.s1) && !v.s2)                  \
	T("not a and b or sel_1", (!v.a && v.b) || v.s1)                                           \
	T("a and not not b", v.a &&v.b)                                                            \
	/* 1 of, any of, all of, and a pattern */                                                  \
	T("1 of sel_*", v.s1 || v.s2)                                                              \
	T("any of sel_*", v.s1 || v.s2)                                                            \
	T("all of sel_*", v.s1 &&v.s2)                                                             \
	T("1 of sel*", v.s1 || v.s2)                                                               \
	T("1 of *_1", v.s1)                                                                        \
	T("1 of s*_*", v.s1 || v.s2)                                                               \
	T("1 of s*1", v.s1)                                                                        \
	T("1 of *el_*", v.s1 || v.s2)                                                              \
	T("all of *_*", v.s1 &&v.s2 &&v.f &&v.h)                                                   \
	T("1 of *_x", v.f)                                                                         \
	T("1 of a", v.a)                                                                           \
	T("all of a", v.a)                                                                         \
	T("1 of sel_1", v.s1)                                                                      \
	T("1 of filter_*", v.f)                                                                    \
	T("all of filter_*", v.f)                                                                  \
	T("1 of a*", v.a)                                                                          \
	/* an underscore hides a search from `them` and from no pattern */                         \
	T("1 of them", v.a || v.b || v.s1 || v.s2 || v.f)                                          \
	T("any of them", v.a || v.b || v.s1 || v.s2 || v.f)                                        \
	T("all of them", v.a &&v.b &&v.s1 &&v.s2 &&v.f)                                            \
	T("1 of *", v.a || v.b || v.s1 || v.s2 || v.f || v.h)                                      \
	T("all of *", v.a &&v.b &&v.s1 &&v.s2 &&v.f &&v.h)                                         \
	T("1 of _*", v.h)                                                                          \
	T("all of _*", v.h)                                                                        \
	T("1 of _h", v.h)                                                                          \
	T("1 of them or _h", v.a || v.b || v.s1 || v.s2 || v.f || v.h)                             \
	T("all of them and not _h", v.a &&v.b &&v.s1 &&v.s2 &&v.f && !v.h)                         \
	/* quantifiers among the rest */                                                           \
	T("not 1 of sel_*", !(v.s1 || v.s2))                                                       \
	T("not all of sel_*", !(v.s1 && v.s2))                                                     \
	T("not any of them", !(v.a || v.b || v.s1 || v.s2 || v.f))                                 \
	T("not all of them", !(v.a && v.b && v.s1 && v.s2 && v.f))                                 \
	T("a and 1 of sel_*", v.a && (v.s1 || v.s2))                                               \
	T("a and all of sel_*", v.a &&v.s1 &&v.s2)                                                 \
	T("a and not 1 of sel_*", v.a && !(v.s1 || v.s2))                                          \
	T("a and not all of sel_*", v.a && !(v.s1 && v.s2))                                        \
	T("1 of sel_* and not 1 of filter_*", (v.s1 || v.s2) && !v.f)                              \
	T("all of sel_* and not 1 of filter_*", v.s1 &&v.s2 && !v.f)                               \
	T("1 of sel_* or a and b", v.s1 || v.s2 || (v.a && v.b))                                   \
	T("a and 1 of sel_* or b", (v.a && (v.s1 || v.s2)) || v.b)                                 \
	T("(1 of sel_*)", v.s1 || v.s2)                                                            \
	T("not (1 of sel_* or a)", !(v.s1 || v.s2 || v.a))                                         \
	T("(a or 1 of sel_*) and not (b or 1 of filter_*)",                                        \
	  (v.a || v.s1 || v.s2) && !(v.b || v.f))                                                  \
	T("not 1 of sel_* and not 1 of filter_*", !(v.s1 || v.s2) && !v.f)                         \
	T("1 of sel_* and 1 of them", v.s1 || v.s2)                                                \
	/* words in capitals, odd spaces, quotes, several lines */                                 \
	T("a AND b", v.a &&v.b)                                                                    \
	T("a OR NOT b", v.a || !v.b)                                                               \
	T("1 OF sel_*", v.s1 || v.s2)                                                              \
	T("ALL of THEM", v.a &&v.b &&v.s1 &&v.s2 &&v.f)                                            \
	T("a  and   b", v.a &&v.b)                                                                 \
	T("(a)and(b)", v.a &&v.b)                                                                  \
	T("(a)or not(b)", v.a || !v.b)                                                             \
	T("'a and b'", v.a &&v.b)                                                                  \
	T("\"a or b\"", v.a || v.b)                                                                \
	T("|\n    a\n    and b", v.a &&v.b)                                                        \
	T(">\n    a or\n    b", v.a || v.b)                                                        \
	/* a list: any of its conditions */                                                        \
	T("[a]", v.a)                                                                              \
	T("[a, b]", v.a || v.b)                                                                    \
	T("[a and b, sel_1]", (v.a && v.b) || v.s1)                                                \
	T("[not a, not b]", !v.a || !v.b)                                                          \
	T("[1 of sel_*, all of them]", v.s1 || v.s2)                                               \
	T("\n    - a and not b\n    - sel_1 and not sel_2", (v.a && !v.b) || (v.s1 && !v.s2))      \
	/* that say nothing */                                                                     \
	T("a or not a", true)                                                                      \
	T("a and not a", false)                                                                    \
	T("not (a or not a)", false)                                                               \
	T("1 of sel_* or not 1 of sel_*", true)

struct row {
	const char *condition;
	bool expected[IDS];
};

/* Evaluates what is expected, for each combination; returns how many there are. */
static size_t rows_make(struct row *rows)
{
	size_t count = 0;

	for (unsigned int id = 0; id < IDS; id++) {
		const struct truth v = truth_of(id);

		count = 0;
#define ROW(text, when)                                                                            \
	rows[count].condition = text;                                                              \
	rows[count++].expected[id] = (when);
		CASES(ROW)
#undef ROW
	}
	return count;
}

#define ROWS_MAX 256

static void row_check(const struct row *row)
{
	_cleanup_free_ char *text = rule_of(row->condition);
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct rule_read read;

	rule_read_text(&read, text);
	compiled = read.ruleset && read.ruleset->count == 1 ? build_compiled(read.ruleset) : NULL;
	if (!compiled || evaluator_new(&evaluator, compiled->policy)) {
		_cleanup_free_ char *diagnostics = rule_diagnostics_text(&read.diagnostics);

		CU_FAIL("the condition is not taken");
		unit_note("%s: %s", row->condition, diagnostics);
	}
	for (unsigned int id = 0; evaluator && id < IDS; id++) {
		struct built_event event;
		struct verdict verdict;

		event_start(&event, EVENT_process_creation);
		event_number(&event, FIELD_common_user_id, id);
		if (evaluate(evaluator, &event.view, SIDE_ALL, &verdict) == row->expected[id])
			continue;
		CU_FAIL("the condition does not hold when it should, or does when it should not");
		unit_note("%s: of %#x", row->condition, id);
		break;
	}
	rule_read_done(&read);
}

UNIT_TEST(condition, truth_table)
{
	static struct row rows[ROWS_MAX];
	size_t count = rows_make(rows);

	for (size_t i = 0; i < count; i++)
		row_check(&rows[i]);
	unit_note("%zu conditions of %d combinations each", count, IDS);
	CU_ASSERT(count >= 100);
}
