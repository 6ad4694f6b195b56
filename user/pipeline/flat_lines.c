/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A buffer is filled, its lines are found and sorted, and all but the last FLAT_WINDOW are
 * handed out before those are moved to the front and the buffer is filled again.
 */
#include "pipeline/flat_lines.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pipeline/flat_read.h"

#define BUFFER_SIZE (8u << 20) /* several times FLAT_LINE_MAX */
#define LINES_MAX (4 * FLAT_WINDOW)
#define HEAD_BYTES 160 /* of a line, in which its time is looked for */

struct entry {
	size_t offset, length;
	__u64 number;
	__u64 part; /* of the recording; lines do not leave it */
	__u64 time;
};

struct flat_lines {
	int fd;
	bool ended; /* there is no more to read */
	bool skipping; /* within a line that is too long */
	size_t used, split; /* bytes that were read, and of these were divided into lines */
	__u64 number, part, time; /* of the line that was found last */
	struct entry entry[LINES_MAX];
	size_t count, next, ready; /* entries; handed out; may be handed out */
	bool disordered;
	char data[BUFFER_SIZE];
};

int flat_lines_new(struct flat_lines **ret_lines, int fd)
{
	struct flat_lines *lines = malloc(sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	memset(lines, 0, offsetof(struct flat_lines, data));
	lines->fd = fd;
	*ret_lines = lines;
	return 0;
}

void flat_lines_free(struct flat_lines *lines)
{
	free(lines);
}

static bool is_blank(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] != ' ' && data[i] != '\t' && data[i] != '\r')
			return false;
	return true;
}

/* The line's time, if it is near the beginning: a quote that is not escaped can only be
 * that of a name. */
static bool time_find(const char *data, size_t length, __u64 *ret_time)
{
	static const char name[] = "\"time\":";
	const char *end = data + (length < HEAD_BYTES ? length : HEAD_BYTES);
	const char *at = memmem(data, (size_t)(end - data), name, sizeof(name) - 1);
	__u64 time = 0;

	if (!at)
		return false;
	for (at += sizeof(name) - 1; at < data + length && *at >= '0' && *at <= '9'; at++)
		time = time * 10 + (__u64)(*at - '0');
	*ret_time = time;
	return true;
}

static void line_found(struct flat_lines *lines, size_t offset, size_t length)
{
	static const char head[] = "\"recording\":";
	const char *data = lines->data + offset;
	struct entry *entry = &lines->entry[lines->count];
	__u64 before = lines->time;

	lines->number++;
	if (is_blank(data, length))
		return;
	if (memmem(data, length < HEAD_BYTES ? length : HEAD_BYTES, head, sizeof(head) - 1)) {
		lines->part++;
		lines->time = before = 0;
	} else if (!time_find(data, length, &lines->time)) {
		lines->time = before;
	}
	*entry = (struct entry) { offset, length, lines->number, lines->part, lines->time };
	lines->disordered = lines->disordered || lines->time < before;
	/* the latest so far is what a line must not be before */
	if (lines->time < before)
		lines->time = before;
	lines->count++;
}

/* Leaves out the rest of a line that was too long. */
static void skip_rest(struct flat_lines *lines)
{
	const char *start = lines->data + lines->split;
	const char *newline = memchr(start, '\n', lines->used - lines->split);

	lines->split = newline ? (size_t)(newline + 1 - lines->data) : lines->used;
	lines->skipping = !newline;
}

/* Divides what was read into lines, as far as there is room for them. */
static void split(struct flat_lines *lines)
{
	if (lines->skipping)
		skip_rest(lines);
	while (lines->split < lines->used && lines->count < LINES_MAX) {
		const char *start = lines->data + lines->split;
		size_t rest = lines->used - lines->split;
		const char *newline = memchr(start, '\n', rest);

		if (!newline && rest > FLAT_LINE_MAX)
			lines->skipping = true;
		else if (!newline && !lines->ended)
			break;
		line_found(lines, lines->split, newline ? (size_t)(newline - start) : rest);
		lines->split += newline ? (size_t)(newline + 1 - start) : rest;
	}
}

static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	if (left->part != right->part)
		return left->part < right->part ? -1 : 1;
	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

/* Moves what was not handed out to the front. */
static void make_room(struct flat_lines *lines)
{
	size_t first = lines->split, left = lines->count - lines->next;

	memmove(lines->entry, lines->entry + lines->next, left * sizeof(*lines->entry));
	for (size_t i = 0; i < left; i++)
		first = lines->entry[i].offset < first ? lines->entry[i].offset : first;
	for (size_t i = 0; i < left; i++)
		lines->entry[i].offset -= first;
	memmove(lines->data, lines->data + first, lines->used - first);
	lines->used -= first;
	lines->split -= first;
	lines->count = left;
	lines->next = lines->ready = 0;
}

static int fill(struct flat_lines *lines)
{
	while (!lines->ended && lines->used < BUFFER_SIZE) {
		ssize_t n = read(lines->fd, lines->data + lines->used, BUFFER_SIZE - lines->used);

		if (n < 0 && errno != EINTR)
			return -errno;
		lines->ended = !n;
		lines->used += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int refill(struct flat_lines *lines)
{
	bool all;
	int r;

	make_room(lines);
	r = fill(lines);
	if (r < 0)
		return r;
	split(lines);
	if (lines->disordered)
		qsort(lines->entry, lines->count, sizeof(*lines->entry), compare);
	lines->disordered = false;
	all = lines->ended && lines->split == lines->used;
	/* lines so long that the buffer is full of the window are handed out as they stand */
	if (all || lines->count <= FLAT_WINDOW)
		lines->ready = lines->count;
	else
		lines->ready = lines->count - FLAT_WINDOW;
	return 0;
}

int flat_lines_next(struct flat_lines *lines, struct flat_text *ret_text)
{
	const struct entry *entry;
	int r;

	while (lines->next == lines->ready) {
		if (lines->ended && lines->split == lines->used && lines->next == lines->count)
			return 0;
		r = refill(lines);
		if (r < 0)
			return r;
	}
	entry = &lines->entry[lines->next++];
	*ret_text =
		(struct flat_text) { lines->data + entry->offset, entry->length, entry->number };
	return 1;
}
