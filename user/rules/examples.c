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

/* A field's value: a text, or a list of names for a set. */
static int value_check(const struct field_info *field, const struct node *value,
		       struct diagnostics *diagnostics)
{
	bool list = value->kind == NODE_LIST && field->kind == KIND_set;

	for (size_t i = 0; list && i < value->count; i++)
		list = value->child[i]->kind == NODE_TEXT;
	if (list || value->kind == NODE_TEXT)
		return 0;
	return diagnose(diagnostics, SEVERITY_ERROR, &value->place, "'%s' takes a single value%s",
			field->name, field->kind == KIND_set ? " or a list of names" : "");
}

static int event_check(const struct node *event, struct diagnostics *diagnostics)
{
	int type, r = node_expect(event, NODE_MAP, "an event", diagnostics);
	__u64 after;

	if (r >= 0)
		r = category_read(&type, event, diagnostics);
	if (r < 0)
		return r;
	for (size_t i = 0; i < event->count; i++) {
		const struct node *key = event->key[i], *value = event->child[i];
		const struct field_info *field;

		if (!strcmp(key->text, "category"))
			continue;
		if (!strcmp(key->text, "after")) {
			if (duration_read(&after, value, "'after'", diagnostics) < 0)
				r = -EINVAL;
			continue;
		}
		field = field_require(type, key->text, &key->place, diagnostics);
		if (!field || value_check(field, value, diagnostics) < 0)
			r = -EINVAL;
	}
	return r;
}

static int example_check(const struct node *example, struct diagnostics *diagnostics)
{
	const struct node *fires, *events;
	bool value;
	int r = node_expect(example, NODE_MAP, "a test", diagnostics);

	if (r < 0)
		return r;
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
	if (bool_read(&value, fires, "'fires'", diagnostics) < 0 ||
	    node_expect(events, NODE_LIST, "'events'", diagnostics) < 0)
		return -EINVAL;
	if (!events->count)
		r = diagnose(diagnostics, SEVERITY_ERROR, &events->place, "'events' is empty");
	for (size_t i = 0; i < events->count; i++)
		if (event_check(events->child[i], diagnostics) < 0)
			r = -EINVAL;
	return r;
}

int examples_check(const struct node *node, struct diagnostics *diagnostics)
{
	int r = node_expect(node, NODE_LIST, "'tests'", diagnostics);

	for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
		if (example_check(node->child[i], diagnostics) < 0)
			r = -EINVAL;
	return r;
}
