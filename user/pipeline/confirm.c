/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows ascend by their gate, so those of one gate are found by where they begin.
 */
#include "pipeline/confirm.h"

#include <errno.h>
#include <string.h>

#include "base/fold.h"
#include "base/glob.h"
#include "base/moment.h"
#include "base/regex.h"
#include "pipeline/texts.h"

/* The rows of one kind of event. */
struct tests {
	const struct policy_confirm *row;
	__u32 count;
	__u32 *first; /* by atom, and one more: the first row whose gate is not before it */
	struct regex **regex; /* by row; NULL for other operators */
};

struct confirmer {
	const struct policy *policy;
	struct tests tests[EVENT_MAX];
	struct regex_room *room;
	struct moment moment; /* of the current event, once it was asked for */
	bool moment_known;
	char text[TEXT_MAX]; /* with spaces where there were NULs */
};

static const void *pattern_of(const struct confirmer *confirmer, const struct policy_confirm *row)
{
	return (const char *)confirmer->policy + row->pattern;
}

static int regexes_compile(struct confirmer *confirmer, struct tests *tests)
{
	struct regex_error error;
	int r = 0;

	tests->regex = calloc(tests->count + 1, sizeof(*tests->regex));
	if (!tests->regex)
		return -ENOMEM;
	for (__u32 i = 0; i < tests->count && r >= 0; i++)
		if (tests->row[i].op == CONFIRM_REGEX)
			r = regex_new(&tests->regex[i], pattern_of(confirmer, &tests->row[i]),
				      tests->row[i].length, tests->row[i].flags, &error);
	return r;
}

static int tests_init(struct confirmer *confirmer, enum event_type event)
{
	const struct policy *policy = confirmer->policy;
	struct tests *tests = &confirmer->tests[event];
	__u32 row = 0;

	tests->row = (const void *)((const char *)policy + policy->event[event].confirms);
	tests->count = policy->event[event].confirm_count;
	tests->first = calloc(policy->atom_count + 1, sizeof(*tests->first));
	if (!tests->first)
		return -ENOMEM;
	for (__u32 atom = 0; atom <= policy->atom_count; atom++) {
		while (row < tests->count && tests->row[row].gate < atom)
			row++;
		tests->first[atom] = row;
	}
	return regexes_compile(confirmer, tests);
}

int confirmer_new(struct confirmer **ret_confirmer, const struct policy *policy)
{
	_cleanup_(confirmer_freep) struct confirmer *confirmer = calloc(1, sizeof(*confirmer));
	int r;

	if (!confirmer)
		return -ENOMEM;
	confirmer->policy = policy;
	r = regex_room_new(&confirmer->room);
	for (size_t event = 0; event < EVENT_MAX && r >= 0; event++)
		if (policy->event[event].confirm_count)
			r = tests_init(confirmer, event);
	if (r < 0)
		return r;
	*ret_confirmer = take_ptr(confirmer);
	return 0;
}

void confirmer_free(struct confirmer *confirmer)
{
	for (size_t event = 0; event < EVENT_MAX; event++) {
		struct tests *tests = &confirmer->tests[event];

		for (__u32 i = 0; tests->regex && i < tests->count; i++)
			regex_freep(&tests->regex[i]);
		free(tests->regex);
		free(tests->first);
	}
	regex_room_freep(&confirmer->room);
	free(confirmer);
}

static int regex_test(struct confirmer *confirmer, const struct regex *regex, struct bytes text)
{
	if (text.length && memchr(text.data, 0, text.length)) {
		for (size_t i = 0; i < text.length; i++)
			confirmer->text[i] = text.data[i] ? text.data[i] : ' ';
		text.data = confirmer->text;
	}
	return regex_matches(regex, confirmer->room, text.data, text.length);
}

/* Of a text, which is at most as long as what is captured. 1, 0 or -ELOOP. */
static int text_test(struct confirmer *confirmer, const struct tests *tests, __u32 i,
		     struct bytes text)
{
	const struct policy_confirm *row = &tests->row[i];

	if (row->op == CONFIRM_REGEX)
		return regex_test(confirmer, tests->regex[i], text);
	return glob_matches(pattern_of(confirmer, row), row->length, (const void *)text.data,
			    text.length, row->op == CONFIRM_GLOB_CASED);
}

static bool bytes_same(const char *a, const char *b, size_t length, bool cased)
{
	for (size_t i = 0; i < length; i++)
		if (byte_fold((unsigned char)a[i], cased) != byte_fold((unsigned char)b[i], cased))
			return false;
	return true;
}

