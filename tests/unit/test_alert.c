// SPDX-License-Identifier: Apache-2.0
/*
 * The alert record: golden lines, names of any bytes, and the types of ECS.
 *
 * tests/golden/alert_*.json are the records, a line each. GOLDEN_UPDATE=1 in the
 * environment writes them anew: look at the difference before it is committed.
 * The ECS check reads fields.csv of an ECS release from ECS_FIELDS, or from where this
 * project's reference material is.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "pipeline/act.h"
#include "pipeline/alert.h"
#include "pipeline/notice.h"
#include "pipeline/readable.h"
#include "pipeline_fixture.h"
#include "record_builder.h"
#include "unit.h"

#define SECOND CLOCK_SECOND
#define PEER 0xcb007109 /* 203.0.113.9 */

static struct clock wall = { .offset = FIXTURE_WALL, .fixed = true };
static const struct alert_stamp stamp = { 42, "019b7cce-f370-7bab-abab-abababababab" };
static const struct alert_origin origin = { .host = "host-1", .policy_sha256 = { 0x12, 0xab } };

static void set_text(struct event_view *view, enum field field, const char *text)
{
	view->text[field] = (struct bytes) { text, strlen(text) };
}

/* What enrich() would add. */
static void enrich_view(struct event_view *view)
{
	set_text(view, FIELD_fact_image, "/usr/bin/curl");
	set_text(view, FIELD_fact_command_line, "curl -s https://203.0.113.9");
	set_text(view, FIELD_fact_current_directory, "/home/u");
	set_text(view, FIELD_fact_parent_image, "/bin/bash");
	set_text(view, FIELD_fact_parent_command_line, "bash -l");
	set_text(view, FIELD_agent_agent_name, "demo");
	set_text(view, FIELD_agent_agent_session, "s-1");
	set_text(view, FIELD_agent_agent_profile, "default");
	set_text(view, FIELD_enriched_user, "u");
	set_text(view, FIELD_enriched_cgroup_path, "/docker/x");
	set_text(view, FIELD_enriched_container_id, "x");
	set_text(view, FIELD_enriched_process_guid, "b-4711-1");
	set_text(view, FIELD_enriched_parent_process_guid, "b-4700-1");
}

/* One chain by hand: what evidence_note() would have kept. */
struct by_hand {
	struct evidence_event event[2];
	struct evidence_link link[2];
};

static const struct evidence_link *chain_by_hand(struct by_hand *chain)
{
	static const char *const json[] = {
		"{\"@timestamp\":\"2026-01-02T03:03:29.000000000Z\",\"file\":{\"path\":\"/s\"}}",
		"{\"@timestamp\":\"2026-01-02T03:03:31.100000000Z\"}",
	};

	for (int i = 0; i < 2; i++) {
		chain->event[i] = (struct evidence_event) { .time = i ? 11 * SECOND + SECOND / 10
								      : 9 * SECOND };
		buffer_init(&chain->event[i].json, 1000);
		buffer_init(&chain->event[i].words, 1000);
		buffer_add_string(&chain->event[i].json, json[i]);
		buffer_add_string(&chain->event[i].words,
				  i ? "curl[4711] connect" : "cat[4709] read /s");
		chain->link[i] = (struct evidence_link) {
			.rule = i ? RULE_connects_outside : RULE_reads_secret,
			.event = &chain->event[i],
			.before = i ? &chain->link[0] : NULL,
		};
	}
	return &chain->link[1];
}

static void chain_done(struct by_hand *chain)
{
	for (int i = 0; i < 2; i++) {
		buffer_done(&chain->event[i].json);
		buffer_done(&chain->event[i].words);
	}
}

