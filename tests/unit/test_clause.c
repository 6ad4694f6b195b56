/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions against their truth tables: every form of up to four tests by
 * enumeration, larger ones at random; compiled, evaluated for every assignment of the
 * fields, compared with the value of the expression. Also what an incomplete field
 * does to rules that enforce, and what the kernel's side makes of user atoms.
 */
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "unit.h"

#define VARIABLES 5
#define ASSIGNMENTS (1u << VARIABLES)
#define BATCH 400 /* expressions compiled together */
#define BATCH_NAMED (MATCHES_MAX / 2) /* so few that a verdict names every match twice */

/* A condition as the test knows it. */
struct form {
	enum expression_op op; /* EXPRESSION_TEST: variable */
	unsigned int variable;
	struct form *child[4];
	size_t count;
};

static bool form_value(const struct form *form, unsigned int assignment)
{
	switch (form->op) {
	case EXPRESSION_TEST:
		return assignment >> form->variable & 1;
	case EXPRESSION_NOT:
		return !form_value(form->child[0], assignment);
	default:
		for (size_t i = 0; i < form->count; i++)
			if (form_value(form->child[i], assignment) != (form->op == EXPRESSION_AND))
				return form->op != EXPRESSION_AND;
		return form->op == EXPRESSION_AND;
	}
}

/* Each variable is a test of another kind. */
static const enum field variable_field[VARIABLES] = {
	FIELD_file_open_target_filename, /* text with two values, one with a wildcard inside */
	FIELD_common_user_id, /* number */
	FIELD_fact_image, /* has a value */
	FIELD_fact_command_line, /* cased text: the user side's */
	FIELD_enriched_user, /* enriched: the user side's, without gate */
};

static struct expression *variable_test(unsigned int variable)
{
	switch (variable) {
	case 0:
		return build_pattern(build_text(variable_field[0], "*secret*"), "a*b?c");
	case 1:
		return build_range(variable_field[1], -3, 1000);
	case 2:
		return build_exists(variable_field[2]);
	case 3:
		return build_cased(variable_field[3], "*Token*");
	default:
		return build_text(variable_field[4], "root");
	}
}

/* Gives the fields values that make the variables what the assignment says. */
static void event_assign(struct built_event *event, unsigned int assignment, bool other)
{
	event_start(event, EVENT_file_open);
	event_text(event, variable_field[0],
		   assignment & 1 ? other ? "AxxB\xc3\xa9"
					    "C"
					  : "/home/Secret.txt"
		   : other	  ? "a1bc"
				  : "/home/public");
	event_number(event, variable_field[1], assignment & 2 ? 1000 : 1001);
	if (assignment & 4)
		event_text(event, variable_field[2], other ? "" : "/bin/sh");
	event_text(event, variable_field[3],
		   assignment & 8 ? "x Token y"
		   : other	  ? "x token y"
				  : "x");
	if (assignment & 16 || other)
		event_text(event, variable_field[4], assignment & 16 ? "ROOT" : "rooty");
}

static struct expression *form_build(const struct form *form)
{
	struct expression *e;

	if (form->op == EXPRESSION_TEST)
		return variable_test(form->variable);
	e = build_node(form->op, NULL);
	for (size_t i = 0; i < form->count; i++)
		build_child(e, form_build(form->child[i]));
	return e;
}

/* The assignments that agree with this one outside of `open`, a set. */
static __u32 assignments_like(unsigned int assignment, unsigned int open)
{
	__u32 set = 0;

	for (unsigned int i = 0; i < ASSIGNMENTS; i++)
		if (!((i ^ assignment) & ~open))
			set |= 1u << i;
	return set;
}

static bool verdict_has(const struct verdict *verdict, unsigned int rule, unsigned int flag)
{
	for (size_t i = 0; i < verdict->matches && i < MATCHES_MAX; i++)
		if (verdict->match[i].rule == rule && verdict->match[i].flags & flag)
			return true;
	return false;
}

