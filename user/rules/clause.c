/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/clause.h"

#include <errno.h>

int clauses_init(struct clauses *clauses)
{
	clauses->list = calloc(CLAUSES_MAX, sizeof(*clauses->list));
	clauses->count = 0;
	return clauses->list ? 0 : -ENOMEM;
}

void clauses_done(struct clauses *clauses)
{
	free(clauses->list);
	*clauses = (struct clauses) { 0 };
}

/* A literal while its clause is put together. */
struct draft {
	const struct atom *atom;
	__u16 number;
	bool negated;
};

/* What fails most often comes first, what the user side confirms last. */
static int draft_compare(const void *a, const void *b)
{
	const struct draft *left = a, *right = b;
	bool left_user = left->atom->kind == ATOM_USER;
	bool right_user = right->atom->kind == ATOM_USER;

	if (left_user != right_user)
		return left_user ? 1 : -1;
	if (left->negated != right->negated)
		return left->negated ? 1 : -1;
	if (left->atom->rarity != right->atom->rarity)
		return left->atom->rarity > right->atom->rarity ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

static const struct draft *draft_find(const struct draft *drafts, size_t count, int atom)
{
	for (size_t i = 0; i < count; i++)
		if (drafts[i].number == atom)
			return &drafts[i];
	return NULL;
}

/* Each user literal brings its gate. Returns how many there are, 0 when a gate is
 * required not to hold. */
static size_t drafts_make(struct draft drafts[2 * DNF_LITERALS_MAX],
			  const struct conjunction *conjunction, struct atoms *atoms)
{
	size_t own = conjunction->count, count = own;

	for (size_t i = 0; i < own; i++) {
		__u16 number = DNF_ATOM(conjunction->literal[i]);

		drafts[i] = (struct draft) { atoms_get(atoms, number), number,
					     DNF_NEGATED(conjunction->literal[i]) };
	}
	for (size_t i = 0; i < own; i++) {
		int gate = drafts[i].atom->gate;
		const struct draft *same;

		if (drafts[i].atom->kind != ATOM_USER || drafts[i].negated || gate == NO_ATOM)
			continue;
		same = draft_find(drafts, count, gate);
		if (same && same->negated)
			return 0;
		if (!same)
			drafts[count++] = (struct draft) { atoms_get(atoms, gate), gate, false };
	}
	qsort(drafts, count, sizeof(*drafts), draft_compare);
	return count;
}

static __u32 literal_pack(const struct draft *draft)
{
	return draft->number | (__u32)field_table[draft->atom->field].slot << 16 |
	       (draft->negated ? LITERAL_NOT : 0) |
	       (draft->atom->kind == ATOM_USER ? LITERAL_USER : 0);
}

static bool draft_is_pivot(const struct draft *draft)
{
	return !draft->negated && draft->atom->kind != ATOM_USER;
}

int clauses_add(struct clauses *clauses, const struct clause_owner *owner,
		const struct conjunction *conjunction, struct atoms *atoms)
{
	struct draft drafts[2 * DNF_LITERALS_MAX];
	struct clause clause = { .rule = owner->rule,
				 .event = owner->event,
				 .enforcing = owner->enforcing,
				 .order = clauses->count };
	size_t count = drafts_make(drafts, conjunction, atoms);
	int pivot = NO_ATOM, r;

	if (!count && conjunction->count)
		return 0;
	if (count > LITERALS_MAX)
		return -ERANGE;
	if (clauses->count == CLAUSES_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < count; i++) {
		int event = field_table[drafts[i].atom->field].event;

		if (event >= 0 && event != (int)owner->event)
			return -EINVAL;
		atoms_get(atoms, drafts[i].number)->events |= 1u << owner->event;
		clause.confirm |= drafts[i].atom->kind == ATOM_USER;
		if (!i && draft_is_pivot(&drafts[i])) {
			pivot = drafts[i].number;
			/* an enforcing clause is also looked at while its pivot does not
			 * hold, and must see that */
			if (!owner->enforcing)
				continue;
		}
		clause.literal[clause.count++] = literal_pack(&drafts[i]);
	}
	if (pivot == NO_ATOM) {
		r = atoms_always(atoms, owner->event, &pivot);
		if (r < 0)
			return r;
		atoms_get(atoms, pivot)->events |= 1u << owner->event;
	}
	clause.pivot = pivot;
	clauses->list[clauses->count++] = clause;
	return 1;
}

static int clause_compare(const void *a, const void *b)
{
	const struct clause *left = a, *right = b;

	if (left->pivot != right->pivot)
		return left->pivot < right->pivot ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

void clauses_sort(struct clauses *clauses)
{
	qsort(clauses->list, clauses->count, sizeof(*clauses->list), clause_compare);
}
