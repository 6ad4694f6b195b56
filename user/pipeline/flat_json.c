/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/flat_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define DIGITS_MAX 18 /* of a number that the scanner reads: always fits 63 bits */

/* Where the scanner stands. Each take_…() returns false when the line is not simple. */
struct scan {
	const char *at, *end;
	struct flat_json *json;
};

static bool take_byte(struct scan *scan, char byte)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
		scan->at++;
	if (scan->at == scan->end || *scan->at != byte)
		return false;
	scan->at++;
	return true;
}

/* The bytes up to the closing quote; the opening one is behind us. */
static bool take_text(struct scan *scan, struct bytes *ret_text)
{
	const char *at = scan->at;
	__u32 code;

	for (;;) {
		at += utf8_plain(at, (size_t)(scan->end - at));
		if (at == scan->end || *at == '\\' || (unsigned char)*at < 0x20)
			return false;
		if (*at == '"')
			break;
		at += utf8_next(at, (size_t)(scan->end - at), &code);
		if (code == UTF8_INVALID)
			return false;
	}
	*ret_text = (struct bytes) { scan->at, (size_t)(at - scan->at) };
	scan->at = at + 1;
	return true;
}

static bool take_number(struct scan *scan, __s64 *ret_number)
{
	bool negative = *scan->at == '-';
	const char *at = scan->at + negative, *first = at;
	__s64 number = 0;

	while (at < scan->end && *at >= '0' && *at <= '9' && at - first < DIGITS_MAX)
		number = number * 10 + (*at++ - '0');
	if (at == first || (*first == '0' && at - first > 1) || at == scan->end ||
	    (*at >= '0' && *at <= '9') || *at == '.' || *at == 'e' || *at == 'E')
		return false;
	*ret_number = negative ? -number : number;
	scan->at = at;
	return true;
}

static bool take_word(struct scan *scan, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
		return false;
	scan->at += length;
	return true;
}

static bool take_literal(struct scan *scan, struct flat_value *value)
{
	value->kind = FLAT_BOOL;
	value->number = 1;
	if (take_word(scan, "true"))
		return true;
	value->number = 0;
	if (take_word(scan, "false"))
		return true;
	value->kind = FLAT_NULL;
	return take_word(scan, "null");
}

/* Any value but a list. */
static bool take_plain(struct scan *scan, struct flat_value *value)
{
	if (take_byte(scan, '"')) {
		value->kind = FLAT_TEXT;
		return take_text(scan, &value->text);
	}
	if (scan->at == scan->end)
		return false;
	if (*scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9')) {
		value->kind = FLAT_NUMBER;
		return take_number(scan, &value->number);
	}
	return take_literal(scan, value);
}

/* The items of a list; its bracket is behind us. */
static bool take_list(struct scan *scan, struct flat_value *value)
{
	struct flat_json *json = scan->json;

	value->kind = FLAT_LIST;
	value->item = &json->item[json->item_count];
	value->count = 0;
	if (take_byte(scan, ']'))
		return true;
	do {
		if (json->item_count == FLAT_ITEMS_MAX ||
		    !take_plain(scan, &json->item[json->item_count]))
			return false;
		json->item_count++;
		value->count++;
	} while (take_byte(scan, ','));
	return take_byte(scan, ']');
}

static bool take_members(struct scan *scan)
{
	struct flat_json *json = scan->json;

	do {
		struct flat_member *member = &json->member[json->count];

		if (json->count == FLAT_MEMBERS_MAX || !take_byte(scan, '"') ||
		    !take_text(scan, &member->key) || !take_byte(scan, ':'))
			return false;
		if (take_byte(scan, '[') ? !take_list(scan, &member->value)
					 : !take_plain(scan, &member->value))
			return false;
		json->count++;
	} while (take_byte(scan, ','));
	return take_byte(scan, '}');
}

/* Whether the line is simple and all of it was taken. */
static bool scan_line(struct flat_json *json, const char *line, size_t length)
{
	struct scan scan = { line, line + length, json };

	if (!take_byte(&scan, '{') || !take_members(&scan))
		return false;
	while (scan.at < scan.end && (*scan.at == ' ' || *scan.at == '\t' || *scan.at == '\r'))
		scan.at++;
	return scan.at == scan.end;
}

static int complain(struct flat_json *json, const char *what)
{
	snprintf(json->error, sizeof(json->error), "%s", what);
	return -EINVAL;
}

static struct flat_value value_of(const json_t *node)
{
	switch (json_typeof(node)) {
	case JSON_NULL:
		return (struct flat_value) { .kind = FLAT_NULL };
	case JSON_TRUE:
	case JSON_FALSE:
		return (struct flat_value) { .kind = FLAT_BOOL, .number = json_is_true(node) };
	case JSON_INTEGER:
		return (struct flat_value) { .kind = FLAT_NUMBER,
					     .number = json_integer_value(node) };
	case JSON_STRING:
		return (struct flat_value) {
			.kind = FLAT_TEXT,
			.text = { json_string_value(node), json_string_length(node) },
		};
	default:
		return (struct flat_value) { .kind = FLAT_OTHER };
	}
}

static int list_of(struct flat_json *json, const json_t *node, struct flat_value *value)
{
	*value = (struct flat_value) { .kind = FLAT_LIST, .item = &json->item[json->item_count] };
	value->count = json_array_size(node);
	if (value->count > FLAT_ITEMS_MAX - json->item_count)
		return complain(json, "its lists have more items than can be read");
	for (size_t i = 0; i < value->count; i++)
		json->item[json->item_count++] = value_of(json_array_get(node, i));
	return 0;
}

static int members_of(struct flat_json *json, json_t *root)
{
	const char *key;
	json_t *node;

	if (json_object_size(root) > FLAT_MEMBERS_MAX)
		return complain(json, "it has more members than can be read");
	json_object_foreach(root, key, node)
	{
		struct flat_member *member = &json->member[json->count++];

		member->key = (struct bytes) { key, strlen(key) };
		if (!json_is_array(node))
			member->value = value_of(node);
		else if (list_of(json, node, &member->value) < 0)
			return -EINVAL;
	}
	return 0;
}

static int parse_line(struct flat_json *json, const char *line, size_t length)
{
	json_error_t error;
	json_t *root = json_loadb(line, length, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	if (!root) {
		snprintf(json->error, sizeof(json->error), "not JSON: %s (column %d)", error.text,
			 error.column);
		return -EINVAL;
	}
	json->root = (struct json_t *)root;
	if (!json_is_object(root))
		return complain(json, "not a JSON object");
	return members_of(json, root);
}

static void forget(struct flat_json *json)
{
	if (json->root)
		json_decref((json_t *)json->root);
	json->root = NULL;
	json->count = json->item_count = 0;
}

void flat_json_done(struct flat_json *json)
{
	forget(json);
}

int flat_json_read(struct flat_json *json, const char *line, size_t length)
{
	forget(json);
	if (scan_line(json, line, length))
		return 0;
	json->count = json->item_count = 0;
	return parse_line(json, line, length);
}
