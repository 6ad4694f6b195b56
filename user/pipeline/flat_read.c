/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a line are read first (flat_json.c), then given their meaning here: which
 * fields there are depends on the category, which need not come first.
 */
#include "pipeline/flat_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/field_value.h"
#include "decide.h"
#include "pipeline/flat_json.h"
#include "pipeline/flat_names.h"

#define STEP (CLOCK_SECOND / 1000) /* between events without a time */
#define SESSION_UNNAMED 1 /* of events without AgentSession */
#define NAME_SHOWN 64 /* bytes of a name or value in a message */

struct flat_reader {
	struct flat_names names;
	struct flat_json json;
	const struct flat_known *known[FLAT_MEMBERS_MAX]; /* by member; NULL: nobody knows it */
	size_t length; /* of the line */
	struct flat_event event;
	__u64 next; /* time of an event that has none */
	__u64 given; /* by slot: fields of the event that a member gave */
	__u64 hexed; /* by slot: texts whose bytes are known from their _hex member */
	struct buffer bytes; /* of those */
	struct tally fields, categories;
	char error[256];
};

int flat_reader_new(struct flat_reader **ret_reader)
{
	struct flat_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	flat_names_init(&reader->names);
	reader->next = STEP;
	buffer_init(&reader->bytes, FLAT_LINE_MAX);
	*ret_reader = reader;
	return 0;
}

void flat_reader_free(struct flat_reader *reader)
{
	flat_json_done(&reader->json);
	buffer_done(&reader->bytes);
	free(reader);
}

const char *flat_reader_error(const struct flat_reader *reader)
{
	return reader->error;
}

void flat_reader_set_time(struct flat_reader *reader, __u64 time)
{
	reader->next = time;
}

const struct tally *flat_reader_unknown_fields(const struct flat_reader *reader)
{
	return &reader->fields;
}

const struct tally *flat_reader_unknown_categories(const struct flat_reader *reader)
{
	return &reader->categories;
}

