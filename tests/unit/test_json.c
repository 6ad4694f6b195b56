// SPDX-License-Identifier: Apache-2.0
/*
 * The writer, read back by jansson; and the tree of dotted names.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/json_tree.h"
#include "base/utf8.h"
#include "unit.h"

UNIT_TEST(json, nesting_and_commas)
{
	_cleanup_buffer_ struct buffer out = BUFFER(4096);
	struct json w;

	json_init(&w, &out);
	json_object_begin(&w, NULL);
	json_put_number(&w, "n", 18446744073709551615ULL);
	json_put_signed(&w, "s", -5);
	json_array_begin(&w, "a");
	json_put_number(&w, NULL, 1);
	json_object_begin(&w, NULL);
	json_object_end(&w);
	json_array_begin(&w, NULL);
	json_array_end(&w);
	json_put_null(&w, NULL);
	json_array_end(&w);
	json_put_bool(&w, "t", true);
	json_put_bool(&w, "f", false);
	json_put_string(&w, "x", NULL);
	json_put_string(&w, "y", "z");
	json_put_raw(&w, "r", "[0]", 3);
	json_object_end(&w);
	CU_ASSERT_EQUAL(out.error, 0);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out),
			       "{\"n\":18446744073709551615,\"s\":-5,\"a\":[1,{},[],null],"
			       "\"t\":true,\"f\":false,\"x\":null,\"y\":\"z\",\"r\":[0]}");
}

UNIT_TEST(json, depth_is_bounded)
{
	_cleanup_buffer_ struct buffer out = BUFFER(4096);
	struct json w;

	json_init(&w, &out);
	for (int i = 0; i < 100; i++)
		json_array_begin(&w, NULL);
	CU_ASSERT_EQUAL(out.error, -EOVERFLOW);
}

UNIT_TEST(json, maximum_is_kept)
{
	_cleanup_buffer_ struct buffer out = BUFFER(8);

	CU_ASSERT_EQUAL(buffer_add(&out, "12345678", 8), 0);
	CU_ASSERT_EQUAL(out.error, 0);
	CU_ASSERT_EQUAL(buffer_add_byte(&out, '9'), -ENOSPC);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out), "12345678");
	CU_ASSERT_EQUAL(buffer_add(&out, "", 0), -ENOSPC); /* the error stays */
	buffer_reset(&out);
	CU_ASSERT_EQUAL(buffer_print(&out, "%d", 12345678), 0);
	CU_ASSERT_EQUAL(buffer_print(&out, "%d", 1), -ENOSPC);
	CU_ASSERT_EQUAL(out.length, 8);
}

static json_t *parse(const struct buffer *out)
{
	json_error_t error;
	json_t *root = json_loadb(buffer_string(out), out->length, JSON_ALLOW_NUL, &error);

	if (!root)
		unit_note("not JSON: %s at %d", error.text, error.position);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	return root;
}

/* What other readers of UTF-8 make of the bytes. */
static void replace(struct buffer *out, const char *data, size_t length)
{
	__u32 code;

	for (size_t at = 0, size; at < length; at += size) {
		size = utf8_next(data + at, length - at, &code);
		if (code == UTF8_INVALID)
			buffer_add_string(out, UTF8_REPLACEMENT);
		else
			buffer_add(out, data + at, size);
	}
}

static void bytes_come_back(const char *data, size_t length)
{
	_cleanup_buffer_ struct buffer out = BUFFER(64 << 10), expected = BUFFER(64 << 10);
	struct json w;
	json_t *root, *text, *twin;
	size_t wrong = 0;

	json_init(&w, &out);
	json_object_begin(&w, NULL);
	json_put_bytes(&w, "k", data, length);
	json_object_end(&w);
	root = parse(&out);
	text = json_object_get(root, "k");
	replace(&expected, data, length);
	CU_ASSERT_EQUAL(json_string_length(text), expected.length);
	CU_ASSERT_EQUAL(memcmp(json_string_value(text), buffer_string(&expected), expected.length),
			0);
	twin = json_object_get(root, "k_hex");
	CU_ASSERT_EQUAL(!!twin, !utf8_valid(data, length));
	if (twin) {
		CU_ASSERT_EQUAL(json_string_length(twin), 2 * length);
		for (size_t i = 0; i < length; i++) {
			char pair[3] = { json_string_value(twin)[2 * i],
					 json_string_value(twin)[2 * i + 1], 0 };

			wrong += strtoul(pair, NULL, 16) != (unsigned char)data[i];
		}
		CU_ASSERT_EQUAL(wrong, 0);
	}
	json_decref(root);
}

