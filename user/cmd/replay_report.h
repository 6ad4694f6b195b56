/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `fermata replay` prints: matches, verdicts that change, and the summary.
 */
#ifndef FERMATA_REPLAY_REPORT_H
#define FERMATA_REPLAY_REPORT_H

#include "base/buffer.h"
#include "pipeline/flat_read.h"
#include "pipeline/replay.h"

/* One set of rules at work. */
struct replayed {
	const struct ruleset *rules;
	struct replay *replay;
};

/* How it went. */
struct replay_totals {
	__u64 lines, events, foreign, bad, lost;
	__u64 changes; /* verdicts, of --diff */
	double seconds, processor; /* how long it took, and the processor time of that */
};

/* An event whose matches are told; its line is in header.sequence. */
struct replay_line {
	const struct event_view *view;
	bool json;
};

/* Adds a line for each match of the event. */
void report_matches(struct buffer *out, const struct replay_line *line,
		    const struct replayed *replayed);

/* Adds a line for each verdict that `now` gives and `before` did not, or the other way, or
 * that has another response. Returns how many. */
size_t report_changes(struct buffer *out, const struct replay_line *line,
		      const struct replayed *before, const struct replayed *now);

/* Adds the summary, with what each rule did. */
void report_summary(struct buffer *out, const struct replayed *replayed,
		    const struct replay_totals *totals);
void report_summary_json(struct buffer *out, const struct replayed *replayed,
			 const struct replay_totals *totals);

/* Warns of what was not understood: names, and what the recording lacks. */
void report_left_out(const struct flat_reader *reader, const struct replay_totals *totals);

/* Warns of what rules may have missed because of a limit: events that were not decided as a
 * whole, and what correlations had forgotten. */
void report_undecided(const struct replayed *replayed);
void report_forgotten(const struct replayed *replayed);

#endif
