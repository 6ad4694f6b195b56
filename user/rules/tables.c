/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/tables.h"

#include <errno.h>

void tables_done(struct tables *tables)
{
	for (size_t i = 0; i < FIELD_MAX; i++)
		free(tables->field[i].intervals.bounds);
	*tables = (struct tables) { 0 };
}

/* A list of atoms or clauses while it is collected, ascending by itself. */
struct numbers {
	size_t count;
	__u16 list[ATOMS_MAX];
};

/* Which atoms a list is made of. */
struct choice {
	enum atom_kind kind;
	enum field field;
	__u64 bit; /* ATOM_BITS: those that have it */
	enum event_type event; /* ATOM_ALWAYS */
};

static bool choice_has(const struct choice *choice, const struct atom *atom)
{
	return atom_users(atom) && atom->kind == choice->kind && atom->field == choice->field &&
	       (!choice->bit || atom->bits & choice->bit) && atom->event == choice->event;
}

static int list_make(const struct atoms *atoms, const struct choice *choice, struct lists *lists,
		     __u32 *ret_place)
{
	struct numbers numbers = { 0 };

	for (size_t i = 0; i < atoms_count(atoms); i++)
		if (choice_has(choice, atoms_get(atoms, i)))
			numbers.list[numbers.count++] = i;
	return lists_add(lists, numbers.list, numbers.count, ret_place);
}

static bool is_range_of(const struct atom *atom, const struct field_info *field)
{
	return atom->events && atom->kind == ATOM_RANGES && atom->field == field->id;
}

static int intervals_of_field(struct field_tables *table, const struct atoms *atoms,
			      const struct field_info *field, struct lists *lists)
{
	_cleanup_free_ struct interval_atom *ranges = NULL;
	size_t count = 0;

	for (size_t i = 0; i < atoms_count(atoms); i++)
		count += is_range_of(atoms_get(atoms, i), field);
	ranges = calloc(count + 1, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < atoms_count(atoms); i++) {
		const struct atom *atom = atoms_get(atoms, i);

		if (is_range_of(atom, field))
			ranges[count++] = (struct interval_atom) { i, atom->ranges, atom->count };
	}
	return intervals_make(&table->intervals, ranges, count,
			      field->kind == KIND_ip ? key_address_max : key_number_max, lists);
}

static int bits_of_field(struct field_tables *table, const struct atoms *atoms, enum field field,
			 struct lists *lists)
{
	struct choice choice = { .kind = ATOM_BITS, .field = field };

	for (size_t i = 0; i < SET_BITS; i++) {
		int r;

		choice.bit = 1ULL << i;
		r = list_make(atoms, &choice, lists, &table->bits[i]);
		if (r < 0)
			return r;
		if (table->bits[i])
			table->bit_count = i + 1;
	}
	return 0;
}

static int field_make(struct tables *tables, const struct atoms *atoms, enum field field,
		      struct lists *lists)
{
	const struct field_info *info = &field_table[field];
	struct field_tables *table = &tables->field[field];
	struct choice exists = { .kind = ATOM_EXISTS, .field = field };
	int r = list_make(atoms, &exists, lists, &table->exists);

	if (r < 0 || info->kind == KIND_text || info->kind == KIND_time)
		return r;
	if (info->kind == KIND_set)
		return bits_of_field(table, atoms, field, lists);
	return intervals_of_field(table, atoms, info, lists);
}

static int event_make(struct event_tables *table, enum event_type event, const struct atoms *atoms,
		      const struct clauses *clauses, struct lists *lists)
{
	struct choice always = { .kind = ATOM_ALWAYS, .field = FIELD_MAX, .event = event };
	struct numbers numbers = { 0 };
	int r;

	for (size_t i = 0; i < atoms_count(atoms); i++) {
		const struct atom *atom = atoms_get(atoms, i);

		if (!(atom_users(atom) >> event & 1) || atom->kind == ATOM_ALWAYS)
			continue;
		table->use |= SLOT_BIT(field_table[atom->field].slot);
		for (size_t k = 0; atom->others && k < atom->count; k++)
			table->use |= SLOT_BIT(field_table[atom->others[k]].slot);
	}
	r = list_make(atoms, &always, lists, &table->always);
	if (r < 0)
		return r;
	for (size_t i = 0; i < clauses->count; i++)
		if (clauses->list[i].enforcing && clauses->list[i].event == event)
			numbers.list[numbers.count++] = i;
	return lists_add(lists, numbers.list, numbers.count, &table->enforcing);
}

static int literals_add(const struct atoms *atoms, struct automaton *automaton)
{
	for (size_t i = 0; i < atoms_count(atoms); i++) {
		const struct atom *atom = atoms_get(atoms, i);

		if (!atom_users(atom) || atom->kind != ATOM_TEXT)
			continue;
		for (size_t k = 0; k < atom->count; k++) {
			const struct atom_text *text = &atom->texts[k];
			const struct literal literal = { text->bytes, text->length, text->anchors };
			int r = automaton_add(automaton, atom->field, &literal, i);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int tables_make(struct tables *tables, const struct atoms *atoms, const struct clauses *clauses,
		struct automaton *automaton, struct lists *lists, enum field *ret_field)
{
	int r;

	*ret_field = FIELD_MAX;
	for (size_t i = 0; i < FIELD_MAX; i++) {
		r = field_make(tables, atoms, i, lists);
		if (r == -E2BIG)
			*ret_field = i;
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < EVENT_MAX; i++) {
		r = event_make(&tables->event[i], i, atoms, clauses, lists);
		if (r < 0)
			return r;
	}
	r = literals_add(atoms, automaton);
	return r < 0 ? r : automaton_link(automaton, lists);
}

_Static_assert(CLAUSES_MAX <= ATOMS_MAX, "one list can hold all clauses");
