/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	tests:
 *	  - fires: true
 *	    events:
 *	      - {category: file_open, TargetFilename: /etc/shadow, Access: read}
 *	      - {after: 10s, category: network_connection, DestinationPort: 443}
 */
#include "rules/examples.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/field_value.h"
#include "base/json.h"
#include "rules/duration.h"
#include "rules/modifier.h"
#include "rules/nearest.h"
#include "rules/value.h"

static int category_read(int *ret_event, const struct node *event, struct diagnostics *diagnostics)
{
	const struct node *category = node_find(event, "category");
	struct nearest nearest;
	int r;

	if (!category)
		return diagnose(diagnostics, SEVERITY_ERROR, &event->place,
				"an event must have a 'category'");
	if (node_expect(category, NODE_TEXT, "category", diagnostics) < 0)
		return -EINVAL;
	r = event_find(category->text);
	if (r >= 0) {
		*ret_event = r;
		return 0;
	}
	nearest_start(&nearest, category->text);
	for (int i = 0; i < EVENT_MAX; i++)
		nearest_offer(&nearest, event_table[i].name);
	return diagnose(diagnostics, SEVERITY_ERROR, &category->place, "unknown category '%s'%s",
			category->text, nearest_hint(&nearest, "known are"));
}

/* Whether the field can have the value, which is not null. */
static bool value_fits(const struct field_info *field, const struct node *value)
{
	size_t length = strlen(value->text);
	struct address address;
	__u64 number;

	if (field->kind == KIND_text)
		return true;
	if (field->kind == KIND_ip)
		return !field_address_read(value->text, length, &address);
	if (field->kind == KIND_time)
		return !clock_parse(value->text, length, &number);
	return !field_number_read(field, value->text, length, &number);
}

static int value_write(struct json *w, const struct field_info *field, const char *key,
		       const struct node *value, struct diagnostics *diagnostics)
{
	if (value->kind != NODE_TEXT || !value_fits(field, value))
		return diagnose(diagnostics, SEVERITY_ERROR, &value->place, "'%s' takes %s%s%s%s",
				field->name, field_takes(field),
				value->kind == NODE_TEXT ? ", not '" : "",
				value->kind == NODE_TEXT ? value->text : "",
				value->kind == NODE_TEXT ? "'" : "");
	json_put_text(w, key, value->text, strlen(value->text));
	return 0;
}

/* A field's value: a text, or a list of names for a set. */
static int member_write(struct json *w, const struct field_info *field, const struct node *value,
			struct diagnostics *diagnostics)
{
	int r = 0;

	if (node_is_null(value))
		return 0;
	if (value->kind != NODE_LIST || field->kind != KIND_set)
		return value_write(w, field, field->name, value, diagnostics);
	json_array_begin(w, field->name);
	for (size_t i = 0; i < value->count; i++)
		if (value_write(w, field, NULL, value->child[i], diagnostics) < 0)
			r = -EINVAL;
	json_array_end(w);
	return r;
}

static int members_write(struct json *w, int type, struct example_event *ret_event,
			 const struct node *event, struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t i = 0; i < event->count; i++) {
		const struct node *key = event->key[i], *value = event->child[i];
		const struct field_info *field;

		if (!strcmp(key->text, "category"))
			continue;
		if (!strcmp(key->text, "after")) {
			if (duration_read(&ret_event->after, value, "'after'", diagnostics) < 0)
				r = -EINVAL;
			continue;
		}
		field = field_require(type, key->text, &key->place, diagnostics);
		if (!field || member_write(w, field, value, diagnostics) < 0)
			r = -EINVAL;
	}
	return r;
}

static int event_read(struct example_event *ret_event, const struct node *event,
		      struct diagnostics *diagnostics)
{
	_cleanup_buffer_ struct buffer line = BUFFER(EXAMPLE_LINE_MAX);
	int type, r = node_expect(event, NODE_MAP, "an event", diagnostics);
	struct json w;