/* The records of the golden files. Each is written and handed to `look`. */
static void each_record(void (*look)(const char *name, const struct buffer *line))
{
	_cleanup_buffer_ struct buffer line = BUFFER(ALERT_BYTES_MAX);
	struct agent_texts agent = { "demo", "s-1", "default" };
	struct rule_read read;
	union built_record built;
	struct event_view view;
	struct by_hand chain;
	struct alert alert;
	struct rule counted;
	char image[] = "Image", user[] = "UserId", *group_by[] = { image, user };

	fixture_rules(&read);

	record_connection(&built, 11 * SECOND + SECOND / 10, "", PEER, 443);
	view = record_view(&built);
	enrich_view(&view);
	alert = (struct alert) {
		.view = &view,
		.rule = read.ruleset->rules[RULE_secret_then_outside],
		.outcome = { .done = DONE_DENIED | DONE_KILLED | DONE_CONDEMNED,
			     .shell = SHELL_fmod_ret,
			     .latency = 1834 },
		.folded = 3,
		.rules = read.ruleset,
		.led_to = { .last = chain_by_hand(&chain), .whole = true },
	};
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	look("alert_correlation", &line);

	buffer_reset(&line);
	counted = *alert.rule;
	counted.type = CORRELATION_value_avg;
	counted.group_by = (struct strings) { group_by, 2 };
	alert.rule = &counted;
	alert.reached = (struct reached) { .sum = 25, .count = 2, .at_least = true };
	alert.led_to.whole = false;
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	look("alert_counted", &line);
	chain_done(&chain);

	buffer_reset(&line);
	record_open(&built, 20 * SECOND, "/usr/bin/cat", "/opt/\x1b[31m\n\xff/secret");
	built.record.file_open.access = ACCESS_read | ACCESS_write | 1ULL << 40;
	built.record.header.incomplete = SLOT_BIT(SLOT_file_open_target_filename);
	view = record_view(&built);
	alert = (struct alert) { .view = &view,
				 .rule = read.ruleset->rules[RULE_inner],
				 .flags = MATCH_ASSUMED,
				 .outcome = { .done = DONE_KILLED | DONE_AFTER | DONE_SIMULATED,
					      .latency = 90000 },
				 .unnamed = 2,
				 .rules = read.ruleset };
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	look("alert_hostile", &line);

	buffer_reset(&line);
	record_creation(&built, 30 * SECOND, "/bin/sh", "sh -c x", 7);
	record_string(&built, &built.record.process_creation.original_file_name, "./s");
	record_has(&built, SLOT_process_creation_original_file_name);
	record_has(&built, SLOT_process_creation_image_memfd);
	record_has(&built, SLOT_common_login_session_id);
	built.record.header.common.login_session_id = 5;
	built.record.process_creation.image_memfd = 1;
	view = record_view(&built);
	enrich_view(&view);
	alert = (struct alert) { .view = &view,
				 .rule = read.ruleset->rules[RULE_shadow],
				 .outcome = { .shell = SHELL_tracepoint },
				 .rules = read.ruleset };
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	look("alert_creation", &line);

	buffer_reset(&line);
	record_start(&built, EVENT_process_termination, 31 * SECOND);
	built.record.process_termination.exit_code = 3;
	record_has(&built, SLOT_process_termination_exit_code);
	view = record_view(&built);
	alert = (struct alert) { .view = &view,
				 .outcome = { .done = DONE_DENIED, .shell = SHELL_lsm } };
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	look("alert_refused", &line);

	buffer_reset(&line);
	CU_ASSERT_EQUAL(notice_loss(&line, LOSS_verdict_ring, 12, &stamp, &origin, 3, FIXTURE_WALL),
			0);
	look("alert_loss", &line);
	buffer_reset(&line);
	CU_ASSERT_EQUAL(notice_folded(&line, read.ruleset->rules[RULE_secret_then_outside], 9,
				      &agent, &stamp, &origin, 3, FIXTURE_WALL),
			0);
	look("alert_folded", &line);
	rule_read_done(&read);
}

static void look_golden(const char *name, const struct buffer *line)
{
	char path[128], *expected = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/%s.json", name);
	if (getenv("GOLDEN_UPDATE")) {
		file = fopen(path, "we");
		CU_ASSERT_PTR_NOT_NULL_FATAL(file);
		fwrite(line->data, 1, line->length, file);
		fclose(file);
	}
	CU_ASSERT_EQUAL_FATAL(file_read(path, 1 << 20, &expected, NULL), 0);
	if (strcmp(expected, buffer_string(line)))
		unit_note("%s differs: %s", path, buffer_string(line));
	CU_ASSERT_STRING_EQUAL(expected, buffer_string(line));
	free(expected);
}

