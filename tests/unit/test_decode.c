// SPDX-License-Identifier: Apache-2.0
/*
 * The decoder: whole records of every event, each single lie about one, and 100,000
 * corrupted ones in memory of their exact size.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "base/cleanup.h"
#include "base/json_tree.h"
#include "pipeline/decode.h"
#include "pipeline/event_json.h"
#include "record_builder.h"
#include "unit.h"

#define AT 100000000000ULL

static bool text_is(const struct event_view *view, enum field field, const char *expected)
{
	struct bytes text = view->text[field];

	return text.data && text.length == strlen(expected) &&
	       !memcmp(text.data, expected, text.length);
}

UNIT_TEST(decode, creation)
{
	union built_record built;
	struct event_view view = { 0 };

	record_creation(&built, AT, "/usr/bin/env", "env\0-i\0sh", 9);
	record_string(&built, &built.record.process_creation.original_file_name, "./env");
	record_has(&built, SLOT_process_creation_original_file_name);
	view = record_view(&built);
	CU_ASSERT(text_is(&view, FIELD_fact_image, "/usr/bin/env"));
	CU_ASSERT(text_is(&view, FIELD_fact_current_directory, "/home/u"));
	CU_ASSERT(text_is(&view, FIELD_process_creation_original_file_name, "./env"));
	CU_ASSERT_EQUAL(view.text[FIELD_fact_command_line].length, 9);
	CU_ASSERT_PTR_NULL(view.text[FIELD_process_creation_interpreter].data);
	CU_ASSERT_PTR_NULL(view.text[FIELD_file_open_target_filename].data);
	CU_ASSERT(!event_view_has(&view, &field_table[FIELD_file_open_inode]));
	CU_ASSERT(event_view_has(&view, &field_table[FIELD_common_process_id]));
	CU_ASSERT_EQUAL(event_view_number(&view, &field_table[FIELD_common_process_id]), 4711);
}

UNIT_TEST(decode, open_and_connection)
{
	union built_record built;
	struct event_view view = { 0 };

	record_open(&built, AT, "/usr/bin/cat", "");
	view = record_view(&built);
	CU_ASSERT(text_is(&view, FIELD_file_open_target_filename, "")); /* empty is a value */
	CU_ASSERT_PTR_NULL(view.text[FIELD_file_event_target_filename].data);
	CU_ASSERT_EQUAL(event_view_number(&view, &field_table[FIELD_file_open_access]),
			ACCESS_read);
	record_connection(&built, AT, "/usr/bin/curl", 0xcb007109, 443);
	view = record_view(&built);
	CU_ASSERT(event_view_has(&view, &field_table[FIELD_network_connection_destination_ip]));
	CU_ASSERT(!event_view_has(&view, &field_table[FIELD_network_connection_source_ip]));
}

/* Each line makes one lie about an otherwise whole record. */
UNIT_TEST(decode, single_lies)
{
	static union built_record good;
	struct event_view view = { 0 };
	struct record_header *header;

#define LIE(...)                                                                                   \
	do {                                                                                       \
		union built_record built = good;                                                   \
		header = &built.record.header;                                                     \
		__u32 size_ = header->size;                                                        \
		__VA_ARGS__;                                                                       \
		CU_ASSERT_EQUAL(decode(&built, size_, &view), -EBADMSG);                           \
		CU_ASSERT_PTR_NULL(view.record);                                                   \
	} while (0)

	record_open(&good, AT, "/usr/bin/cat", "/etc/shadow");
	record_match(&good, 1, 0);
	LIE(header->size++);
	LIE(header->size--);
	LIE(header->size = 0);
	LIE(size_ = sizeof(struct record) - 8);
	LIE(header->size = size_ = sizeof(struct record) - 1);
	LIE(header->size = size_ = RECORD_MAX + 1);
	LIE(header->event = EVENT_MAX);
	LIE(header->event = 0xffff);
	LIE(header->agent = AGENTS_MAX);
	LIE(header->cpu = RECORD_CPUS_MAX);
	LIE(header->session = 0);
	LIE(header->common.process_id = 1ULL << 31);
	LIE(header->common.parent_process_id = ~0ULL);
	LIE(header->image.offset = sizeof(struct record) - 1);
	LIE(header->image.offset = size_);
	LIE(header->image.length = size_);
	LIE(header->image.length = 0xffffffff);
	LIE(header->image.offset = 0xfffffff0);
	LIE(built.record.file_open.target_filename.offset = 0);
	LIE(built.record.file_open.target_filename.length = TEXT_MAX + 1);
	LIE(built.record.file_open.target_filename.offset = 0xffffffff);
	LIE(header->verdict.asked = RESPONSE_MAX);
	LIE(header->verdict.shell = SHELL_MAX);
	LIE(header->verdict.match[0].rule = RULES_MAX);
	LIE(header->verdict.matches = 0xffff);
	LIE(header->verdict.strongest = RULES_MAX);
#undef LIE
	CU_ASSERT_EQUAL(decode(good.bytes + 1, good.record.header.size, &view), -EBADMSG);
	CU_ASSERT_EQUAL(decode(&good, good.record.header.size, &view), 0);
}

