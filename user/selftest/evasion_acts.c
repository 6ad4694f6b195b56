/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to read the ground's `secret`, whose hard link is `other` and whose symbolic link is
 * `pointer`, or to execute what is no file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/canary.h"
#include "sensor/trial_acts.h"

#define UNTRIED_STATUS 255

/* The errno of an opening; closes what it opened. */
static int opened(long fd)
{
	if (fd < 0)
		return errno;
	close((int)fd);
	return 0;
}

static int read_named(int ground, const char *name)
{
	return opened(openat(ground, name, O_RDONLY | O_CLOEXEC));
}

int act_symlink_read(int ground)
{
	return read_named(ground, "folder/.././pointer");
}

int act_hardlink_read(int ground)
{
	return read_named(ground, "other");
}

int act_proc_root_read(int ground)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/secret", ground);
	return read_named(AT_FDCWD, path);
}

int act_openat2(int ground)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };

	return opened(syscall(SYS_openat2, ground, "secret", &how, sizeof(how)));
}

int act_handle_read(int ground)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} named = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount, r;

	if (name_to_handle_at(ground, "secret", &named.handle, &mount, 0))
		return UNTRIED;
	r = opened(open_by_handle_at(ground, &named.handle, O_RDONLY | O_CLOEXEC));
	return r == ESTALE || r == EOPNOTSUPP ? UNTRIED : r;
}

/* What a child makes of it; one that was killed has not got it. */
static int child_wait(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) < 0)
		return UNTRIED;
	if (!WIFEXITED(status))
		return EINTR;
	return WEXITSTATUS(status) == UNTRIED_STATUS ? UNTRIED : WEXITSTATUS(status);
}

static _Noreturn void child_end(int r)
{
	_exit(r == UNTRIED ? UNTRIED_STATUS : r);
}

/* Where the directory is entered before, it is that of the namespace. */
static int bind_and_read(int ground)
{
	if (fchdir(ground) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("secret", "file", NULL, MS_BIND, NULL))
		return UNTRIED;
	return read_named(AT_FDCWD, "file");
}

int act_bind_mount_read(int ground)
{
	pid_t child = fork();

	if (!child)
		child_end(bind_and_read(ground));
	return child_wait(child);
}

static int jail_and_read(int ground)
{
	if (fchdir(ground) || chroot("."))
		return UNTRIED;
	return read_named(AT_FDCWD, "/secret");
}

int act_chroot_read(int ground)
{
	pid_t child = fork();

	if (!child)
		child_end(jail_and_read(ground));
	return child_wait(child);
}

int act_double_fork(int ground)
{
	pid_t child = fork();

	if (!child) {
		child = fork();
		if (!child)
			child_end(read_named(ground, "secret"));
		child_end(child_wait(child));
	}
	return child_wait(child);
}

int act_setsid(int ground)
{
	pid_t child = fork();

	if (!child) {
		setsid();
		child_end(read_named(ground, "secret"));
	}
	return child_wait(child);
}

static int vforked(void *ground)
{
	return read_named(*(int *)ground, "secret");
}

/* A child that shares our memory, and that we wait for. */
int act_vfork_read(int ground)
{
	static char stack[64 << 10] __attribute__((aligned(16)));

	return child_wait(
		clone(vforked, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &ground));
}

static void *fork_and_read(void *argument)
{
	int *answer = argument;
	pid_t child = fork();

	if (!child)
		child_end(read_named(*answer, "secret"));
	*answer = child_wait(child);
	return NULL;
}

int act_thread_fork(int ground)
{
	pthread_t thread;
	int answer = ground;

	if (pthread_create(&thread, NULL, fork_and_read, &answer))
		return UNTRIED;
	pthread_join(thread, NULL);
	return answer;
}

/* open(2) as a 32-bit program calls it: its name has to be where such a program can say. */
int act_compat_read(int ground)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r = 295; /* openat; arch/x86/entry/syscalls/syscall_32.tbl */

	if (low == MAP_FAILED)
		return UNTRIED;
	memcpy(low, "secret", sizeof("secret"));
	asm volatile("int $0x80"
		     : "+a"(r)
		     : "b"(ground), "c"(low), "d"(O_RDONLY), "S"(0)
		     : "memory", "r8", "r9", "r10", "r11");
	if (r == -ENOSYS)
		return UNTRIED;
	return r < 0 ? (int)-r : opened(r);
#else
	(void)ground;
	return UNTRIED;
#endif
}

/* A program that has no file: a copy of our own in memory, which ends at once. */
int act_memfd(int ground)
{
	static char *const argv[] = { (char *)"fermata", (char *)"version", NULL };
	_cleanup_close_ int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int memory = memfd_create("fermata-selftest", MFD_CLOEXEC);
	char buffer[65536];
	ssize_t n;
	pid_t child;

	(void)ground;
	if (own < 0 || memory < 0)
		return UNTRIED;
	while ((n = read(own, buffer, sizeof(buffer))) > 0)
		if (write(memory, buffer, (size_t)n) != n)
			return UNTRIED;
	child = fork();
	if (!child) {
		close(STDOUT_FILENO);
		syscall(SYS_execveat, memory, "", argv, argv + 2, AT_EMPTY_PATH);
		_exit(errno);
	}
	return child_wait(child);
}
