// SPDX-License-Identifier: Apache-2.0
/*
 * Files, buffers, clocks, ids and log lines.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/uuid.h"
#include "unit.h"

UNIT_TEST(file, reads_up_to_the_maximum)
{
	char path[] = "/tmp/fermata-file-XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	_cleanup_free_ char *data = NULL;
	char big[10000], head[4];
	size_t size = 0;

	CU_ASSERT_FATAL(fd >= 0);
	memset(big, 'x', sizeof(big));
	CU_ASSERT_EQUAL(file_write_all(fd, big, sizeof(big)), 0);
	CU_ASSERT_EQUAL(file_read(path, sizeof(big) - 1, &data, &size), -EFBIG);
	CU_ASSERT_PTR_NULL(data);
	CU_ASSERT_EQUAL(file_read(path, sizeof(big), &data, &size), 0);
	CU_ASSERT_EQUAL(size, sizeof(big));
	CU_ASSERT_EQUAL(strlen(data), sizeof(big));
	CU_ASSERT_EQUAL(file_read_head(path, head, sizeof(head), &size), 0);
	CU_ASSERT_EQUAL(size, sizeof(head));
	free(take_ptr(data));
	CU_ASSERT_EQUAL(ftruncate(fd, 0), 0);
	CU_ASSERT_EQUAL(file_read(path, 0, &data, &size), 0);
	CU_ASSERT_EQUAL(size, 0);
	CU_ASSERT_STRING_EQUAL(data, "");
	unlink(path);
}

UNIT_TEST(file, says_why_not)
{
	_cleanup_free_ char *data = NULL;
	_cleanup_close_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	size_t written = 99;

	CU_ASSERT_EQUAL(file_read("/nonexistent", 10, &data, NULL), -ENOENT);
	CU_ASSERT_EQUAL(file_read("/", 10, &data, NULL), -EISDIR);
	CU_ASSERT_EQUAL(file_write_some(full, "x", 1, &written), -ENOSPC);
	CU_ASSERT_EQUAL(written, 0);
	CU_ASSERT_EQUAL(file_read("/proc/self/stat", 4096, &data, NULL), 0);
	CU_ASSERT_EQUAL(strtol(data, NULL, 10), getpid());
}

UNIT_TEST(clock, text)
{
	char text[CLOCK_TEXT_SIZE];

	CU_ASSERT_STRING_EQUAL(clock_text(text, 0), "1970-01-01T00:00:00.000000000Z");
	CU_ASSERT_STRING_EQUAL(clock_text(text, 1767323045123456789ULL),
			       "2026-01-02T03:04:05.123456789Z");
	CU_ASSERT_STRING_EQUAL(clock_text(text, 4102444799999999999ULL),
			       "2099-12-31T23:59:59.999999999Z");
}

UNIT_TEST(clock, boot_time_becomes_wall_time)
{
	struct clock clock = { 0 }, fixed = { .offset = 1000, .fixed = true };
	struct timespec now;
	__u64 wall, difference;

	wall = clock_wall(&clock, clock_boottime());
	clock_gettime(CLOCK_REALTIME, &now);
	difference = (__u64)now.tv_sec * CLOCK_SECOND + (__u64)now.tv_nsec - wall;
	CU_ASSERT(difference < CLOCK_SECOND);
	CU_ASSERT_EQUAL(clock_wall(&fixed, 5), 1005);
}

/* By the moments that are asked for: 10 s are not too old, and older moments ask for nothing. */
UNIT_TEST(clock, samples_again)
{
	struct clock clock = { .offset = 5, .sampled = CLOCK_SECOND };

	CU_ASSERT_EQUAL(clock_wall(&clock, 11 * CLOCK_SECOND), 11 * CLOCK_SECOND + 5);
	CU_ASSERT_EQUAL(clock_wall(&clock, 1), 6);
	CU_ASSERT_EQUAL(clock.sampled, CLOCK_SECOND);
	CU_ASSERT(clock_wall(&clock, 11 * CLOCK_SECOND + 1) > 20 * CLOCK_SECOND);
	CU_ASSERT(clock.sampled > CLOCK_SECOND);
}

static void number_is(__u64 number)
{
	_cleanup_buffer_ struct buffer buffer = BUFFER(64);
	char expected[32];

	snprintf(expected, sizeof(expected), "%llu", (unsigned long long)number);
	CU_ASSERT_EQUAL(buffer_add_number(&buffer, number), 0);
	CU_ASSERT_STRING_EQUAL(buffer_string(&buffer), expected);
}

