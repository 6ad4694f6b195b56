/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sweep over the edges of all ranges in ascending order, with the set of atoms that
 * hold between two of them.
 */
#include "rules/interval.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

const struct key key_number_max = { 0, ~0ULL };
const struct key key_address_max = { ~0ULL, ~0ULL };

struct key key_of_number(__s64 number)
{
	return (struct key) { 0, (__u64)number ^ 1ULL << 63 };
}

struct key key_of_address(const unsigned char address[16])
{
	__u64 half[2];

	memcpy(half, address, sizeof(half));
	return (struct key) { be64toh(half[0]), be64toh(half[1]) };
}

int key_compare(struct key a, struct key b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

/* The key after this one, which is not the largest. */
static struct key key_next(struct key key)
{
	key.low++;
	key.high += !key.low;
	return key;
}

static int range_compare(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return key_compare(left->first, right->first);
}

size_t ranges_join(struct range *ranges, size_t count)
{
	size_t left = 0;

	if (!count)
		return 0;
	qsort(ranges, count, sizeof(*ranges), range_compare);
	for (size_t i = 1; i < count; i++) {
		struct range *last = &ranges[left];

		if (key_compare(last->last, key_address_max) < 0 &&
		    key_compare(ranges[i].first, key_next(last->last)) > 0)
			ranges[++left] = ranges[i];
		else if (key_compare(ranges[i].last, last->last) > 0)
			last->last = ranges[i].last;
	}
	return left + 1;
}

/* Where an atom begins or ceases to hold. */
struct edge {
	struct key key;
	__u16 atom;
};

static int edge_compare(const void *a, const void *b)
{
	const struct edge *left = a, *right = b;

	return key_compare(left->key, right->key);
}

static size_t edges_collect(struct edge *edges, const struct interval_atom *atoms,
			    size_t atom_count, struct key max)
{
	size_t count = 0;

	for (size_t i = 0; i < atom_count; i++)
		for (size_t k = 0; k < atoms[i].count; k++) {
			struct range range = atoms[i].ranges[k];

			edges[count++] = (struct edge) { range.first, atoms[i].atom };
			if (key_compare(range.last, max) < 0)
				edges[count++] =
					(struct edge) { key_next(range.last), atoms[i].atom };
		}
	qsort(edges, count, sizeof(*edges), edge_compare);
	return count;
}

/* The atoms that hold in the interval now being made. */
struct holding_set {
	__u64 word[ATOMS_MAX / 64];
};

static int holding_list(const struct holding_set *set, struct lists *lists, __u32 *ret_place)
{
	__u16 numbers[ATOMS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < ATOMS_MAX / 64; i++)
		for (__u64 left = set->word[i]; left; left &= left - 1)
			numbers[count++] = i * 64 + __builtin_ctzll(left);
	return lists_add(lists, numbers, count, ret_place);
}

/* Adds the interval that begins at `key`: that of the smallest key is there. Two
 * neighbours are never alike, as every edge changes what holds. */
static void bound_add(struct intervals *intervals, struct key key, __u32 list)
{
	struct policy_bound *bound =
		&intervals->bounds[key.high || key.low ? intervals->count++ : 0];

	*bound = (struct policy_bound) { .high = key.high, .low = key.low, .list = list };
}

int intervals_make(struct intervals *ret_intervals, const struct interval_atom *atoms,
		   size_t atom_count, struct key max, struct lists *lists)
{
	_cleanup_free_ struct edge *edges = NULL;
	_cleanup_free_ struct policy_bound *bounds = NULL;
	struct intervals intervals = { .count = 1 };
	struct holding_set set = { 0 };
	size_t ranges = 0, count;
	__u32 list;
	int r;

	for (size_t i = 0; i < atom_count; i++)
		ranges += atoms[i].count;
	edges = calloc(2 * ranges + 1, sizeof(*edges));
	bounds = calloc(2 * ranges + 1, sizeof(*bounds));
	if (!edges || !bounds)
		return -ENOMEM;
	intervals.bounds = bounds;
	count = edges_collect(edges, atoms, atom_count, max);
	for (size_t i = 0; i < count; i++) {
		__u16 atom = edges[i].atom;

		/* an atom's ranges do not touch: each of its edges turns it over */
		set.word[atom / 64] ^= 1ULL << (atom & 63);
		if (i + 1 < count && !key_compare(edges[i].key, edges[i + 1].key))
			continue;
		r = holding_list(&set, lists, &list);
		if (r < 0)
			return r;
		bound_add(&intervals, edges[i].key, list);
	}
	ret_intervals->count = intervals.count;
	if (intervals.count > BOUNDS_MAX)
		return -E2BIG;
	ret_intervals->bounds = take_ptr(bounds);
	return 0;
}
