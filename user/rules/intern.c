/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing, at most half full, so that a probe is short. */
#include "rules/intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 256

void intern_init(struct intern *intern, size_t maximum)
{
	*intern = (struct intern) { .bytes = BUFFER(maximum) };
}

void intern_done(struct intern *intern)
{
	buffer_done(&intern->bytes);
	free(intern->items);
	free(intern->slots);
	*intern = (struct intern) { 0 };
}

/* FNV-1a */
static __u64 string_hash(const unsigned char *string, size_t length)
{
	__u64 hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ string[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}

/* The slot of the string, or the free one where it belongs. */
static size_t slot_find(const struct intern *intern, const void *string, size_t length)
{
	size_t at = string_hash(string, length) & (intern->slot_count - 1);

	while (intern->slots[at]) {
		const struct interned *item = &intern->items[intern->slots[at] - 1];

		if (item->length == length &&
		    !memcmp(intern->bytes.data + item->offset, string, length))
			break;
		at = (at + 1) & (intern->slot_count - 1);
	}
	return at;
}

/* Makes room for one more item. */
static int intern_grow(struct intern *intern)
{
	size_t slot_count = intern->slot_count ? 2 * intern->slot_count : SLOTS_MIN;
	struct interned *items;
	__u32 *slots;

	if (2 * (intern->count + 1) <= intern->slot_count)
		return 0;
	items = reallocarray(intern->items, slot_count / 2, sizeof(*items));
	if (!items)
		return -ENOMEM;
	intern->items = items;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(intern->slots);
	intern->slots = slots;
	intern->slot_count = slot_count;
	for (size_t i = 0; i < intern->count; i++)
		slots[slot_find(intern, intern->bytes.data + items[i].offset, items[i].length)] =
			i + 1;
	return 0;
}

int intern_add(struct intern *intern, const void *string, size_t length, size_t *ret_index)
{
	size_t slot, offset = intern->bytes.length;
	int r = intern_grow(intern);

	if (r < 0)
		return r;
	slot = slot_find(intern, string, length);
	if (intern->slots[slot]) {
		*ret_index = intern->slots[slot] - 1;
		return 0;
	}
	r = buffer_add(&intern->bytes, string, length);
	if (r < 0)
		return r;
	intern->items[intern->count] = (struct interned) { offset, length };
	*ret_index = intern->count++;
	intern->slots[slot] = intern->count;
	return 1;
}
