/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two rings are read one after the other, so what waits is put in order before it is
 * written. One write for many lines, because a busy agent makes some 100,000 a second.
 */
#include "pipeline/recording.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "pipeline/decision.h"
#include "pipeline/flat_event.h"
#include "pipeline/line_file.h"
#include "pipeline/loss.h"

#define WORTH_BYTES (64u << 10) /* that are worth a write */
#define WORTH_AGE (CLOCK_SECOND / 10) /* ns that a line waits at most */
#define WAITING_BYTES_MAX (1u << 20) /* then they are written, in order or not */
#define WAITING_LINES_MAX 8192
#define LOSS_LINE_MAX 512 /* bytes */

struct line {
	__u64 time;
	size_t offset, length;
};

struct recording {
	struct line_file file;
	struct buffer waiting, ordered;
	struct line line[WAITING_LINES_MAX];
	size_t count;
	bool disordered;
	__u64 since; /* when the first of them was added, CLOCK_BOOTTIME */

	struct clock clock;
	__u64 second; /* whose text `stamp` has, since 1970 */
	char stamp[CLOCK_TEXT_SIZE];

	__u64 lost; /* not told to the caller yet */
	__u64 losses[LOSS_CAUSES]; /* not told in the file yet */
	bool lossy; /* any of them is not 0 */
};

int recording_open(struct recording **ret_recording, const char *path, uid_t agent)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	int r;

	if (!recording)
		return -ENOMEM;
	r = line_file_open(&recording->file, path, agent);
	if (r) {
		free(recording);
		return r;
	}
	buffer_init(&recording->waiting,
		    WAITING_BYTES_MAX + FLAT_EVENT_MAX + LOSS_CAUSES * LOSS_LINE_MAX);
	buffer_init(&recording->ordered, recording->waiting.maximum);
	*ret_recording = recording;
	return 0;
}

void recording_close(struct recording *recording)
{
	line_file_close(&recording->file);
	buffer_done(&recording->waiting);
	buffer_done(&recording->ordered);
	free(recording);
}

/* `boottime` as the wall time of the offset that was sampled last, as text. */
static const char *stamp_of(struct recording *recording, __u64 boottime)
{
	__u64 wall = boottime + recording->clock.offset, rest = wall % CLOCK_SECOND;

	if (wall / CLOCK_SECOND != recording->second) {
		recording->second = wall / CLOCK_SECOND;
		return clock_text(recording->stamp, wall);
	}
	/* 2026-01-02T03:04:05.123456789Z */
	for (char *digit = recording->stamp + 28; digit > recording->stamp + 19; digit--) {
		*digit = (char)('0' + rest % 10);
		rest /= 10;
	}
	return recording->stamp;
}

int recording_begin(struct recording *recording, const struct recording_head *head)
{
	_cleanup_buffer_ struct buffer line = BUFFER(4096);
	__u64 now = clock_boottime();
	struct json w;

	recording->clock = head->clock;
	(void)clock_wall(&recording->clock, now);
	json_init(&w, &line);
	json_object_begin(&w, NULL);
	json_put_number(&w, "schema", RECORD_SCHEMA);
	json_put_string(&w, "recording", "fermata");
	json_put_string(&w, "version", head->version);
	json_put_string(&w, "boot_id", head->boot_id);
	json_put_hex(&w, "policy_sha256", (const char *)head->policy_sha256, 32);
	json_put_string(&w, "@timestamp", stamp_of(recording, now));
	json_put_number(&w, "time", now);
	json_object_end(&w);
	buffer_add_byte(&line, '\n');
	if (line.error)
		return line.error;
	return line_file_append(&recording->file, line.data, line.length, NULL);
}

