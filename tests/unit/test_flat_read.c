// SPDX-License-Identifier: Apache-2.0
/*
 * Lines back to events: what flat_event_write() writes is read as the event that it was,
 * for every event and field; the scanner and jansson read alike; mistakes are named.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "address.h"
#include "decide.h"
#include "pipeline/decision.h"
#include "pipeline/flat_event.h"
#include "pipeline/flat_read.h"
#include "unit.h"

/* An event of which each field may have a value. */
struct made {
	struct record record;
	struct event_view view;
	char bytes[FIELD_MAX][64];
};

static void make_text(struct made *made, enum field field, uint64_t *state)
{
	static const char *const alphabets[] = { "abc/ =-", "\"\\\n\t\x01/\x7f",
						 "\xc3\xa4\xe2\x80\xae", "\xff\xc0/a" };
	const char *alphabet = alphabets[unit_below(state, ARRAY_SIZE(alphabets))];
	size_t length = unit_below(state, sizeof(made->bytes[0]));

	for (size_t i = 0; i < length; i++)
		made->bytes[field][i] = alphabet[unit_below(state, strlen(alphabet))];
	made->view.text[field] = (struct bytes) { made->bytes[field], length };
}

static void make_address(void *member, uint64_t *state)
{
	struct address address = { { unit_random(state), unit_random(state) } };

	if (unit_below(state, 2))
		address = address_v4((__u32)unit_random(state));
	memcpy(member, &address, sizeof(address));
}

static void make_field(struct made *made, const struct field_info *field, uint64_t *state)
{
	void *member = (char *)&made->record + field->offset;
	__u64 number = unit_random(state) >> unit_below(state, 64);

	switch (field->kind) {
	case KIND_text:
		make_text(made, field->id, state);
		break;
	case KIND_ip:
		make_address(member, state);
		break;
	case KIND_bool:
		number &= 1;
		memcpy(member, &number, sizeof(number));
		break;
	default:
		memcpy(member, &number, sizeof(number));
	}
	made->record.header.present |= SLOT_BIT(field->slot);
	if (!unit_below(state, 8))
		made->record.header.incomplete |= SLOT_BIT(field->slot);
}

static void make_event(struct made *made, enum event_type event, uint64_t *state)
{
	memset(made, 0, sizeof(*made));
	made->view.record = &made->record;
	made->record.header.event = event;
	made->record.header.time = unit_random(state) >> 2;
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		/* a time is not a field of the record, but @timestamp */
		if (field->kind != KIND_time && (field->event < 0 || field->event == (int)event) &&
		    unit_below(state, 4))
			make_field(made, field, state);
	}
}

static void write_event(struct buffer *out, const struct made *made)
{
	_cleanup_buffer_ struct buffer facts = BUFFER(FLAT_EVENT_MAX);

	CU_ASSERT_EQUAL(flat_facts_write(&facts, &made->view), 0);
	CU_ASSERT_EQUAL(flat_event_write(out, &made->view, "2026-01-02T03:03:31.100000000Z",
					 (struct bytes) { facts.data, facts.length }, NULL, NULL),
			0);
	buffer_cut(out, out->length - 1);
}

/* Whether the field is one that the reader computes when it is not given. */
static bool is_derived(const struct event_view *view, const struct field_info *field)
{
	return (field->id == FIELD_network_connection_loopback ||
		field->id == FIELD_network_connection_private_address) &&
	       event_view_has(view, &field_table[FIELD_network_connection_destination_ip]);
}

static bool same_value(const struct event_view *a, const struct event_view *b,
		       const struct field_info *field)
{
	if (field->kind == KIND_text)
		return a->text[field->id].length == b->text[field->id].length &&
		       !memcmp(a->text[field->id].data, b->text[field->id].data,
			       a->text[field->id].length);
	if (field->kind == KIND_ip)
		return !memcmp(event_view_address(a, field), event_view_address(b, field),
			       sizeof(struct address));
	return event_view_number(a, field) == event_view_number(b, field);
}

