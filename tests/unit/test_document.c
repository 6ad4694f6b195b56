/* SPDX-License-Identifier: Apache-2.0 */
/* YAML from outside: every bound, and every mistake with its place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rule_text.h"
#include "rules/document.h"
#include "rules/source.h"
#include "unit.h"

struct parsed {
	int result;
	struct documents documents;
	struct diagnostics diagnostics;
};

static void parsed_done(struct parsed *parsed)
{
	documents_done(&parsed->documents);
	diagnostics_done(&parsed->diagnostics);
}

static void parse_file(struct parsed *parsed, const char *file)
{
	*parsed = (struct parsed) { 0 };
	parsed->result = documents_read(&parsed->documents, file, &parsed->diagnostics);
}

static void parse(struct parsed *parsed, const void *data, size_t length)
{
	struct rule_folder folder;
	char path[96];

	rule_folder_make(&folder);
	rule_folder_write(&folder, "x.yml", data, length);
	snprintf(path, sizeof(path), "%s/x.yml", folder.path);
	parse_file(parsed, path);
	rule_folder_remove(&folder);
}

UNIT_TEST(document, tree)
{
	static const char text[] = "a: plain\n"
				   "b: 'quoted'\n"
				   "c:\n"
				   "  - ~\n"
				   "  - ''\n"
				   "  - \"x\\ty\"\n"
				   "d: |\n"
				   "  block\n";
	struct parsed parsed;
	const struct node *root, *node;

	parse(&parsed, text, strlen(text));
	CU_ASSERT_EQUAL(parsed.result, 0);
	CU_ASSERT_EQUAL(parsed.diagnostics.count, 0);
	CU_ASSERT_EQUAL_FATAL(parsed.documents.count, 1);
	root = parsed.documents.list[0];
	CU_ASSERT_EQUAL(root->kind, NODE_MAP);
	CU_ASSERT_EQUAL(root->count, 4);
	CU_ASSERT_PTR_NULL(node_find(root, "e"));
	node = node_find(root, "b");
	CU_ASSERT_PTR_NOT_NULL_FATAL(node);
	CU_ASSERT_STRING_EQUAL(node->text, "quoted");
	CU_ASSERT(node->quoted);
	CU_ASSERT_EQUAL(node->place.line, 2);
	CU_ASSERT_EQUAL(node->place.column, 4);
	CU_ASSERT_EQUAL(node_place_in(node, 3).column, 8);
	CU_ASSERT(!node_find(root, "a")->quoted);
	CU_ASSERT_EQUAL(node_place_in(node_find(root, "a"), 2).column, 6);
	node = node_find(root, "c");
	CU_ASSERT_EQUAL_FATAL(node->count, 3);
	CU_ASSERT(node_is_null(node->child[0]));
	CU_ASSERT(!node_is_null(node->child[1]));
	CU_ASSERT_STRING_EQUAL(node->child[2]->text, "x\ty");
	CU_ASSERT_EQUAL(node->child[2]->text_column, 0); /* an escape: columns are unknown */
	CU_ASSERT(node_find(root, "d")->quoted);
	parsed_done(&parsed);
}

UNIT_TEST(document, columns_are_characters)
{
	static const char text[] = "\xc3\xa9\xe2\x82\xac: x\nk: \xc3\xa9 y\n";
	struct parsed parsed;

	parse(&parsed, text, strlen(text));
	CU_ASSERT_EQUAL_FATAL(parsed.documents.count, 1);
	CU_ASSERT_EQUAL(parsed.documents.list[0]->child[0]->place.column, 5);
	CU_ASSERT_EQUAL(node_place_in(parsed.documents.list[0]->child[1], 3).column, 6);
	parsed_done(&parsed);
}

UNIT_TEST(document, several)
{
	static const char text[] = "\xef\xbb\xbf# comment\n---\na: 1\n---\n---\nb: 2\n...\n";
	struct parsed parsed;

	parse(&parsed, text, strlen(text));
	CU_ASSERT_EQUAL(parsed.diagnostics.count, 0);
	CU_ASSERT_EQUAL(parsed.documents.count, 2); /* the empty one is left out */
	parsed_done(&parsed);
}

