/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/dnf.h"

#include <errno.h>
#include <string.h>

void dnf_done(struct dnf *dnf)
{
	free(dnf->list);
	*dnf = (struct dnf) { 0 };
}

static void conjunction_set(struct conjunction *c, dnf_literal literal)
{
	c->signature = 1ULL << (literal * 0x9e3779b1u >> 26);
	c->count = 1;
	c->literal[0] = literal;
}

static bool conjunction_has(const struct conjunction *c, dnf_literal literal)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->literal[i] == literal)
			return true;
	return false;
}

/* Whether whatever fits `b` fits `a`: then b is superfluous beside a. */
static bool conjunction_absorbs(const struct conjunction *a, const struct conjunction *b)
{
	if (a->signature & ~b->signature || a->count > b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!conjunction_has(b, a->literal[i]))
			return false;
	return true;
}

/* Both together. Returns 1, 0 when they contradict each other, -ERANGE. */
static int conjunction_join(struct conjunction *ret, const struct conjunction *a,
			    const struct conjunction *b)
{
	size_t i = 0, k = 0;

	ret->count = 0;
	ret->signature = a->signature | b->signature;
	while (i < a->count || k < b->count) {
		dnf_literal next = k == b->count || (i < a->count && a->literal[i] < b->literal[k])
					   ? a->literal[i]
					   : b->literal[k];

		i += i < a->count && a->literal[i] == next;
		k += k < b->count && b->literal[k] == next;
		/* the literals of one atom are neighbours */
		if (ret->count && ret->literal[ret->count - 1] == (next ^ 1))
			return 0;
		if (ret->count == DNF_LITERALS_MAX)
			return -ERANGE;
		ret->literal[ret->count++] = next;
	}
	return 1;
}

static int dnf_grow(struct dnf *dnf)
{
	size_t capacity = dnf->capacity ? 2 * dnf->capacity : 4;
	struct conjunction *list;

	if (dnf->count < dnf->capacity)
		return 0;
	list = reallocarray(dnf->list, capacity, sizeof(*list));
	if (!list)
		return -ENOMEM;
	dnf->list = list;
	dnf->capacity = capacity;
	return 0;
}

/* Adds an alternative, unless it is superfluous; drops those that it makes so. */
static int dnf_add(struct dnf *dnf, const struct conjunction *conjunction)
{
	size_t left = 0;
	int r;

	for (size_t i = 0; i < dnf->count; i++)
		if (conjunction_absorbs(&dnf->list[i], conjunction)) {
			dnf->dropped = true;
			return 0;
		}
	for (size_t i = 0; i < dnf->count; i++) {
		if (conjunction_absorbs(conjunction, &dnf->list[i]))
			continue;
		if (left != i)
			dnf->list[left] = dnf->list[i];
		left++;
	}
	dnf->dropped |= left < dnf->count;
	dnf->count = left;
	if (dnf->count == DNF_CLAUSES_MAX)
		return -E2BIG;
	r = dnf_grow(dnf);
	if (r < 0)
		return r;
	dnf->list[dnf->count++] = *conjunction;
	return 0;
}

struct making {
	struct atoms *atoms;
	size_t work;
};

static int work_count(struct making *m, size_t work)
{
	m->work += work;
	return m->work > DNF_WORK_MAX ? -E2BIG : 0;
}

/* *dnf becomes what is true when both are. */
static int dnf_multiply(struct making *m, struct dnf *dnf, const struct dnf *other)
{
	_cleanup_(dnf_done) struct dnf product = { .dropped = dnf->dropped | other->dropped };
	struct conjunction both;
	int r = work_count(m, dnf->count * other->count);

	for (size_t i = 0; i < dnf->count && r >= 0; i++)
		for (size_t k = 0; k < other->count && r >= 0; k++) {
			r = conjunction_join(&both, &dnf->list[i], &other->list[k]);
			product.dropped |= !r;
			if (r > 0)
				r = dnf_add(&product, &both);
		}
	if (r < 0)
		return r;
	dnf_done(dnf);
	*dnf = product;
	product = (struct dnf) { 0 };
	return 0;
}