/* The first field that differs, or NULL. */
static const char *first_difference(const struct event_view *a, const struct event_view *b)
{
	if (a->record->header.event != b->record->header.event)
		return "the event";
	if (a->record->header.time != b->record->header.time)
		return "the time";
	if (b->wall != 1767323011100000000)
		return "the wall time";
	if (a->record->header.incomplete != b->record->header.incomplete)
		return "what is incomplete";
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if (field->kind == KIND_time || (!event_view_has(a, field) && is_derived(a, field)))
			continue;
		if (event_view_has(a, field) != event_view_has(b, field))
			return field->name;
		if (event_view_has(a, field) && !same_value(a, b, field))
			return field->name;
	}
	return NULL;
}

static void expect_same(const struct made *made, struct flat_reader *reader,
			const struct buffer *line)
{
	struct flat_event *event;
	const char *difference = "the line was not read";

	if (flat_read(reader, line->data, line->length, &event) == FLAT_EVENT)
		difference = first_difference(&made->view, &event->view);
	if (!difference)
		return;
	CU_FAIL("what is read is not what was written");
	unit_note("%s, %s", difference, flat_reader_error(reader));
	unit_note("%.400s", line->data);
}

UNIT_TEST(flat_read, round_trip)
{
	uint64_t state = unit_seed();
	struct flat_reader *reader;
	struct made made;

	CU_ASSERT_EQUAL_FATAL(flat_reader_new(&reader), 0);
	for (int i = 0; i < 3000; i++) {
		_cleanup_buffer_ struct buffer line = BUFFER(FLAT_EVENT_MAX);

		make_event(&made, (enum event_type)(i % EVENT_MAX), &state);
		write_event(&line, &made);
		expect_same(&made, reader, &line);
		/* with an escape in it jansson reads it */
		buffer_cut(&line, line.length - 1);
		buffer_add_string(&line, ",\"\\u0074ier\":\"lsm\"}");
		expect_same(&made, reader, &line);
	}
	CU_ASSERT_EQUAL(flat_reader_unknown_fields(reader)->count, 0);
	flat_reader_free(reader);
}

#define OPEN "{\"category\":\"file_open\","
#define CONNECTION "{\"category\":\"network_connection\","

static int read_line(struct flat_reader *reader, const char *line, struct flat_event **ret_event)
{
	return flat_read(reader, line, strlen(line), ret_event);
}

UNIT_TEST(flat_read, mistakes)
{
	static const struct {
		const char *line, *error;
	} row[] = {
		{ "", "not JSON: '[' or '{' expected near end of file (column 0)" },
		{ "[]", "not a JSON object" },
		{ "{\"category\":\"file_open\"", "not JSON: '}' expected near end of file" },
		{ OPEN "\"Inode\":1}x", "not JSON: end of file expected near 'x'" },
		{ OPEN "\"TargetFilename\":\"\xff\"}", "not JSON: unable to decode byte 0xff" },
		{ OPEN "\"Inode\":1,\"Inode\":2}", "Inode is there twice" },
		{ OPEN "\"Inode\":1,\"Inode\":2,\"x\":{}}", "not JSON: duplicate object key" },
		{ "{\"category\":7}", "it has no category" },
		{ "{}", "it has no category" },
		{ "{\"schema\":2,\"category\":\"file_open\"}",
		  "its schema is not 1, the one that can be read" },
		{ OPEN "\"Inode\":\"many\"}", "Inode takes a whole number of 64 bits, not 'many'" },
		{ OPEN "\"Inode\":1.5}", "Inode takes a whole number of 64 bits" },
		{ OPEN "\"Inode\":9223372036854775808}", "not JSON: too big integer" },
		{ OPEN "\"Inode\":\"9223372036854775808\"}",
		  "Inode takes a whole number of 64 bits, not '9223372036854775808'" },
		{ OPEN "\"Created\":2}", "Created takes true or false" },
		{ OPEN "\"Created\":\"maybe\"}", "Created takes true or false, not 'maybe'" },
		{ OPEN "\"Access\":[\"read\",\"look\"]}",
		  "Access takes its names, one or a list of them, not 'look'" },
		{ OPEN "\"Access\":[64]}", "Access takes its names, one or a list of them" },
		{ OPEN "\"TargetFilename\":7}", "TargetFilename takes a text" },
		{ OPEN "\"TargetFilename\":{}}", "TargetFilename takes a text" },
		{ OPEN "\"TargetFilename_hex\":\"6\"}",
		  "TargetFilename_hex takes pairs of hexadecimal digits" },
		{ OPEN "\"TargetFilename_hex\":\"6G\"}",
		  "TargetFilename_hex takes pairs of hexadecimal digits" },
		{ OPEN "\"time\":-1}", "time takes a number of nanoseconds" },
		{ OPEN "\"@timestamp\":\"soon\"}",
		  "@timestamp takes a time as 2026-01-02T03:04:05.678Z" },
		{ OPEN "\"UtcTime\":7}", "UtcTime takes a time as 2026-01-02T03:04:05.678Z" },
		{ OPEN "\"incomplete\":\"Access\"}", "incomplete takes a list of fields" },
		{ CONNECTION "\"DestinationIp\":\"203.0.113\"}",
		  "DestinationIp takes an IPv4 or IPv6 address, not '203.0.113'" },
		{ CONNECTION "\"DestinationIp\":7}",
		  "DestinationIp takes an IPv4 or IPv6 address" },
		{ CONNECTION "\"Protocol\":\"tcpp\"}",
		  "Protocol takes one of its names, or a number, not 'tcpp'" },
		{ "{\"schema\":1,\"loss\":\"x\"}", "a loss takes a count" },
	};
	struct flat_reader *reader;
	struct flat_event *event;

	CU_ASSERT_EQUAL_FATAL(flat_reader_new(&reader), 0);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		CU_ASSERT_EQUAL(read_line(reader, row[i].line, &event), -EINVAL);
		if (!strncmp(flat_reader_error(reader), row[i].error, strlen(row[i].error)))
			continue;
		CU_FAIL("another message");
		unit_note("%s: %s", row[i].line, flat_reader_error(reader));
	}
	flat_reader_free(reader);
}

