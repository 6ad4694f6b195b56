/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk over the field table: a new field needs nothing here.
 */
#include "pipeline/event_json.h"

#include "base/cleanup.h"
#include "pipeline/act.h"

/* Numbers that identify: ECS has them as keywords, as nobody calculates with them. */
static bool is_keyword(const struct field_info *field)
{
	return field->id == FIELD_common_user_id || field->id == FIELD_common_effective_user_id ||
	       field->id == FIELD_process_creation_logon_id || field->id == FIELD_file_open_inode;
}

static void add_named(struct json *w, const struct field_info *field, __u64 value)
{
	const char *name = field_number_name(field, value);
	char number[24];

	if (!name) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
		name = number;
	}
	json_put_string(w, NULL, name);
}

static void add_set(struct json *w, const struct field_info *field, __u64 bits)
{
	json_array_begin(w, NULL);
	for (__u32 bit = 0; bit < 64; bit++)
		if (bits >> bit & 1)
			add_named(w, field, bit);
	json_array_end(w);
}

static void add_value(struct json_tree *tree, const struct event_view *view,
		      const struct field_info *field)
{
	char text[ADDRESS_TEXT_SIZE];
	struct json *w;

	if (field->kind == KIND_text) {
		json_tree_bytes(tree, field->ecs, view->text[field->id].data,
				view->text[field->id].length);
		return;
	}
	w = json_tree_add(tree, field->ecs);
	switch (field->kind) {
	case KIND_bool:
		json_put_bool(w, NULL, event_view_number(view, field));
		break;
	case KIND_one:
		add_named(w, field, event_view_number(view, field));
		break;
	case KIND_set:
		add_set(w, field, event_view_number(view, field));
		break;
	case KIND_ip:
		json_put_string(w, NULL, address_text(text, event_view_address(view, field)));
		break;
	default:
		if (is_keyword(field))
			add_named(w, field, event_view_number(view, field));
		else
			json_put_number(w, NULL, event_view_number(view, field));
	}
}

static bool is_brief(const struct field_info *field)
{
	return field->origin == ORIGIN_event || field->id == FIELD_common_process_id ||
	       field->id == FIELD_fact_image || field->id == FIELD_fact_command_line;
}

static void add_name(struct json_tree *tree, const char *key, struct bytes path)
{
	struct bytes name = path_name(path);

	if (name.length)
		json_tree_bytes(tree, key, name.data, name.length);
}

static void add_time(struct json_tree *tree, const char *key, struct clock *clock, __u64 time)
{
	char text[CLOCK_TEXT_SIZE];

	json_put_string(json_tree_add(tree, key), NULL, clock_text(text, clock_wall(clock, time)));
}

/* The fields whose value did not fit: rules that refuse or kill took them for a match. */
static void add_incomplete(struct json_tree *tree, const struct event_view *view)
{
	const struct record_header *header = &view->record->header;
	struct json *w;

	if (!header->incomplete)
		return;
	w = json_tree_add(tree, "fermata.incomplete");
	json_array_begin(w, NULL);
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if ((field->event < 0 || field->event == header->event) &&
		    header->incomplete & SLOT_BIT(field->slot))
			json_put_string(w, NULL, field->name);
	}
	json_array_end(w);
}

void event_json_add(struct json_tree *tree, const struct event_view *view, struct clock *clock,
		    enum event_json_extent extent)
{
	const struct record_header *header = &view->record->header;

	add_time(tree, "@timestamp", clock, header->time);
	json_put_string(json_tree_add(tree, "event.action"), NULL,
			event_table[event_view_type(view)].name);
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		/* the moment is told */
		if (field->kind != KIND_time && event_view_has(view, field) &&
		    (extent == EVENT_JSON_ALL || is_brief(field)))
			add_value(tree, view, field);
	}
	add_name(tree, "process.name", view->text[FIELD_fact_image]);
	if (extent == EVENT_JSON_BRIEF)
		return;
	add_name(tree, "process.parent.name", view->text[FIELD_fact_parent_image]);
	if (header->start_time)
		add_time(tree, "process.start", clock, header->start_time);
	add_incomplete(tree, view);
}