/* Mistakes in a file; `kept` documents are still read. */
UNIT_TEST(document, mistakes)
{
#define TEXT(text) text, sizeof(text) - 1
	static const struct {
		const char *data;
		size_t length;
		size_t kept;
		const char *expected;
	} cases[] = {
		{ TEXT("a: \xff\n"), 0, "1:4: error: not UTF-8: byte 0xff" },
		{ TEXT("a: b\nc: \xc3\xa9\xc3\n"), 0, "2:5: error: not UTF-8: byte 0xc3" },
		{ TEXT("a: \xc0\x80\n"), 0, "1:4: error: not UTF-8" }, /* overlong */
		{ TEXT("a: \xed\xa0\x80\n"), 0, "1:4: error: not UTF-8" }, /* a surrogate */
		{ TEXT("\xff\xfe"
		       "a\0:\0"),
		  0, "1:1: error: not UTF-8" }, /* UTF-16 */
		{ TEXT("a: x\0y\n"), 0, "1:5: error: a NUL byte" },
		{ TEXT("a: \"x\\0y\"\n"), 0, "1:4: error: a NUL character" },
		{ TEXT("a: \x1b[2J\n"), 0, "1:4: error: the character U+001B is not allowed" },
		{ TEXT("a: x\xef\xbb\xbfy\n"), 0,
		  "1:5: error: the character U+FEFF is not allowed" },
		{ TEXT("a: 1\nb: 2\na: 3\n"), 0,
		  "3:1: error: the key 'a' is here twice, first in line 1" },
		{ TEXT("a: 1\na: 3\n---\nb: 1\n"), 1, "2:1: error: the key 'a' is here twice" },
		{ TEXT("a: &x 1\nb: *x\n---\nc: 1\n"), 1,
		  "1:4: error: YAML anchors and aliases are not supported" },
		{ TEXT("a: &x 1\nb: *x\n"), 0,
		  "2:4: error: YAML anchors and aliases are not supported" },
		{ TEXT("a: !!binary aGk=\n"), 0, "1:4: error: YAML tags are not supported" },
		{ TEXT("? [a]\n: b\n"), 0, "1:3: error: a key must be a plain text" },
		{ TEXT("a:\n\tb: c\n"), 0, "2:1: error: YAML: " },
		{ TEXT("a: [1, 2\n"), 0, "2:1: error: YAML: " },
		{ TEXT("a: 'never ends\n"), 0, "2:1: error: YAML: " },
		{ TEXT("ok: 1\n---\na: \"cut"), 1, "3:8: error: YAML: " },
		{ TEXT("a: b: c\n"), 0, "1:5: error: YAML: " },
		{ TEXT("a: ]\n"), 0, "1:4: error: YAML: " },
		{ TEXT("a: 1\n  b: 2\n"), 0, "2:4: error: YAML: " },
		{ TEXT("%YAML 9.9\n---\na: 1\n"), 0, "1:1: error: YAML: " },
		{ TEXT("a: @x\n"), 0, "1:4: error: YAML: " },
		{ TEXT("a: *unknown\n"), 0,
		  "1:4: error: YAML anchors and aliases are not supported" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parsed parsed;

		parse(&parsed, cases[i].data, cases[i].length);
		rule_expect_diagnostic(&parsed.diagnostics, cases[i].expected);
		if (parsed.documents.count != cases[i].kept) {
			CU_FAIL("documents that are kept");
			unit_note("%s: %zu", cases[i].expected, parsed.documents.count);
		}
		parsed_done(&parsed);
	}
}

UNIT_TEST(document, tab_is_named)
{
	struct parsed parsed;

	parse(&parsed, TEXT("a:\n\tb: c\n"));
	CU_ASSERT_EQUAL_FATAL(parsed.diagnostics.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(parsed.diagnostics.list[0].message, "tab"));
	parsed_done(&parsed);
}

static char *repeat_text(const char *text, size_t times)
{
	size_t length = strlen(text);
	char *all = malloc(length * times + 1);

	for (size_t i = 0; all && i < times; i++)
		memcpy(all + i * length, text, length);
	if (all)
		all[length * times] = 0;
	return all;
}

UNIT_TEST(document, depth)
{
	_cleanup_free_ char *open = repeat_text("[", DOCUMENT_DEPTH_MAX);
	_cleanup_free_ char *close = repeat_text("]", DOCUMENT_DEPTH_MAX);
	_cleanup_free_ char *deep = repeat_text("[", 1000000), *text = NULL;
	struct parsed parsed;
	int length;

	length = asprintf(&text, "%s%s", open, close);
	parse(&parsed, text, (size_t)length);
	CU_ASSERT_EQUAL(parsed.diagnostics.count, 0);
	CU_ASSERT_EQUAL(parsed.documents.count, 1);
	parsed_done(&parsed);

	parse(&parsed, deep, strlen(deep));
	rule_expect_diagnostic(&parsed.diagnostics,
			       "1:65: error: nested deeper than the limit of 64");
	CU_ASSERT_EQUAL(parsed.documents.count, 0);
	parsed_done(&parsed);
}

UNIT_TEST(document, nodes)
{
	_cleanup_free_ char *fits = repeat_text("- x\n", DOCUMENT_NODES_MAX - 1);
	_cleanup_free_ char *more = repeat_text("- x\n", DOCUMENT_NODES_MAX);
	struct parsed parsed;

	parse(&parsed, fits, strlen(fits));
	CU_ASSERT_EQUAL(parsed.diagnostics.count, 0);
	CU_ASSERT_EQUAL(parsed.documents.count, 1);
	parsed_done(&parsed);
	parse(&parsed, more, strlen(more));
	rule_expect_diagnostic(&parsed.diagnostics,
			       "200000:3: error: more than the limit of 200000 nodes in one file");
	CU_ASSERT_EQUAL(parsed.documents.count, 0);
	parsed_done(&parsed);
}

UNIT_TEST(document, alias_bomb)
{
	static const char bomb[] = "a: &a [x, x, x, x, x, x, x, x, x]\n"
				   "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
				   "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
				   "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
				   "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
				   "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
				   "g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]\n"
				   "h: &h [*g, *g, *g, *g, *g, *g, *g, *g, *g]\n"
				   "i: &i [*h, *h, *h, *h, *h, *h, *h, *h, *h]\n";
	struct parsed parsed;

	parse(&parsed, TEXT(bomb));
	rule_expect_diagnostic(&parsed.diagnostics,
			       "1:4: error: YAML anchors and aliases are not supported");
	CU_ASSERT_EQUAL(parsed.documents.count, 0);
	parsed_done(&parsed);
}

/* Many keys, all different but one, take no square of their number. */
UNIT_TEST(document, many_keys)
{
	_cleanup_free_ char *text = malloc(99000 * 10 + 1);
	struct parsed parsed;
	size_t length = 0;

	for (int i = 0; text && i < 99000; i++)
		length += (size_t)sprintf(text + length, "k%d: 1\n", i ? i : 98999);
	parse(&parsed, text, length);
	rule_expect_diagnostic(&parsed.diagnostics,
			       "99000:1: error: the key 'k98999' is here twice, first in line 1");
	parsed_done(&parsed);
}

UNIT_TEST(document, size)
{
	_cleanup_free_ char *text = repeat_text("# 456789012345\n", SOURCE_SIZE_MAX / 15 + 1);
	struct parsed parsed;

	parse(&parsed, text, SOURCE_SIZE_MAX);
	CU_ASSERT_EQUAL(parsed.diagnostics.count, 0);
	parsed_done(&parsed);
	parse(&parsed, text, SOURCE_SIZE_MAX + 1);
	rule_expect_diagnostic(&parsed.diagnostics,
			       "0:0: error: larger than the limit of 4194304 bytes");
	CU_ASSERT_EQUAL(parsed.result, -EINVAL);
	parsed_done(&parsed);
}

/* None of these may hang or be read without end. */
UNIT_TEST(document, not_a_file)
{
	struct rule_folder folder;
	struct parsed parsed;
	char path[96];

	rule_folder_make(&folder);
	snprintf(path, sizeof(path), "%s/fifo.yml", folder.path);
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	parse_file(&parsed, path);
	CU_ASSERT_EQUAL(parsed.result, -EINVAL);
	rule_expect_diagnostic(&parsed.diagnostics, "0:0: error: not a regular file");
	parsed_done(&parsed);
	rule_folder_remove(&folder);

	parse_file(&parsed, "/dev/zero");
	CU_ASSERT_EQUAL(parsed.result, -EINVAL);
	rule_expect_diagnostic(&parsed.diagnostics, "0:0: error: not a regular file");
	parsed_done(&parsed);

	parse_file(&parsed, "/tmp");
	rule_expect_diagnostic(&parsed.diagnostics, "0:0: error: not a regular file");
	parsed_done(&parsed);

	parse_file(&parsed, "/nonexistent/x.yml");
	CU_ASSERT_EQUAL(parsed.result, -ENOENT);
	rule_expect_diagnostic(&parsed.diagnostics,
			       "0:0: error: cannot open: No such file or directory");
	parsed_done(&parsed);
}

UNIT_TEST(document, not_readable)
{
	struct rule_folder folder;
	struct parsed parsed;
	char path[96];

	/* It is a regular file of no size whose reading fails. */
	parse_file(&parsed, "/proc/self/mem");
	CU_ASSERT_EQUAL(parsed.result, -EIO);
	rule_expect_diagnostic(&parsed.diagnostics, "0:0: error: cannot read: ");
	parsed_done(&parsed);

	rule_folder_make(&folder);
	rule_folder_write(&folder, "x.yml", "a: 1\n", 5);
	snprintf(path, sizeof(path), "%s/x.yml", folder.path);
	CU_ASSERT_EQUAL(chmod(path, 0), 0);
	if (!access(path, R_OK)) {
		unit_note("permissions do not bind this user");
	} else {
		parse_file(&parsed, path);
		CU_ASSERT_EQUAL(parsed.result, -EACCES);
		parsed_done(&parsed);
	}
	rule_folder_remove(&folder);
}
