/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/recent.h"

#include <errno.h>
#include <stdlib.h>

#define BUCKETS_MIN 16

void recent_init(struct recent *recent, size_t count_max, size_t bytes_max,
		 void (*release)(struct recent_row *row))
{
	*recent = (struct recent) { .count_max = count_max,
				    .bytes_max = bytes_max,
				    .release = release };
}

void recent_done(struct recent *recent)
{
	while (recent->oldest)
		recent_remove(recent, recent->oldest);
	free(recent->bucket);
	*recent = (struct recent) { 0 };
}

static struct recent_row **bucket_of(const struct recent *recent, __u32 kind,
				     const struct fingerprint *key)
{
	/* the key is spread evenly already, but for the empty one */
	__u64 number = key->half[0] ^ kind * 0x9e3779b97f4a7c15ULL;

	return &recent->bucket[(number >> 32 ^ number) & (recent->bucket_count - 1)];
}

static void list_out(struct recent *recent, const struct recent_row *row)
{
	*(row->newer ? &row->newer->older : &recent->newest) = row->older;
	*(row->older ? &row->older->newer : &recent->oldest) = row->newer;
}

static void list_in(struct recent *recent, struct recent_row *row)
{
	row->newer = NULL;
	row->older = recent->newest;
	*(recent->newest ? &recent->newest->newer : &recent->oldest) = row;
	recent->newest = row;
}

struct recent_row *recent_find(struct recent *recent, __u32 kind, const struct fingerprint *key)
{
	struct recent_row *row = recent->count ? *bucket_of(recent, kind, key) : NULL;

	while (row && (row->kind != kind || !fingerprint_equal(&row->key, key)))
		row = row->next;
	if (!row || row == recent->newest)
		return row;
	list_out(recent, row);
	list_in(recent, row);
	return row;
}

/* Makes the buckets as many as there are rows, at least. */
static int buckets_grow(struct recent *recent)
{
	size_t count = recent->bucket_count ? 2 * recent->bucket_count : BUCKETS_MIN;
	struct recent_row **bucket;

	if (recent->count < recent->bucket_count)
		return 0;
	bucket = calloc(count, sizeof(struct recent_row *));
	if (!bucket)
		return -ENOMEM;
	free(recent->bucket);
	recent->bucket = bucket;
	recent->bucket_count = count;
	for (struct recent_row *row = recent->newest; row; row = row->older) {
		struct recent_row **in = bucket_of(recent, row->kind, &row->key);

		row->next = *in;
		*in = row;
	}
	return 0;
}

/* Others than `row` make room until the bounds are kept. */
static void make_room(struct recent *recent, const struct recent_row *row)
{
	while (recent->oldest != row &&
	       (recent->count > recent->count_max || recent->bytes > recent->bytes_max)) {
		recent_remove(recent, recent->oldest);
		recent->evicted++;
	}
}

int recent_add(struct recent *recent, struct recent_row *row)
{
	struct recent_row **in;
	int r = buckets_grow(recent);

	if (r < 0)
		return r;
	in = bucket_of(recent, row->kind, &row->key);
	row->next = *in;
	*in = row;
	list_in(recent, row);
	recent->count++;
	recent->bytes += row->bytes;
	make_room(recent, row);
	return 0;
}

void recent_resize(struct recent *recent, struct recent_row *row, size_t bytes)
{
	recent->bytes += bytes - row->bytes;
	row->bytes = bytes;
	list_out(recent, row);
	list_in(recent, row);
	make_room(recent, row);
}

void recent_remove(struct recent *recent, struct recent_row *row)
{
	struct recent_row **in = bucket_of(recent, row->kind, &row->key);

	while (*in != row)
		in = &(*in)->next;
	*in = row->next;
	list_out(recent, row);
	recent->count--;
	recent->bytes -= row->bytes;
	recent->release(row);
}
