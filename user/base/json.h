/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A streaming JSON writer. It knows where a comma belongs; the caller says what
 * opens and closes. `key` is NULL inside an array and for the outermost value.
 * Names that libjansson has for its values (json_string, json_null) are not used.
 * Output is one line of valid UTF-8 whatever the bytes were. Errors (the buffer's
 * maximum, nesting deeper than JSON_DEPTH_MAX) stay in the buffer: look once, at the end.
 */
#ifndef FERMATA_JSON_H
#define FERMATA_JSON_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define JSON_DEPTH_MAX 32

struct json {
	struct buffer *out; /* borrowed */
	unsigned int depth;
	__u64 filled; /* bit per depth: a value was written there */
};

void json_init(struct json *w, struct buffer *out);

void json_object_begin(struct json *w, const char *key);
void json_object_end(struct json *w);
void json_array_begin(struct json *w, const char *key);
void json_array_end(struct json *w);

void json_put_number(struct json *w, const char *key, __u64 value);
void json_put_signed(struct json *w, const char *key, __s64 value);
void json_put_bool(struct json *w, const char *key, bool value);
void json_put_null(struct json *w, const char *key);

/* A string; NULL becomes null. */
void json_put_string(struct json *w, const char *key, const char *value);

/* A string of any bytes: control characters escaped, what is not UTF-8 as U+FFFD. */
void json_put_text(struct json *w, const char *key, const char *data, size_t length);

/* The same and, when the bytes were not UTF-8, a twin `key`_hex with all of them in
 * lower-case hexadecimal. Objects only: `key` is not NULL. */
void json_put_bytes(struct json *w, const char *key, const char *data, size_t length);

/* Whether the bytes need such a twin, and the twin's value by itself. */
bool json_needs_hex(const char *data, size_t length);
void json_put_hex(struct json *w, const char *key, const char *data, size_t length);

/* A value that is JSON already; the caller vouches for it. */
void json_put_raw(struct json *w, const char *key, const char *fragment, size_t length);

/* Adds the bytes as a quoted JSON string, without key or comma. Returns out->error. */
int json_quote(struct buffer *out, const char *data, size_t length);

#endif
