/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One act, by one of several ways, and then at once a word on standard output: "done",
 * or the name of the error. The word is one system call after the act, so it is not there
 * when the process was killed before it could use what it got.
 *
 *   act WAY PATH [ARGUMENT...]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int by_open(char **argv)
{
	return (int)syscall(SYS_open, argv[0], O_RDONLY);
}

static int by_openat(char **argv)
{
	return (int)syscall(SYS_openat, AT_FDCWD, argv[0], O_RDONLY);
}

static int by_openat2(char **argv)
{
	struct open_how how = { .flags = O_RDONLY };

	return (int)syscall(SYS_openat2, AT_FDCWD, argv[0], &how, sizeof(how));
}

static int by_creat(char **argv)
{
	return (int)syscall(SYS_creat, argv[0], 0600);
}

/* The 32-bit system call, from 64-bit code; its pointers must be below 4 GiB. Its second
 * argument is a path, or the plain number. */
static int call80(int number, const char *path, const char *second, int plain)
{
	char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int result = number;

	if (low == MAP_FAILED)
		return -1;
	snprintf(low, 4096, "%s", path);
	if (second)
		snprintf(low + 4096, 4096, "%s", second);
	asm volatile("int $0x80"
		     : "+a"(result)
		     : "b"((int)(long)low), "c"(second ? (int)(long)low + 4096 : plain), "d"(0)
		     : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static int by_int80(char **argv)
{
	return call80(5, argv[0], NULL, O_RDONLY);
}

static int by_mknod(char **argv)
{
	return (int)syscall(SYS_mknod, argv[0], S_IFREG | 0600, 0);
}

static int by_unlink(char **argv)
{
	return (int)syscall(SYS_unlink, argv[0]);
}

static int by_unlink80(char **argv)
{
	return call80(10, argv[0], NULL, O_RDONLY);
}

static int by_rmdir(char **argv)
{
	return (int)syscall(SYS_rmdir, argv[0]);
}

/* The second argument, below the directory that is the first. */
static int by_unlinkat(char **argv)
{
	int directory = open(argv[0], O_PATH | O_DIRECTORY);

	return directory < 0 ? -1 : unlinkat(directory, argv[1], 0);
}

static int by_rename(char **argv)
{
	return (int)syscall(SYS_rename, argv[0], argv[1]);
}

static int by_rename80(char **argv)
{
	return call80(38, argv[0], argv[1], 0);
}

/* The third argument, below the directory that is the first, becomes the fourth, below the
 * second. */
static int by_renameat(char **argv)
{
	int from = open(argv[0], O_PATH | O_DIRECTORY), to = open(argv[1], O_PATH | O_DIRECTORY);

	return from < 0 || to < 0 ? -1 : (int)syscall(SYS_renameat, from, argv[2], to, argv[3]);
}

static int by_exchange(char **argv)
{
	return renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE);
}

static int by_link(char **argv)
{
	return (int)syscall(SYS_link, argv[0], argv[1]);
}

static int by_link80(char **argv)
{
	return call80(9, argv[0], argv[1], 0);
}

static int by_linkat(char **argv)
{
	int from = open(argv[0], O_PATH | O_DIRECTORY), to = open(argv[1], O_PATH | O_DIRECTORY);

	return from < 0 || to < 0 ? -1 : linkat(from, argv[2], to, argv[3], 0);
}

static int by_symlink(char **argv)
{
	return (int)syscall(SYS_symlink, argv[0], argv[1]);
}

static int by_symlink80(char **argv)
{
	return call80(83, argv[0], argv[1], 0);
}

/* The third argument, below the directory that is the second. */
static int by_symlinkat(char **argv)
{
	int directory = open(argv[1], O_PATH | O_DIRECTORY);

	return directory < 0 ? -1 : symlinkat(argv[0], directory, argv[2]);
}

static int by_chmod(char **argv)
{
	return (int)syscall(SYS_chmod, argv[0], strtol(argv[1], NULL, 8));
}

static int by_chmod80(char **argv)
{
	return call80(15, argv[0], NULL, (int)strtol(argv[1], NULL, 8));
}

static int by_fchmod(char **argv)
{
	return fchmod(open(argv[0], O_RDONLY), (mode_t)strtol(argv[1], NULL, 8));
}

static int by_fchmodat(char **argv)
{
	return (int)syscall(SYS_fchmodat, AT_FDCWD, argv[0], strtol(argv[1], NULL, 8));
}

static int by_chown(char **argv)
{
	return (int)syscall(SYS_chown, argv[0], atoi(argv[1]), atoi(argv[2]));
}

static int by_lchown(char **argv)
{
	return (int)syscall(SYS_lchown, argv[0], atoi(argv[1]), atoi(argv[2]));
}

static int by_fchown(char **argv)
{
	return fchown(open(argv[0], O_RDONLY), (uid_t)atoi(argv[1]), (gid_t)atoi(argv[2]));
}

static int by_fchownat(char **argv)
{
	return fchownat(AT_FDCWD, argv[0], (uid_t)atoi(argv[1]), (gid_t)atoi(argv[2]), 0);
}

static int by_setxattr(char **argv)
{
	return setxattr(argv[0], argv[1], "", 0, 0);
}

static int by_fsetxattr(char **argv)
{
	return fsetxattr(open(argv[0], O_RDONLY), argv[1], "", 0, 0);
}

static int by_truncate(char **argv)
{
	return truncate(argv[0], 1);
}

static int by_utimes(char **argv)
{
	return (int)syscall(SYS_utimes, argv[0], NULL);
}

static int by_futimens(char **argv)
{
	return futimens(open(argv[0], O_RDONLY), NULL);
}

static int by_handle(char **argv)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} named = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int directory, mount;

	if (name_to_handle_at(AT_FDCWD, argv[0], &named.handle, &mount, 0))
		return -1;
	/* any descriptor of the file system will do; not one of the file itself */
	*strrchr(argv[0], '/') = '\0';
	directory = open(argv[0], O_RDONLY | O_DIRECTORY);
	return directory < 0 ? -1 : open_by_handle_at(directory, &named.handle, O_RDONLY);
}