struct batch {
	struct form *forms[BATCH];
	__u32 truth[BATCH]; /* bit per assignment */
	size_t count, limit;
	/* over all batches */
	size_t checked; /* expressions */
	size_t wrong, missed; /* what was told of them by mistake, or not told */
};

static struct batch *batch_new(size_t limit)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		abort();
	batch->limit = limit;
	return batch;
}

static void form_free(struct form *form)
{
	for (size_t i = 0; i < form->count; i++)
		form_free(form->child[i]);
	free(form);
}

/* Exact on the user side; the kernel's side finds at least what holds, and what it is
 * sure of does. */
static void assignment_check(struct evaluator *evaluator, struct batch *batch,
			     unsigned int assignment, bool other)
{
	struct built_event event;
	struct verdict verdict;

	event_assign(&event, assignment, other);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	for (size_t i = 0; i < batch->count; i++)
		batch->wrong +=
			evaluator_matched(evaluator, i) != (batch->truth[i] >> assignment & 1);
	evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict);
	for (size_t i = 0; i < batch->count; i++) {
		bool sure = evaluator_matched(evaluator, i);
		bool holds = (batch->truth[i] >> assignment & 1);

		batch->wrong += sure && !holds;
		batch->missed += holds && !sure && batch->limit == BATCH_NAMED &&
				 !verdict_has(&verdict, i, MATCH_CANDIDATE);
	}
}

/* Rules that enforce take an incomplete field for whatever makes them match. */
static void incomplete_check(struct evaluator *evaluator, struct batch *batch,
			     unsigned int assignment, unsigned int open, bool enforcing)
{
	struct built_event event;
	struct verdict verdict;
	__u32 like = assignments_like(assignment, enforcing ? open : 0);

	event_assign(&event, assignment, false);
	for (size_t i = 0; i < VARIABLES; i++)
		if (open >> i & 1)
			event.record.header.incomplete |=
				SLOT_BIT(field_table[variable_field[i]].slot);
	evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
	for (size_t i = 0; i < batch->count; i++)
		batch->wrong += evaluator_matched(evaluator, i) != !!(batch->truth[i] & like);
}

static void batch_compile_and_check(struct batch *batch, enum response response)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = build_ruleset();
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;

	for (size_t i = 0; i < batch->count; i++)
		build_rule(ruleset, EVENT_file_open, form_build(batch->forms[i]), response);
	compiled = build_compiled(ruleset);
	if (!compiled || evaluator_new(&evaluator, compiled->policy) < 0)
		return;
	for (unsigned int i = 0; i < ASSIGNMENTS; i++) {
		assignment_check(evaluator, batch, i, false);
		assignment_check(evaluator, batch, i, true);
		incomplete_check(evaluator, batch, i, i * 7 % ASSIGNMENTS,
				 response >= RESPONSE_deny);
	}
}

static void batch_check(struct batch *batch)
{
	if (!batch->count)
		return;
	batch_compile_and_check(batch,
				batch->checked / batch->limit % 2 ? RESPONSE_deny : RESPONSE_alert);
	batch->checked += batch->count;
	for (size_t i = 0; i < batch->count; i++)
		form_free(batch->forms[i]);
	batch->count = 0;
}

static void batch_add(struct batch *batch, struct form *form)
{
	batch->truth[batch->count] = 0;
	for (unsigned int i = 0; i < ASSIGNMENTS; i++)
		if (form_value(form, i))
			batch->truth[batch->count] |= 1u << i;
	batch->forms[batch->count++] = form;
	if (batch->count == batch->limit)
		batch_check(batch);
}

static void batch_report(struct batch *batch, unsigned int tests)
{
	unit_note("%zu expressions of at most %u tests, %u assignments each", batch->checked, tests,
		  ASSIGNMENTS);
	CU_ASSERT_EQUAL(batch->wrong, 0);
	CU_ASSERT_EQUAL(batch->missed, 0);
	batch->checked = 0;
}

