/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests are brought into one form first (folded, sorted, joined), so that those that
 * mean the same are found to be the same.
 */
#include "rules/atom.h"

#include <errno.h>
#include <string.h>

#include "base/fold.h"
#include "rules/intern.h"
#include "rules/rarity.h"

#define KEYS_MAX (64u << 20) /* bytes of all tests written down; over it there are too many */

struct atoms {
	struct atom *list;
	size_t count;
	struct intern keys; /* item n is what atom n tests */
};

int atoms_new(struct atoms **ret_atoms)
{
	struct atoms *atoms = calloc(1, sizeof(*atoms));

	if (!atoms)
		return -ENOMEM;
	atoms->list = calloc(ATOMS_MAX, sizeof(*atoms->list));
	if (!atoms->list) {
		free(atoms);
		return -ENOMEM;
	}
	intern_init(&atoms->keys, KEYS_MAX);
	*ret_atoms = atoms;
	return 0;
}

static void atom_done(struct atom *atom)
{
	for (size_t i = 0; atom->texts && i < atom->count; i++)
		free(atom->texts[i].bytes);
	free(atom->texts);
	free(atom->ranges);
	*atom = (struct atom) { 0 };
}

void atoms_free(struct atoms *atoms)
{
	for (size_t i = 0; i < atoms->count; i++)
		atom_done(&atoms->list[i]);
	free(atoms->list);
	intern_done(&atoms->keys);
	free(atoms);
}

size_t atoms_count(const struct atoms *atoms)
{
	return atoms->count;
}

struct atom *atoms_get(const struct atoms *atoms, size_t number)
{
	return &atoms->list[number];
}

/* Writes down what the atom tests. */
static int atom_key(const struct atom *atom, struct buffer *key)
{
	__u64 head[] = { atom->kind, atom->field, atom->event, atom->cased, atom->bits };

	buffer_add(key, head, sizeof(head));
	for (size_t i = 0; atom->texts && i < atom->count; i++) {
		const struct atom_text *text = &atom->texts[i];
		__u64 text_head[] = { text->length, text->anchors };

		buffer_add(key, text_head, sizeof(text_head));
		if (text->length)
			buffer_add(key, text->bytes, text->length);
	}
	if (atom->ranges)
		buffer_add(key, atom->ranges, atom->count * sizeof(*atom->ranges));
	return key->error;
}

/* Adds the atom unless it is there; takes over what it owns in any case. */
static int atoms_add(struct atoms *atoms, struct atom *atom, int *ret_atom)
{
	_cleanup_(atom_done) struct atom owned = *atom;
	_cleanup_buffer_ struct buffer key = BUFFER(KEYS_MAX);
	size_t number;
	int r;

	*atom = (struct atom) { 0 };
	r = atom_key(&owned, &key);
	if (r < 0)
		return r;
	r = intern_add(&atoms->keys, key.data, key.length, &number);
	if (r < 0)
		return r;
	if (number >= ATOMS_MAX)
		return -ENOSPC;
	if (r > 0) {
		owned.rarity = atom_rarity(&owned);
		atoms->list[atoms->count++] = owned;
		owned = (struct atom) { 0 };
	}
	*ret_atom = number;
	return 0;
}

static int text_compare(const void *a, const void *b)
{
	const struct atom_text *left = a, *right = b;

	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	if (left->anchors != right->anchors)
		return left->anchors < right->anchors ? -1 : 1;
	return left->length ? memcmp(left->bytes, right->bytes, left->length) : 0;
}

/* Sorts the texts and drops those that are there twice. */
static void texts_unite(struct atom *atom)
{
	size_t left = 0;

	if (!atom->count)
		return;
	qsort(atom->texts, atom->count, sizeof(*atom->texts), text_compare);
	for (size_t i = 1; i < atom->count; i++)
		if (text_compare(&atom->texts[left], &atom->texts[i]))
			atom->texts[++left] = atom->texts[i];
		else
			free(atom->texts[i].bytes);
	atom->count = left + 1;
}

/* Room for the texts was made when the atom was started. */
static int text_add(struct atom *atom, const struct literal *literal)
{
	unsigned char *bytes = malloc(literal->length + 1);

	if (!bytes)
		return -ENOMEM;
	for (size_t i = 0; i < literal->length; i++)
		bytes[i] = byte_fold(literal->bytes[i], atom->cased);
	atom->texts[atom->count++] = (struct atom_text) { .bytes = bytes,
							  .length = literal->length,
							  .anchors = literal->anchors };
	return 0;
}

/* A text test on its way to atoms. */
struct text_test {
	struct atom exact, user, gate;
	bool any; /* a value that every text fits */
	bool open; /* a user pattern that requires no byte: the gate is that there is a value */
	bool enriched, cased;
};

static void text_test_done(struct text_test *t)
{
	atom_done(&t->exact);
	atom_done(&t->user);
	atom_done(&t->gate);
}

static int text_value(struct text_test *t, const union test_value *value)
{
	const unsigned char *bytes = value->pattern.bytes;
	size_t length = value->pattern.length;
	struct literal literal, pattern = { .bytes = bytes, .length = length };
	int form = literal_find(bytes, length, &literal);
	int r;

	if (form < 0)
		return form;
	if (form == FORM_ANY) {
		t->any = true;
		return 0;
	}
	if (form == FORM_LITERAL && !t->enriched &&
	    !(t->cased && literal_has_letter(bytes, length)))
		return text_add(&t->exact, &literal);
	r = text_add(&t->user, &pattern);
	if (r < 0 || t->enriched)
		return r;
	if (form == FORM_WILD) {
		t->open = true;
		return 0;
	}
	return text_add(&t->gate, &literal);
}

