/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a field by its row in the field table, so that no consumer knows an event's
 * structure.
 */
#include "pipeline/event_view.h"

#include <string.h>

static bool of_this_event(const struct event_view *view, const struct field_info *field)
{
	return field->event < 0 || field->event == (int)event_view_type(view);
}

void event_view_forget(struct event_view *view)
{
	const struct event_info *event = &event_table[event_view_type(view)];

	memset(view->text, 0, SLOT_OWN * sizeof(*view->text));
	memset(view->text + event->first, 0, (event->end - event->first) * sizeof(*view->text));
	view->record = NULL;
	view->process = NULL;
	view->wall = 0;
	view->early = 0;
}

bool event_view_has(const struct event_view *view, const struct field_info *field)
{
	if (field->kind == KIND_text)
		return view->text[field->id].data;
	if (field->kind == KIND_time)
		return view->wall;
	return of_this_event(view, field) && view->record->header.present & SLOT_BIT(field->slot);
}

__u64 event_view_number(const struct event_view *view, const struct field_info *field)
{
	if (field->kind == KIND_time)
		return view->wall;
	return *(const __u64 *)((const char *)view->record + field->offset);
}

const struct address *event_view_address(const struct event_view *view,
					 const struct field_info *field)
{
	return (const struct address *)((const char *)view->record + field->offset);
}
