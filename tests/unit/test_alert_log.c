// SPDX-License-Identifier: Apache-2.0
/*
 * The alert log where it can go wrong: full and read-only disks, devices, links, a torn
 * line, a second writer.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "pipeline/alert_log.h"
#include "unit.h"

struct folder {
	char path[64];
};

static struct folder folder_make(void)
{
	struct folder folder = { "/tmp/fermata-log-XXXXXX" };

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder.path));
	return folder;
}

static void folder_remove(const struct folder *folder)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder->path);
	CU_ASSERT_EQUAL(system(command), 0);
}

static const char *in(const struct folder *folder, const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder->path, name);
	return path[turn];
}

static void content_is(const char *path, const char *expected)
{
	_cleanup_free_ char *content = NULL;

	CU_ASSERT_EQUAL(file_read(path, 1 << 20, &content, NULL), 0);
	if (content)
		CU_ASSERT_STRING_EQUAL(content, expected);
}

static void append_record(struct alert_log *log)
{
	char line[64];

	snprintf(line, sizeof(line), "{\"fermata\":{\"seq\":%llu}}\n",
		 (unsigned long long)alert_log_next(log));
	CU_ASSERT_EQUAL(alert_log_append(log, line, strlen(line)), 0);
}

UNIT_TEST(alert_log, numbers_go_on)
{
	struct folder folder = folder_make();
	const char *path = in(&folder, "a");
	struct alert_log *log = NULL;
	struct stat st;

	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, path, 0), 0);
	CU_ASSERT_EQUAL(alert_log_next(log), 1);
	append_record(log);
	append_record(log);
	alert_log_close(log);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, path, 0), 0);
	CU_ASSERT_EQUAL(alert_log_next(log), 3);
	append_record(log);
	alert_log_close(log);
	content_is(path, "{\"fermata\":{\"seq\":1}}\n{\"fermata\":{\"seq\":2}}\n"
			 "{\"fermata\":{\"seq\":3}}\n");
	folder_remove(&folder);
}

/* A monitor that was cut off in the middle of a line leaves it torn: the next run begins
 * a new one and goes on from the last whole record. */
UNIT_TEST(alert_log, torn_line_of_an_earlier_run)
{
	static const char torn[] =
		"{\"fermata\":{\"seq\":41}}\n{\"fermata\":{\"seq\":42}}\n{\"ferm";
	struct folder folder = folder_make();
	const char *path = in(&folder, "a");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct alert_log *log = NULL;

	CU_ASSERT_EQUAL(file_write_all(fd, torn, strlen(torn)), 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, path, 0), 0);
	CU_ASSERT_EQUAL(alert_log_next(log), 43);
	append_record(log);
	alert_log_close(log);
	content_is(path, "{\"fermata\":{\"seq\":41}}\n{\"fermata\":{\"seq\":42}}\n{\"ferm\n"
			 "{\"fermata\":{\"seq\":43}}\n");
	folder_remove(&folder);
}

UNIT_TEST(alert_log, second_writer_is_refused)
{
	struct folder folder = folder_make();
	const char *path = in(&folder, "a");
	struct alert_log *log = NULL, *second = NULL;

	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, path, 0), 0);
	CU_ASSERT_EQUAL(alert_log_open(&second, path, 0), -EBUSY);
	CU_ASSERT_PTR_NULL(second);
	alert_log_close(log);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&second, path, 0), 0);
	alert_log_close(second);
	folder_remove(&folder);
}

UNIT_TEST(alert_log, what_it_opens)
{
	struct folder folder = folder_make();
	const char *fifo = in(&folder, "fifo"), *link;
	struct alert_log *log = NULL;
	char text[8] = "";
	int reader;

	CU_ASSERT_EQUAL(alert_log_open(&log, folder.path, 0), -EISDIR);
	CU_ASSERT_EQUAL(alert_log_open(&log, in(&folder, "no/such"), 0), -ENOENT);
	fifo = in(&folder, "fifo");
	CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
	CU_ASSERT_EQUAL(alert_log_open(&log, fifo, 0), -ENXIO); /* nobody reads */
	reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, fifo, 0), 0);
	CU_ASSERT_EQUAL(alert_log_append(log, "{}\n", 3), 0);
	CU_ASSERT_EQUAL(read(reader, text, sizeof(text)), 3);
	alert_log_close(log);
	/* a link to it is not what the user named */
	link = in(&folder, "link");
	CU_ASSERT_EQUAL(symlink(fifo, link), 0);
	CU_ASSERT_EQUAL(alert_log_open(&log, link, 0), -EINVAL);
	close(reader);
	/* a link to a regular file is fine */
	link = in(&folder, "link2");
	CU_ASSERT_EQUAL(symlink("target", link), 0);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, link, 0), 0);
	alert_log_close(log);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, "/dev/null", 0), 0);
	alert_log_close(log);
	folder_remove(&folder);
}

