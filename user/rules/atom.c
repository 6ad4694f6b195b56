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
#include "rules/regex_literals.h"

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
	free(atom->others);
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
	__u64 head[] = { atom->kind, atom->field, atom->event, atom->op, atom->flags, atom->bits };

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
	if (atom->others)
		buffer_add(key, atom->others, atom->count * sizeof(*atom->others));
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

static int text_add(struct atom *atom, const struct literal *literal)
{
	size_t room = atom->count ? 1ul << (63 - __builtin_clzl(atom->count)) : 0;
	bool cased = atom->kind == ATOM_USER && atom->op != CONFIRM_GLOB;
	unsigned char *bytes = malloc(literal->length + 1);
	struct atom_text *texts = atom->texts;

	/* doubled when the count is a power of two */
	if (atom->count == room) {
		texts = reallocarray(atom->texts, room ? 2 * room : 1, sizeof(*texts));
		if (texts)
			atom->texts = texts;
	}
	if (!bytes || !texts) {
		free(bytes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < literal->length; i++)
		bytes[i] = byte_fold(literal->bytes[i], cased);
	texts[atom->count++] = (struct atom_text) { .bytes = bytes,
						    .length = literal->length,
						    .anchors = literal->anchors };
	return 0;
}

/* A text test on its way to atoms. */
struct text_test {
	struct atom exact, user, gate;
	bool any; /* a value that every text fits */
	bool open; /* a user pattern that requires no byte: the gate is that there is a value */
	const struct test *test;
};

static void text_test_done(struct text_test *t)
{
	atom_done(&t->exact);
	atom_done(&t->user);
	atom_done(&t->gate);
}

static int glob_value(struct text_test *t, const struct literal *pattern)
{
	bool cased = t->test->op == TEST_TEXT_CASED;
	struct literal literal;
	int form = literal_find(pattern->bytes, pattern->length, &literal), r;

	if (form < 0)
		return form;
	if (form == FORM_ANY) {
		t->any = true;
		return 0;
	}
	if (form == FORM_LITERAL && !(cased && literal_has_letter(pattern->bytes, pattern->length)))
		return text_add(&t->exact, &literal);
	r = text_add(&t->user, pattern);
	if (r < 0)
		return r;
	if (form == FORM_WILD) {
		t->open = true;
		return 0;
	}
	return text_add(&t->gate, &literal);
}

static int words_add(struct atom *atom, const struct words *words)
{
	int r = 0;

	for (size_t i = 0; i < words->count && r >= 0; i++) {
		const struct word *word = &words->list[i];

		r = text_add(atom, &(struct literal) { word->bytes, word->length, word->anchors });
	}
	return r;
}

static int regex_value(struct text_test *t, const struct literal *pattern)
{
	_cleanup_(regex_literals_done) struct regex_literals literals = { 0 };
	int r = regex_literals_find(&literals, pattern->bytes, pattern->length, t->test->flags);

	if (r < 0)
		return r;
	t->any = t->any || literals.form == FORM_ANY;
	t->open = t->open || literals.form == FORM_WILD;
	if (literals.form == FORM_ANY)
		return 0;
	if (literals.form == FORM_LITERAL)
		return words_add(&t->exact, &literals.words);
	r = text_add(&t->user, pattern);
	return r < 0 ? r : words_add(&t->gate, &literals.words);
}

static int text_test_read(struct text_test *t)
{
	static const enum confirm_op op[] = { [TEST_TEXT] = CONFIRM_GLOB,
					      [TEST_TEXT_CASED] = CONFIRM_GLOB_CASED,
					      [TEST_REGEX] = CONFIRM_REGEX };
	struct atom *const atoms[] = { &t->exact, &t->user, &t->gate };
	const struct test *test = t->test;

	for (size_t i = 0; i < ARRAY_SIZE(atoms); i++)
		*atoms[i] = (struct atom) { .kind = ATOM_TEXT, .field = test->field };
	t->user.kind = ATOM_USER;
	t->user.op = op[test->op];
	t->user.flags = test->flags;
	for (size_t i = 0; i < test->count; i++) {
		const struct literal pattern = { .bytes = test->values[i].pattern.bytes,
						 .length = test->values[i].pattern.length };
		int r = test->op == TEST_REGEX ? regex_value(t, &pattern) : glob_value(t, &pattern);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(atoms); i++)
		texts_unite(atoms[i]);
	return 0;
}

/* "The field has a value." */
static int atoms_exists(struct atoms *atoms, enum field field, int *ret_atom)
{
	struct atom atom = { .kind = ATOM_EXISTS, .field = field };

	return atoms_add(atoms, &atom, ret_atom);
}

static int atoms_of_text(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms)
{
	_cleanup_(text_test_done) struct text_test t = { .test = test };
	int r = text_test_read(&t);

	if (r < 0)
		return r;
	if (t.any)
		return atoms_exists(atoms, test->field, &ret_atoms->exact);
	if (t.exact.count)
		r = atoms_add(atoms, &t.exact, &ret_atoms->exact);
	if (r < 0 || !t.user.count)
		return r;
	t.user.gate[1] = NO_ATOM;
	if (t.open)
		r = atoms_exists(atoms, test->field, &t.user.gate[0]);
	else
		r = atoms_add(atoms, &t.gate, &t.user.gate[0]);
	return r < 0 ? r : atoms_add(atoms, &t.user, &ret_atoms->user);
}

/* Makes the ranges of the test's values, of which none may be left. */
static int ranges_make(struct atom *atom, const struct test *test)
{
	atom->ranges = calloc(test->count + 1, sizeof(*atom->ranges));
	if (!atom->ranges)
		return -ENOMEM;
	for (size_t i = 0; i < test->count; i++) {
		const union test_value *value = &test->values[i];
		struct range range;

		if (test->op == TEST_ADDRESS)
			range = (struct range) { key_of_address(value->address.low),
						 key_of_address(value->address.high) };
		else
			range = (struct range) { key_of_number(value->range.low),
						 key_of_number(value->range.high) };
		if (key_compare(range.first, range.last) <= 0)
			atom->ranges[atom->count++] = range;
	}
	atom->count = ranges_join(atom->ranges, atom->count);
	return 0;
}

static int atoms_of_ranges(struct atoms *atoms, const struct test *test,
			   struct test_atoms *ret_atoms)
{
	_cleanup_(atom_done) struct atom atom = { .kind = ATOM_RANGES, .field = test->field };
	int r = ranges_make(&atom, test);

	if (r < 0 || !atom.count)
		return r;
	if (test->op != TEST_TIME)
		return atoms_add(atoms, &atom, &ret_atoms->exact);
	atom.kind = ATOM_USER;
	atom.op = CONFIRM_TIME;
	atom.flags = test->flags;
	atom.gate[1] = NO_ATOM;
	r = atoms_exists(atoms, test->field, &atom.gate[0]);
	return r < 0 ? r : atoms_add(atoms, &atom, &ret_atoms->user);
}

/* With several other fields, any of them will do, so none of them is required. */
static int atoms_of_field(struct atoms *atoms, const struct test *test,
			  struct test_atoms *ret_atoms)
{
	_cleanup_(atom_done) struct atom atom = { .kind = ATOM_USER,
						  .field = test->field,
						  .op = CONFIRM_FIELD,
						  .flags = test->flags,
						  .gate = { NO_ATOM, NO_ATOM } };
	int r;

	if (!test->count)
		return 0;
	atom.others = calloc(test->count, sizeof(*atom.others));
	if (!atom.others)
		return -ENOMEM;
	for (; atom.count < test->count; atom.count++)
		atom.others[atom.count] = test->values[atom.count].other;
	r = atoms_exists(atoms, test->field, &atom.gate[0]);
	if (r >= 0 && test->count == 1)
		r = atoms_exists(atoms, atom.others[0], &atom.gate[1]);
	return r < 0 ? r : atoms_add(atoms, &atom, &ret_atoms->user);
}

static int atoms_of_bits(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms)
{
	struct atom atom = { .kind = ATOM_BITS, .field = test->field };

	for (size_t i = 0; i < test->count; i++)
		atom.bits |= test->values[i].bits;
	return atom.bits ? atoms_add(atoms, &atom, &ret_atoms->exact) : 0;
}

#define NUMBERS (1u << KIND_num | 1u << KIND_bool | 1u << KIND_one)

/* By operator: the kinds of fields that it suits, and who makes its atoms. */
static const struct {
	unsigned int kinds;
	int (*make)(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms);
} op_table[] = {
	[TEST_TEXT] = { 1 << KIND_text, atoms_of_text },
	[TEST_TEXT_CASED] = { 1 << KIND_text, atoms_of_text },
	[TEST_REGEX] = { 1 << KIND_text, atoms_of_text },
	[TEST_RANGE] = { NUMBERS, atoms_of_ranges },
	[TEST_ADDRESS] = { 1 << KIND_ip, atoms_of_ranges },
	[TEST_TIME] = { 1 << KIND_time, atoms_of_ranges },
	[TEST_BITS] = { 1 << KIND_set, atoms_of_bits },
	[TEST_FIELD] = { NUMBERS | 1 << KIND_ip | 1 << KIND_text, atoms_of_field },
	[TEST_EXISTS] = { ~0u, NULL },
};

int atoms_of_test(struct atoms *atoms, const struct test *test, struct test_atoms *ret_atoms)
{
	struct test_atoms found = { NO_ATOM, NO_ATOM };
	int r;

	if (test->field >= FIELD_MAX || test->op >= ARRAY_SIZE(op_table) ||
	    !(op_table[test->op].kinds >> field_table[test->field].kind & 1))
		return -EINVAL;
	if (op_table[test->op].make)
		r = op_table[test->op].make(atoms, test, &found);
	else
		r = atoms_exists(atoms, test->field, &found.exact);
	if (r >= 0)
		*ret_atoms = found;
	return r;
}

bool atom_is_seen(const struct atom *atom)
{
	return atom->kind == ATOM_ALWAYS ||
	       (atom->kind != ATOM_USER && field_table[atom->field].origin != ORIGIN_enriched);
}

int atoms_always(struct atoms *atoms, enum event_type event, int *ret_atom)
{
	struct atom atom = { .kind = ATOM_ALWAYS, .field = FIELD_MAX, .event = event };

	return atoms_add(atoms, &atom, ret_atom);
}
