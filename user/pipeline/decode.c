/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The border: a record comes out of memory that the kernel writes, and is trusted from
 * here on. So everything that is used as an index, a length or an enum is looked at
 * here, once.
 */
#include "pipeline/decode.h"

#include <errno.h>
#include <stdint.h>

#include "agent.h"

static int take_text(const struct record *record, const struct span *span, struct bytes *ret)
{
	const char *start = (const char *)record;

	if (!span->length) {
		*ret = (struct bytes) { start + sizeof(*record), 0 };
		return 0;
	}
	if (span->length > TEXT_MAX || span->offset < sizeof(*record) ||
	    span->offset > record->header.size || span->length > record->header.size - span->offset)
		return -EBADMSG;
	*ret = (struct bytes) { start + span->offset, span->length };
	return 0;
}

static int check_verdict(const struct verdict *verdict)
{
	size_t named = verdict->matches < MATCHES_MAX ? verdict->matches : MATCHES_MAX;

	if (verdict->asked >= RESPONSE_MAX || verdict->shell >= SHELL_MAX ||
	    verdict->matches > 2 * RULES_MAX || verdict->strongest >= RULES_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < named; i++)
		if (verdict->match[i].rule >= RULES_MAX)
			return -EBADMSG;
	return 0;
}

/* The texts of the program: in process_creation all, in verdicts the image alone. */
static int take_facts(const struct record *record, struct event_view *view)
{
	const struct record_header *header = &record->header;
	int r = 0;

	if (header->present & SLOT_BIT(SLOT_fact_image) || header->image.length)
		r = take_text(record, &header->image, &view->text[FIELD_fact_image]);
	if (r < 0 || header->event != EVENT_process_creation)
		return r;
	if (header->present & SLOT_BIT(SLOT_fact_command_line))
		r = take_text(record, &record->command_line, &view->text[FIELD_fact_command_line]);
	if (!r && header->present & SLOT_BIT(SLOT_fact_current_directory))
		r = take_text(record, &record->current_directory,
			      &view->text[FIELD_fact_current_directory]);
	return r;
}

/* The facts, and what the event has of its own. */
static int take_texts(const struct record *record, struct event_view *view)
{
	const struct event_info *event = &event_table[record->header.event];
	int r = take_facts(record, view);

	for (size_t i = event->first; !r && i < event->end; i++) {
		const struct field_info *field = &field_table[i];

		if (field->kind != KIND_text || !(record->header.present & SLOT_BIT(field->slot)))
			continue;
		r = take_text(record, (const struct span *)((const char *)record + field->offset),
			      &view->text[i]);
	}
	return r;
}

int decode(const void *data, size_t size, struct event_view *ret_view)
{
	const struct record *record = data;
	const struct record_header *header;
	int r;

	if ((uintptr_t)data % _Alignof(struct record) || size < sizeof(*record) ||
	    size > RECORD_MAX)
		return -EBADMSG;
	header = &record->header;
	if (header->size != size)
		return -EBADMSG;
	if (header->event >= EVENT_MAX || header->agent >= AGENTS_MAX ||
	    header->cpu >= RECORD_CPUS_MAX || !header->session)
		return -EBADMSG;
	if (header->common.process_id > INT32_MAX || header->common.parent_process_id > INT32_MAX)
		return -EBADMSG;
	if (header->flags & RECORD_VERDICT) {
		r = check_verdict(&header->verdict);
		if (r < 0)
			return r;
	}
	ret_view->record = record;
	r = take_texts(record, ret_view);
	if (r < 0)
		event_view_forget(ret_view);
	return r;
}
