/* SPDX-License-Identifier: Apache-2.0 */
/*
 * There is one line for each act of an agent, so it is made of pieces that are ready:
 * keys with their punctuation from the field table, facts that the caller keeps.
 */
#include "pipeline/flat_event.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "pipeline/act.h"
#include "pipeline/decision.h"
#include "rules/step.h"

#define TEXT(number) #number
#define NUMBER_TEXT(number) TEXT(number)

struct piece {
	const char *text;
	size_t length;
};

/* ,"TargetFilename": */
static const struct piece key_table[FIELD_MAX] = {
#define F(event, kind, member, name, ...)                                                          \
	[FIELD_##event##_##member] = { ",\"" name "\":", sizeof(",\"" name "\":") - 1 },
#define E(event, fields, ...) fields(F)
	COMMON_FIELDS(F) FACT_FIELDS(F) AGENT_FIELDS(F) ENRICHED_FIELDS(F) EVENTS(E)
#undef E
#undef F
};

#define HEAD(event)                                                                                \
	"{\"schema\":" NUMBER_TEXT(RECORD_SCHEMA) ",\"category\":\"" #event "\",\"@timestamp\":\""

static const struct piece head_table[EVENT_MAX] = {
#define E(event, ...) [EVENT_##event] = { HEAD(event), sizeof(HEAD(event)) - 1 },
	EVENTS(E)
#undef E
};

static const struct {
	unsigned int bit;
	const char *name;
} done_table[] = {
	{ DONE_DENIED, "denied" },	 { DONE_KILLED, "killed" }, { DONE_CONDEMNED, "condemned" },
	{ DONE_SIMULATED, "simulated" }, { DONE_AFTER, "after" },
};

static void add_text(struct buffer *out, enum field field, struct bytes text)
{
	struct json w;

	buffer_add(out, key_table[field].text, key_table[field].length);
	if (utf8_plain(text.data, text.length) == text.length) {
		buffer_add_byte(out, '"');
		buffer_add(out, text.data, text.length);
		buffer_add_byte(out, '"');
		return;
	}
	json_quote(out, text.data, text.length);
	if (!json_needs_hex(text.data, text.length))
		return;
	/* the key again, with its tail before the quote and the colon */
	buffer_add(out, key_table[field].text, key_table[field].length - 2);
	buffer_add_string(out, "_hex\":");
	json_init(&w, out);
	json_put_hex(&w, NULL, text.data, text.length);
}

/* Signed, as rules compare it, and as readers of JSON can hold it. */
static void add_number(struct buffer *out, __u64 value)
{
	if (value >> 63) {
		buffer_add_byte(out, '-');
		value = -value;
	}
	buffer_add_number(out, value);
}

static void add_named(struct buffer *out, const struct field_info *field, __u64 value)
{
	const char *name = field_number_name(field, value);

	if (name)
		json_quote(out, name, strlen(name));
	else
		add_number(out, value);
}

static void add_set(struct buffer *out, const struct field_info *field, __u64 bits)
{
	char before = '[';

	for (; bits; bits &= bits - 1) {
		buffer_add_byte(out, before);
		add_named(out, field, (__u64)__builtin_ctzll(bits));
		before = ',';
	}
	buffer_add_string(out, before == '[' ? "[]" : "]");
}

static void add_address(struct buffer *out, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	buffer_add_byte(out, '"');
	buffer_add_string(out, address_text(text, address));
	buffer_add_byte(out, '"');
}

static void add_value(struct buffer *out, const struct event_view *view,
		      const struct field_info *field)
{
	buffer_add(out, key_table[field->id].text, key_table[field->id].length);
	switch (field->kind) {
	case KIND_bool:
		buffer_add_string(out, event_view_number(view, field) ? "true" : "false");
		break;
	case KIND_one:
		add_named(out, field, event_view_number(view, field));
		break;
	case KIND_set:
		add_set(out, field, event_view_number(view, field));
		break;
	case KIND_ip:
		add_address(out, event_view_address(view, field));
		break;
	default:
		add_number(out, event_view_number(view, field));
	}
}

static void add_fields(struct buffer *out, const struct event_view *view, unsigned int first,
		       unsigned int end)
{
	for (unsigned int i = first; i < end; i++) {
		const struct field_info *field = &field_table[i];

		if (field->kind == KIND_text && view->text[i].data)
			add_text(out, i, view->text[i]);
		else if (field->kind != KIND_text &&
			 view->record->header.present & SLOT_BIT(field->slot))
			add_value(out, view, field);
	}
}

/* The members of an array, of which the key is written with the first. */
struct list {
	struct buffer *out;
	const char *key;
	size_t count;
};

static void list_add(struct list *list, const char *text)
{
	if (list->count++) {
		buffer_add_byte(list->out, ',');
	} else {
		buffer_add_string(list->out, ",\"");
		buffer_add_string(list->out, list->key);
		buffer_add_string(list->out, "\":[");
	}
	json_quote(list->out, text, strlen(text));
}

static void list_end(const struct list *list)
{
	if (list->count)
		buffer_add_byte(list->out, ']');
}

static void add_incomplete(struct buffer *out, const struct event_view *view)
{
	const struct record_header *header = &view->record->header;
	struct list list = { .out = out, .key = "incomplete" };

	if (!header->incomplete)
		return;
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if ((field->event < 0 || field->event == header->event) &&
		    header->incomplete & SLOT_BIT(field->slot))
			list_add(&list, field->name);
	}
	list_end(&list);
}

