/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of compiling: steps (which rules must enforce), clauses rule by rule, then
 * the tables that find their atoms, then the image. A rule that cannot be expressed is
 * diagnosed and the next one looked at; a limit of the whole policy ends it.
 */
#include "rules/compile.h"

#include <errno.h>

#include "rules/alternative.h"
#include "rules/automaton.h"
#include "rules/clause.h"
#include "rules/dnf.h"
#include "rules/image.h"
#include "rules/leave_out.h"
#include "rules/lists.h"
#include "rules/step.h"
#include "rules/tables.h"

/* Correlations are refused in one, detections in the next, and the rest is compiled in the
 * last; one more for what a limit of the whole policy kept from being looked at. */
#define PASSES_MAX 4

#define TITLE_MAX 1024 /* bytes of a rule's name in a message; a longer one is cut */

struct compiler {
	const struct ruleset *ruleset;
	struct diagnostics *diagnostics;
	struct atoms *atoms;
	struct automaton *automaton;
	struct clauses clauses;
	struct lists lists;
	struct steps steps;
	struct tables tables;
	struct rule_compiled *rules;
	bool *refused; /* by rule: it cannot be compiled, whatever the others are */
};

static void compiler_done(struct compiler *c)
{
	atoms_freep(&c->atoms);
	automaton_freep(&c->automaton);
	clauses_done(&c->clauses);
	lists_done(&c->lists);
	steps_done(&c->steps);
	tables_done(&c->tables);
	free(c->rules);
	free(c->refused);
}

static int compiler_init(struct compiler *c)
{
	int r = atoms_new(&c->atoms);

	if (r >= 0)
		r = automaton_new(&c->automaton);
	if (r >= 0)
		r = clauses_init(&c->clauses);
	if (r >= 0)
		r = lists_init(&c->lists);
	if (r < 0)
		return r;
	c->rules = calloc(c->ruleset->count + 1, sizeof(*c->rules));
	c->refused = calloc(c->ruleset->count + 1, sizeof(*c->refused));
	return c->rules && c->refused ? 0 : -ENOMEM;
}

void compiled_free(struct compiled *compiled)
{
	if (!compiled)
		return;
	free(compiled->policy);
	free(compiled->rules);
	free(compiled);
}

#define WARN(c, rule, ...) diagnose((c)->diagnostics, SEVERITY_WARNING, &(rule)->place, __VA_ARGS__)
#define FAIL(c, rule, ...) diagnose((c)->diagnostics, SEVERITY_ERROR, &(rule)->place, __VA_ARGS__)

/* Whose tests, and where else they are. */
static const char *rule_whole(const struct rule *rule, char name[TITLE_MAX])
{
	if (rule->filter_count)
		snprintf(name, TITLE_MAX, "'%s' with its %zu filter%s (one is at %s:%u)",
			 rule_title(rule), rule->filter_count, rule->filter_count == 1 ? "" : "s",
			 rule->filters[0]->place.file, rule->filters[0]->place.line);
	else
		snprintf(name, TITLE_MAX, "'%s'", rule_title(rule));
	return name;
}

/* Tells why a rule did not become clauses. */
static int rule_fail(struct compiler *c, const struct rule *rule, int error)
{
	char whole[TITLE_MAX];
	const char *title = rule_whole(rule, whole);

	switch (error) {
	case -ELOOP:
		return FAIL(c, rule, "the condition of %s is nested deeper than %d", title,
			    DNF_DEPTH_MAX);
	case -E2BIG:
		return FAIL(c, rule,
			    "the condition of %s needs more than %d clauses (%.0f when its "
			    "alternatives are multiplied out)",
			    title, DNF_CLAUSES_MAX, dnf_estimate(rule->condition, false));
	case -ERANGE:
		return FAIL(c, rule, "%s has a clause of more than %d tests that must all hold",
			    title, LITERALS_MAX);
	case -EINVAL:
		return FAIL(c, rule, "%s tests a field in a way that cannot be compiled", title);
	default:
		return error;
	}
}

/* A limit of the whole policy, which this rule is the first to pass. */
static int policy_fail(struct compiler *c, const struct rule *rule)
{
	const char *title = rule_title(rule);

	if (c->clauses.count == CLAUSES_MAX)
		return FAIL(c, rule, "with '%s' the rules need more than %d clauses", title,
			    CLAUSES_MAX);
	return FAIL(c, rule, "with '%s' the rules need more than %d different tests", title,
		    ATOMS_MAX);
}

