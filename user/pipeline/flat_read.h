/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other way of flat_event.h: a line of a recording, or a flat Sigma event from
 * anywhere, as an event that can be evaluated.
 *
 * Of a Sigma event only `category` is required. Numbers and booleans may be texts; a set
 * may be one name. An event without `time` (ns) has that of its `@timestamp` or UtcTime, else 1 ms
 * after the event before it. Loopback and PrivateAddress follow from DestinationIp when
 * they are not given. Null is no value. A session is known by the text of AgentSession.
 *
 * What a recording has about the verdict is not read, but for one thing: an event that
 * was refused before its act (tier fanotify, the execution of a program) was decided by
 * what was known of it then, and is again. What a mark refused by the name that a rule
 * has, of a file that was opened by another (a hard link), is recorded under that other
 * name, by which the rule does not find it.
 */
#ifndef FERMATA_FLAT_READ_H
#define FERMATA_FLAT_READ_H

#include "base/cleanup.h"
#include "pipeline/event_view.h"
#include "pipeline/tally.h"

#define FLAT_LINE_MAX (1u << 20) /* bytes of a line; a longer one is a mistake */

/* What a line is. */
enum flat_line {
	FLAT_EVENT,
	FLAT_HEAD, /* of a recording */
	FLAT_LOSS, /* so many events are missing: flat_event.lost */
	FLAT_FOREIGN, /* an event of a category that is not seen here */
};

/* Valid until the next line is read; texts are borrowed from the line as well. */
struct flat_event {
	struct event_view view; /* of `record` */
	struct record record;
	__u64 lost;
};

struct flat_reader;

/* -ENOMEM. */
int flat_reader_new(struct flat_reader **ret_reader);
void flat_reader_free(struct flat_reader *reader);
DEFINE_CLEANUP(struct flat_reader *, flat_reader_free)

/*
 * Reads a line, without its newline. Returns enum flat_line; -EINVAL: there is a mistake
 * in it, see flat_reader_error(); -ENOMEM.
 */
int flat_read(struct flat_reader *reader, const char *line, size_t length,
	      struct flat_event **ret_event);

/* What is wrong with the last line. */
const char *flat_reader_error(const struct flat_reader *reader);

/* The next event that has no time of its own gets this one. */
void flat_reader_set_time(struct flat_reader *reader, __u64 time);

/* Names that nobody knows, of members and of categories. */
const struct tally *flat_reader_unknown_fields(const struct flat_reader *reader);
const struct tally *flat_reader_unknown_categories(const struct flat_reader *reader);

#endif