UNIT_TEST(alert, golden)
{
	each_record(look_golden);
}

/* Types by field of ECS; filled from fields.csv. */
struct ecs_field {
	char name[96], type[24];
	bool array;
};

static struct ecs_field ecs_table[4000];
static size_t ecs_count;

/* Field, type and normalization are columns 4, 5 and 7; none before holds a comma. */
static void ecs_add(char *line)
{
	struct ecs_field *field = &ecs_table[ecs_count];
	char *column[7];

	for (size_t i = 0; i < ARRAY_SIZE(column); i++) {
		column[i] = line;
		line += strcspn(line, ",");
		if (!*line)
			return;
		*line++ = '\0';
	}
	if (ecs_count == ARRAY_SIZE(ecs_table))
		return;
	snprintf(field->name, sizeof(field->name), "%s", column[3]);
	snprintf(field->type, sizeof(field->type), "%s", column[4]);
	field->array = !strcmp(column[6], "array");
	ecs_count++;
}

static bool ecs_read(void)
{
	const char *given = getenv("ECS_FIELDS");
	char *text = NULL, *line, *next;

	if (file_read(given ? given : "../shared/reference/ecs/fields.csv", 8 << 20, &text, NULL) <
	    0)
		return false;
	ecs_count = 0;
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		ecs_add(line);
	}
	free(text);
	return ecs_count > 1000;
}

