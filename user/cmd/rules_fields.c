/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata rules fields`: what a rule can test, from the tables by which rules are read;
 * also as JSON, and as the Markdown of rules/README.md.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd/rules_command.h"
#include "rules/modifier_info.h"

enum form { FORM_TEXT, FORM_JSON, FORM_MARKDOWN };

static int form_json(void *target, const char *value)
{
	(void)value;
	*(enum form *)target = FORM_JSON;
	return 0;
}

static int form_markdown(void *target, const char *value)
{
	(void)value;
	*(enum form *)target = FORM_MARKDOWN;
	return 0;
}

static const struct option_row options[] = {
	{ "json", NULL, "tell it as JSON", form_json, 0 },
	{ "markdown", NULL, "tell it as rules/README.md has it", form_markdown, 0 },
	{ 0 },
};

/* Fields that every event has come first, then those of each event. */
struct group {
	const char *name, *meaning;
	unsigned int first, end;
};

#define GROUPS (1 + EVENT_MAX)

static struct group group_of(int i)
{
	const struct event_info *event = &event_table[i ? i - 1 : 0];

	if (!i)
		return (struct group) { "every category", "who acts", 0, event->first };
	return (struct group) { event->name, event->meaning, event->first, event->end };
}

static const char *kind_name(const struct field_info *field)
{
	for (const struct kind_info *kind = kind_info_table; kind->name; kind++)
		if (kind->kind == field->kind)
			return kind->name;
	return "?";
}

/* "read, write, append" */
static void add_names(struct buffer *out, const struct field_info *field, const char *quote)
{
	for (const struct field_name *name = field->names; name->name; name++)
		buffer_print(out, "%s%s%s%s", name == field->names ? ": " : ", ", quote, name->name,
			     quote);
}

/* "text, one" */
static void add_kinds(struct buffer *out, enum modifier modifier)
{
	unsigned int kinds = modifier_kinds(modifier);
	const char *between = "";
	bool all = true;

	for (const struct kind_info *kind = kind_info_table; kind->name; kind++)
		all = all && kinds >> kind->kind & 1;
	if (all) {
		buffer_add_string(out, "all");
		return;
	}
	for (const struct kind_info *kind = kind_info_table; kind->name; kind++) {
		if (!(kinds >> kind->kind & 1))
			continue;
		buffer_print(out, "%s%s", between, kind->name);
		between = ", ";
	}
}

static void text_group(struct buffer *out, const struct group *group)
{
	buffer_print(out, "%s: %s\n", group->name, group->meaning);
	for (unsigned int i = group->first; i < group->end; i++) {
		const struct field_info *field = &field_table[i];

		buffer_print(out, "  %-20s %-4s  %-38s %s", field->name, kind_name(field),
			     field->ecs, field->meaning);
		add_names(out, field, "");
		buffer_add_byte(out, '\n');
	}
	buffer_add_byte(out, '\n');
}

static void text_write(struct buffer *out)
{
	for (int i = 0; i < GROUPS; i++) {
		struct group group = group_of(i);

		text_group(out, &group);
	}
	buffer_add_string(out, "kinds of fields\n");
	for (const struct kind_info *kind = kind_info_table; kind->name; kind++)
		buffer_print(out, "  %-12s %s\n", kind->name, kind->meaning);
	buffer_add_string(out, "\nmodifiers, and the kinds they go with\n");
	for (int i = 0; i < MODIFIER_MAX; i++) {
		_cleanup_buffer_ struct buffer kinds = BUFFER(256);

		add_kinds(&kinds, (enum modifier)i);
		buffer_print(out, "  %-12s %-20s %s%s", modifier_info_table[i].name,
			     buffer_string(&kinds), modifier_info_table[i].meaning,
			     i + 1 < MODIFIER_MAX ? "\n" : "");
	}
}

static void markdown_group(struct buffer *out, const struct group *group, bool category)
{
	buffer_print(out, "%s%s%s: %s.\n\n", category ? "`" : "", group->name, category ? "`" : "",
		     group->meaning);
	buffer_add_string(out, "| field | kind | in alerts | meaning |\n|---|---|---|---|\n");
	for (unsigned int i = group->first; i < group->end; i++) {
		const struct field_info *field = &field_table[i];

		buffer_print(out, "| `%s` | %s | `%s` | %s", field->name, kind_name(field),
			     field->ecs, field->meaning);
		add_names(out, field, "`");
		buffer_add_string(out, " |\n");
	}
	buffer_add_byte(out, '\n');
}

