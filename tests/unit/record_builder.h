/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as the kernel would send them, made by hand for the tests of the pipeline.
 */
#ifndef FERMATA_RECORD_BUILDER_H
#define FERMATA_RECORD_BUILDER_H

#include "event.h"
#include "pipeline/event_view.h"

/* A record with room for its texts. */
union built_record {
	struct record record;
	char bytes[RECORD_MAX];
};

/* Starts a record of session 7 in row 0: process 4711, started 4 s after boot, child of
 * 4700 that started 3 s after boot, user 1000; at `time`, in ns since boot. */
void record_start(union built_record *built, enum event_type event, __u64 time);

/* Makes it another process's. */
void record_process(union built_record *built, __u32 pid, __u64 start_time, __u32 parent_pid,
		    __u64 parent_start_time);

/* Adds a text to the tail and points `span` (in the record) at it. */
void record_text(union built_record *built, struct span *span, const void *data, size_t length);
void record_string(union built_record *built, struct span *span, const char *string);

/* Says that the field has a value. */
void record_has(union built_record *built, unsigned int slot);

/* Adds a match to the verdict and makes it a verdict record. */
void record_match(union built_record *built, __u16 rule, __u16 flags);

/* A whole process_creation. */
void record_creation(union built_record *built, __u64 time, const char *image,
		     const char *command_line, size_t command_line_length);

/* A whole file_open for reading, by a process whose program is `image`. */
void record_open(union built_record *built, __u64 time, const char *image, const char *path);

/* A whole network_connection over TCP to an IPv4 address (host order) and port. */
void record_connection(union built_record *built, __u64 time, const char *image, __u32 address,
		       __u16 port);

/* Decodes it, which must work. */
struct event_view record_view(const union built_record *built);

#endif