static bool is_date(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddddddddZ";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

static bool type_fits(const char *type, json_t *value)
{
	unsigned char address[16];
	const char *text = json_string_value(value);

	if (!strcmp(type, "long"))
		return json_is_integer(value) && json_integer_value(value) >= 0;
	if (!strcmp(type, "boolean"))
		return json_is_boolean(value);
	if (!strcmp(type, "date"))
		return text && is_date(text);
	if (!strcmp(type, "ip"))
		return text && (inet_pton(AF_INET, text, address) == 1 ||
				inet_pton(AF_INET6, text, address) == 1);
	return text && (!strcmp(type, "keyword") || !strcmp(type, "wildcard") ||
			!strcmp(type, "match_only_text"));
}

static size_t ecs_leaves;

static void ecs_check(const char *name, json_t *value)
{
	const struct ecs_field *field = NULL;
	json_t *element;
	const char *key;
	char longer[200];

	if (!strcmp(name, "fermata"))
		return; /* ours */
	if (json_is_object(value)) {
		json_object_foreach(value, key, element)
		{
			snprintf(longer, sizeof(longer), "%s%s%s", name, *name ? "." : "", key);
			ecs_check(longer, element);
		}
		return;
	}
	if (!strncmp(name, "labels.", 7))
		return; /* its members are free; their values are keywords */
	ecs_leaves++;
	for (size_t i = 0; i < ecs_count && !field; i++)
		if (!strcmp(ecs_table[i].name, name))
			field = &ecs_table[i];
	if (!field && strlen(name) > 4 && !strcmp(name + strlen(name) - 4, "_hex"))
		return; /* the twin of a name that is not UTF-8 */
	if (!field)
		unit_note("not in ECS: %s", name);
	CU_ASSERT_PTR_NOT_NULL_FATAL(field);
	if (json_is_array(value)) {
		CU_ASSERT(field->array);
		for (size_t i = 0; i < json_array_size(value); i++)
			CU_ASSERT(type_fits(field->type, json_array_get(value, i)));
		return;
	}
	if (field->array || !type_fits(field->type, value))
		unit_note("%s is not %s%s", name, field->type, field->array ? " array" : "");
	CU_ASSERT(!field->array && type_fits(field->type, value));
}

static void look_ecs(const char *name, const struct buffer *line)
{
	json_t *root = json_loadb(line->data, line->length, JSON_REJECT_DUPLICATES, NULL);

	(void)name;
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	ecs_check("", root);
	json_decref(root);
}

UNIT_TEST(alert, types_are_those_of_ecs)
{
	if (!ecs_read()) {
		unit_skip("no fields.csv of ECS (set ECS_FIELDS)");
		return;
	}
	ecs_leaves = 0;
	each_record(look_ecs);
	unit_note("%zu values against %zu fields", ecs_leaves, ecs_count);
	CU_ASSERT(ecs_leaves > 100);
	/* the check itself can say no */
	CU_ASSERT(!type_fits("keyword", json_true()));
	CU_ASSERT(!is_date("2026-01-02 03:03:31.100000000Z"));
}

/* Every name in the schema table: ECS has it with a fitting type, or it is ours. */
UNIT_TEST(alert, schema_names_are_ecs_or_ours)
{
	if (!ecs_read()) {
		unit_skip("no fields.csv of ECS (set ECS_FIELDS)");
		return;
	}
	for (size_t i = 0; i < FIELD_MAX; i++) {
		bool known = !strncmp(field_table[i].ecs, "fermata.", 8);

		for (size_t j = 0; j < ecs_count; j++)
			known = known || !strcmp(ecs_table[j].name, field_table[i].ecs);
		if (!known)
			unit_note("not in ECS: %s", field_table[i].ecs);
		CU_ASSERT(known);
	}
}

/* Any name: the line is JSON, the name comes back, and the readable line is harmless. */
static void name_comes_back(const struct ruleset *rules, const char *name, size_t length)
{
	_cleanup_buffer_ struct buffer line = BUFFER(ALERT_BYTES_MAX), words = BUFFER(1 << 20);
	union built_record built;
	struct event_view view;
	struct alert alert = { .view = &view, .rule = rules->rules[RULE_inner], .rules = rules };
	json_t *root, *twin;
	size_t wrong = 0;

	record_open(&built, 20 * SECOND, "/bin/x", "");
	record_text(&built, &built.record.file_open.target_filename, name, length);
	view = record_view(&built);
	CU_ASSERT_EQUAL_FATAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	CU_ASSERT_PTR_EQUAL(memchr(line.data, '\n', line.length), line.data + line.length - 1);
	root = json_loadb(line.data, line.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	twin = json_at(root, "file.path_hex");
	if (utf8_valid(name, length)) {
		CU_ASSERT_PTR_NULL(twin);
		CU_ASSERT_EQUAL(json_string_length(json_at(root, "file.path")), length);
		wrong += memcmp(json_string_value(json_at(root, "file.path")), name, length) != 0;
	} else {
		CU_ASSERT_EQUAL_FATAL(json_string_length(twin), 2 * length);
		for (size_t i = 0; i < length; i++) {
			char pair[3] = { json_string_value(twin)[2 * i],
					 json_string_value(twin)[2 * i + 1], 0 };

			wrong += strtoul(pair, NULL, 16) != (unsigned char)name[i];
		}
	}
	json_decref(root);
	CU_ASSERT_EQUAL(readable_alert(&words, &alert, &wall, false), 0);
	for (size_t i = 0; i + 1 < words.length; i++)
		wrong += (unsigned char)words.data[i] < 0x20 || words.data[i] == 0x7f;
	wrong += !utf8_valid(words.data, words.length) || words.data[words.length - 1] != '\n';
	CU_ASSERT_EQUAL(wrong, 0);
}

UNIT_TEST(alert, names_of_any_bytes)
{
	uint64_t seed = unit_seed();
	struct rule_read read;
	char name[TEXT_MAX];

	fixture_rules(&read);
	for (int byte = 1; byte < 256; byte++) {
		char text[3] = { '/', (char)byte, 'z' };

		name_comes_back(read.ruleset, text, 3);
	}
	for (int i = 0; i < 500; i++) {
		size_t length = unit_below(&seed, 200);

		for (size_t j = 0; j < length; j++)
			name[j] = (char)unit_random(&seed);
		name_comes_back(read.ruleset, name, length);
	}
	/* the longest, at their worst */
	memset(name, 0x01, sizeof(name));
	name_comes_back(read.ruleset, name, sizeof(name));
	memset(name, 0xff, sizeof(name));
	name_comes_back(read.ruleset, name, sizeof(name));
	rule_read_done(&read);
}

/* All texts at their longest and worst, with a whole chain of such events: it fits. */
UNIT_TEST(alert, the_longest)
{
	_cleanup_buffer_ struct buffer line = BUFFER(ALERT_BYTES_MAX);
	static char worst[TEXT_MAX];
	struct rule_read read;
	union built_record built;
	struct event_view view;
	struct by_hand chain = { 0 };
	struct evidence_link link[STEPS_MAX];
	struct alert alert;
	char *description;

	fixture_rules(&read);
	memset(worst, 0x01, sizeof(worst));
	record_open(&built, 20 * SECOND, "", "");
	view = record_view(&built);
	for (size_t i = 0; i < FIELD_MAX; i++)
		if (field_table[i].kind == KIND_text && field_table[i].origin != ORIGIN_event)
			view.text[i] = (struct bytes) { worst, sizeof(worst) };
	view.text[FIELD_file_open_target_filename] = (struct bytes) { worst, sizeof(worst) };
	chain_by_hand(&chain);
	buffer_done(&chain.event[0].json);
	buffer_init(&chain.event[0].json, 128 << 10);
	buffer_add_string(&chain.event[0].json, "{\"file\":{\"path\":\"");
	for (size_t i = 0; i < 100000; i++)
		buffer_add_byte(&chain.event[0].json, 'x');
	buffer_add_string(&chain.event[0].json, "\"}}");
	for (size_t i = 0; i < STEPS_MAX; i++)
		link[i] = (struct evidence_link) { .event = &chain.event[0],
						   .before = i ? &link[i - 1] : NULL };
	alert = (struct alert) { .view = &view,
				 .rule = read.ruleset->rules[RULE_secret_then_outside],
				 .rules = read.ruleset,
				 .led_to = { .last = &link[STEPS_MAX - 1], .whole = true } };
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	unit_note("%zu bytes of %u", line.length, ALERT_BYTES_MAX);
	/* with a description that does not fit besides, it is left out, and the alert
	 * told */
	description = read.ruleset->rules[RULE_secret_then_outside]->description;
	read.ruleset->rules[RULE_secret_then_outside]->description = malloc(ALERT_BYTES_MAX);
	memset(read.ruleset->rules[RULE_secret_then_outside]->description, 'x', ALERT_BYTES_MAX);
	read.ruleset->rules[RULE_secret_then_outside]->description[ALERT_BYTES_MAX - 1] = '\0';
	buffer_reset(&line);
	CU_ASSERT_EQUAL(alert_write(&line, &alert, &stamp, &origin, &wall), 0);
	CU_ASSERT_PTR_NULL(strstr(buffer_string(&line), "\"description\""));
	free(read.ruleset->rules[RULE_secret_then_outside]->description);
	read.ruleset->rules[RULE_secret_then_outside]->description = description;
	chain_done(&chain);
	rule_read_done(&read);
}

UNIT_TEST(alert, readable_lines)
{
	_cleanup_buffer_ struct buffer out = BUFFER(READABLE_BYTES_MAX);
	struct rule_read read;
	union built_record built;
	struct event_view view;
	struct alert alert = { .view = &view };
	struct by_hand chain;
	struct rule counted;

	setenv("TZ", "UTC", 1);
	fixture_rules(&read);
	record_open(&built, 20 * SECOND, "/bin/a\x1b[2Jb",
		    "/etc/\xe2\x80\xae"
		    "cod");
	view = record_view(&built);
	alert.rule = read.ruleset->rules[RULE_port];
	alert.outcome = (struct outcome) { .done = DONE_DENIED, .shell = SHELL_lsm };
	CU_ASSERT_EQUAL(readable_alert(&out, &alert, &wall, true), 0);
	CU_ASSERT_STRING_EQUAL(
		buffer_string(&out),
		"03:03:40 \033[1;31mDENIED\033[0m     low       a\\x1b[2Jb[4711] read "
		"/etc/\\u{202e}cod — Bad port\n");
	buffer_reset(&out);
	alert.outcome = (struct outcome) { 0 };
	CU_ASSERT_EQUAL(readable_alert(&out, &alert, &wall, false), 0);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out),
			       "03:03:40 ALERTED    low       a\\x1b[2Jb[4711] read "
			       "/etc/\\u{202e}cod — Bad port — deny was asked for and could not be "
			       "done\n");
	buffer_reset(&out);
	alert.outcome = (struct outcome) { .done = DONE_KILLED | DONE_AFTER };
	alert.folded = 4;
	CU_ASSERT_EQUAL(readable_alert(&out, &alert, &wall, false), 0);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out),
			       "03:03:40 KILLED     low       a\\x1b[2Jb[4711] read "
			       "/etc/\\u{202e}cod — Bad port — after the act took effect — and 4 "
			       "times before\n");
	buffer_reset(&out);
	counted = *read.ruleset->rules[RULE_secret_then_outside];
	counted.type = CORRELATION_event_count;
	alert = (struct alert) { .view = &view,
				 .rule = &counted,
				 .led_to = { .last = chain_by_hand(&chain) },
				 .reached = { 64, 1, true } };
	CU_ASSERT_EQUAL(readable_alert(&out, &alert, &wall, false), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(buffer_string(&out),
				      " — Secret read, then a connection outside (event_count at "
				      "least 64, after cat[4709] read /s 11.0s before)"));
	chain_done(&chain);
	buffer_reset(&out);
	CU_ASSERT_EQUAL(readable_note(&out, "x\ny", &wall, 0, false), 0);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out), "03:03:20 NOTE       x\\ny\n");
	rule_read_done(&read);
}

