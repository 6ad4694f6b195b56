/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events in words, for people: "read /home/u/.aws/credentials". The bytes of names are
 * added as they are; whoever shows the words escapes them.
 */
#ifndef FERMATA_ACT_H
#define FERMATA_ACT_H

#include "base/buffer.h"
#include "pipeline/event_view.h"

enum act_form {
	ACT_PLAIN, /* "connect 203.0.113.9:443" */
	ACT_TRIED, /* "tried to connect to 203.0.113.9:443" */
	ACT_DONE, /* "connected to 203.0.113.9:443" */
};

void act_describe(struct buffer *out, const struct event_view *view, enum act_form form);

/* "curl[4711]": the program's name without its directory. */
void act_describe_process(struct buffer *out, const struct event_view *view);

/* "203.0.113.9" or "2001:db8::1". */
#define ADDRESS_TEXT_SIZE 48
const char *address_text(char text[ADDRESS_TEXT_SIZE], const struct address *address);

/* The part after the last slash. */
struct bytes path_name(struct bytes path);

#endif
