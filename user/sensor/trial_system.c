/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts on mounts are made in a mount namespace of a child's own, and end with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/trial_acts.h"

#define UNTRIED_STATUS 255

/* There is a directory of that name on every host. */
#define PLACE "/proc"

/* Has a child act in a mount namespace of its own; returns as acts do. */
static int apart(int (*act)(void))
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	int status;

	if (child < 0)
		return UNTRIED;
	if (!child) {
		if (unshare(CLONE_NEWNS))
			_exit(UNTRIED_STATUS);
		status = act();
		_exit(status < 0 ? UNTRIED_STATUS : status);
	}
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return UNTRIED;
	return WEXITSTATUS(status) == UNTRIED_STATUS ? UNTRIED : WEXITSTATUS(status);
}

/* A call on namespaces that changes none. */
int act_unshare_nothing(int ground)
{
	(void)ground;
	return unshare(0) ? errno : 0;
}

/* Nothing is there to be mounted: the hook comes before that is found out. */
static int mount_nothing(void)
{
	if (!mount("fermata-trial", "/", "fermata-trial", 0, NULL))
		return 0;
	return errno == ENODEV ? 0 : errno;
}

int act_mount(int ground)
{
	(void)ground;
	return apart(mount_nothing);
}

/* A file system of our own, attached nowhere; -errno. */
static int make_mount(void)
{
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* So that nothing of it gets out of the namespace. */
static int move_one(void)
{
	_cleanup_close_ int mount = make_mount();

	if (mount < 0 || syscall(SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return UNTRIED;
	if (!syscall(SYS_move_mount, mount, "", AT_FDCWD, PLACE, MOVE_MOUNT_F_EMPTY_PATH))
		return 0;
	return errno == EPERM ? EPERM : UNTRIED;
}

static int move_and_take(void)
{
	if (move_one())
		return UNTRIED;
	return umount2(PLACE, MNT_DETACH) ? errno : 0;
}

int act_move_mount(int ground)
{
	(void)ground;
	return apart(move_one);
}

int act_umount(int ground)
{
	(void)ground;
	return apart(move_and_take);
}

int act_make_mount(int ground)
{
	_cleanup_close_ int mount = make_mount();

	(void)ground;
	if (mount >= 0)
		return 0;
	/* the refusal comes through as it is, what else fails cannot be tried */
	return mount == -EPERM ? EPERM : UNTRIED;
}

/* What is no module: the hooks come before that is found out. */
int act_module(int ground)
{
	_cleanup_close_ int file = openat(ground, "program", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return UNTRIED;
	if (!syscall(SYS_finit_module, file, "", 0))
		return 0;
	return errno == ENOSYS ? UNTRIED : errno == EPERM ? EPERM : 0;
}

int act_module_memory(int ground)
{
	char nothing[64] = "fermata-trial";

	(void)ground;
	if (!syscall(SYS_init_module, nothing, sizeof(nothing), ""))
		return 0;
	return errno == ENOSYS ? UNTRIED : errno == EPERM ? EPERM : 0;
}

int act_bpf(int ground)
{
	union bpf_attr nothing = { 0 };

	(void)ground;
	if (syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &nothing, sizeof(nothing)) >= 0)
		return 0;
	return errno == ENOENT ? 0 : errno;
}

int act_perf(int ground)
{
	struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE,
					      .size = sizeof(attributes),
					      .config = PERF_COUNT_SW_DUMMY };
	_cleanup_close_ int fd =
		(int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	(void)ground;
	return fd >= 0 ? 0 : errno == ENOSYS ? UNTRIED : errno;
}

static int uring(unsigned int flags)
{
	struct io_uring_params parameters = { .flags = flags };
	_cleanup_close_ int fd = (int)syscall(SYS_io_uring_setup, 1, &parameters);

	return fd >= 0 ? 0 : errno == ENOSYS ? UNTRIED : errno;
}

int act_uring(int ground)
{
	(void)ground;
	return uring(0);
}

int act_uring_polled(int ground)
{
	(void)ground;
	return uring(IORING_SETUP_SQPOLL);
}

static int memory(int before, int after)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, size, before, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r = 0;

	if (memory == MAP_FAILED)
		return errno;
	if (after && mprotect(memory, size, after))
		r = errno;
	munmap(memory, size);
	return r;
}

int act_mprotect(int ground)
{
	(void)ground;
	return memory(PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC);
}

int act_mmap(int ground)
{
	(void)ground;
	return memory(PROT_READ | PROT_WRITE | PROT_EXEC, 0);
}