static void words_are(const union built_record *built, const char *plain, const char *tried,
		      const char *done)
{
	const char *const expected[] = { plain, tried, done };
	struct event_view view = record_view(built);

	for (int form = ACT_PLAIN; form <= ACT_DONE; form++) {
		_cleanup_buffer_ struct buffer out = BUFFER(4096);

		act_describe(&out, &view, (enum act_form)form);
		CU_ASSERT_STRING_EQUAL(buffer_string(&out), expected[form]);
	}
}

UNIT_TEST(alert, acts_in_words)
{
	static const unsigned char v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	union built_record built;
	char arguments[400];

	record_open(&built, SECOND, "/bin/x", "/a");
	words_are(&built, "read /a", "tried to read /a", "opened for reading /a");
	built.record.file_open.access = ACCESS_write | ACCESS_read;
	words_are(&built, "write /a", "tried to write /a", "opened for writing /a");
	built.record.file_open.access = ACCESS_exec;
	words_are(&built, "open /a", "tried to open /a", "opened /a");
	record_connection(&built, SECOND, "/bin/x", PEER, 443);
	memcpy(&built.record.network_connection.destination_ip, v6, sizeof(v6));
	words_are(&built, "connect [2001:db8::1]:443", "tried to connect to [2001:db8::1]:443",
		  "connected to [2001:db8::1]:443");
	built.record.header.present &= ~SLOT_BIT(SLOT_network_connection_destination_ip);
	words_are(&built, "connect an unknown address", "tried to connect to an unknown address",
		  "connected to an unknown address");
	record_creation(&built, SECOND, "/bin/sh", "sh -c x", 7);
	words_are(&built, "execute /bin/sh (sh -c x)", "tried to execute /bin/sh (sh -c x)",
		  "executed /bin/sh (sh -c x)");
	/* cut between characters */
	memset(arguments, 'x', sizeof(arguments));
	memcpy(arguments + 159, "\xc3\xbc", 2);
	record_creation(&built, SECOND, "", arguments, sizeof(arguments));
	arguments[159] = '\0';
	{
		_cleanup_buffer_ struct buffer out = BUFFER(4096);
		struct event_view view = record_view(&built);

		act_describe(&out, &view, ACT_PLAIN);
		CU_ASSERT_PTR_NOT_NULL(strstr(buffer_string(&out), arguments));
		CU_ASSERT_STRING_EQUAL(buffer_string(&out) + out.length - 5, "x…)");
	}
}