/* The longest texts take length × length, 16 million comparisons of a byte. */
static bool texts_compare(struct bytes one, struct bytes other, unsigned int flags)
{
	bool cased = flags & COMPARE_CASED;
	size_t first = 0, last = 0;

	if (one.length < other.length)
		return false;
	switch (flags & ~COMPARE_CASED) {
	case COMPARE_startswith:
		break;
	case COMPARE_endswith:
		first = last = one.length - other.length;
		break;
	case COMPARE_contains:
		last = one.length - other.length;
		break;
	default:
		if (one.length != other.length)
			return false;
	}
	for (size_t at = first; at <= last; at++)
		if (bytes_same(one.data + at, other.data, other.length, cased))
			return true;
	return false;
}

static bool numbers_compare(__s64 one, __s64 other, unsigned int comparison)
{
	switch (comparison) {
	case COMPARE_lt:
		return one < other;
	case COMPARE_lte:
		return one <= other;
	case COMPARE_gt:
		return one > other;
	case COMPARE_gte:
		return one >= other;
	default:
		return one == other;
	}
}

/* Both fields are of one kind, more or less: numbers are compared with numbers. */
static bool field_test(const struct policy_confirm *row, const struct event_view *view)
{
	const struct field_info *field = &field_table[row->field];
	const struct field_info *other = &field_table[row->other];
	bool incomplete;

	if (!event_view_has(view, field) || !event_view_has(view, other))
		return false;
	if (field->kind == KIND_text)
		return texts_compare(text_captured(field->id, view->text[field->id], &incomplete),
				     text_captured(other->id, view->text[other->id], &incomplete),
				     row->flags);
	if (field->kind == KIND_ip)
		return !memcmp(event_view_address(view, field), event_view_address(view, other),
			       sizeof(struct address));
	return numbers_compare((__s64)event_view_number(view, field),
			       (__s64)event_view_number(view, other), row->flags);
}

static bool time_test(struct confirmer *confirmer, const struct policy_confirm *row,
		      const struct event_view *view)
{
	const struct policy_span *span = pattern_of(confirmer, row);
	__s64 value;

	if (!confirmer->moment_known)
		moment_take_apart(&confirmer->moment, view->wall);
	confirmer->moment_known = true;
	value = confirmer->moment.part[row->flags];
	return span->first <= value && value <= span->last;
}

/* Of the field's text. 1, 0 or -ELOOP. */
static int value_test(struct confirmer *confirmer, const struct tests *tests, __u32 i,
		      const struct event_view *view, enum field field)
{
	struct bytes text = view->text[field];
	bool incomplete;

	if (!text.data)
		return 0;
	return text_test(confirmer, tests, i, text_captured(field, text, &incomplete));
}

/* 1, 0 or -ELOOP. */
static int row_test(struct confirmer *confirmer, const struct tests *tests, __u32 i,
		    const struct event_view *view)
{
	const struct policy_confirm *row = &tests->row[i];
	int r;

	if (row->op == CONFIRM_FIELD)
		return field_test(row, view);
	if (row->op == CONFIRM_TIME)
		return time_test(confirmer, row, view);
	r = value_test(confirmer, tests, i, view, row->field);
	return r ? r : value_test(confirmer, tests, i, view, field_second(row->field));
}

static bool atom_holds(const struct work *work, __u16 atom)
{
	return work->atom[atom / 64] >> (atom & 63) & 1;
}

void confirmer_confirm(struct confirmer *confirmer, struct work *work,
		       const struct event_view *view, struct undecided *ret_undecided)
{
	const struct tests *tests = &confirmer->tests[event_view_type(view)];
	struct undecided undecided = { 0 };
	__u32 held = tests->count ? work->held_count : 0;

	confirmer->moment_known = false;
	for (__u32 i = 0; i < held; i++) {
		__u16 gate = work->held[i];

		for (__u32 k = tests->first[gate]; k < tests->first[gate + 1]; k++) {
			__u16 atom = tests->row[k].atom;
			int r = atom_holds(work, atom) ? 0 : row_test(confirmer, tests, k, view);

			if (r > 0)
				hold_atom(work, atom);
			else if (r < 0)
				undecided = (struct undecided) { undecided.count + 1, atom };
		}
	}
	*ret_undecided = undecided;
}

size_t confirmer_text_atoms(struct confirmer *confirmer, enum event_type event, enum field field,
			    struct bytes text, __u16 *atoms, size_t most)
{
	const struct tests *tests = &confirmer->tests[event];
	size_t count = 0;

	for (__u32 i = 0; i < tests->count; i++) {
		const struct policy_confirm *row = &tests->row[i];

		if (row->field != field || row->op == CONFIRM_FIELD ||
		    text_test(confirmer, tests, i, text) <= 0)
			continue;
		if (count < most)
			atoms[count] = row->atom;
		count++;
	}
	return count;
}
