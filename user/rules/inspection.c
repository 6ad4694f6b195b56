/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/inspection.h"

#include <errno.h>

#include "rules/clause.h"

DEFINE_CLEANUP(struct compiled *, compiled_free)

void inspection_free(struct inspection *inspection)
{
	if (inspection->atoms)
		atoms_free(inspection->atoms);
	free(inspection->clauses);
	free(inspection);
}

static void literal_take(struct inspected_clause *clause, const struct atoms *atoms, __u16 number,
			 bool negated, bool pivot)
{
	const struct atom *atom = atoms_get(atoms, number);

	for (size_t i = 0; i < clause->count; i++)
		if (clause->literal[i].atom == atom) {
			clause->literal[i].pivot |= pivot;
			return;
		}
	clause->literal[clause->count++] =
		(struct inspected_literal) { atom, negated, pivot, !atom_is_seen(atom) };
	clause->user |= !atom_is_seen(atom);
}

/* The pivot first, as the decider has it. */
static void clause_take(struct inspected_clause *to, const struct clause *from,
			const struct atoms *atoms)
{
	literal_take(to, atoms, from->pivot, false, true);
	for (__u32 i = 0; i < from->count; i++)
		literal_take(to, atoms, LITERAL_ATOM(from->literal[i]),
			     from->literal[i] & LITERAL_NOT, false);
}

static int clauses_make(struct inspection *inspection, const struct rule *rule)
{
	_cleanup_(clauses_done) struct clauses clauses = { 0 };
	_cleanup_(dnf_done) struct dnf dnf = { 0 };
	struct clause_owner owner = { .event = rule->event,
				      .enforcing = rule->response >= RESPONSE_deny };
	int r = clauses_init(&clauses);

	if (r >= 0)
		r = dnf_make(&dnf, rule->condition, false, inspection->atoms);
	for (size_t i = 0; i < dnf.count && r >= 0; i++)
		r = clauses_add(&clauses, &owner, &dnf.list[i], inspection->atoms);
	if (r < 0)
		return r;
	inspection->clauses = calloc(clauses.count + 1, sizeof(*inspection->clauses));
	if (!inspection->clauses)
		return -ENOMEM;
	inspection->count = clauses.count;
	for (size_t i = 0; i < clauses.count; i++)
		clause_take(&inspection->clauses[i], &clauses.list[i], inspection->atoms);
	return 0;
}

/* A ruleset of the rule and of those that it refers to, which come before it. */
struct part {
	struct ruleset ruleset;
	struct rule *copies; /* shallow; with steps of their own */
	size_t *number; /* by number in the whole: that in the part, + 1 */
};

static void part_done(struct part *part)
{
	for (size_t i = 0; i < part->ruleset.count; i++)
		free(part->copies[i].steps);
	free(part->ruleset.rules);
	free(part->copies);
	free(part->number);
}

static int part_add(struct part *part, const struct ruleset *whole, size_t number)
{
	const struct rule *rule = whole->rules[number];
	struct rule *copy;
	size_t *steps;
	int r = 0;

	if (part->number[number])
		return 0;
	for (size_t i = 0; i < rule->step_count && r >= 0; i++)
		r = part_add(part, whole, rule->steps[i]);
	if (r < 0)
		return r;
	steps = calloc(rule->step_count + 1, sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	for (size_t i = 0; i < rule->step_count; i++)
		steps[i] = part->number[rule->steps[i]] - 1;
	copy = &part->copies[part->ruleset.count];
	*copy = *rule;
	copy->steps = steps;
	part->ruleset.rules[part->ruleset.count++] = copy;
	part->number[number] = part->ruleset.count;
	return 0;
}

static int size_find(struct inspection *inspection, const struct ruleset *whole, size_t number)
{
	struct diagnostics diagnostics = { 0 };
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;
	_cleanup_(part_done) struct part part = {
		.ruleset.rules = calloc(whole->count, sizeof(struct rule *)),
		.copies = calloc(whole->count, sizeof(struct rule)),
		.number = calloc(whole->count, sizeof(size_t)),
	};
	int r = part.ruleset.rules && part.copies && part.number ? 0 : -ENOMEM;

	if (r >= 0)
		r = part_add(&part, whole, number);
	if (r >= 0)
		r = compile(&compiled, &part.ruleset, 1, &diagnostics);
	diagnostics_done(&diagnostics);
	if (r < 0)
		return r;
	inspection->atom_count = compiled->atoms;
	inspection->state_count = compiled->states;
	inspection->bytes = compiled->policy->size;
	for (size_t i = 0; i < part.ruleset.count; i++)
		inspection->words += part.ruleset.rules[i]->step_count;
	return 0;
}

int inspection_make(struct inspection **ret_inspection, const struct ruleset *ruleset,
		    size_t number)
{
	_cleanup_(inspection_freep) struct inspection *inspection = calloc(1, sizeof(*inspection));
	const struct rule *rule = ruleset->rules[number];
	int r;

	if (!inspection)
		return -ENOMEM;
	r = atoms_new(&inspection->atoms);
	if (r >= 0)
		r = size_find(inspection, ruleset, number);
	if (r >= 0 && rule->condition)
		r = clauses_make(inspection, rule);
	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	*ret_inspection = take_ptr(inspection);
	return 0;
}