	if (r >= 0)
		r = category_read(&type, event, diagnostics);
	if (r < 0)
		return r;
	json_init(&w, &line);
	json_object_begin(&w, NULL);
	json_put_string(&w, "category", event_table[type].name);
	r = members_write(&w, type, ret_event, event, diagnostics);
	json_object_end(&w);
	if (line.error == -ENOSPC)
		return diagnose(diagnostics, SEVERITY_ERROR, &event->place,
				"an event of more than %u bytes", EXAMPLE_LINE_MAX);
	if (r < 0 || line.error)
		return r < 0 ? r : line.error;
	ret_event->place = event->place;
	ret_event->line = strdup(buffer_string(&line));
	return ret_event->line ? 0 : -ENOMEM;
}

static int events_read(struct example *ret_example, const struct node *events,
		       struct diagnostics *diagnostics)
{
	int r = 0, q;

	if (!events->count || events->count > EXAMPLE_EVENTS_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &events->place,
				events->count ? "'events' has more than %d" : "'events' is empty",
				EXAMPLE_EVENTS_MAX);
	ret_example->events = calloc(events->count, sizeof(*ret_example->events));
	if (!ret_example->events)
		return -ENOMEM;
	ret_example->count = events->count;
	for (size_t i = 0; i < events->count; i++) {
		q = event_read(&ret_example->events[i], events->child[i], diagnostics);
		if (q == -ENOMEM)
			return q;
		r = q < 0 ? q : r;
	}
	return r;
}

static int example_read(struct example *ret_example, const struct node *example,
			struct diagnostics *diagnostics)
{
	const struct node *fires, *events;
	int r = node_expect(example, NODE_MAP, "a test", diagnostics), q;

	if (r < 0)
		return r;
	ret_example->place = example->place;
	fires = node_find(example, "fires");
	events = node_find(example, "events");
	if (!fires || !events)
		return diagnose(diagnostics, SEVERITY_ERROR, &example->place,
				"a test must have 'fires' and 'events'");
	for (size_t i = 0; i < example->count; i++)
		if (example->child[i] != fires && example->child[i] != events)
			r = diagnose(diagnostics, SEVERITY_ERROR, &example->key[i]->place,
				     "a test has no '%s'; it has fires, events",
				     example->key[i]->text);
	if (bool_read(&ret_example->fires, fires, "'fires'", diagnostics) < 0 ||
	    node_expect(events, NODE_LIST, "'events'", diagnostics) < 0)
		return -EINVAL;
	q = events_read(ret_example, events, diagnostics);
	return q < 0 ? q : r;
}

void examples_free(struct examples *examples)
{
	if (!examples)
		return;
	for (size_t i = 0; i < examples->count; i++) {
		for (size_t j = 0; j < examples->list[i].count; j++)
			free(examples->list[i].events[j].line);
		free(examples->list[i].events);
	}
	free(examples->list);
	free(examples);
}

int examples_read(struct examples **ret_examples, const struct node *node,
		  struct diagnostics *diagnostics)
{
	_cleanup_(examples_freep) struct examples *examples = calloc(1, sizeof(*examples));
	int r = node_expect(node, NODE_LIST, "'tests'", diagnostics), q;

	if (!examples)
		return -ENOMEM;
	if (r < 0)
		return r;
	if (node->count > EXAMPLES_MAX)
		return diagnose(diagnostics, SEVERITY_ERROR, &node->place,
				"'tests' has more than %d", EXAMPLES_MAX);
	examples->list = calloc(node->count + 1, sizeof(*examples->list));
	if (!examples->list)
		return -ENOMEM;
	examples->count = node->count;
	for (size_t i = 0; i < node->count; i++) {
		q = example_read(&examples->list[i], node->child[i], diagnostics);
		if (q == -ENOMEM)
			return q;
		r = q < 0 ? q : r;
	}
	if (r < 0)
		return r;
	*ret_examples = take_ptr(examples);
	return 0;
}