static void markdown_write(struct buffer *out)
{
	buffer_add_string(out, "| modifier | goes with | what it does |\n|---|---|---|\n");
	for (int i = 0; i < MODIFIER_MAX; i++) {
		buffer_print(out, "| `%s` | ", modifier_info_table[i].name);
		add_kinds(out, (enum modifier)i);
		buffer_print(out, " | %s |\n", modifier_info_table[i].meaning);
	}
	buffer_add_string(out, "\n| kind | what it is |\n|---|---|\n");
	for (const struct kind_info *kind = kind_info_table; kind->name; kind++)
		buffer_print(out, "| %s | %s |\n", kind->name, kind->meaning);
	buffer_add_byte(out, '\n');
	for (int i = 0; i < GROUPS; i++) {
		struct group group = group_of(i);

		markdown_group(out, &group, i);
	}
	buffer_cut(out, out->length - 2);
}

static void json_names(struct json *w, const struct field_info *field)
{
	json_array_begin(w, "names");
	for (const struct field_name *name = field->names; name->name; name++) {
		json_object_begin(w, NULL);
		json_put_string(w, "name", name->name);
		json_put_number(w, "number", name->number);
		json_put_string(w, "meaning", name->meaning);
		json_object_end(w);
	}
	json_array_end(w);
}

static void json_fields(struct json *w, const struct group *group)
{
	json_array_begin(w, "fields");
	for (unsigned int i = group->first; i < group->end; i++) {
		const struct field_info *field = &field_table[i];

		json_object_begin(w, NULL);
		json_put_string(w, "name", field->name);
		json_put_string(w, "kind", kind_name(field));
		json_put_string(w, "ecs", field->ecs);
		json_put_string(w, "meaning", field->meaning);
		if (field->names->name)
			json_names(w, field);
		json_object_end(w);
	}
	json_array_end(w);
}

static void json_modifiers(struct json *w)
{
	json_array_begin(w, "modifiers");
	for (int i = 0; i < MODIFIER_MAX; i++) {
		json_object_begin(w, NULL);
		json_put_string(w, "name", modifier_info_table[i].name);
		json_array_begin(w, "kinds");
		for (const struct kind_info *kind = kind_info_table; kind->name; kind++)
			if (modifier_kinds((enum modifier)i) >> kind->kind & 1)
				json_put_string(w, NULL, kind->name);
		json_array_end(w);
		json_put_string(w, "meaning", modifier_info_table[i].meaning);
		json_object_end(w);
	}
	json_array_end(w);
}

static void json_write(struct buffer *out)
{
	struct json w;

	json_init(&w, out);
	json_object_begin(&w, NULL);
	json_array_begin(&w, "categories");
	for (int i = 0; i < GROUPS; i++) {
		struct group group = group_of(i);

		json_object_begin(&w, NULL);
		json_put_string(&w, "name", i ? group.name : NULL);
		json_put_string(&w, "meaning", group.meaning);
		json_fields(&w, &group);
		json_object_end(&w);
	}
	json_array_end(&w);
	json_object_begin(&w, "kinds");
	for (const struct kind_info *kind = kind_info_table; kind->name; kind++)
		json_put_string(&w, kind->name, kind->meaning);
	json_object_end(&w);
	json_modifiers(&w);
	json_object_end(&w);
}

int rules_fields(int argc, char **argv)
{
	static void (*const write[])(struct buffer * out) = {
		[FORM_TEXT] = text_write,
		[FORM_JSON] = json_write,
		[FORM_MARKDOWN] = markdown_write,
	};
	_cleanup_buffer_ struct buffer out = BUFFER(OUTPUT_MAX);
	enum form form = FORM_TEXT;
	int next = options_read(argc, argv, options, &form, "rules fields");

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (next < argc) {
		log_error(0, "rules fields takes no '%s'; 'fermata rules fields -h' shows how",
			  argv[next]);
		return STATUS_USAGE;
	}
	write[form](&out);
	return output_print(&out);
}