/* What a record does not claim to have is not looked at: telemetry has no verdict. */
UNIT_TEST(decode, only_what_is_claimed)
{
	union built_record built;
	struct event_view view = { 0 };

	record_open(&built, AT, "/usr/bin/cat", "/etc/shadow");
	built.record.header.verdict.asked = 0xff;
	built.record.header.present &= ~SLOT_BIT(SLOT_file_open_target_filename);
	built.record.file_open.target_filename.offset = 0xffffffff;
	view = record_view(&built);
	CU_ASSERT_PTR_NULL(view.text[FIELD_file_open_target_filename].data);
}

static void build_any(union built_record *built, uint64_t *seed)
{
	switch (unit_below(seed, 4)) {
	case 0:
		record_creation(built, AT, "/bin/sh", "sh\0-c\0true", 10);
		break;
	case 1:
		record_open(built, AT, "/bin/cat", "/etc/passwd");
		break;
	case 2:
		record_connection(built, AT, "/usr/bin/curl", 0x7f000001, 80);
		break;
	default:
		record_start(built, EVENT_file_event, AT);
		record_string(built, &built->record.file_event.target_filename, "/tmp/x");
		record_has(built, SLOT_file_event_target_filename);
	}
	if (unit_below(seed, 2))
		record_match(built, (__u16)unit_below(seed, 20), 0);
}

/* Touches all that an accepted record shows. */
static unsigned int read_all(const struct event_view *view)
{
	_cleanup_buffer_ struct buffer out = BUFFER(1 << 20);
	_cleanup_json_tree_ struct json_tree tree;
	struct clock clock = { .fixed = true };
	struct json w;
	unsigned int sum = 0;

	for (size_t i = 0; i < FIELD_MAX; i++)
		for (size_t j = 0; j < view->text[i].length; j++)
			sum += (unsigned char)view->text[i].data[j];
	json_tree_init(&tree, 1 << 20);
	event_json_add(&tree, view, &clock, EVENT_JSON_ALL);
	json_init(&w, &out);
	CU_ASSERT_EQUAL(json_tree_write(&tree, &w, NULL), 0);
	return sum;
}

UNIT_TEST(decode, corrupted)
{
	uint64_t seed = unit_seed();
	size_t accepted = 0, rounds = 100000;
	volatile unsigned int sum = 0;

	for (size_t i = 0; i < rounds; i++) {
		static union built_record built;
		struct event_view view = { 0 };
		size_t size, flips = unit_below(&seed, 6);
		char *exact;

		build_any(&built, &seed);
		size = built.record.header.size;
		for (size_t j = 0; j < flips; j++) {
			/* mostly where it hurts: in the header and in spans */
			size_t at = unit_below(&seed, unit_below(&seed, 4) ? 128 : size);

			built.bytes[at] = (char)unit_random(&seed);
		}
		if (!unit_below(&seed, 8))
			size = unit_below(&seed, size + 1);
		exact = malloc(size ? size : 1);
		memcpy(exact, built.bytes, size);
		if (!decode(exact, size, &view)) {
			accepted++;
			sum += read_all(&view);
		}
		free(exact);
	}
	unit_note("%zu of %zu were still records", accepted, rounds);
	CU_ASSERT(accepted > rounds / 100 && accepted < rounds * 9 / 10);
}

/* What any event can have is gone when it is forgotten. */
UNIT_TEST(decode, forgotten)
{
	static const struct event_view empty;
	union built_record built;
	struct event_view view = { 0 };

	for (int event = 0; event < EVENT_MAX; event++) {
		record_start(&built, (enum event_type)event, AT);
		CU_ASSERT_EQUAL_FATAL(decode(&built, built.record.header.size, &view), 0);
		view.process = (struct process *)&built;
		view.wall = view.early = 1;
		for (size_t i = 0; i < FIELD_MAX; i++)
			if (field_table[i].event < 0 || field_table[i].event == event)
				view.text[i] = (struct bytes) { "x", 1 };
		event_view_forget(&view);
		CU_ASSERT(!memcmp(&view, &empty, sizeof(view)));
	}
	/* nor is anything left of one that turned out to be none */
	record_creation(&built, AT, "/usr/bin/env", "env", 3);
	built.record.current_directory.length = TEXT_MAX + 1;
	CU_ASSERT_EQUAL(decode(&built, built.record.header.size, &view), -EBADMSG);
	CU_ASSERT(!memcmp(&view, &empty, sizeof(view)));
}

UNIT_TEST(decode, noise)
{
	uint64_t seed = unit_seed();
	__u64 bytes[512];
	struct event_view view = { 0 };

	for (int i = 0; i < 20000; i++) {
		size_t size = unit_below(&seed, sizeof(bytes) + 1);

		for (size_t j = 0; j < ARRAY_SIZE(bytes); j++)
			bytes[j] = unit_random(&seed);
		bytes[0] = bytes[0] >> 32 << 32 | size;
		if (decode(bytes, size, &view))
			continue;
		read_all(&view);
		event_view_forget(&view);
	}
}
