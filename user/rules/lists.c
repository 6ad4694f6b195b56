/* SPDX-License-Identifier: Apache-2.0 */
/* The run starts with an unused number, so that no list has place 0. */
#include "rules/lists.h"

#include <errno.h>
#include <string.h>

#include "policy.h"

int lists_init(struct lists *lists)
{
	static const __u16 unused;

	intern_init(&lists->intern, POLICY_SIZE_MAX);
	return buffer_add(&lists->intern.bytes, &unused, sizeof(unused));
}

void lists_done(struct lists *lists)
{
	intern_done(&lists->intern);
}

int lists_add(struct lists *lists, const __u16 *numbers, size_t count, __u32 *ret_place)
{
	__u16 list[1 + ATOMS_MAX];
	size_t index;
	int r;

	if (!count) {
		*ret_place = 0;
		return 0;
	}
	list[0] = count;
	memcpy(list + 1, numbers, count * sizeof(*numbers));
	r = intern_add(&lists->intern, list, (1 + count) * sizeof(*list), &index);
	if (r < 0)
		return r;
	*ret_place = lists->intern.items[index].offset;
	return 0;
}

/* The numbers at `place`, copied out: the run may move while one is added. */
static size_t list_copy(const struct lists *lists, __u32 place, __u16 numbers[ATOMS_MAX])
{
	__u16 count = 0;

	if (!place)
		return 0;
	memcpy(&count, lists->intern.bytes.data + place, sizeof(count));
	memcpy(numbers, lists->intern.bytes.data + place + sizeof(count), count * sizeof(*numbers));
	return count;
}

int lists_join(struct lists *lists, __u32 one, __u32 other, __u32 *ret_place)
{
	__u16 a[ATOMS_MAX], b[ATOMS_MAX], both[ATOMS_MAX];
	size_t a_count, b_count, i = 0, k = 0, count = 0;

	if (!one || !other) {
		*ret_place = one ? one : other;
		return 0;
	}
	a_count = list_copy(lists, one, a);
	b_count = list_copy(lists, other, b);
	while (i < a_count || k < b_count) {
		__u16 next = k == b_count || (i < a_count && a[i] < b[k]) ? a[i] : b[k];

		i += i < a_count && a[i] == next;
		k += k < b_count && b[k] == next;
		both[count++] = next;
	}
	return lists_add(lists, both, count, ret_place);
}

const void *lists_bytes(const struct lists *lists)
{
	return lists->intern.bytes.data;
}

size_t lists_size(const struct lists *lists)
{
	return lists->intern.bytes.length;
}