UNIT_TEST(json, every_byte)
{
	char all[256];

	for (unsigned int byte = 0; byte < 256; byte++) {
		char text[3] = { 'a', (char)byte, 'z' };

		all[byte] = (char)byte;
		bytes_come_back(text, 3);
		bytes_come_back(text + 1, 1);
	}
	bytes_come_back(all, 256);
	bytes_come_back(all, 128);
	bytes_come_back("", 0);
}

UNIT_TEST(json, random_bytes)
{
	uint64_t seed = unit_seed();

	for (int i = 0; i < 2000; i++) {
		char text[256];
		size_t length = unit_below(&seed, sizeof(text));

		for (size_t j = 0; j < length; j++)
			text[j] = (char)unit_random(&seed);
		bytes_come_back(text, length);
	}
}

UNIT_TEST(json, no_control_leaves_unescaped)
{
	_cleanup_buffer_ struct buffer out = BUFFER(4096);

	json_quote(&out, "\x1b[0m\n\xc2\x9b\x7f\"\\", 10);
	CU_ASSERT_STRING_EQUAL(buffer_string(&out), "\"\\u001b[0m\\n\\u009b\\u007f\\\"\\\\\"");
}

UNIT_TEST(json_tree, nests_and_sorts)
{
	_cleanup_buffer_ struct buffer out = BUFFER(4096);
	_cleanup_json_tree_ struct json_tree tree;
	struct json w;

	json_tree_init(&tree, 4096);
	json_put_number(json_tree_add(&tree, "process.pid"), NULL, 1);
	json_put_number(json_tree_add(&tree, "process.parent_of"), NULL, 5);
	json_put_string(json_tree_add(&tree, "@timestamp"), NULL, "t");
	json_put_number(json_tree_add(&tree, "process.parent.pid"), NULL, 2);
	json_put_number(json_tree_add(&tree, "a.b.c.d"), NULL, 3);
	json_tree_bytes(&tree, "process.name", "\xff", 1);
	json_put_number(json_tree_add(&tree, "process.parent.thread.id"), NULL, 4);
	json_put_number(json_tree_add(&tree, "z"), NULL, 6);
	json_init(&w, &out);
	CU_ASSERT_EQUAL(json_tree_write(&tree, &w, NULL), 0);
	CU_ASSERT_STRING_EQUAL(
		buffer_string(&out),
		"{\"@timestamp\":\"t\",\"a\":{\"b\":{\"c\":{\"d\":3}}},\"process\":{\"name\":"
		"\"\xef\xbf\xbd\",\"name_hex\":\"ff\",\"parent\":{\"pid\":2,\"thread\":{\"id\":4}},"
		"\"parent_of\":5,\"pid\":1},\"z\":6}");
}

static int tree_of(const char *const *keys)
{
	_cleanup_buffer_ struct buffer out = BUFFER(64 << 10);
	_cleanup_json_tree_ struct json_tree tree;
	struct json w;

	json_tree_init(&tree, 64 << 10);
	for (; *keys; keys++)
		json_put_number(json_tree_add(&tree, *keys), NULL, 0);
	json_init(&w, &out);
	return json_tree_write(&tree, &w, NULL);
}

UNIT_TEST(json_tree, refuses_doubles)
{
	CU_ASSERT_EQUAL(tree_of((const char *const[]) { "a", "b", NULL }), 0);
	CU_ASSERT_EQUAL(tree_of((const char *const[]) { NULL }), 0);
	CU_ASSERT_EQUAL(tree_of((const char *const[]) { "a", "b", "a", NULL }), -EEXIST);
	CU_ASSERT_EQUAL(tree_of((const char *const[]) { "a.b", "x", "a", NULL }), -EEXIST);
	CU_ASSERT_EQUAL(tree_of((const char *const[]) { "a", "a-b", "a.b", "a_b", NULL }), -EEXIST);
	CU_ASSERT_EQUAL(tree_of((const char *const[]) { "a.b", "ab", NULL }), 0);
}

UNIT_TEST(json_tree, is_bounded)
{
	const char *keys[JSON_TREE_MAX + 2];
	char name[JSON_TREE_MAX + 1][8];

	for (size_t i = 0; i <= JSON_TREE_MAX; i++) {
		snprintf(name[i], sizeof(name[i]), "k%zu", i);
		keys[i] = name[i];
	}
	keys[JSON_TREE_MAX + 1] = NULL;
	CU_ASSERT_EQUAL(tree_of(keys), -E2BIG);
	keys[JSON_TREE_MAX] = NULL;
	CU_ASSERT_EQUAL(tree_of(keys), 0);
}
