// SPDX-License-Identifier: Apache-2.0
/*
 * Fields are set as the hooks in bpf/ set them: a number with its bit in `present`, a
 * text with its span behind the fixed part.
 */
#include "record_builder.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "address.h"
#include "pipeline/decode.h"

#define SECOND 1000000000ULL

void record_has(union built_record *built, unsigned int slot)
{
	built->record.header.present |= SLOT_BIT(slot);
}

void record_process(union built_record *built, __u32 pid, __u64 start_time, __u32 parent_pid,
		    __u64 parent_start_time)
{
	struct record_header *header = &built->record.header;

	header->common.process_id = pid;
	header->common.thread_id = pid;
	header->common.parent_process_id = parent_pid;
	header->start_time = start_time;
	header->parent_start_time = parent_start_time;
}

void record_start(union built_record *built, enum event_type event, __u64 time)
{
	struct record_header *header = &built->record.header;

	memset(built, 0, sizeof(*built));
	header->size = sizeof(struct record);
	header->event = event;
	header->time = time;
	header->session = 7;
	header->generation = 3;
	header->common.user_id = 1000;
	header->common.effective_user_id = 1000;
	record_process(built, 4711, 4 * SECOND, 4700, 3 * SECOND);
	record_has(built, SLOT_common_process_id);
	record_has(built, SLOT_common_parent_process_id);
	record_has(built, SLOT_common_thread_id);
	record_has(built, SLOT_common_user_id);
	record_has(built, SLOT_common_effective_user_id);
}

void record_text(union built_record *built, struct span *span, const void *data, size_t length)
{
	struct record_header *header = &built->record.header;

	span->offset = header->size;
	span->length = (__u32)length;
	if (length)
		memcpy(built->bytes + header->size, data, length);
	header->size += (__u32)length;
}

void record_string(union built_record *built, struct span *span, const char *string)
{
	record_text(built, span, string, strlen(string));
}

void record_match(union built_record *built, __u16 rule, __u16 flags)
{
	struct verdict *verdict = &built->record.header.verdict;

	built->record.header.flags |= RECORD_VERDICT;
	if (verdict->matches < MATCHES_MAX)
		verdict->match[verdict->matches] = (struct match) { rule, flags };
	verdict->matches++;
}

void record_creation(union built_record *built, __u64 time, const char *image,
		     const char *command_line, size_t command_line_length)
{
	struct record *record = &built->record;

	record_start(built, EVENT_process_creation, time);
	record_text(built, &record->command_line, command_line, command_line_length);
	record_string(built, &record->header.image, image);
	record_string(built, &record->current_directory, "/home/u");
	record_has(built, SLOT_fact_image);
	record_has(built, SLOT_fact_command_line);
	record_has(built, SLOT_fact_current_directory);
}

void record_open(union built_record *built, __u64 time, const char *image, const char *path)
{
	struct record *record = &built->record;

	record_start(built, EVENT_file_open, time);
	record_string(built, &record->file_open.target_filename, path);
	record_string(built, &record->header.image, image);
	record->file_open.access = ACCESS_read;
	record->file_open.inode = 123456;
	record_has(built, SLOT_file_open_target_filename);
	record_has(built, SLOT_file_open_access);
	record_has(built, SLOT_file_open_inode);
}

void record_connection(union built_record *built, __u64 time, const char *image, __u32 address,
		       __u16 port)
{
	struct event_network_connection *connection = &built->record.network_connection;

	record_start(built, EVENT_network_connection, time);
	record_string(built, &built->record.header.image, image);
	connection->destination_ip = address_v4(__builtin_bswap32(address));
	connection->destination_port = port;
	connection->protocol = 6;
	connection->initiated = 1;
	record_has(built, SLOT_network_connection_destination_ip);
	record_has(built, SLOT_network_connection_destination_port);
	record_has(built, SLOT_network_connection_protocol);
	record_has(built, SLOT_network_connection_initiated);
	record_has(built, SLOT_network_connection_private_address);
}

struct event_view record_view(const union built_record *built)
{
	struct event_view view = { 0 };

	CU_ASSERT_EQUAL(decode(built, built->record.header.size, &view), 0);
	return view;
}
