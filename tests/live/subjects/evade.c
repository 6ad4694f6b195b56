/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a file, or executes a program, by a way that is to get past whoever watches. What is
 * read goes to standard output; where the file cannot be had, the name of the error does.
 *
 *   evade WAY PATH [ARGUMENT...]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32_BIT 0x40000000

extern char **environ;

static int say(const void *bytes, ssize_t size)
{
	return size > 0 && write(STDOUT_FILENO, bytes, (size_t)size) == size ? 0 : 1;
}

static int say_error(void)
{
	dprintf(STDOUT_FILENO, "%s\n", strerrorname_np(errno));
	return 1;
}

static int descriptor_say(int fd)
{
	char bytes[256];

	return fd < 0 ? say_error() : say(bytes, read(fd, bytes, sizeof(bytes)));
}

static int file_say(const char *path)
{
	return descriptor_say(open(path, O_RDONLY));
}

/* Other ways to have the content. ---------------------------------------------------- */

static int by_read(char **argv)
{
	return file_say(argv[0]);
}

static int by_mmap(char **argv)
{
	int fd = open(argv[0], O_RDONLY);
	char *bytes = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	return bytes == MAP_FAILED ? say_error() : say(bytes, (ssize_t)strlen(bytes));
}

static int by_splice(char **argv)
{
	int fd = open(argv[0], O_RDONLY), ends[2];

	if (fd < 0 || pipe(ends) || splice(fd, NULL, ends[1], NULL, 256, 0) < 0)
		return say_error();
	return descriptor_say(ends[0]);
}

/* Into a file, which is read. */
static int by_copy(char **argv)
{
	int from = open(argv[0], O_RDONLY), to = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (from < 0 || copy_file_range(from, NULL, to, NULL, 256, 0) < 0)
		return say_error();
	lseek(to, 0, SEEK_SET);
	return descriptor_say(to);
}

/* To an address and port, without a system call that sends. */
static int by_sendfile(char **argv)
{
	struct sockaddr_in peer = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(argv[2])) };
	int from, to = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, argv[1], &peer.sin_addr);
	if (connect(to, (struct sockaddr *)&peer, sizeof(peer)))
		return say_error();
	from = open(argv[0], O_RDONLY);
	if (from < 0 || sendfile(to, from, NULL, 256) < 0)
		return say_error();
	return say("done\n", 5);
}

static int by_x32(char **argv)
{
	return descriptor_say((int)syscall(SYS_open | X32_BIT, argv[0], O_RDONLY));
}

static int by_devfd(char **argv)
{
	char path[64];
	int fd = open(argv[0], O_PATH);

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	return fd < 0 ? say_error() : file_say(path);
}

/* The file `secret` below COUNT folders whose names have LENGTH bytes. It is made when it is
 * not there. */
static int by_deep(char **argv)
{
	char name[256];
	int length = atoi(argv[1]), fd;

	memset(name, 'd', sizeof(name));
	name[length < 255 ? length : 255] = '\0';
	if (chdir(argv[0]))
		return say_error();
	for (int i = atoi(argv[2]); i > 0; i--)
		if ((mkdir(name, 0700) && errno != EEXIST) || chdir(name))
			return say_error();
	if (access("secret", F_OK)) {
		fd = open("secret", O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || write(fd, "the secret\n", 11) != 11)
			return say_error();
	}
	return file_say("secret");
}

/* Other processes. ------------------------------------------------------------------- */

/* Returns what the child made of it, which has 1 or is killed when it did not get it. */
static int await(pid_t child)
{
	int status = 1;

	if (child < 0)
		return say_error();
	return waitpid(child, &status, 0) != child || status;
}

static _Noreturn void child_says(const char *path)
{
	_exit(file_say(path));
}

/* Until nobody holds the other end: processes that are nobody's children have ended. */
static int await_all(const int ends[2])
{
	char byte;

	close(ends[1]);
	return read(ends[0], &byte, 1) != 0;
}

/* Leaves its parent, its session and its descriptors, as the word asks for. */
static int leave(const char *path, int sessions, int daemonize)
{
	int ends[2];
	pid_t child;

	if (pipe(ends))
		return say_error();
	child = fork();
	if (child)
		return child < 0 ? say_error() : await(child) + await_all(ends);
	if (sessions)
		setsid();
	if (fork())
		_exit(0);
	if (daemonize) {
		if (chdir("/"))
			_exit(2);
		umask(0);
		close(STDIN_FILENO);
		close(STDERR_FILENO);
		prctl(PR_SET_PDEATHSIG, 0);
	}
	child_says(path);
}

static int by_double_fork(char **argv)
{
	return leave(argv[0], 0, 0);
}

static int by_daemonize(char **argv)
{
	return leave(argv[0], 1, 1);
}

static int by_setsid(char **argv)
{
	pid_t child = fork();

	if (child)
		return await(child);
	if (setsid() < 0)
		_exit(2);
	child_says(argv[0]);
}

static void *thread_forks(void *path)
{
	pid_t child = fork();

	if (!child)
		child_says(path);
	await(child);
	return NULL;
}

static int by_thread_fork(char **argv)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, thread_forks, argv[0]) || pthread_join(thread, NULL);
}

static int by_vfork(char **argv)
{
	pid_t child = vfork();

	if (!child) {
		execl("/proc/self/exe", "evade", "read", argv[0], NULL);
		_exit(2);
	}
	return await(child);
}

static int by_spawn(char **argv)
{
	char *arguments[] = { "evade", "read", argv[0], NULL };
	pid_t child;

	return posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ) ? 1
										     : await(child);
}

static int clone_says(struct clone_args *how, const char *path)
{
	pid_t child = (pid_t)syscall(SYS_clone3, how, sizeof(*how));

	if (!child)
		child_says(path);
	return await(child);
}

