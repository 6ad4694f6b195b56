/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that leaves Fermata as JSON goes through here: alerts, `--json` output,
 * replay. No number is a float, and no byte reaches the output unlooked at.
 */
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define JSON_KEY_MAX 256 /* bytes of a key that may need a twin; keys are our own */

void json_init(struct json *w, struct buffer *out)
{
	*w = (struct json) { .out = out };
}

int json_quote(struct buffer *out, const char *data, size_t length)
{
	size_t plain = 0, size; /* bytes before `at` that need no change, not yet added */
	__u32 code;

	buffer_add_byte(out, '"');
	for (size_t at = 0; at < length; at += size) {
		size = utf8_plain(data + at, length - at);
		if (size) {
			plain += size;
			continue;
		}
		size = utf8_next(data + at, length - at, &code);
		if (code != UTF8_INVALID && code >= 0x20 && code != '"' && code != '\\' &&
		    (code < 0x7f || code >= 0xa0)) {
			plain += size;
			continue;
		}
		buffer_add(out, data + at - plain, plain);
		plain = 0;
		if (code == UTF8_INVALID)
			buffer_add_string(out, UTF8_REPLACEMENT);
		else if (code == '"' || code == '\\')
			buffer_print(out, "\\%c", (char)code);
		else if (code == '\n')
			buffer_add_string(out, "\\n");
		else if (code == '\t')
			buffer_add_string(out, "\\t");
		else
			buffer_print(out, "\\u%04x", code);
	}
	if (length)
		buffer_add(out, data + length - plain, plain);
	return buffer_add_byte(out, '"');
}

static void json_begin(struct json *w, const char *key)
{
	__u64 bit = 1ULL << w->depth;

	if (w->filled & bit)
		buffer_add_byte(w->out, ',');
	w->filled |= bit;
	if (!key)
		return;
	json_quote(w->out, key, strlen(key));
	buffer_add_byte(w->out, ':');
}

static void json_open(struct json *w, const char *key, char bracket)
{
	json_begin(w, key);
	buffer_add_byte(w->out, bracket);
	if (w->depth + 1 >= JSON_DEPTH_MAX) {
		w->out->error = w->out->error ? w->out->error : -EOVERFLOW;
		return;
	}
	w->depth++;
	w->filled &= ~(1ULL << w->depth);
}

static void json_close(struct json *w, char bracket)
{
	buffer_add_byte(w->out, bracket);
	if (w->depth)
		w->depth--;
}

void json_object_begin(struct json *w, const char *key)
{
	json_open(w, key, '{');
}

void json_object_end(struct json *w)
{
	json_close(w, '}');
}

void json_array_begin(struct json *w, const char *key)
{
	json_open(w, key, '[');
}

void json_array_end(struct json *w)
{
	json_close(w, ']');
}

void json_put_number(struct json *w, const char *key, __u64 value)
{
	json_begin(w, key);
	buffer_add_number(w->out, value);
}

void json_put_signed(struct json *w, const char *key, __s64 value)
{
	json_begin(w, key);
	buffer_print(w->out, "%lld", (long long)value);
}

void json_put_bool(struct json *w, const char *key, bool value)
{
	json_put_raw(w, key, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json *w, const char *key)
{
	json_put_raw(w, key, "null", 4);
}

void json_put_string(struct json *w, const char *key, const char *value)
{
	if (value)
		json_put_text(w, key, value, strlen(value));
	else
		json_put_null(w, key);
}

void json_put_text(struct json *w, const char *key, const char *data, size_t length)
{
	json_begin(w, key);
	json_quote(w->out, data, length);
}

bool json_needs_hex(const char *data, size_t length)
{
	return !utf8_valid(data, length);
}

void json_put_hex(struct json *w, const char *key, const char *data, size_t length)
{
	static const char digit[] = "0123456789abcdef";

	json_begin(w, key);
	buffer_add_byte(w->out, '"');
	for (size_t i = 0; i < length; i++) {
		char pair[2] = { digit[(unsigned char)data[i] >> 4], digit[data[i] & 15] };

		buffer_add(w->out, pair, sizeof(pair));
	}
	buffer_add_byte(w->out, '"');
}

void json_put_bytes(struct json *w, const char *key, const char *data, size_t length)
{
	char twin[JSON_KEY_MAX];

	json_put_text(w, key, data, length);
	if (!json_needs_hex(data, length))
		return;
	snprintf(twin, sizeof(twin), "%s_hex", key);
	json_put_hex(w, twin, data, length);
}

void json_put_raw(struct json *w, const char *key, const char *fragment, size_t length)
{
	json_begin(w, key);
	buffer_add(w->out, fragment, length);
}
