/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/clause.h"

#include <errno.h>

#include "base/cleanup.h"

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

#define CLAUSE_DRAFTS_MAX (3 * DNF_LITERALS_MAX) /* each may bring two gates */

/* A literal while its clause is put together. */
struct draft {
	const struct atom *atom;
	__u16 number;
	bool negated;
};

/* What fails most often comes first, what the kernel side does not see last. */
static int draft_compare(const void *a, const void *b)
{
	const struct draft *left = a, *right = b;
	bool left_seen = atom_is_seen(left->atom), right_seen = atom_is_seen(right->atom);

	if (left_seen != right_seen)
		return left_seen ? -1 : 1;
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

/* Adds a gate. Returns how many literals there are then, 0 when it is required not to
 * hold. The kernel side has no use for one that it does not see. */
static size_t gate_add(struct draft drafts[CLAUSE_DRAFTS_MAX], size_t count, int gate,
		       struct atoms *atoms)
{
	const struct draft *same = draft_find(drafts, count, gate);

	if (same && same->negated)
		return 0;
	if (!same && atom_is_seen(atoms_get(atoms, gate)))
		drafts[count++] = (struct draft) { atoms_get(atoms, gate), gate, false };
	return count;
}

/* Each user literal brings its gates. Returns how many literals there are, 0 when a gate
 * is required not to hold. */
static size_t drafts_make(struct draft drafts[CLAUSE_DRAFTS_MAX],
			  const struct conjunction *conjunction, struct atoms *atoms)
{
	size_t own = conjunction->count, count = own;

	for (size_t i = 0; i < own; i++) {
		__u16 number = DNF_ATOM(conjunction->literal[i]);

		drafts[i] = (struct draft) { atoms_get(atoms, number), number,
					     DNF_NEGATED(conjunction->literal[i]) };
	}
	for (size_t i = 0; i < own; i++) {
		const struct atom *atom = drafts[i].atom;

		for (size_t k = 0; k < ARRAY_SIZE(atom->gate); k++) {
			if (atom->kind != ATOM_USER || drafts[i].negated ||
			    atom->gate[k] == NO_ATOM)
				continue;
			count = gate_add(drafts, count, atom->gate[k], atoms);
			if (!count)
				return 0;
		}
	}
	qsort(drafts, count, sizeof(*drafts), draft_compare);
	return count;
}

/*
 * Where the value is that the literal is about. One that compares two fields is about the
 * other where the one is the name of an opened file: who is asked about a name alone
 * (EARLY_NAMED) cannot compare it.
 */
static __u8 draft_slot(const struct draft *draft)
{
	enum field field = draft->atom->field;

	if (draft->atom->others && field == FIELD_file_open_target_filename)
		field = draft->atom->others[0];
	return field_table[field].slot;
}

static __u32 literal_pack(const struct draft *draft)
{
	return draft->number | (__u32)draft_slot(draft) << 16 | (draft->negated ? LITERAL_NOT : 0) |
	       (atom_is_seen(draft->atom) ? 0 : LITERAL_USER);
}

static bool draft_is_pivot(const struct draft *draft)
{
	return !draft->negated && atom_is_seen(draft->atom);
}

/* The gate of an atom is needed where the atom is, also where it must not hold. */
static void atom_use(struct atoms *atoms, __u16 number, enum event_type event)
{
	struct atom *atom = atoms_get(atoms, number);

	atom->events |= 1u << event;
	if (atom->kind == ATOM_USER)
		atoms_get(atoms, atom->gate[0])->gates |= 1u << event;
}

int clauses_add(struct clauses *clauses, const struct clause_owner *owner,
		const struct conjunction *conjunction, struct atoms *atoms)
{
	struct draft drafts[CLAUSE_DRAFTS_MAX];
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
		atom_use(atoms, drafts[i].number, owner->event);
		clause.confirm |= !atom_is_seen(drafts[i].atom);
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
