/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One act on mounts, namespaces, the kernel or executable memory, and then at once a word on
 * standard output: "done", or the name of the error.
 *
 *   system mount TYPE TARGET | bind SOURCE TARGET | remount TARGET | umount TARGET
 *   system make TARGET                    tmpfs by fsopen(2) and move_mount(2)
 *   system detach SOURCE                  open_tree(2) of a copy
 *   system unshare FLAG | clone FLAG | clone3 FLAG     (numbers)
 *   system setns PATH | chroot PATH
 *   system module FILE | module_memory
 *   system bpf | program | perf
 *   system uring | sqpoll
 *   system mprotect | mmap | memfd FILE   memfd: a copy of the file's first page
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static int by_mount(char **argv)
{
	return mount("a-source", argv[1], argv[0], MS_NOSUID, NULL);
}

static int by_bind(char **argv)
{
	return mount(argv[0], argv[1], NULL, MS_BIND, NULL);
}

static int by_remount(char **argv)
{
	return mount(NULL, argv[0], NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

static int by_umount(char **argv)
{
	return umount2(argv[0], MNT_DETACH);
}

static int by_make(char **argv)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 0), fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, 6 /* create */, NULL, NULL, 0))
		return -1;
	fd = (int)syscall(SYS_fsmount, fs, 0, 0);
	return fd < 0 ? -1 : (int)syscall(SYS_move_mount, fd, "", AT_FDCWD, argv[0], 4);
}

static int by_detach(char **argv)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, argv[0], 1 /* clone */);
}

static int by_unshare(char **argv)
{
	return (int)syscall(SYS_unshare, atol(argv[0]));
}

/* The child does nothing. */
static int waited(long child)
{
	if (!child)
		_exit(0);
	return child < 0 ? -1 : waitpid((pid_t)child, NULL, 0);
}

static int by_clone(char **argv)
{
	return waited(syscall(SYS_clone, atol(argv[0]) | SIGCHLD, 0, 0, 0, 0));
}

static int by_clone3(char **argv)
{
	struct clone_args arguments = { .flags = strtoull(argv[0], NULL, 10),
					.exit_signal = SIGCHLD };

	return waited(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

static int by_setns(char **argv)
{
	return (int)syscall(SYS_setns, open(argv[0], O_RDONLY), 0);
}

static int by_chroot(char **argv)
{
	return chroot(argv[0]);
}

static int by_module(char **argv)
{
	return (int)syscall(SYS_finit_module, open(argv[0], O_RDONLY), "", 0);
}

static int by_module_memory(char **argv)
{
	static char nothing[64] = "no module";

	(void)argv;
	return (int)syscall(SYS_init_module, nothing, sizeof(nothing), "");
}

static int by_bpf(char **argv)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	(void)argv;
	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
}

static int by_program(char **argv)
{
	struct bpf_insn nothing[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				      { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr program = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				   .insn_cnt = 2,
				   .insns = (unsigned long)nothing,
				   .license = (unsigned long)"GPL" };

	(void)argv;
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof(program));
}

static int by_perf(char **argv)
{
	struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE,
					      .size = sizeof(attributes),
					      .config = PERF_COUNT_SW_DUMMY };

	(void)argv;
	return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static int uring(unsigned int flags)
{
	struct io_uring_params parameters = { .flags = flags };

	return (int)syscall(SYS_io_uring_setup, 1, &parameters);
}

static int by_uring(char **argv)
{
	(void)argv;
	return uring(IORING_SETUP_CLAMP);
}

static int by_sqpoll(char **argv)
{
	(void)argv;
	return uring(IORING_SETUP_SQPOLL);
}

static int by_mprotect(char **argv)
{
	char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)argv;
	if (memory == MAP_FAILED)
		return -1;
	*memory = 1;
	return mprotect(memory, PAGE, PROT_READ | PROT_EXEC);
}

static int by_mmap(char **argv)
{
	(void)argv;
	return mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED
		       ? -1
		       : 0;
}

static int by_memfd(char **argv)
{
	int memory = memfd_create("a-memfd", 0), file = open(argv[0], O_RDONLY);
	char page[PAGE];
	ssize_t size = read(file, page, sizeof(page));

	if (size < 0 || write(memory, page, (size_t)size) != size)
		return -1;
	return mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, memory, 0) == MAP_FAILED ? -1
											     : 0;
}

static const struct {
	const char *name;
	int (*act)(char **argv);
	int arguments;
} ways[] = {
	{ "mount", by_mount, 2 },
	{ "bind", by_bind, 2 },
	{ "remount", by_remount, 1 },
	{ "umount", by_umount, 1 },
	{ "make", by_make, 1 },
	{ "detach", by_detach, 1 },
	{ "unshare", by_unshare, 1 },
	{ "clone", by_clone, 1 },
	{ "clone3", by_clone3, 1 },
	{ "setns", by_setns, 1 },
	{ "chroot", by_chroot, 1 },
	{ "module", by_module, 1 },
	{ "module_memory", by_module_memory, 0 },
	{ "bpf", by_bpf, 0 },
	{ "program", by_program, 0 },
	{ "perf", by_perf, 0 },
	{ "uring", by_uring, 0 },
	{ "sqpoll", by_sqpoll, 0 },
	{ "mprotect", by_mprotect, 0 },
	{ "mmap", by_mmap, 0 },
	{ "memfd", by_memfd, 1 },
};

int main(int argc, char **argv)
{
	char word[64] = "done\n";
	int status = 0;

	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, argv[1]) || argc != 2 + ways[i].arguments)
			continue;
		if (ways[i].act(argv + 2) < 0) {
			snprintf(word, sizeof(word), "%s\n", strerrorname_np(errno));
			status = 1;
		}
		return write(STDOUT_FILENO, word, strlen(word)) > 0 ? status : 2;
	}
	fprintf(stderr, "usage: system WAY ARGUMENT...\n");
	return 2;
}