UNIT_TEST(buffer, numbers)
{
	uint64_t seed = unit_seed();
	__u64 power = 1;

	for (int digits = 0; digits < 20; digits++, power *= 10) {
		number_is(power - 1);
		number_is(power);
		number_is(power + 1);
	}
	number_is(~0ULL);
	for (int i = 0; i < 10000; i++)
		number_is(unit_random(&seed) >> unit_below(&seed, 64));
}

UNIT_TEST(uuid, version_7)
{
	static const unsigned char ones[UUID_RANDOM_SIZE] = { 0xff, 0xff, 0xff, 0xff, 0xff,
							      0xff, 0xff, 0xff, 0xff, 0xff };
	static const unsigned char zeros[UUID_RANDOM_SIZE];
	unsigned char random[UUID_RANDOM_SIZE] = { 0 };
	char text[UUID_TEXT_SIZE];

	/* RFC 9562, appendix A.6: the time of its example */
	CU_ASSERT_STRING_EQUAL(uuid_text(text, 0x017f22e279b0ULL * 1000000, ones),
			       "017f22e2-79b0-7fff-bfff-ffffffffffff");
	CU_ASSERT_STRING_EQUAL(uuid_text(text, 0, zeros), "00000000-0000-7000-8000-000000000000");
	CU_ASSERT_EQUAL(uuid_random(random, sizeof(random)), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(random, zeros, sizeof(random)), 0);
}

/* Runs `print` with stderr going to a pipe. */
static void capture(void (*print)(void), char *ret_text, size_t size)
{
	int pipe_fd[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	CU_ASSERT_EQUAL_FATAL(pipe2(pipe_fd, O_CLOEXEC), 0);
	dup2(pipe_fd[1], STDERR_FILENO);
	print();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipe_fd[1]);
	n = read(pipe_fd[0], ret_text, size - 1);
	ret_text[n > 0 ? n : 0] = '\0';
	close(pipe_fd[0]);
}

static void print_hostile(void)
{
	CU_ASSERT_EQUAL(log_error(-ENOENT, "cannot open '%s'", "a\x1b[31m\nb\xff"), -ENOENT);
	CU_ASSERT_EQUAL(log_warning(EPERM, "w"), -EPERM);
	log_set_quiet(true);
	log_warning(0, "unseen");
	log_info("unseen");
	log_error(0, "seen");
	log_set_quiet(false);
	log_info("done");
}

UNIT_TEST(log, one_escaped_line_each)
{
	char text[1024];

	capture(print_hostile, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "fermata: cannot open 'a\\x1b[31m\\nb\\xff': "
				     "No such file or directory\n"
				     "fermata: w: Operation not permitted\n"
				     "fermata: seen\n"
				     "fermata: done\n");
}

static void print_long(void)
{
	char *text = malloc(100000);

	memset(text, 'x', 99999);
	text[99999] = '\0';
	log_error(0, "%s", text);
	free(text);
}

UNIT_TEST(log, a_message_too_long_says_so)
{
	char text[1024];

	capture(print_long, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "fermata: (a message too long to print: %s)\n");
}

UNIT_TEST(clock, parse)
{
	static const struct {
		const char *text;
		__u64 wall; /* 0: it is none */
	} row[] = {
		{ "2026-01-02T03:03:31.100000000Z", 1767323011100000000 },
		{ "2026-01-02 03:03:31", 1767323011000000000 },
		{ "2026-01-02T05:03:31.1234567891+02:00", 1767323011123456789 },
		{ "2026-01-02T01:33:31-0130", 1767323011000000000 },
		{ "1970-01-01T00:00:00.000000001Z", 1 },
		{ "", 0 },
		{ "2026-01-02", 0 },
		{ "2026-13-02T03:03:31Z", 0 },
		{ "2026-01-02T24:03:31Z", 0 },
		{ "1969-12-31T23:59:59Z", 0 },
		{ "2262-04-11T23:47:15.999999999Z", 9223372035999999999ULL },
		{ "2262-04-11T23:47:16Z", 0 },
		{ "4052-01-02T03:04:05.678Z", 0 },
		{ "1970-01-01T00:30:00+01:00", 0 },
		{ "2026-01-02T03:03:31ZZ", 0 },
		{ "2026-01-02T03:03:31+2", 0 },
		{ "2026-1-2T03:03:31Z", 0 },
		{ "2026-01-02T03:03:31.0000000000000000000000000000000Z", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		__u64 wall = 0;
		int r = clock_parse(row[i].text, strlen(row[i].text), &wall);

		CU_ASSERT_EQUAL(r, row[i].wall ? 0 : -EINVAL);
		CU_ASSERT_EQUAL(wall, row[i].wall);
	}
}