UNIT_TEST(flat_read, values_as_texts)
{
	struct flat_reader *reader;
	struct flat_event *event;
	struct address address;

	CU_ASSERT_EQUAL_FATAL(flat_reader_new(&reader), 0);
	CU_ASSERT_EQUAL_FATAL(read_line(reader,
					CONNECTION
					"\"DestinationPort\" : \"443\", \"Initiated\":\"True\","
					"\"Protocol\":\"TCP\",\"UserId\":\"-1\",\"SourceIp\":null,"
					"\"DestinationIp\":\"::ffff:10.0.0.1\"}\r",
					&event),
			      FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.network_connection.destination_port, 443);
	CU_ASSERT_EQUAL(event->record.network_connection.initiated, 1);
	CU_ASSERT_EQUAL(event->record.network_connection.protocol, 6);
	CU_ASSERT_EQUAL(event->record.header.common.user_id, ~0ULL);
	CU_ASSERT_FALSE(
		event_view_has(&event->view, &field_table[FIELD_network_connection_source_ip]));
	address = address_v4(htonl(0x0a000001));
	CU_ASSERT_EQUAL(memcmp(&event->record.network_connection.destination_ip, &address,
			       sizeof(address)),
			0);
	/* what follows from the address, and what was said of it */
	CU_ASSERT_EQUAL(event->record.network_connection.private_address, 1);
	CU_ASSERT_EQUAL(event->record.network_connection.loopback, 0);
	CU_ASSERT_EQUAL(read_line(reader,
				  CONNECTION "\"DestinationIp\":\"127.0.0.1\","
					     "\"PrivateAddress\":true}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.network_connection.private_address, 1);
	CU_ASSERT_EQUAL(event->record.network_connection.loopback, 1);
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"Access\":\"WRITE\",\"Created\":0}", &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.file_open.access, ACCESS_write);
	CU_ASSERT(event_view_has(&event->view, &field_table[FIELD_file_open_created]));
	flat_reader_free(reader);
}

UNIT_TEST(flat_read, times_and_sessions)
{
	struct flat_reader *reader;
	struct flat_event *event;
	__u64 unnamed, named;

	CU_ASSERT_EQUAL_FATAL(flat_reader_new(&reader), 0);
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"Inode\":1}", &event), FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.header.time, 1000000);
	unnamed = event->record.header.session;
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"@timestamp\":\"2026-01-02T03:03:31.1Z\"}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.header.time, 1767323011100000000);
	CU_ASSERT_EQUAL(event->record.header.session, unnamed);
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"AgentSession\":\"a\"}", &event), FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.header.time, 1767323011101000000);
	named = event->record.header.session;
	CU_ASSERT_NOT_EQUAL(named, unnamed);
	CU_ASSERT_EQUAL(read_line(reader,
				  OPEN "\"AgentSession\":\"b\",\"time\":5,"
				       "\"@timestamp\":\"2026-01-02T03:03:31.1Z\"}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.header.time, 5);
	CU_ASSERT_NOT_EQUAL(event->record.header.session, named);
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"UtcTime\":\"2026-01-02 03:03:31.1\"}", &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.header.time, 1767323011100000000);
	CU_ASSERT_EQUAL(event->view.wall, 1767323011100000000);
	flat_reader_set_time(reader, 77);
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"AgentSession\":\"a\"}", &event), FLAT_EVENT);
	CU_ASSERT_EQUAL(event->record.header.time, 77);
	CU_ASSERT_EQUAL(event->record.header.session, named);
	flat_reader_free(reader);
}