static int by_clone3(char **argv)
{
	struct clone_args how = { .exit_signal = SIGCHLD };

	return clone_says(&how, argv[0]);
}

/* Into the cgroup whose folder is the argument. */
static int by_clone_cgroup(char **argv)
{
	struct clone_args how = { .exit_signal = SIGCHLD, .flags = CLONE_INTO_CGROUP };

	how.cgroup = (__u64)open(argv[1], O_PATH | O_DIRECTORY);
	return clone_says(&how, argv[0]);
}

/* A brother of its maker. */
static int by_clone_parent(char **argv)
{
	int ends[2];
	pid_t child;

	if (pipe(ends))
		return say_error();
	child = fork();
	if (child) /* both are this process's children */
		return await(child) + await_all(ends);
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
		child_says(argv[0]);
	_exit(0);
}

/* As the next process of a given number; or at least that is asked for. */
static int by_pid(char **argv)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
	pid_t wanted = atoi(argv[1]), child;

	for (int i = 0; i < 200; i++) {
		char number[16];
		int length = snprintf(number, sizeof(number), "%d", (int)wanted - 1);

		if (pwrite(fd, number, (size_t)length, 0) != length)
			return say_error();
		child = fork();
		if (!child && getpid() == wanted)
			child_says(argv[0]);
		if (!child)
			_exit(0);
		if (child == wanted)
			return await(child);
		await(child);
	}
	return say("EAGAIN\n", 7);
}

/* The last of so many that are there at the same time. */
static int by_crowd(char **argv)
{
	int ends[2];

	if (pipe(ends))
		return say_error();
	for (int i = atoi(argv[1]); i > 0; i--) {
		pid_t child = fork();
		char byte;

		if (child < 0)
			return say_error();
		if (!child) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) != 0);
		}
	}
	return await(fork() ?: (child_says(argv[0]), 0));
}

static int by_setuid(char **argv)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return say_error();
	return file_say(argv[0]);
}

/* Under another name, with other arguments. */
static int by_rewrite(char **argv)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", argv[0]);
	for (char *byte = argv[0] + strlen(argv[0]); byte >= argv[-2]; byte--)
		*byte = *byte ? 'x' : ' ';
	prctl(PR_SET_NAME, "systemd");
	return file_say(path);
}

/* Programs without a name. ------------------------------------------------------------ */

static int program_copy(const char *path, int to)
{
	struct stat status;
	int from = open(path, O_RDONLY);

	return from < 0 || fstat(from, &status) ||
	       sendfile(to, from, NULL, (size_t)status.st_size) < 0;
}

static int descriptor_execute(int fd, char **argv)
{
	char *arguments[] = { "innocent", argv[1], argv[1] ? argv[2] : NULL, NULL };

	syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
	return say_error();
}

static int by_fexecve(char **argv)
{
	return descriptor_execute(open(argv[0], O_PATH | O_CLOEXEC), argv);
}

static int by_memfd(char **argv)
{
	int fd = (int)syscall(SYS_memfd_create, "innocent", MFD_CLOEXEC);

	return program_copy(argv[0], fd) ? say_error() : descriptor_execute(fd, argv);
}

static int by_deleted(char **argv)
{
	char path[4096];
	int to, fd;

	snprintf(path, sizeof(path), "%s.gone", argv[0]);
	to = open(path, O_WRONLY | O_CREAT, 0700);
	if (program_copy(argv[0], to))
		return say_error();
	close(to);
	fd = open(path, O_PATH | O_CLOEXEC);
	unlink(path);
	return descriptor_execute(fd, argv);
}

/* Executes PROGRAM with one argument of so many bytes before the last. */
static int by_padding(char **argv)
{
	int size = atoi(argv[1]);
	char *padding = malloc((size_t)size + 1);

	memset(padding, ' ', (size_t)size);
	padding[size] = '\0';
	execl(argv[0], argv[0], padding, argv[2], NULL);
	return say_error();
}

/* A datagram to a link-local ADDRESS PORT, which an interface belongs to. */
static int by_scoped(char **argv)
{
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6,
				     .sin6_port = htons((uint16_t)atoi(argv[1])),
				     .sin6_scope_id = if_nametoindex("lo") };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	inet_pton(AF_INET6, argv[0], &peer.sin6_addr);
	if (sendto(fd, "SECRET", 6, 0, (struct sockaddr *)&peer, sizeof(peer)) != 6)
		return say_error();
	return say("done\n", 5);
}

static const struct {
	const char *name;
	int (*act)(char **argv);
} ways[] = {
	{ "read", by_read },
	{ "mmap", by_mmap },
	{ "splice", by_splice },
	{ "copy", by_copy },
	{ "sendfile", by_sendfile },
	{ "x32", by_x32 },
	{ "devfd", by_devfd },
	{ "deep", by_deep },
	{ "double_fork", by_double_fork },
	{ "daemonize", by_daemonize },
	{ "setsid", by_setsid },
	{ "thread_fork", by_thread_fork },
	{ "vfork", by_vfork },
	{ "spawn", by_spawn },
	{ "clone3", by_clone3 },
	{ "clone_cgroup", by_clone_cgroup },
	{ "clone_parent", by_clone_parent },
	{ "pid", by_pid },
	{ "crowd", by_crowd },
	{ "setuid", by_setuid },
	{ "rewrite", by_rewrite },
	{ "fexecve", by_fexecve },
	{ "memfd", by_memfd },
	{ "deleted", by_deleted },
	{ "padding", by_padding },
	{ "scoped", by_scoped },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i].name, argv[1]))
			return ways[i].act(argv + 2);
	fprintf(stderr, "usage: evade WAY PATH [ARGUMENT...]\n");
	return 2;
}
