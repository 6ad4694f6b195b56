/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts for people: one line each, safe for any terminal.
 */
#ifndef FERMATA_READABLE_H
#define FERMATA_READABLE_H

#include "pipeline/alert.h"

#define READABLE_BYTES_MAX (256u << 10) /* bytes of a line; more is left out */

/*
 * Adds the line of an alert with its newline, as in
 *
 * 12:01:03 KILLED     critical  curl[4711] connect 203.0.113.9:443 — Secret read, then a
 * connection outside (after cat[4709] read /home/u/.aws/credentials 2.1s before) — agent
 * demo, session 6f0c
 *
 * A correlation that compares a number has that in front: "(event_count 12, after …)".
 * Everything that an agent or a rule's author chose is escaped. `colour`: the verdict is
 * coloured by escape sequences of a terminal. Returns 0 or out->error.
 */
int readable_alert(struct buffer *out, const struct alert *alert, struct clock *clock, bool colour);

/* Adds "12:01:03 NOTE       WORDS", the words escaped. */
int readable_note(struct buffer *out, const char *words, struct clock *clock, __u64 time,
		  bool colour);

#endif
