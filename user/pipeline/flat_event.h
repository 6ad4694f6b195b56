/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event as one flat line of JSON, under the names that Sigma rules use: what a recording
 * is made of, and what can be run through the rules again.
 *
 *	{"schema":1,"category":"file_open","@timestamp":"…Z","time":…,"TargetFilename":…}
 *
 * schema      RECORD_SCHEMA
 * category    the Sigma category
 * @timestamp  wall time with nanoseconds; `time` is the same moment since boot, in ns,
 *             which no clock that is set can move
 *
 * Then every field that has a value: of the event, of the thread that acted, of its
 * program and its parent's, of the agent. Numbers are numbers (signed, of 64 bits), booleans booleans, one of
 * several names is a string, a set an array of them; a value without a name is its
 * number. Text is UTF-8; where the bytes were not, FIELD_hex has all of them. Names in
 * lower case are not fields:
 *
 * incomplete  array: fields whose value did not fit
 * matches     array: ids (else names) of the rules that matched and are in the alert log
 * folded      array: correlations that matched and were only counted
 * steps       array: rules that matched and tell nothing alone
 * unnamed     how many more rules matched
 * asked       the strongest response that the matches ask for
 * verdict     denied, killed, alerted or would-RESPONSE, as in the alert log
 * done        array of denied, killed, condemned, simulated, after, gone
 * tier        what carried it out: lsm, fmod_ret, cgroup, tracepoint, sys_exit, user
 */
#ifndef FERMATA_FLAT_EVENT_H
#define FERMATA_FLAT_EVENT_H

#include "base/buffer.h"
#include "pipeline/event_view.h"

struct decision;
struct ruleset;

/* Bytes of a line that always suffice for the texts of an event. */
#define FLAT_EVENT_MAX (512u << 10)

/* Adds the texts of the program, its parent and the agent, each member behind a comma:
 * the same for all events of one program. Returns out->error. */
int flat_facts_write(struct buffer *out, const struct event_view *view);

/*
 * Adds the line with its newline. `stamp` is its time as text, `facts` what
 * flat_facts_write() made. `decision` is about this event, its matches are in `rules`.
 * Returns out->error.
 */
int flat_event_write(struct buffer *out, const struct event_view *view, const char *stamp,
		     struct bytes facts, const struct decision *decision,
		     const struct ruleset *rules);

#endif
