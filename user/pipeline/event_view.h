/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event as the user side sees it: the record, checked, with the texts that were
 * not in it (facts of the process, of the agent, enriched ones) joined to it.
 */
#ifndef FERMATA_EVENT_VIEW_H
#define FERMATA_EVENT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fields.h"

/* Bytes, not NUL-terminated; not necessarily UTF-8. data == NULL: no value. */
struct bytes {
	const char *data;
	size_t length;
};

struct process;

struct event_view {
	const struct record *record; /* borrowed; fixed part, already checked */
	struct process *process; /* who acted, of the process table; NULL: not known; borrowed */
	__u64 wall; /* wall-clock time, ns since 1970; 0: not known */
	/* enum early: of a recorded event, whether it was decided before its act */
	unsigned int early;
	struct bytes text[FIELD_MAX]; /* by enum field: every text that has a value; borrowed */
};

static inline enum event_type event_view_type(const struct event_view *view)
{
	return (enum event_type)view->record->header.event;
}

/* Lets go of the event, while its record is still there: the view can take the next one.
 * Clears what an event of this kind has, as most fields are of others. */
void event_view_forget(struct event_view *view);

/* Whether the field has a value in this event. */
bool event_view_has(const struct event_view *view, const struct field_info *field);

/* The value of a num, bool, one, set or time field. */
__u64 event_view_number(const struct event_view *view, const struct field_info *field);

/* The value of an ip field. */
const struct address *event_view_address(const struct event_view *view,
					 const struct field_info *field);

#endif
