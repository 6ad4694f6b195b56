/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions through PCRE2, with bounds on what a match may take.
 *
 * They are matched byte by byte, because names need not be UTF-8: `.` takes one byte, and
 * REGEX_IGNORE_CASE makes ASCII letters alike. What UTF-8 cannot mean then (a character
 * of several bytes in a class, or repeated) is refused.
 */
#ifndef FERMATA_REGEX_H
#define FERMATA_REGEX_H

#include <stddef.h>

#include "base/cleanup.h"
#include "policy.h"

#define REGEX_MAX 4096 /* bytes of one pattern; a longer one is refused */

/* From each place where it may begin. Over it the match is given up. */
#define REGEX_STEPS_MAX 100000
/* Without the just-in-time compiler: how deep it may backtrack, and in how much memory. */
#define REGEX_DEPTH_MAX 20000
#define REGEX_HEAP_MAX 8192 /* KiB */

struct regex;

/* Why a pattern is refused. */
struct regex_error {
	size_t offset; /* bytes, in the pattern */
	char message[128];
};

/* `flags`: enum regex_flag. -EINVAL and *ret_error: it is no regular expression, or one
 * that is not supported; -ENOMEM. */
int regex_new(struct regex **ret_regex, const void *pattern, size_t length, unsigned int flags,
	      struct regex_error *ret_error);
void regex_free(struct regex *regex);
DEFINE_CLEANUP(struct regex *, regex_free)

/* What matching needs, for one thread; all regular expressions may use the same. */
struct regex_room;

int regex_room_new(struct regex_room **ret_room);
void regex_room_free(struct regex_room *room);
DEFINE_CLEANUP(struct regex_room *, regex_room_free)

/* Whether it matches anywhere in the text: 1 or 0; -ELOOP: given up at one of the limits,
 * so that nobody knows. */
int regex_matches(const struct regex *regex, struct regex_room *room, const void *text,
		  size_t length);

#endif
