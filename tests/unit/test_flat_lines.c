// SPDX-License-Identifier: Apache-2.0
/* Lines in the order of their time, as far as the window reaches. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/buffer.h"
#include "pipeline/flat_lines.h"
#include "pipeline/flat_read.h"
#include "unit.h"

/* A file without a name with that content. */
static int file_of(const char *data, size_t length)
{
	char path[] = "/tmp/fermata-lines-XXXXXX";
	int fd = mkstemp(path);

	CU_ASSERT_FATAL(fd >= 0);
	unlink(path);
	CU_ASSERT_EQUAL_FATAL(file_write_all(fd, data, length), 0);
	CU_ASSERT_EQUAL_FATAL(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* The numbers of the lines as they come, with a space behind each. */
static void expect_order(const char *text, const char *expected)
{
	_cleanup_close_ int fd = file_of(text, strlen(text));
	_cleanup_(flat_lines_freep) struct flat_lines *lines = NULL;
	_cleanup_buffer_ struct buffer order = BUFFER(4096);
	struct flat_text line;

	CU_ASSERT_EQUAL_FATAL(flat_lines_new(&lines, fd), 0);
	while (flat_lines_next(lines, &line) == 1)
		buffer_print(&order, "%llu ", (unsigned long long)line.number);
	CU_ASSERT_STRING_EQUAL(buffer_string(&order), expected);
}

#define AT(time) "{\"schema\":1,\"category\":\"file_open\",\"time\":" #time "}\n"
#define HEAD "{\"schema\":1,\"recording\":\"fermata\",\"time\":99}\n"
#define UNTIMED "{\"category\":\"file_open\"}\n"

UNIT_TEST(flat_lines, order)
{
	expect_order("", "");
	expect_order("\n \t\r\n", "");
	expect_order("a", "1 ");
	expect_order(AT(5) AT(5) AT(6), "1 2 3 ");
	expect_order(AT(5) AT(7) AT(6) AT(8), "1 3 2 4 ");
	expect_order(AT(5) "\n" AT(3), "3 1 ");
	/* what has no time stays behind the line before it, unless that moves */
	expect_order(AT(5) UNTIMED AT(6) UNTIMED AT(5), "1 2 5 3 4 ");
	/* nothing passes the head of the next part */
	expect_order(HEAD AT(50) AT(40) HEAD AT(3) AT(2), "1 3 2 4 6 5 ");
	/* a text that says so is no time */
	expect_order(AT(5) "{\"x\":\"\\\"time\\\":3\",\"y\":1}\n" AT(6), "1 2 3 ");
}

/* More lines than the buffer holds, each up to so many places off. */
static void expect_sorted(size_t count, size_t length, size_t off)
{
	uint64_t state = unit_seed();
	_cleanup_(flat_lines_freep) struct flat_lines *lines = NULL;
	_cleanup_buffer_ struct buffer text = BUFFER(256u << 20);
	_cleanup_close_ int fd = -1;
	struct flat_text line;
	size_t disorders = 0, seen = 0;
	__u64 last = 0, time;

	for (size_t i = 0; i < count; i++)
		buffer_print(&text, "{\"time\":%zu,\"x\":\"%*s\"}\n",
			     i + off - unit_below(&state, off + 1), (int)length, "");
	fd = file_of(text.data, text.length);
	CU_ASSERT_EQUAL_FATAL(flat_lines_new(&lines, fd), 0);
	for (; flat_lines_next(lines, &line) == 1; seen++) {
		time = strtoull(line.data + strlen("{\"time\":"), NULL, 10);
		disorders += time < last;
		last = time;
	}
	CU_ASSERT_EQUAL(seen, count);
	CU_ASSERT_EQUAL(disorders, 0);
}

UNIT_TEST(flat_lines, window)
{
	expect_sorted(100000, 500, FLAT_WINDOW / 2);
	expect_sorted(60000, 1, 1000);
}

/* Lines of all lengths around the limit, each followed by one that must be found. */
UNIT_TEST(flat_lines, long_lines)
{
	static const size_t lengths[] = { FLAT_LINE_MAX, FLAT_LINE_MAX + 1, 9u << 20, 20u << 20 };
	_cleanup_(flat_lines_freep) struct flat_lines *lines = NULL;
	_cleanup_buffer_ struct buffer text = BUFFER(64u << 20);
	_cleanup_close_ int fd = -1;
	struct flat_text line;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		CU_ASSERT_EQUAL(buffer_reserve(&text, lengths[i]), 0);
		memset(text.data + text.length, 'x', lengths[i]);
		text.length += lengths[i];
		buffer_add_string(&text, "\nnext\n");
	}
	fd = file_of(text.data, text.length);
	CU_ASSERT_EQUAL_FATAL(flat_lines_new(&lines, fd), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		CU_ASSERT_EQUAL(flat_lines_next(lines, &line), 1);
		CU_ASSERT_EQUAL(line.number, 2 * i + 1);
		CU_ASSERT_EQUAL(line.length > FLAT_LINE_MAX, lengths[i] > FLAT_LINE_MAX);
		CU_ASSERT_EQUAL(flat_lines_next(lines, &line), 1);
		CU_ASSERT(line.number == 2 * i + 2 && line.length == 4 &&
			  !memcmp(line.data, "next", 4));
	}
	CU_ASSERT_EQUAL(flat_lines_next(lines, &line), 0);
}
