/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h as tables: the names that rules, JSON and documentation use.
 */
#ifndef FERMATA_FIELDS_H
#define FERMATA_FIELDS_H

#include <stddef.h>

#include "event.h"
#include "policy.h"

enum field_origin {
	ORIGIN_common, /* number in the record's header */
	ORIGIN_fact, /* of the program: its atoms are in the tag */
	ORIGIN_agent, /* of the agent: its atoms are in the agent's row */
	ORIGIN_enriched, /* known to the user side only */
	ORIGIN_event, /* the event's own */
};

/* One of the names that a `one` or `set` field takes. */
struct field_name {
	const char *name;
	__u32 number; /* the value (one) or the bit (set) */
	const char *meaning;
};

struct field_info {
	enum field id;
	enum field_origin origin;
	int event; /* enum event_type for ORIGIN_event, else -1 */
	enum kind kind;
	__u8 slot;
	__u32 offset; /* in struct record; 0 for texts kept elsewhere */
	const char *name; /* in rules */
	const char *ecs; /* in JSON */
	const struct field_name *names; /* ended by a NULL name */
	const char *meaning;
};

struct event_info {
	const char *name; /* the Sigma category */
	const char *ecs_category;
	const char *ecs_type;
	const char *meaning;
	unsigned int first, end; /* its own fields: first <= enum field < end */
};

extern const struct field_info field_table[FIELD_MAX]; /* by enum field */
extern const struct event_info event_table[EVENT_MAX]; /* by enum event_type */
extern const char *const response_table[RESPONSE_MAX]; /* as in rule files: kill-agent */
extern const char *const shell_table[SHELL_MAX];

/* The field that a rule for `event` calls `name`, or NULL. */
const struct field_info *field_find(enum event_type event, const char *name);

/* The event of a Sigma category, or -ENOENT. */
int event_find(const char *name);

/* The response of that name, or -ENOENT. */
int response_find(const char *name);

/* The name of a number in a `one` field or a bit in a `set` field, or NULL. */
const char *field_number_name(const struct field_info *field, __u64 number);

#endif