UNIT_TEST(alert_log, full_device)
{
	struct alert_log *log = NULL;

	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, "/dev/full", 0), 0);
	CU_ASSERT_EQUAL(alert_log_append(log, "{}\n", 3), -ENOSPC);
	CU_ASSERT_EQUAL(alert_log_next(log), 1); /* the number is still to be used */
	alert_log_close(log);
}

/* A reader that does not read: the log fails within a bounded time, and the line after the
 * torn one starts anew. */
UNIT_TEST(alert_log, stuck_reader)
{
	struct folder folder = folder_make();
	const char *fifo = in(&folder, "fifo");
	struct alert_log *log = NULL;
	char line[8192], drain[200000];
	int reader, r = 0;
	ssize_t n;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
	reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, fifo, 0), 0);
	CU_ASSERT_EQUAL(alert_log_append(log, "{}\n", 3), 0); /* so that one does not fit whole */
	for (int i = 0; i < 100 && !r; i++)
		r = alert_log_append(log, line, sizeof(line));
	CU_ASSERT_EQUAL(r, -EAGAIN);
	while ((n = read(reader, drain, sizeof(drain))) > 0)
		;
	CU_ASSERT_EQUAL(alert_log_append(log, "{}\n", 3), 0);
	n = read(reader, drain, sizeof(drain));
	CU_ASSERT(n == 3 || n == 4);
	CU_ASSERT_EQUAL(memcmp(drain + n - 3, "{}\n", 3), 0);
	alert_log_close(log);
	close(reader);
	folder_remove(&folder);
}

/* In a child: SIGPIPE must not be what ends the monitor, if it ignores it. */
UNIT_TEST(alert_log, reader_that_leaves)
{
	struct folder folder = folder_make();
	const char *fifo = in(&folder, "fifo");
	struct alert_log *log = NULL;
	int reader;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);

	CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
	reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(alert_log_open(&log, fifo, 0), 0);
	close(reader);
	CU_ASSERT_EQUAL(alert_log_append(log, "{}\n", 3), -EPIPE);
	alert_log_close(log);
	signal(SIGPIPE, before);
	folder_remove(&folder);
}

/* A file system that fills up in the middle of a line: mounted in a namespace of its own,
 * in a child. Exit status 77: it may not mount here. */
static int fill_disk(const char *folder)
{
	char path[128], line[3000];
	struct alert_log *log = NULL;
	size_t taken = 0;
	struct stat st;
	int r = 0;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("fermata-test", folder, "tmpfs", 0, "size=16k") < 0)
		return 77;
	snprintf(path, sizeof(path), "%s/a", folder);
	if (alert_log_open(&log, path, 0) < 0)
		return 1;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (; taken < 20; taken++) {
		r = alert_log_append(log, line, sizeof(line));
		if (r < 0)
			break;
	}
	/* 16 KiB take five lines and a part of the sixth, which is cut back */
	if (r != -ENOSPC || taken != 5 || stat(path, &st) < 0 ||
	    (size_t)st.st_size != taken * sizeof(line) || alert_log_next(log) != taken + 1)
		return 2;
	/* room again: the log goes on */
	if (mount("fermata-test", folder, "tmpfs", MS_REMOUNT, "size=64k") < 0 ||
	    alert_log_append(log, line, sizeof(line)) < 0)
		return 3;
	/* read-only: said as what it is */
	alert_log_close(log);
	log = NULL;
	if (mount("fermata-test", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64k") < 0)
		return 4;
	return alert_log_open(&log, path, 0) == -EROFS ? 0 : 5;
}

UNIT_TEST(alert_log, full_disk)
{
	struct folder folder = folder_make();
	pid_t child = fork();
	int status = 0;

	if (!child)
		_exit(fill_disk(folder.path));
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		unit_skip("no privilege to mount a tmpfs in a namespace");
	else
		CU_ASSERT_EQUAL(status, 0);
	folder_remove(&folder);
}

UNIT_TEST(alert_log, no_permission)
{
	struct folder folder = folder_make();
	const char *path = in(&folder, "a");
	struct alert_log *log = NULL;
	pid_t child;
	int status = 0;

	CU_ASSERT_EQUAL(chmod(folder.path, 0555), 0);
	child = fork();
	if (!child) {
		/* permissions do not bind root */
		if (!geteuid() && setresuid(65534, 65534, 65534) < 0)
			_exit(1);
		_exit(alert_log_open(&log, path, 0) == -EACCES ? 0 : 2);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
	folder_remove(&folder);
}
