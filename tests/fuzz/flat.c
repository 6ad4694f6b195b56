/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a recording, or flat Sigma events: what is read is evaluated, and written as a
 * recording has it; that is read again.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "pipeline/decision.h"
#include "pipeline/flat_event.h"
#include "pipeline/flat_read.h"

static void event_use(const struct event_view *view, struct evaluator *evaluator)
{
	static struct decision decision;
	_cleanup_buffer_ struct buffer facts = BUFFER(FLAT_EVENT_MAX),
				       line = BUFFER(FLAT_EVENT_MAX);
	_cleanup_(flat_reader_freep) struct flat_reader *again = NULL;
	struct flat_event *event;
	struct verdict verdict;
	struct ruleset *ruleset;

	fuzz_policy(&ruleset);
	MUST(evaluate(evaluator, view, SIDE_ALL, &verdict) >= 0);
	MUST(!flat_facts_write(&facts, view));
	MUST(!flat_event_write(&line, view, "2026-01-02T03:04:05.000000000Z",
			       (struct bytes) { facts.data, facts.length }, &decision, ruleset));
	MUST(!flat_reader_new(&again));
	if (flat_read(again, line.data, line.length - 1, &event) != FLAT_EVENT) {
		fprintf(stderr, "%s\n%.*s", flat_reader_error(again), (int)line.length, line.data);
		abort();
	}
	MUST(event_view_type(&event->view) == event_view_type(view));
	MUST(event->record.header.time == view->record->header.time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(flat_reader_freep) struct flat_reader *reader = NULL;
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	const char *line = (const char *)data, *end = line + size;

	MUST(!evaluator_new(&evaluator, fuzz_policy(NULL)->policy));
	MUST(!flat_reader_new(&reader));
	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end;
		struct flat_event *event;
		int r = flat_read(reader, line, (size_t)(stop - line), &event);

		MUST(r >= 0 || r == -EINVAL);
		if (r == -EINVAL)
			MUST(*flat_reader_error(reader));
		if (r == FLAT_EVENT)
			event_use(&event->view, evaluator);
		line = stop + 1;
	}
	return 0;
}