/* Warns of a condition that says nothing. Its negation is only examined when it may be
 * a contradiction: most conditions need a test that holds. */
static void rule_warn(struct compiler *c, const struct rule *rule, size_t clauses)
{
	_cleanup_(dnf_done) struct dnf negation = { 0 };

	if (!clauses)
		WARN(c, rule, "the condition of '%s' can never be true", rule_title(rule));
	else if (dnf_holds_of_nothing(rule->condition) &&
		 !dnf_make(&negation, rule->condition, true, c->atoms) && !negation.count)
		WARN(c, rule, "the condition of '%s' is always true", rule_title(rule));
}

static int rule_compile(struct compiler *c, size_t index)
{
	const struct rule *rule = c->ruleset->rules[index];
	struct rule_compiled *compiled = &c->rules[index];
	struct clause_owner owner = { .rule = index,
				      .event = rule->event,
				      .enforcing = rule->response >= RESPONSE_deny ||
						   c->steps.rules[index].enforcing };
	_cleanup_(dnf_done) struct dnf dnf = { 0 };
	size_t first = c->clauses.count;
	int r;

	if (dnf_is_too_deep(rule->condition, 0))
		return -ELOOP;
	r = dnf_make(&dnf, rule->condition, false, c->atoms);
	if (r < 0)
		return r;
	for (size_t i = 0; i < dnf.count; i++) {
		r = clauses_add(&c->clauses, &owner, &dnf.list[i], c->atoms);
		if (r < 0)
			return r;
	}
	compiled->clauses = c->clauses.count - first;
	rule_warn(c, rule, compiled->clauses);
	r = alternatives_warn(rule, &dnf, c->atoms, c->diagnostics);
	if (r < 0)
		return r;
	for (size_t i = first; i < c->clauses.count; i++)
		compiled->confirm |= c->clauses.list[i].confirm;
	return 0;
}

static int rules_compile(struct compiler *c)
{
	int result = 0;

	for (size_t i = 0; i < c->ruleset->count; i++) {
		const struct rule *rule = c->ruleset->rules[i];
		int r = rule->condition ? rule_compile(c, i) : 0;

		if (r == -ENOSPC)
			return policy_fail(c, rule);
		if (r == -ENOMEM)
			return r;
		c->refused[i] = r < 0;
		if (r < 0)
			result = rule_fail(c, rule, r);
	}
	return result;
}

/* Decides which side advances which correlation, and says of every rule why. */
static int correlations_place(struct compiler *c)
{
	_cleanup_free_ enum why_user *why = calloc(c->ruleset->count + 1, sizeof(*why));

	if (!why)
		return -ENOMEM;
	for (size_t i = 0; i < c->ruleset->count; i++)
		why[i] = c->rules[i].confirm ? WHY_test : WHY_none;
	steps_place(&c->steps, c->ruleset, why);
	for (size_t i = 0; i < c->ruleset->count; i++) {
		c->rules[i].why = why[i];
		c->rules[i].confirm = why[i] != WHY_none;
	}
	return 0;
}

static int tables_compile(struct compiler *c)
{
	const struct place place = { .file = "policy" };
	enum field field;
	int r = tables_make(&c->tables, c->atoms, &c->clauses, c->automaton, &c->lists, &field);

	if (r == -ENOSPC)
		return diagnose(c->diagnostics, SEVERITY_ERROR, &place,
				"the rules need more than %u bytes for lists of tests that hold "
				"together, the limit of the whole policy",
				POLICY_SIZE_MAX);
	if (r == -E2BIG && field < FIELD_MAX)
		return diagnose(
			c->diagnostics, SEVERITY_ERROR, &place,
			"the rules cut the values of %s into %zu intervals, the limit is %d",
			field_table[field].name, c->tables.field[field].intervals.count,
			BOUNDS_MAX);
	if (r == -E2BIG)
		return diagnose(c->diagnostics, SEVERITY_ERROR, &place,
				"the texts of the rules need more than %u bytes, the limit of the "
				"whole policy",
				POLICY_SIZE_MAX);
	return r;
}

