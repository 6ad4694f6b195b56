/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as a record of the kernel side: what decode() lets pass is evaluated and written
 * as a recording has it and as an alert. The first byte is the event, the second how
 * many eights of bytes are edits of the fixed part; the rest are its texts.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "pipeline/decision.h"
#include "pipeline/decode.h"
#include "pipeline/event_json.h"
#include "pipeline/flat_event.h"

#define PIECES 8

/* Every text that an event has is a piece of the tail. */
static void texts_point(struct record *record, size_t tail)
{
	struct span *const spans[] = { &record->header.image, &record->command_line,
				       &record->current_directory };
	__u32 piece = (__u32)(tail / PIECES), n = 0;

	for (; n < ARRAY_SIZE(spans); n++)
		*spans[n] = (struct span) { sizeof(*record) + n * piece, piece };
	for (size_t i = event_table[record->header.event].first;
	     i < event_table[record->header.event].end; i++)
		if (field_table[i].kind == KIND_text)
			*(struct span *)((char *)record + field_table[i].offset) =
				(struct span) { sizeof(*record) + n++ % PIECES * piece, piece };
}

static void record_use(const struct event_view *view)
{
	static struct decision decision;
	_cleanup_buffer_ struct buffer facts = BUFFER(FLAT_EVENT_MAX),
				       line = BUFFER(FLAT_EVENT_MAX);
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	struct ruleset *ruleset;
	const struct compiled *compiled = fuzz_policy(&ruleset);
	int r;

	MUST(!evaluator_new(&evaluator, compiled->policy));
	r = decide_certain(&decision, view, compiled, evaluator);
	MUST(!r || r == -EBADMSG);
	MUST(!flat_facts_write(&facts, view));
	MUST(!flat_event_write(&line, view, "1970-01-01T00:00:00.000000000Z",
			       (struct bytes) { facts.data, facts.length }, &decision, ruleset));
	MUST(line.length && line.data[line.length - 1] == '\n');
	MUST(memchr(line.data, '\n', line.length) == line.data + line.length - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ struct record *record = NULL;
	struct event_view view = { 0 };
	size_t edits, tail;

	if (size < 2)
		return 0;
	edits = (size_t)(data[1] % 32) * 8;
	if (edits > size - 2)
		edits = (size - 2) / 8 * 8;
	tail = size - 2 - edits;
	record = calloc(1, sizeof(*record) + tail);
	MUST(record);
	record->header.size = (__u32)(sizeof(*record) + tail);
	record->header.event = data[0] % EVENT_MAX;
	record->header.session = 1;
	record->header.present = ~0ULL;
	memcpy(record + 1, data + 2 + edits, tail);
	texts_point(record, tail);
	fuzz_edit(record, sizeof(*record), data + 2, edits);
	if (!decode(record, sizeof(*record) + tail, &view))
		record_use(&view);
	return 0;
}