static int dnf_unite(struct making *m, struct dnf *dnf, const struct dnf *other)
{
	int r = work_count(m, other->count);

	dnf->dropped |= other->dropped;
	for (size_t i = 0; i < other->count && r >= 0; i++)
		r = dnf_add(dnf, &other->list[i]);
	return r;
}

static int dnf_true(struct dnf *dnf)
{
	return dnf_add(dnf, &(struct conjunction) { 0 });
}

/* A test holds when one of its atoms does, and fails when none does. */
static int make_test(struct making *m, const struct test *test, bool negated, struct dnf *ret)
{
	_cleanup_(dnf_done) struct dnf made = { 0 };
	struct conjunction none = { 0 };
	struct test_atoms found;
	int r = atoms_of_test(m->atoms, test, &found);

	if (r < 0)
		return r;
	for (size_t i = 0; i < 2 && r >= 0; i++) {
		int atom = i ? found.user : found.exact;
		struct conjunction before = none, one = { 0 };

		if (atom == NO_ATOM)
			continue;
		conjunction_set(&one, DNF_LITERAL(atom, negated));
		r = negated ? conjunction_join(&none, &before, &one) : dnf_add(&made, &one);
	}
	if (r >= 0 && negated)
		r = dnf_add(&made, &none);
	if (r < 0)
		return r;
	*ret = made;
	made = (struct dnf) { 0 };
	return 0;
}

static int make(struct making *m, const struct expression *e, bool negated, struct dnf *ret);

/* `all`: AND, or a negated OR. */
static int make_children(struct making *m, const struct expression *e, bool negated, bool all,
			 struct dnf *ret)
{
	_cleanup_(dnf_done) struct dnf made = { 0 };
	int r = all ? dnf_true(&made) : 0;

	for (size_t i = 0; i < e->count && r >= 0; i++) {
		_cleanup_(dnf_done) struct dnf child = { 0 };

		r = make(m, e->child[i], negated, &child);
		if (r < 0)
			break;
		r = all ? dnf_multiply(m, &made, &child) : dnf_unite(m, &made, &child);
	}
	if (r < 0)
		return r;
	*ret = made;
	made = (struct dnf) { 0 };
	return 0;
}

static int make(struct making *m, const struct expression *e, bool negated, struct dnf *ret)
{
	if (e->op == EXPRESSION_TEST)
		return make_test(m, &e->test, negated, ret);
	if (e->op == EXPRESSION_NOT)
		return make(m, e->child[0], !negated, ret);
	return make_children(m, e, negated, (e->op == EXPRESSION_AND) != negated, ret);
}

bool dnf_is_too_deep(const struct expression *e, size_t depth)
{
	if (depth > DNF_DEPTH_MAX)
		return true;
	for (size_t i = 0; e->op != EXPRESSION_TEST && i < e->count; i++)
		if (dnf_is_too_deep(e->child[i], depth + 1))
			return true;
	return false;
}

int dnf_make(struct dnf *ret_dnf, const struct expression *condition, bool negated,
	     struct atoms *atoms)
{
	struct making m = { .atoms = atoms };

	return make(&m, condition, negated, ret_dnf);
}

double dnf_estimate(const struct expression *e, bool negated)
{
	bool all = (e->op == EXPRESSION_AND) != negated;
	double estimate = all ? 1 : 0;

	if (e->op == EXPRESSION_TEST)
		return 1;
	if (e->op == EXPRESSION_NOT)
		return dnf_estimate(e->child[0], !negated);
	for (size_t i = 0; i < e->count; i++) {
		double child = dnf_estimate(e->child[i], negated);

		estimate = all ? estimate * child : estimate + child;
	}
	return estimate;
}

bool dnf_holds_of_nothing(const struct expression *e)
{
	bool all = e->op == EXPRESSION_AND;

	if (e->op == EXPRESSION_TEST)
		return false;
	if (e->op == EXPRESSION_NOT)
		return !dnf_holds_of_nothing(e->child[0]);
	for (size_t i = 0; i < e->count; i++)
		if (dnf_holds_of_nothing(e->child[i]) != all)
			return !all;
	return all;
}