/* Losses are told at the end of the lines that wait. */
static void add_losses(struct recording *recording, __u64 now)
{
	struct json w;

	for (unsigned int cause = 0; cause < LOSS_CAUSES; cause++) {
		if (!recording->losses[cause])
			continue;
		json_init(&w, &recording->waiting);
		json_object_begin(&w, NULL);
		json_put_number(&w, "schema", RECORD_SCHEMA);
		json_put_string(&w, "loss", loss_table[cause].name);
		json_put_number(&w, "count", recording->losses[cause]);
		json_put_string(&w, "meaning", loss_table[cause].meaning);
		json_put_string(&w, "@timestamp", stamp_of(recording, now));
		json_put_number(&w, "time", now);
		json_object_end(&w);
		buffer_add_byte(&recording->waiting, '\n');
	}
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->offset < right->offset ? -1 : 1;
}

/* The events that wait, in order, and what follows them. Without memory they stay as they
 * came. */
static const struct buffer *put_in_order(struct recording *recording)
{
	const struct buffer *waiting = &recording->waiting;
	struct buffer *ordered = &recording->ordered;
	size_t end = 0;

	if (!recording->disordered)
		return waiting;
	buffer_reset(ordered);
	if (buffer_reserve(ordered, waiting->length))
		return waiting;
	qsort(recording->line, recording->count, sizeof(*recording->line), compare_lines);
	for (size_t i = 0; i < recording->count; i++) {
		const struct line *line = &recording->line[i];

		buffer_add(ordered, waiting->data + line->offset, line->length);
		end += line->length;
	}
	buffer_add(ordered, waiting->data + end, waiting->length - end);
	return ordered;
}

/* How many events were not among the first `written` bytes. */
static size_t events_after(const struct recording *recording, size_t written)
{
	size_t end = 0, i = 0;

	while (i < recording->count && end + recording->line[i].length <= written)
		end += recording->line[i++].length;
	return recording->count - i;
}

static int write_waiting(struct recording *recording, __u64 now)
{
	const struct buffer *lines;
	size_t written;
	int r;

	if (recording->lossy)
		add_losses(recording, now);
	lines = put_in_order(recording);
	r = line_file_append(&recording->file, lines->data, lines->length, &written);
	if (r) {
		recording->lost += events_after(recording, written);
	} else {
		memset(recording->losses, 0, sizeof(recording->losses));
		recording->lossy = false;
	}
	buffer_reset(&recording->waiting);
	recording->count = 0;
	recording->disordered = false;
	return r;
}

static void line_took(struct recording *recording, __u64 time, size_t offset)
{
	struct line *line = &recording->line[recording->count];

	*line = (struct line) { time, offset, recording->waiting.length - offset };
	if (!recording->count)
		recording->since = clock_boottime();
	else if (time < line[-1].time)
		recording->disordered = true;
	recording->count++;
}

int recording_event(struct recording *recording, const struct event_view *view, struct bytes facts,
		    const struct decision *decision, const struct ruleset *rules)
{
	__u64 time = view->record->header.time;
	size_t before;
	int r = 0;

	if (recording->waiting.length >= WAITING_BYTES_MAX || recording->count == WAITING_LINES_MAX)
		r = write_waiting(recording, clock_boottime());
	if (!recording->count)
		(void)clock_wall(&recording->clock, time); /* samples now and then */
	before = recording->waiting.length;
	if (flat_event_write(&recording->waiting, view, stamp_of(recording, time), facts, decision,
			     rules)) {
		buffer_cut(&recording->waiting, before);
		recording->waiting.error = 0;
		recording->lost++;
		return r;
	}
	line_took(recording, time, before);
	return r;
}

void recording_loss(struct recording *recording, unsigned int cause, __u64 count)
{
	recording->losses[cause] += count;
	recording->lossy = true;
}

int recording_flush(struct recording *recording, bool all)
{
	__u64 now;

	if (!recording->count && !recording->lossy)
		return 0;
	now = clock_boottime();
	if (!all && recording->count && recording->waiting.length < WORTH_BYTES &&
	    now - recording->since < WORTH_AGE)
		return 0;
	return write_waiting(recording, now);
}

__u64 recording_lost(struct recording *recording)
{
	__u64 lost = recording->lost;

	recording->lost = 0;
	return lost;
}
