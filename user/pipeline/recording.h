/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recording of `run --record`: every event of a session in one file, whether a rule
 * matched it or not. NDJSON, appended:
 *
 *	{"schema":1,"recording":"fermata","version":…,"boot_id":…,"policy_sha256":…,
 *	 "@timestamp":…,"time":…}			the head of each run's part
 *	{"schema":1,"category":…}			an event: see flat_event.h
 *	{"schema":1,"loss":CAUSE,"count":…,"meaning":…,"@timestamp":…,"time":…}
 *							so many events are missing here
 *
 * Events are in the order of their time, but for those that were on their way at the same
 * moment on several processors; who must have it exactly sorts by `time`. Lines are
 * gathered and written together, and are in the file as a whole or not at all.
 */
#ifndef FERMATA_RECORDING_H
#define FERMATA_RECORDING_H

#include <sys/types.h>

#include "base/clock.h"
#include "pipeline/event_view.h"

struct decision;
struct ruleset;
struct recording;

/* As line_file_open(); -ENOMEM. */
int recording_open(struct recording **ret_recording, const char *path, uid_t agent);

/* Without what was not flushed. */
void recording_close(struct recording *recording);

struct recording_head {
	const char *version; /* of Fermata */
	const char *boot_id; /* NULL: not known */
	const __u8 *policy_sha256; /* 32 bytes */
	struct clock clock; /* all zero, or fixed by tests */
};

/* Writes the head. 0, or what write(2) says: then nothing should be recorded. */
int recording_begin(struct recording *recording, const struct recording_head *head);

/* Adds an event: see flat_event_write(). Errors are those of recording_flush(), because it
 * writes when too many lines wait. */
int recording_event(struct recording *recording, const struct event_view *view, struct bytes facts,
		    const struct decision *decision, const struct ruleset *rules);

/* Adds so many to what a cause of loss_table is told for, with the next lines. */
void recording_loss(struct recording *recording, unsigned int cause, __u64 count);

/*
 * Writes the lines that wait, if they are worth it: 64 KiB, or the first is a tenth of a
 * second old, or `all`. To be called when both rings have been read, because what is
 * written together is in order. 0, or -errno: the file did not take all of them, the
 * others are lost (recording_lost()) and what is lost stays to be told.
 */
int recording_flush(struct recording *recording, bool all);

/* Events that are lost here since the last call. */
__u64 recording_lost(struct recording *recording);

#endif
