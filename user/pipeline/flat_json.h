/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of JSON as a flat list of members: what flat_read.c makes events of.
 *
 * Lines are read by a scanner that knows one level of members whose values are texts,
 * whole numbers, booleans, null, and lists of those. What it does not know (nesting,
 * escapes, fractions, mistakes) is left to jansson, so what a line means and what is wrong
 * with it is jansson's word. The scanner is there because of `make bench-replay`: a line of
 * 885 bytes took 14.8 us by jansson alone and takes 1.7 us with the scanner, where deciding
 * on the event by 1,000 rules takes 0.4 us.
 */
#ifndef FERMATA_FLAT_JSON_H
#define FERMATA_FLAT_JSON_H

#include <stdbool.h>

#include "pipeline/event_view.h"

#define FLAT_MEMBERS_MAX 256 /* of a line; one with more is an error */
#define FLAT_ITEMS_MAX 256 /* of all lists of a line; the same */

enum flat_kind {
	FLAT_NULL,
	FLAT_BOOL, /* number: 0 or 1 */
	FLAT_NUMBER,
	FLAT_TEXT,
	FLAT_LIST,
	FLAT_OTHER, /* an object, a fraction, a list in a list: nothing that a field takes */
};

struct flat_value {
	enum flat_kind kind;
	__s64 number;
	struct bytes text;
	const struct flat_value *item; /* of a list */
	size_t count;
};

struct flat_member {
	struct bytes key;
	struct flat_value value;
};

struct json_t;

/* The members of one line; texts are borrowed from the line or from `root`. */
struct flat_json {
	struct flat_member member[FLAT_MEMBERS_MAX];
	size_t count;
	struct flat_value item[FLAT_ITEMS_MAX];
	size_t item_count;
	struct json_t *root; /* owned; NULL: the scanner sufficed */
	char error[192]; /* what is wrong with the line */
};

/* Frees what the last line took. A zeroed struct flat_json is a fresh one. */
void flat_json_done(struct flat_json *json);

/*
 * Reads a line, without its newline; what the line before took is freed. 0 or -EINVAL,
 * with json->error set.
 */
int flat_json_read(struct flat_json *json, const char *line, size_t length);

#endif
