/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded table in which the row that was touched least recently makes room for a new one.
 * Rows are embedded in what the caller keeps; the table owns them from recent_add() on.
 */
#ifndef FERMATA_RECENT_H
#define FERMATA_RECENT_H

#include <stddef.h>

#include "pipeline/fingerprint.h"

struct recent_row {
	struct recent_row *newer, *older; /* by when they were touched */
	struct recent_row *next; /* of its bucket */
	__u32 kind;
	struct fingerprint key;
	size_t bytes; /* that it takes, as its owner says */
};

struct recent {
	struct recent_row *newest, *oldest;
	struct recent_row **bucket;
	size_t bucket_count;
	size_t count, count_max;
	size_t bytes, bytes_max; /* a single row may take more */
	void (*release)(struct recent_row *row); /* frees a row that has left the table */
	__u64 evicted; /* rows that had to make room */
};

/* Allocates nothing yet. */
void recent_init(struct recent *recent, size_t count_max, size_t bytes_max,
		 void (*release)(struct recent_row *row));
void recent_done(struct recent *recent);

/* Finds the row and touches it; NULL when there is none. */
struct recent_row *recent_find(struct recent *recent, __u32 kind, const struct fingerprint *key);

/* Adds a row, of which kind, key and bytes are set. -ENOMEM: it is still the caller's. */
int recent_add(struct recent *recent, struct recent_row *row);

/* Says that a row takes that many bytes now. Others may have to make room. */
void recent_resize(struct recent *recent, struct recent_row *row, size_t bytes);

/* Takes the row out and releases it. */
void recent_remove(struct recent *recent, struct recent_row *row);

#endif