UNIT_TEST(flat_read, decided_before_the_act)
{
	struct flat_reader *reader;
	struct flat_event *event;

	CU_ASSERT_EQUAL_FATAL(flat_reader_new(&reader), 0);
	CU_ASSERT_EQUAL(read_line(reader, OPEN "\"tier\":\"fanotify\",\"incomplete\":[\"Access\"]}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->view.early, EARLY_ASSUME);
	CU_ASSERT_EQUAL(event->record.header.incomplete, SLOT_BIT(SLOT_file_open_access));
	CU_ASSERT_EQUAL(read_line(reader,
				  "{\"category\":\"process_creation\",\"done\":[\"denied\"]}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->view.early, EARLY_KNOWN);
	CU_ASSERT_EQUAL(event->record.header.incomplete, ~FIELDS_EARLY);
	CU_ASSERT_EQUAL(read_line(reader,
				  "{\"category\":\"process_creation\",\"done\":[\"killed\"],"
				  "\"tier\":\"tracepoint\"}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(event->view.early, EARLY_NOT);
	CU_ASSERT_EQUAL(event->record.header.incomplete, 0);
	flat_reader_free(reader);
}

UNIT_TEST(flat_read, other_lines)
{
	const struct tally *tally;
	struct flat_reader *reader;
	struct flat_event *event;

	CU_ASSERT_EQUAL_FATAL(flat_reader_new(&reader), 0);
	CU_ASSERT_EQUAL(read_line(reader, "{\"schema\":1,\"recording\":\"fermata\"}", &event),
			FLAT_HEAD);
	CU_ASSERT_EQUAL(read_line(reader, "{\"schema\":1,\"loss\":\"recording\",\"count\":3}",
				  &event),
			FLAT_LOSS);
	CU_ASSERT_EQUAL(event->lost, 3);
	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(read_line(reader, "{\"category\":\"registry_event\",\"x\":1}",
					  &event),
				FLAT_FOREIGN);
	tally = flat_reader_unknown_categories(reader);
	CU_ASSERT_EQUAL(tally->count, 1);
	CU_ASSERT_STRING_EQUAL(tally->row[0].name, "registry_event");
	CU_ASSERT_EQUAL(tally->row[0].count, 2);
	/* a field of another event, one of none, one misspelt */
	CU_ASSERT_EQUAL(read_line(reader,
				  OPEN "\"DestinationIp\":\"x\",\"inode\":1,\"Odd_hex\":\"\"}",
				  &event),
			FLAT_EVENT);
	CU_ASSERT_EQUAL(flat_reader_unknown_fields(reader)->count, 3);
	flat_reader_free(reader);
}

UNIT_TEST(tally, is_bounded)
{
	struct tally tally = { 0 };
	char name[100];

	for (int i = 0; i < TALLY_MAX + 5; i++) {
		snprintf(name, sizeof(name), "name-%03d%90s", i, "");
		tally_add(&tally, name, strlen(name));
		tally_add(&tally, name, strlen(name));
	}
	CU_ASSERT_EQUAL(tally.count, TALLY_MAX);
	CU_ASSERT_EQUAL(tally.others, 10);
	CU_ASSERT_EQUAL(tally.row[7].count, 2);
	CU_ASSERT_EQUAL(strlen(tally.row[7].name), TALLY_NAME_SIZE - 1);
}