static int by_create(char **argv)
{
	return open(argv[0], O_WRONLY | O_CREAT | O_EXCL, 0600);
}

static int by_write(char **argv)
{
	return open(argv[0], O_WRONLY);
}

/* Once more, by the descriptor of an opening that gives no access. */
static int by_reopen(char **argv)
{
	char path[64];
	int fd = open(argv[0], O_PATH);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd < 0 ? -1 : open(path, O_RDONLY);
}

/* The same, when the file has no name any more. */
static int by_unlinked(char **argv)
{
	char path[64];
	int fd = open(argv[0], O_PATH);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd < 0 || unlink(argv[0]) ? -1 : open(path, O_RDONLY);
}

struct threaded {
	const char *path;
	int result, error;
};

static void *thread_open(void *of)
{
	struct threaded *threaded = of;

	threaded->result = open(threaded->path, O_RDONLY);
	threaded->error = errno;
	return NULL;
}

static int by_thread(char **argv)
{
	struct threaded threaded = { argv[0], -1, EAGAIN };
	pthread_t thread;

	if (!pthread_create(&thread, NULL, thread_open, &threaded))
		pthread_join(thread, NULL);
	errno = threaded.error;
	return threaded.result;
}

/* A descriptor that another process has; here, for want of one, of its own. */
static int by_getfd(char **argv)
{
	int file = open(argv[0], O_PATH), process = (int)syscall(SYS_pidfd_open, getpid(), 0);

	return file < 0 || process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, file, 0);
}

static int by_ping(char **argv)
{
	(void)argv;
	return socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
}

static int by_raw(char **argv)
{
	(void)argv;
	return socket(AF_INET6, SOCK_RAW, IPPROTO_UDP);
}

static int by_exec(char **argv)
{
	return execv(argv[0], argv);
}

static const struct {
	const char *name;
	int (*act)(char **argv);
} ways[] = {
	{ "chmod80", by_chmod80 },     { "chmod", by_chmod },	    { "fchmod", by_fchmod },
	{ "fchmodat", by_fchmodat },   { "chown", by_chown },	    { "lchown", by_lchown },
	{ "fchown", by_fchown },       { "fchownat", by_fchownat }, { "setxattr", by_setxattr },
	{ "fsetxattr", by_fsetxattr }, { "truncate", by_truncate }, { "utimes", by_utimes },
	{ "futimens", by_futimens },   { "open", by_open },	    { "openat", by_openat },
	{ "openat2", by_openat2 },     { "creat", by_creat },	    { "int80", by_int80 },
	{ "handle", by_handle },       { "create", by_create },	    { "exec", by_exec },
	{ "unlink", by_unlink },       { "mknod", by_mknod },	    { "rmdir", by_rmdir },
	{ "unlink80", by_unlink80 },   { "unlinkat", by_unlinkat }, { "write", by_write },
	{ "reopen", by_reopen },       { "thread", by_thread },	    { "unlinked", by_unlinked },
	{ "getfd", by_getfd },	       { "ping", by_ping },	    { "raw", by_raw },
	{ "rename", by_rename },       { "rename80", by_rename80 }, { "renameat", by_renameat },
	{ "exchange", by_exchange },   { "link", by_link },	    { "link80", by_link80 },
	{ "linkat", by_linkat },       { "symlink", by_symlink },   { "symlink80", by_symlink80 },
	{ "symlinkat", by_symlinkat },
};

int main(int argc, char **argv)
{
	char word[64];
	int r;

	for (size_t i = 0; argc > 2 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, argv[1]))
			continue;
		r = ways[i].act(argv + 2);
		if (r >= 0) {
			r = (int)write(STDOUT_FILENO, "done\n", 5);
			return r == 5 ? 0 : 2;
		}
		snprintf(word, sizeof(word), "%s\n", strerrorname_np(errno));
		r = (int)write(STDOUT_FILENO, word, strlen(word));
		return r > 0 ? 1 : 2;
	}
	fprintf(stderr, "usage: act WAY PATH [ARGUMENT...]\n");
	return 2;
}
