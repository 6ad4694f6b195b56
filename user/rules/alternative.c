/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition is made again without the alternative: when that gives the same, it adds
 * nothing. Only where making it dropped something, which most conditions do not.
 */
#include "rules/alternative.h"

#include <errno.h>
#include <string.h>

#include "rules/expression.h"
#include "rules/step.h"

static bool dnf_has(const struct dnf *dnf, const struct conjunction *conjunction)
{
	for (size_t i = 0; i < dnf->count; i++)
		if (dnf->list[i].count == conjunction->count &&
		    !memcmp(dnf->list[i].literal, conjunction->literal,
			    conjunction->count * sizeof(*conjunction->literal)))
			return true;
	return false;
}

static bool dnf_equal(const struct dnf *a, const struct dnf *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!dnf_has(b, &a->list[i]))
			return false;
	return true;
}

/* Leaves `any` without its child number `i` while the whole is made. 1 when the whole is
 * the same, 0, or -ENOMEM. */
static int is_dead(const struct rule *rule, struct expression *any, size_t i,
		   const struct dnf *whole, struct atoms *atoms)
{
	_cleanup_(dnf_done) struct dnf without = { 0 };
	const size_t last = any->count - 1;
	struct expression *child = any->child[i];
	int r;

	any->child[i] = any->child[last];
	any->count = last;
	r = dnf_make(&without, rule->condition, false, atoms);
	any->count = last + 1;
	any->child[i] = child;
	/* A limit that the whole did not pass is no matter here. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return dnf_equal(&without, whole);
}

/* `part` is the condition or one of those that it joins by `and`. */
static int part_warn(const struct rule *rule, struct expression *part, const struct dnf *whole,
		     struct atoms *atoms, struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t i = 0; part->op == EXPRESSION_AND && i < part->count && r >= 0; i++)
		r = part_warn(rule, part->child[i], whole, atoms, diagnostics);
	if (part->op != EXPRESSION_OR || part->count < 2 || part->count > ALTERNATIVES_MAX)
		return r;
	for (size_t i = part->count; i-- && !r;)
		if ((r = is_dead(rule, part, i, whole, atoms)) > 0)
			diagnose(diagnostics, SEVERITY_WARNING, &rule->place,
				 "alternative %zu of %zu in the condition of '%s' adds nothing: it "
				 "can never be true there, or the others are whenever it is",
				 i + 1, part->count, rule_title(rule));
	return r < 0 ? r : 0;
}

int alternatives_warn(const struct rule *rule, const struct dnf *whole, struct atoms *atoms,
		      struct diagnostics *diagnostics)
{
	if (!whole->dropped || !whole->count)
		return 0;
	return part_warn(rule, rule->condition, whole, atoms, diagnostics);
}
