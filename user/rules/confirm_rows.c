/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/confirm_rows.h"

#include <errno.h>
#include <string.h>

static bool is_confirmed(const struct atom *atom)
{
	return atom->kind == ATOM_USER && atom->events;
}

void confirm_rows_measure(struct confirm_parts *ret_sizes, const struct atoms *atoms)
{
	struct confirm_parts sizes = { 0 };

	for (size_t i = 0; i < atoms_count(atoms); i++) {
		const struct atom *atom = atoms_get(atoms, i);

		if (!is_confirmed(atom))
			continue;
		sizes.rows += (size_t)__builtin_popcount(atom->events) * atom->count *
			      sizeof(struct policy_confirm);
		if (atom->ranges)
			sizes.spans += atom->count * sizeof(struct policy_span);
		for (size_t k = 0; atom->texts && k < atom->count; k++)
			sizes.patterns += atom->texts[k].length;
	}
	*ret_sizes = sizes;
}

/* The number that is compared as this key. */
static __s64 number_of_key(struct key key)
{
	return (__s64)(key.low ^ 1ULL << 63);
}

/* A value of an atom while its row waits for its place. */
struct value {
	const struct atom *atom;
	__u16 number; /* of the atom */
	enum field other;
	__u32 pattern, length;
};

/* Writes what value `k` is made of and moves *at behind it. */
static void value_write(struct value *value, struct policy *policy, struct confirm_parts *at,
			size_t k)
{
	const struct atom *atom = value->atom;

	if (atom->others) {
		value->other = atom->others[k];
	} else if (atom->ranges) {
		struct policy_span *span = (void *)((char *)policy + at->spans);

		*span = (struct policy_span) { number_of_key(atom->ranges[k].first),
					       number_of_key(atom->ranges[k].last) };
		value->pattern = at->spans;
		value->length = sizeof(*span);
		at->spans += sizeof(*span);
	} else {
		value->pattern = at->patterns;
		value->length = atom->texts[k].length;
		if (value->length)
			memcpy((char *)policy + at->patterns, atom->texts[k].bytes, value->length);
		at->patterns += value->length;
	}
}

static int value_compare(const void *a, const void *b)
{
	const struct value *left = a, *right = b;

	if (left->atom->gate[0] != right->atom->gate[0])
		return left->atom->gate[0] < right->atom->gate[0] ? -1 : 1;
	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return left->pattern < right->pattern ? -1 : left->pattern > right->pattern;
}

/* Writes the values of all atoms and lists them in the order of the rows. */
static size_t values_write(struct value *values, struct policy *policy, struct confirm_parts *at,
			   const struct atoms *atoms)
{
	size_t count = 0;

	for (size_t i = 0; i < atoms_count(atoms); i++) {
		const struct atom *atom = atoms_get(atoms, i);

		for (size_t k = 0; is_confirmed(atom) && k < atom->count; k++) {
			values[count] = (struct value) { .atom = atom, .number = i };
			value_write(&values[count++], policy, at, k);
		}
	}
	qsort(values, count, sizeof(*values), value_compare);
	return count;
}

int confirm_rows_write(struct policy *policy, const struct confirm_parts *at,
		       const struct atoms *atoms)
{
	_cleanup_free_ struct value *values = NULL;
	struct confirm_parts next = *at;
	size_t count = 0;

	for (size_t i = 0; i < atoms_count(atoms); i++)
		count += is_confirmed(atoms_get(atoms, i)) ? atoms_get(atoms, i)->count : 0;
	values = calloc(count + 1, sizeof(*values));
	if (!values)
		return -ENOMEM;
	count = values_write(values, policy, &next, atoms);
	for (size_t event = 0; event < EVENT_MAX; event++) {
		struct policy_confirm *rows = (void *)((char *)policy + next.rows);
		__u32 written = 0;

		for (size_t i = 0; i < count; i++) {
			const struct atom *atom = values[i].atom;

			if (atom->events >> event & 1)
				rows[written++] =
					(struct policy_confirm) { .atom = values[i].number,
								  .gate = (__u16)atom->gate[0],
								  .field = atom->field,
								  .other = values[i].other,
								  .op = atom->op,
								  .flags = (__u8)atom->flags,
								  .pattern = values[i].pattern,
								  .length = values[i].length };
		}
		policy->event[event].confirms = next.rows;
		policy->event[event].confirm_count = written;
		next.rows += written * sizeof(*rows);
	}
	return 0;
}