static int text_test_read(struct text_test *t, const struct test *test)
{
	struct atom *const atoms[] = { &t->exact, &t->user, &t->gate };

	t->enriched = field_table[test->field].origin == ORIGIN_enriched;
	t->cased = test->op == TEST_TEXT_CASED;
	for (size_t i = 0; i < ARRAY_SIZE(atoms); i++) {
		*atoms[i] = (struct atom) { .kind = ATOM_TEXT, .field = test->field };
		atoms[i]->texts = calloc(test->count + 1, sizeof(*atoms[i]->texts));
		if (!atoms[i]->texts)
			return -ENOMEM;
	}
	t->user.kind = ATOM_USER;
	t->user.cased = t->cased;
	t->user.gate = NO_ATOM;
	for (size_t i = 0; i < test->count; i++) {
		int r = text_value(t, &test->values[i]);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(atoms); i++)
		texts_unite(atoms[i]);
	return 0;
}

/* "The field has a value", also of an enriched field. */
static int atoms_exists(struct atoms *atoms, enum field field, struct test_atoms *ret_atoms)
{
	static const unsigned char any[] = { WILDCARD, '*' };
	const struct literal pattern = { .bytes = any, .length = sizeof(any) };
	struct atom atom = { .kind = ATOM_EXISTS, .field = field };
	int r;

	if (field_table[field].origin != ORIGIN_enriched)
		return atoms_add(atoms, &atom, &ret_atoms->exact);
	atom.kind = ATOM_USER;
	atom.gate = NO_ATOM;
	atom.texts = calloc(1, sizeof(*atom.texts));
	r = atom.texts ? text_add(&atom, &pattern) : -ENOMEM;
	if (r < 0) {
		atom_done(&atom);
		return r;
	}
	return atoms_add(atoms, &atom, &ret_atoms->user);
}

static int atoms_of_text(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms)
{
	_cleanup_(text_test_done) struct text_test t = { 0 };
	struct test_atoms gate = { NO_ATOM, NO_ATOM };
	int r = text_test_read(&t, test);

	if (r < 0)
		return r;
	if (t.any)
		return atoms_exists(atoms, test->field, ret_atoms);
	if (t.exact.count)
		r = atoms_add(atoms, &t.exact, &ret_atoms->exact);
	if (r < 0 || !t.user.count)
		return r;
	if (t.open)
		r = atoms_exists(atoms, test->field, &gate);
	else if (!t.enriched)
		r = atoms_add(atoms, &t.gate, &gate.exact);
	if (r < 0)
		return r;
	t.user.gate = gate.exact;
	return atoms_add(atoms, &t.user, &ret_atoms->user);
}

static int atoms_of_ranges(struct atoms *atoms, const struct test *test,
			   struct test_atoms *ret_atoms)
{
	struct atom atom = { .kind = ATOM_RANGES, .field = test->field };

	atom.ranges = calloc(test->count + 1, sizeof(*atom.ranges));
	if (!atom.ranges)
		return -ENOMEM;
	for (size_t i = 0; i < test->count; i++) {
		const union test_value *value = &test->values[i];
		struct range range;

		if (test->op == TEST_RANGE)
			range = (struct range) { key_of_number(value->range.low),
						 key_of_number(value->range.high) };
		else
			range = (struct range) { key_of_address(value->address.low),
						 key_of_address(value->address.high) };
		if (key_compare(range.first, range.last) <= 0)
			atom.ranges[atom.count++] = range;
	}
	atom.count = ranges_join(atom.ranges, atom.count);
	if (!atom.count) {
		atom_done(&atom);
		return 0;
	}
	return atoms_add(atoms, &atom, &ret_atoms->exact);
}

static int atoms_of_bits(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms)
{
	struct atom atom = { .kind = ATOM_BITS, .field = test->field };

	for (size_t i = 0; i < test->count; i++)
		atom.bits |= test->values[i].bits;
	return atom.bits ? atoms_add(atoms, &atom, &ret_atoms->exact) : 0;
}

/* By operator: the kinds of fields that it suits. */
static const unsigned int suits[] = {
	[TEST_TEXT] = 1 << KIND_text,
	[TEST_TEXT_CASED] = 1 << KIND_text,
	[TEST_RANGE] = 1 << KIND_num | 1 << KIND_bool | 1 << KIND_one,
	[TEST_ADDRESS] = 1 << KIND_ip,
	[TEST_BITS] = 1 << KIND_set,
	[TEST_EXISTS] = ~0u,
};

int atoms_of_test(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms)
{
	struct test_atoms found = { NO_ATOM, NO_ATOM };
	int r;

	if (test->field >= FIELD_MAX || test->op >= ARRAY_SIZE(suits) ||
	    !(suits[test->op] >> field_table[test->field].kind & 1))
		return -EINVAL;
	if (test->op == TEST_EXISTS)
		r = atoms_exists(atoms, test->field, &found);
	else if (test->op == TEST_BITS)
		r = atoms_of_bits(atoms, test, &found);
	else if (test->op == TEST_RANGE || test->op == TEST_ADDRESS)
		r = atoms_of_ranges(atoms, test, &found);
	else
		r = atoms_of_text(atoms, test, &found);
	if (r >= 0)
		*ret_atoms = found;
	return r;
}

int atoms_always(struct atoms *atoms, enum event_type event, int *ret_atom)
{
	struct atom atom = { .kind = ATOM_ALWAYS, .field = FIELD_MAX, .event = event };

	return atoms_add(atoms, &atom, ret_atom);
}