static struct form *form_new(enum expression_op op)
{
	struct form *form = calloc(1, sizeof(*form));

	if (!form)
		abort();
	form->op = op;
	return form;
}

static struct form *form_negate(struct form *form, bool negate)
{
	struct form * not ;

	if (!negate)
		return form;
	not = form_new(EXPRESSION_NOT);
	not ->child[0] = form;
	not ->count = 1;
	return not ;
}

/* Which of the enumerated forms is made: the number's digits are its choices. */
struct choices {
	unsigned long left;
	/* every leaf may be any variable; else the leaves are the variables in order */
	bool free;
	unsigned int next;
};

static unsigned int choose(struct choices *choices, unsigned int of)
{
	unsigned int choice = choices->left % of;

	choices->left /= of;
	return choice;
}

/* A form of `leaves` tests; each node may be negated, each split and operator occurs. */
static struct form *form_choose(struct choices *choices, unsigned int leaves)
{
	struct form *form;
	bool negate = choose(choices, 2);

	if (leaves == 1) {
		form = form_new(EXPRESSION_TEST);
		form->variable = choices->free ? choose(choices, VARIABLES) : choices->next++;
	} else {
		unsigned int left = 1 + choose(choices, leaves - 1);

		form = form_new(choose(choices, 2) ? EXPRESSION_AND : EXPRESSION_OR);
		form->child[0] = form_choose(choices, left);
		form->child[1] = form_choose(choices, leaves - left);
		form->count = 2;
	}
	return form_negate(form, negate);
}

/* All forms of so many leaves. The digits of a split depend on it, so numbers are tried
 * until every form has been made: those with digits left over were made before. */
static void forms_enumerate(struct batch *batch, unsigned int leaves, bool free_variables)
{
	unsigned long most = 1;

	for (unsigned int i = 0; i < leaves; i++)
		most *= free_variables ? 2 * VARIABLES : 2;
	for (unsigned int i = 1; i < leaves; i++)
		most *= 2 * 2 * i;
	for (unsigned long i = 0; i < most; i++) {
		struct choices choices = { .left = i, .free = free_variables };
		struct form *form = form_choose(&choices, leaves);

		if (choices.left)
			form_free(form);
		else
			batch_add(batch, form);
	}
	batch_check(batch);
	batch_report(batch, leaves);
}

UNIT_TEST(clause, every_form_of_three_tests)
{
	struct batch *batch = batch_new(BATCH);

	for (unsigned int leaves = 1; leaves <= 3; leaves++)
		forms_enumerate(batch, leaves, true);
	free(batch);
}

UNIT_TEST(clause, every_form_of_five_different_tests)
{
	struct batch *batch = batch_new(BATCH);

	for (unsigned int leaves = 4; leaves <= VARIABLES; leaves++)
		forms_enumerate(batch, leaves, false);
	free(batch);
}

/* Of up to `budget` nodes, with several children and with none. */
static struct form *form_random(uint64_t *random, int *budget)
{
	struct form *form;

	if (--*budget <= 0 || unit_below(random, 3) == 0) {
		form = form_new(EXPRESSION_TEST);
		form->variable = unit_below(random, VARIABLES);
		return form;
	}
	form = form_new(EXPRESSION_AND + unit_below(random, 3));
	form->count = form->op == EXPRESSION_NOT ? 1 : unit_below(random, 5);
	for (size_t i = 0; i < form->count; i++)
		form->child[i] = form_random(random, budget);
	return form;
}

UNIT_TEST(clause, random_forms)
{
	struct batch *batch = batch_new(BATCH_NAMED);
	uint64_t random = unit_seed();

	for (size_t i = 0; i < 20000; i++) {
		int budget = 24;

		batch_add(batch, form_random(&random, &budget));
	}
	batch_check(batch);
	batch_report(batch, 24);
	free(batch);
}