enum match_class { MATCH_TOLD, MATCH_COUNTED, MATCH_STEP };

static enum match_class class_of(const struct rule *rule, const struct match *match)
{
	return rule->silent ? MATCH_STEP : match->flags & MATCH_FOLDED ? MATCH_COUNTED : MATCH_TOLD;
}

static void add_matches(struct buffer *out, const char *key, const struct decision *decision,
			const struct ruleset *rules, enum match_class class)
{
	struct list list = { .out = out, .key = key };

	for (size_t i = 0; i < decision->count; i++) {
		const struct rule *rule = rules->rules[decision->match[i].rule];

		if (class_of(rule, &decision->match[i]) == class)
			list_add(&list, rule_key(rule));
	}
	list_end(&list);
}

/* The strongest response that is asked for, or -1: nothing is told of the event. */
static int strongest(const struct event_view *view, const struct decision *decision,
		     const struct ruleset *rules)
{
	int asked = view->record->header.flags & RECORD_REFUSED ? RESPONSE_deny : -1;

	for (size_t i = 0; i < decision->count; i++) {
		const struct rule *rule = rules->rules[decision->match[i].rule];

		if (!rule->silent && (int)rule->response > asked)
			asked = (int)rule->response;
	}
	return asked;
}

static void add_member(struct buffer *out, const char *key, const char *value)
{
	buffer_add_string(out, ",\"");
	buffer_add_string(out, key);
	buffer_add_string(out, "\":\"");
	buffer_add_string(out, value);
	buffer_add_byte(out, '"');
}

static void add_outcome(struct buffer *out, const struct outcome *outcome, enum response asked)
{
	struct list list = { .out = out, .key = "done" };
	char verdict[32];

	add_member(out, "asked", response_table[asked]);
	add_member(out, "verdict", outcome_verdict(verdict, outcome, asked));
	for (size_t i = 0; i < ARRAY_SIZE(done_table); i++)
		if (outcome->done & done_table[i].bit)
			list_add(&list, done_table[i].name);
	if (outcome->gone)
		list_add(&list, "gone");
	list_end(&list);
	add_member(out, "tier",
		   outcome->shell == SHELL_none ? "user" : shell_table[outcome->shell]);
}

static void add_decision(struct buffer *out, const struct event_view *view,
			 const struct decision *decision, const struct ruleset *rules)
{
	int asked = strongest(view, decision, rules);

	add_matches(out, "matches", decision, rules, MATCH_TOLD);
	add_matches(out, "folded", decision, rules, MATCH_COUNTED);
	add_matches(out, "steps", decision, rules, MATCH_STEP);
	if (decision->unnamed) {
		buffer_add_string(out, ",\"unnamed\":");
		buffer_add_number(out, decision->unnamed);
	}
	if (asked >= 0)
		add_outcome(out, &decision->outcome, (enum response)asked);
}

int flat_facts_write(struct buffer *out, const struct event_view *view)
{
	for (unsigned int i = 0; i < SLOT_OWN; i++)
		/* who the user is depends on the moment, not on the program */
		if (i != FIELD_enriched_user && view->text[i].data)
			add_text(out, i, view->text[i]);
	return out->error;
}

int flat_event_write(struct buffer *out, const struct event_view *view, const char *stamp,
		     struct bytes facts, const struct decision *decision,
		     const struct ruleset *rules)
{
	const struct record_header *header = &view->record->header;
	const struct event_info *event = &event_table[header->event];

	buffer_add(out, head_table[header->event].text, head_table[header->event].length);
	buffer_add_string(out, stamp);
	buffer_add_string(out, "\",\"time\":");
	buffer_add_number(out, header->time);
	add_fields(out, view, event->first, event->end);
	add_fields(out, view, 0, SLOT_fact_image);
	if (view->text[FIELD_enriched_user].data)
		add_text(out, FIELD_enriched_user, view->text[FIELD_enriched_user]);
	buffer_add(out, facts.data, facts.length);
	add_incomplete(out, view);
	if (header->flags & RECORD_VERDICT)
		add_decision(out, view, decision, rules);
	return buffer_add_string(out, "}\n");
}