__attribute__((format(printf, 2, 3))) static int complain(struct flat_reader *reader,
							  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reader->error, sizeof(reader->error), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static int shown(struct bytes text)
{
	return (int)(text.length < NAME_SHOWN ? text.length : NAME_SHOWN);
}

static int complain_value(struct flat_reader *reader, const struct field_info *field,
			  const struct flat_value *value)
{
	if (value->kind == FLAT_TEXT)
		return complain(reader, "%s takes %s, not '%.*s'", field->name, field_takes(field),
				shown(value->text), value->text.data);
	return complain(reader, "%s takes %s", field->name, field_takes(field));
}

/* The value of a num, bool or one field, or the number of a set's bit. */
static int number_of(struct flat_reader *reader, const struct field_info *field,
		     const struct flat_value *value, __u64 *ret_number)
{
	bool number = value->kind == FLAT_NUMBER ||
		      (value->kind == FLAT_BOOL && field->kind == KIND_bool);

	if (value->kind == FLAT_TEXT &&
	    !field_number_read(field, value->text.data, value->text.length, ret_number))
		return 0;
	if (!number || field_number_check(field, (__u64)value->number) < 0)
		return complain_value(reader, field, value);
	*ret_number = (__u64)value->number;
	return 0;
}

/* One name, or a list of them. */
static int set_of(struct flat_reader *reader, const struct field_info *field,
		  const struct flat_value *value, __u64 *ret_bits)
{
	const struct flat_value *item = value->kind == FLAT_LIST ? value->item : value;
	size_t count = value->kind == FLAT_LIST ? value->count : 1;
	__u64 bits = 0, bit;

	for (size_t i = 0; i < count; i++) {
		if (number_of(reader, field, &item[i], &bit) < 0)
			return -EINVAL;
		bits |= 1ULL << bit;
	}
	*ret_bits = bits;
	return 0;
}

static int field_set(struct flat_reader *reader, const struct field_info *field,
		     const struct flat_value *value)
{
	void *member = (char *)&reader->event.record + field->offset;
	int r = 0;

	switch (field->kind) {
	case KIND_text:
		if (value->kind != FLAT_TEXT)
			return complain_value(reader, field, value);
		if (!(reader->hexed & SLOT_BIT(field->slot)))
			reader->event.view.text[field->id] = value->text;
		break;
	case KIND_ip:
		if (value->kind != FLAT_TEXT ||
		    field_address_read(value->text.data, value->text.length, member) < 0)
			return complain_value(reader, field, value);
		break;
	case KIND_set:
		r = set_of(reader, field, value, member);
		break;
	case KIND_time:
		return value->kind == FLAT_TEXT &&
				       !clock_parse(value->text.data, value->text.length,
						    &reader->event.view.wall)
			       ? 0
			       : complain_value(reader, field, value);
	default:
		r = number_of(reader, field, value, member);
	}
	if (!r)
		reader->event.record.header.present |= SLOT_BIT(field->slot);
	return r;
}

static int digit_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The exact bytes of a text, which its own member could not have. */
static int hex_set(struct flat_reader *reader, const struct field_info *field,
		   const struct flat_value *value)
{
	struct bytes digits = value->text;
	size_t start = reader->bytes.length;

	if (field->kind != KIND_text || value->kind != FLAT_TEXT || digits.length % 2)
		return complain(reader, "%s_hex takes pairs of hexadecimal digits", field->name);
	/* as much as all of the line can need: texts that are there already stay in place */
	if (!start && buffer_reserve(&reader->bytes, reader->length) < 0)
		return reader->bytes.error;
	for (size_t i = 0; i < digits.length; i += 2) {
		int high = digit_of(digits.data[i]), low = digit_of(digits.data[i + 1]);

		if (high < 0 || low < 0)
			return complain(reader, "%s_hex takes pairs of hexadecimal digits",
					field->name);
		buffer_add_byte(&reader->bytes, (char)(high << 4 | low));
	}
	reader->event.view.text[field->id] =
		(struct bytes) { buffer_string(&reader->bytes) + start, digits.length / 2 };
	reader->event.record.header.present |= SLOT_BIT(field->slot);
	reader->hexed |= SLOT_BIT(field->slot);
	return 0;
}

/* The field that the event has under that name, or NULL. */
static const struct field_info *field_of(const struct flat_reader *reader,
					 const struct flat_known *known)
{
	short id = known && known->id == FLAT_NAME_field
			   ? known->field[reader->event.record.header.event]
			   : FLAT_NO_FIELD;

	return id == FLAT_NO_FIELD ? NULL : &field_table[id];
}

static const struct field_info *field_named(const struct flat_reader *reader, struct bytes name)
{
	return field_of(reader, flat_names_find(&reader->names, name));
}

static int member_field(struct flat_reader *reader, const struct flat_member *member,
			const struct flat_known *known)
{
	const struct field_info *field = field_of(reader, known);
	struct bytes key = member->key;

	if (field) {
		if (reader->given & SLOT_BIT(field->slot))
			return complain(reader, "%s is there twice", field->name);
		reader->given |= SLOT_BIT(field->slot);
		return member->value.kind == FLAT_NULL ? 0
						       : field_set(reader, field, &member->value);
	}
	if (key.length > 4 && !memcmp(key.data + key.length - 4, "_hex", 4)) {
		field = field_named(reader, (struct bytes) { key.data, key.length - 4 });
		if (field)
			return hex_set(reader, field, &member->value);
	}
	tally_add(&reader->fields, key.data, key.length);
	return 0;
}

static int incomplete_set(struct flat_reader *reader, const struct flat_value *value)
{
	for (size_t i = 0; value->kind == FLAT_LIST && i < value->count; i++) {
		struct bytes name = value->item[i].text;
		const struct field_info *field =
			value->item[i].kind == FLAT_TEXT ? field_named(reader, name) : NULL;

		if (field)
			reader->event.record.header.incomplete |= SLOT_BIT(field->slot);
		else
			tally_add(&reader->fields, name.data ? name.data : "incomplete",
				  name.data ? name.length : strlen("incomplete"));
	}
	return value->kind == FLAT_LIST ? 0 : complain(reader, "incomplete takes a list of fields");
}

/* The members that are no fields and mean something, of one line. */
struct meta {
	const struct flat_value *value[FLAT_NAME_MAX];
};

static void meta_collect(struct flat_reader *reader, struct meta *meta)
{
	for (size_t i = 0; i < reader->json.count; i++) {
		const struct flat_member *member = &reader->json.member[i];
		const struct flat_known *known = flat_names_find(&reader->names, member->key);

		reader->known[i] = known;
		if (known && known->id != FLAT_NAME_field)
			meta->value[known->id] = &member->value;
	}
}

static bool text_is(const struct flat_value *value, const char *text)
{
	return value && value->kind == FLAT_TEXT && value->text.length == strlen(text) &&
	       !memcmp(value->text.data, text, value->text.length);
}

static bool list_has(const struct flat_value *list, const char *text)
{
	for (size_t i = 0; list && list->kind == FLAT_LIST && i < list->count; i++)
		if (text_is(&list->item[i], text))
			return true;
	return false;
}

static int time_set(struct flat_reader *reader, const struct meta *meta)
{
	const struct flat_value *time = meta->value[FLAT_NAME_time];
	const struct flat_value *stamp = meta->value[FLAT_NAME_timestamp];
	__u64 *target = &reader->event.record.header.time;
	__u64 *wall = &reader->event.view.wall;

	if (stamp && stamp->kind != FLAT_NULL &&
	    (stamp->kind != FLAT_TEXT ||
	     clock_parse(stamp->text.data, stamp->text.length, wall) < 0))
		return complain(reader, "@timestamp takes a time as 2026-01-02T03:04:05.678Z");
	if (time && time->kind != FLAT_NULL) {
		if (time->kind != FLAT_NUMBER || time->number < 0)
			return complain(reader, "time takes a number of nanoseconds");
		*target = (__u64)time->number;
	} else {
		*target = *wall ? *wall : reader->next;
	}
	reader->next = *target + STEP;
	return 0;
}

/* An act that was refused before it took place: see flat_read.h. */
static void early_set(struct flat_reader *reader, const struct meta *meta)
{
	struct record_header *header = &reader->event.record.header;

	if (text_is(meta->value[FLAT_NAME_tier], shell_table[SHELL_fanotify])) {
		reader->event.view.early = EARLY_ASSUME;
	} else if (header->event == EVENT_process_creation &&
		   list_has(meta->value[FLAT_NAME_done], "denied")) {
		reader->event.view.early = EARLY_KNOWN;
		header->incomplete |= ~FIELDS_EARLY;
	}
}

/* What the kernel side computes of an address. */
static void address_derive(struct flat_reader *reader)
{
	struct record *record = &reader->event.record;
	struct event_network_connection *connection = &record->network_connection;
	__u64 *present = &record->header.present;

	if (record->header.event != EVENT_network_connection ||
	    !(*present & SLOT_BIT(SLOT_network_connection_destination_ip)))
		return;
	if (!(reader->given & SLOT_BIT(SLOT_network_connection_loopback)))
		connection->loopback = address_is_loopback(&connection->destination_ip);
	if (!(reader->given & SLOT_BIT(SLOT_network_connection_private_address)))
		connection->private_address = address_is_private(&connection->destination_ip);
	*present |= SLOT_BIT(SLOT_network_connection_loopback) |
		    SLOT_BIT(SLOT_network_connection_private_address);
}

/* FNV-1a: two sessions whose texts collide (one chance in 2^64) count as one. */
static void session_set(struct flat_event *event)
{
	struct bytes text = event->view.text[FIELD_agent_agent_session];
	__u64 hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3;
	event->record.header.session = text.data ? hash | 1 : SESSION_UNNAMED;
}

static int event_read(struct flat_reader *reader, const struct meta *meta, enum event_type type)
{
	struct flat_event *event = &reader->event;
	int r;

	memset(event, 0, sizeof(*event));
	event->view.record = &event->record;
	event->record.header.event = type;
	event->record.header.size = sizeof(event->record);
	reader->given = reader->hexed = 0;
	buffer_reset(&reader->bytes);
	for (size_t i = 0; i < reader->json.count; i++) {
		if (reader->known[i] && reader->known[i]->id != FLAT_NAME_field)
			continue;
		r = member_field(reader, &reader->json.member[i], reader->known[i]);
		if (r < 0)
			return r;
	}
	if (meta->value[FLAT_NAME_incomplete] &&
	    incomplete_set(reader, meta->value[FLAT_NAME_incomplete]) < 0)
		return -EINVAL;
	early_set(reader, meta);
	address_derive(reader);
	session_set(event);
	return time_set(reader, meta);
}

static int loss_read(struct flat_reader *reader, const struct meta *meta)
{
	const struct flat_value *count = meta->value[FLAT_NAME_count];

	if (!count || count->kind != FLAT_NUMBER || count->number < 0)
		return complain(reader, "a loss takes a count");
	reader->event.lost = (__u64)count->number;
	return FLAT_LOSS;
}

static int schema_check(struct flat_reader *reader, const struct flat_value *schema)
{
	if (!schema)
		return 0;
	if (schema->kind != FLAT_NUMBER || schema->number != RECORD_SCHEMA)
		return complain(reader, "its schema is not %d, the one that can be read",
				RECORD_SCHEMA);
	return 0;
}

int flat_read(struct flat_reader *reader, const char *line, size_t length,
	      struct flat_event **ret_event)
{
	const struct flat_value *category;
	struct meta meta = { 0 };
	int type, r;

	if (length > FLAT_LINE_MAX)
		return complain(reader, "it is longer than %u bytes", FLAT_LINE_MAX);
	reader->length = length;
	if (flat_json_read(&reader->json, line, length) < 0)
		return complain(reader, "%s", reader->json.error);
	meta_collect(reader, &meta);
	if (schema_check(reader, meta.value[FLAT_NAME_schema]) < 0)
		return -EINVAL;
	*ret_event = &reader->event;
	category = meta.value[FLAT_NAME_category];
	if (!category && meta.value[FLAT_NAME_recording])
		return FLAT_HEAD;
	if (!category && meta.value[FLAT_NAME_loss])
		return loss_read(reader, &meta);
	if (!category || category->kind != FLAT_TEXT)
		return complain(reader, "it has no category");
	for (type = 0; type < EVENT_MAX; type++)
		if (text_is(category, event_table[type].name))
			break;
	if (type == EVENT_MAX) {
		tally_add(&reader->categories, category->text.data, category->text.length);
		return FLAT_FOREIGN;
	}
	r = event_read(reader, &meta, (enum event_type)type);
	return r < 0 ? r : FLAT_EVENT;
}