static int rules_check(const struct ruleset *ruleset, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < ruleset->count; i++)
		if (ruleset->rules[i]->response >= RESPONSE_MAX ||
		    (ruleset->rules[i]->condition && ruleset->rules[i]->event >= EVENT_MAX))
			return diagnose(diagnostics, SEVERITY_ERROR, &ruleset->rules[i]->place,
					"'%s' has no such event or response",
					rule_title(ruleset->rules[i]));
	if (ruleset->count > RULES_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &ruleset->rules[RULES_MAX]->place,
				"'%s' is one rule more than the %d that a policy can hold (there "
				"are %zu)",
				rule_title(ruleset->rules[RULES_MAX]), RULES_MAX, ruleset->count);
	return 0;
}

static int compiler_run(struct compiler *c)
{
	int r = rules_check(c->ruleset, c->diagnostics);

	if (r >= 0)
		r = steps_collect(&c->steps, c->ruleset, c->refused, c->diagnostics);
	if (r >= 0)
		r = rules_compile(c);
	if (r >= 0)
		r = correlations_place(c);
	if (r < 0)
		return r;
	clauses_sort(&c->clauses);
	return tables_compile(c);
}

static int compiler_finish(struct compiler *c, __u64 generation, struct compiled **ret_compiled)
{
	struct compiled *compiled = calloc(1, sizeof(*compiled));
	int r;

	if (!compiled)
		return -ENOMEM;
	r = image_make(&compiled->policy, &compiled->capacity,
		       &(struct image_parts) { .ruleset = c->ruleset,
					       .rules = c->rules,
					       .atoms = c->atoms,
					       .clauses = &c->clauses,
					       .steps = &c->steps,
					       .tables = &c->tables,
					       .automaton = c->automaton,
					       .lists = &c->lists,
					       .generation = generation },
		       c->diagnostics);
	if (r < 0) {
		compiled_free(compiled);
		return r;
	}
	compiled->rules = take_ptr(c->rules);
	compiled->atoms = compiled->policy->atom_count;
	compiled->states = automaton_states(c->automaton);
	*ret_compiled = compiled;
	return 0;
}

/* Compiles. After -EINVAL *ret_refused, which is the caller's, has by rule whether it is at
 * fault; NULL when that is not known. */
static int try(struct compiled **ret_compiled, const struct ruleset *ruleset, __u64 generation,
	       struct diagnostics *diagnostics, bool **ret_refused)
{
	_cleanup_(compiler_done) struct compiler c = { .ruleset = ruleset,
						       .diagnostics = diagnostics };
	int r = compiler_init(&c);

	if (r >= 0)
		r = compiler_run(&c);
	if (r >= 0)
		r = compiler_finish(&c, generation, ret_compiled);
	*ret_refused = take_ptr(c.refused);
	return r;
}

int compile(struct compiled **ret_compiled, const struct ruleset *ruleset, __u64 generation,
	    struct diagnostics *diagnostics)
{
	_cleanup_free_ bool *refused = NULL;

	return try(ret_compiled, ruleset, generation, diagnostics, &refused);
}

static bool any_refused(const struct ruleset *ruleset, const bool *refused)
{
	for (size_t i = 0; refused && i < ruleset->count; i++)
		if (refused[i])
			return true;
	return false;
}

/* 1: rules were left out, and another pass may do. */
static int pass(struct compiled **ret_compiled, struct ruleset *ruleset, __u64 generation,
		struct diagnostics *diagnostics)
{
	_cleanup_(diagnostics_done) struct diagnostics own = { 0 };
	_cleanup_free_ bool *refused = NULL;
	int r = try(ret_compiled, ruleset, generation, &own, &refused);

	if (r != -EINVAL || !any_refused(ruleset, refused)) {
		diagnostics_pass_on(diagnostics, &own);
		return r;
	}
	/* the next pass warns again of what is left */
	diagnostics_pass_on_errors(diagnostics, &own);
	r = rules_leave_out(ruleset, refused, diagnostics);
	return r < 0 ? r : 1;
}

int compile_what_can(struct compiled **ret_compiled, struct ruleset *ruleset, __u64 generation,
		     struct diagnostics *diagnostics)
{
	int r = 1;

	for (int i = 0; i < PASSES_MAX && r > 0; i++)
		r = pass(ret_compiled, ruleset, generation, diagnostics);
	return r > 0 ? -EINVAL : r;
}
