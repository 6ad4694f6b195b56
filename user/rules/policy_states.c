/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/policy_states.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/fields.h"
#include "base/fold.h"

int policy_lists_init(struct policy_lists *lists, const struct policy *policy)
{
	__u64 *seen = calloc(policy->size / 128 + 1, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	*lists = (struct policy_lists) { .policy = policy, .seen = seen };
	return 0;
}

void policy_lists_done(struct policy_lists *lists)
{
	free(lists->seen);
}

/* Sets bit `number`; returns whether it was set. */
static bool bit_set(__u64 *words, size_t number)
{
	__u64 bit = 1ULL << (number & 63), *word = &words[number / 64];
	bool was = *word & bit;

	*word |= bit;
	return was;
}

bool policy_list_ok(struct policy_lists *lists, __u32 offset)
{
	const struct policy *policy = lists->policy;
	const __u16 *list = (const void *)((const char *)policy + offset);

	if (!offset)
		return true;
	if (offset < sizeof(*policy) || offset % 2 || offset + sizeof(*list) > policy->size)
		return false;
	if (bit_set(lists->seen, offset / 2))
		return true;
	if (offset + (1 + (size_t)list[0]) * sizeof(*list) > policy->size)
		return false;
	lists->atoms += list[0];
	if (lists->atoms > policy->size / sizeof(*list))
		return false;
	for (size_t i = 1; i <= list[0]; i++)
		if (list[i] >= policy->atom_count)
			return false;
	return true;
}

static bool columns_ok(const struct policy *policy)
{
	if (policy->end_column % 4 || policy->end_column > 4 * (BYTES + 1) ||
	    policy->list_column != policy->end_column + 4)
		return false;
	for (size_t i = 0; i < BYTES; i++)
		if (policy->column[i] % 4 || policy->column[i] >= policy->end_column ||
		    policy->column[i] != policy->column[byte_fold(i, false)])
			return false;
	return true;
}

/* Rows that were reached, and how far they were followed. */
struct following {
	struct policy_lists *lists;
	__u64 *seen; /* by offset / 4 */
	__u32 *rows;
	size_t count, capacity;
};

/* Whether `offset` is a row; it is followed once. */
static bool row_reach(struct following *f, __u32 offset)
{
	const struct policy *policy = f->lists->policy;

	if (offset < sizeof(*policy) || offset % 4 ||
	    (__u64)offset + policy->list_column + 4 > policy->size)
		return false;
	if (bit_set(f->seen, offset / 4))
		return true;
	if (f->count == f->capacity)
		return false;
	f->rows[f->count++] = offset;
	return true;
}

/* Whether the word that an entry's list is read from is in the image, and the list. */
static bool entry_list_ok(struct following *f, __u32 entry)
{
	const struct policy *policy = f->lists->policy;
	__u64 word = (__u64)(entry & ~SCAN_STEP_BIT) + policy->list_column;

	if (!(entry & SCAN_STEP_BIT))
		return true;
	return word >= sizeof(*policy) && word % 4 == 0 && word + 4 <= policy->size &&
	       policy_list_ok(f->lists,
			      *(const __u32 *)(const void *)((const char *)policy + word));
}

static bool row_ok(struct following *f, __u32 offset)
{
	const struct policy *policy = f->lists->policy;
	const __u32 *row = (const void *)((const char *)policy + offset);
	size_t end = policy->end_column / 4;

	for (size_t i = 0; i < end; i++)
		if (!row_reach(f, row[i] & ~SCAN_STEP_BIT) || !entry_list_ok(f, row[i]))
			return false;
	return entry_list_ok(f, row[end]);
}

int policy_states_check(struct policy_lists *lists)
{
	const struct policy *policy = lists->policy;
	_cleanup_free_ __u64 *seen = NULL;
	_cleanup_free_ __u32 *rows = NULL;
	struct following f = { .lists = lists };

	if (!columns_ok(policy))
		return -EINVAL;
	/* as many rows as fit without overlap */
	f.capacity = policy->size / (policy->list_column + 4);
	f.seen = seen = calloc(policy->size / 256 + 1, sizeof(*seen));
	f.rows = rows = calloc(f.capacity + 1, sizeof(*rows));
	if (!seen || !rows)
		return -ENOMEM;
	for (size_t i = 0; i < FIELD_MAX; i++)
		if (field_table[i].kind == KIND_text && policy->field[i].start &&
		    !row_reach(&f, policy->field[i].start))
			return -EINVAL;
	for (size_t i = 0; i < f.count; i++)
		if (!row_ok(&f, rows[i]))
			return -EINVAL;
	return 0;
}
