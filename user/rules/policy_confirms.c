/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/policy_confirms.h"

#include <errno.h>
#include <stdbool.h>

#include "base/fields.h"
#include "base/regex.h"
#include "rules/comparison.h"
#include "rules/literal.h"

static bool bytes_fit(const struct policy *policy, __u32 offset, __u32 length, size_t alignment)
{
	return offset % alignment == 0 && offset >= sizeof(*policy) &&
	       (__u64)offset + length <= policy->size;
}

/* The field, if events of that kind have it. */
static const struct field_info *field_of(__u16 id, enum event_type event)
{
	const struct field_info *field = id < FIELD_MAX ? &field_table[id] : NULL;

	return field && (field->event < 0 || field->event == (int)event) ? field : NULL;
}

static int regex_check(const struct policy_confirm *row, const void *pattern)
{
	_cleanup_(regex_freep) struct regex *regex = NULL;
	struct regex_error error;

	if (row->flags & ~REGEX_FLAGS)
		return -EINVAL;
	return regex_new(&regex, pattern, row->length, row->flags, &error);
}

static int text_check(const struct policy *policy, const struct policy_confirm *row)
{
	const void *pattern = (const char *)policy + row->pattern;
	struct literal literal;

	/* an empty one has no place of its own */
	if (row->length && !bytes_fit(policy, row->pattern, row->length, 1))
		return -EINVAL;
	if (row->length == 0)
		pattern = "";
	if (row->op == CONFIRM_REGEX)
		return regex_check(row, pattern);
	return !row->flags && literal_find(pattern, row->length, &literal) >= 0 ? 0 : -EINVAL;
}

static int row_check(const struct policy *policy, enum event_type event,
		     const struct policy_confirm *row)
{
	const struct field_info *field = field_of(row->field, event);
	const struct field_info *other = field_of(row->other, event);

	if (row->atom >= policy->atom_count || row->gate >= policy->atom_count || !field ||
	    row->pad)
		return -EINVAL;
	if (row->op == CONFIRM_GLOB || row->op == CONFIRM_GLOB_CASED || row->op == CONFIRM_REGEX)
		return field->kind == KIND_text ? text_check(policy, row) : -EINVAL;
	if (row->op == CONFIRM_FIELD)
		return other && comparison_suits(row->flags, field, other) ? 0 : -EINVAL;
	if (row->op == CONFIRM_TIME && field->kind == KIND_time && row->flags < TIME_PART_MAX &&
	    row->length == sizeof(struct policy_span) &&
	    bytes_fit(policy, row->pattern, row->length, _Alignof(struct policy_span)))
		return 0;
	return -EINVAL;
}

static int event_check(const struct policy *policy, enum event_type event)
{
	const struct policy_event *e = &policy->event[event];
	const struct policy_confirm *row = (const void *)((const char *)policy + e->confirms);
	int r = 0;

	if (!e->confirm_count)
		return 0;
	if (e->confirm_count > policy->size / sizeof(*row) ||
	    !bytes_fit(policy, e->confirms, e->confirm_count * sizeof(*row),
		       _Alignof(struct policy_confirm)))
		return -EINVAL;
	for (__u32 i = 0; i < e->confirm_count && r >= 0; i++)
		r = i && row[i].gate < row[i - 1].gate ? -EINVAL
						       : row_check(policy, event, &row[i]);
	return r;
}

int policy_confirms_check(const struct policy *policy)
{
	int r = 0;

	for (size_t event = 0; event < EVENT_MAX && r >= 0; event++)
		r = event_check(policy, event);
	return r;
}
