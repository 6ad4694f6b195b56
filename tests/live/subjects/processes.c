/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One act on another process, on its own privileges or on a key, and then at once a word on
 * standard output: "done", or the name of the error.
 *
 *   processes wait                        says "ready ADDRESS", of a byte of its memory, and waits
 *   processes attach|seize|getfd PID      getfd: its standard input
 *   processes readv|writev PID ADDRESS
 *   processes mem PID                     opens its /proc/PID/mem
 *   processes traceme
 *   processes kill|tkill|tgkill|queue|pidfd|kill80 PID SIGNAL
 *   processes user|user80|group ID
 *   processes regain ID                   gives up the effective user, and takes it back
 *   processes capabilities                gives up CAP_NET_RAW
 *   processes timer | spin                on the first processor: a timer's signal comes to it every
 *                                         5 ms for ever; it is busy for a second
 *   processes add_key|request_key|read_key NAME
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PROCESS_KEYRING (-2)

static char byte = 'b';

static int by_wait(char **argv)
{
	(void)argv;
	printf("ready %lu\n", (unsigned long)(uintptr_t)&byte);
	fflush(stdout);
	return pause();
}

static int by_attach(char **argv)
{
	return (int)ptrace(PTRACE_ATTACH, atoi(argv[0]), NULL, NULL);
}

static int by_seize(char **argv)
{
	return (int)ptrace(PTRACE_SEIZE, atoi(argv[0]), NULL, NULL);
}

static int by_traceme(char **argv)
{
	(void)argv;
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int moved(char **argv, long call)
{
	char own = 'o';
	struct iovec local = { &own, 1 };
	struct iovec remote = { (void *)(uintptr_t)strtoul(argv[1], NULL, 10), 1 };

	return (int)syscall(call, atoi(argv[0]), &local, 1, &remote, 1, 0);
}

static int by_readv(char **argv)
{
	return moved(argv, SYS_process_vm_readv);
}

static int by_writev(char **argv)
{
	return moved(argv, SYS_process_vm_writev);
}

static int by_getfd(char **argv)
{
	return (int)syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, atoi(argv[0]), 0), 0, 0);
}

static int by_mem(char **argv)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/mem", argv[0]);
	return open(path, O_RDONLY);
}

static int by_kill(char **argv)
{
	return kill(atoi(argv[0]), atoi(argv[1]));
}

static int by_tkill(char **argv)
{
	return (int)syscall(SYS_tkill, atoi(argv[0]), atoi(argv[1]));
}

static int by_tgkill(char **argv)
{
	return (int)syscall(SYS_tgkill, atoi(argv[0]), atoi(argv[0]), atoi(argv[1]));
}

static int by_queue(char **argv)
{
	return sigqueue(atoi(argv[0]), atoi(argv[1]), (union sigval) { .sival_int = 1 });
}

static int by_pidfd(char **argv)
{
	return (int)syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, atoi(argv[0]), 0),
			    atoi(argv[1]), NULL, 0);
}

/* A 32-bit system call, from 64-bit code. */
static int call80(int number, int first, int second)
{
	int result = number;

	asm volatile("int $0x80"
		     : "+a"(result)
		     : "b"(first), "c"(second)
		     : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static int by_kill80(char **argv)
{
	return call80(37, atoi(argv[0]), atoi(argv[1]));
}

static int by_user(char **argv)
{
	return (int)syscall(SYS_setuid, atoi(argv[0]));
}

static int by_user80(char **argv)
{
	return call80(213, atoi(argv[0]), 0);
}

static int by_group(char **argv)
{
	return (int)syscall(SYS_setgid, atoi(argv[0]));
}

static int by_regain(char **argv)
{
	if (syscall(SYS_setresuid, -1, atoi(argv[0]), -1))
		return -1;
	return (int)syscall(SYS_setresuid, -1, 0, -1);
}

static int by_capabilities(char **argv)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	(void)argv;
	if (syscall(SYS_capget, &header, data))
		return -1;
	data[0].effective &= ~(1u << CAP_NET_RAW);
	return (int)syscall(SYS_capset, &header, data);
}

static void first_processor(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
}

static void nothing(int signal)
{
	(void)signal;
}

static int by_timer(char **argv)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec often = { { 0, 5000000 }, { 0, 5000000 } };
	timer_t timer;

	(void)argv;
	first_processor();
	signal(SIGRTMIN, nothing);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &often, NULL))
		return -1;
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static int by_spin(char **argv)
{
	time_t end = time(NULL) + 2;

	(void)argv;
	first_processor();
	while (time(NULL) < end)
		;
	return 0;
}

static int by_add_key(char **argv)
{
	return (int)syscall(SYS_add_key, "user", argv[0], "x", 1, PROCESS_KEYRING);
}

static int by_request_key(char **argv)
{
	return (int)syscall(SYS_request_key, "user", argv[0], NULL, PROCESS_KEYRING);
}

static int by_read_key(char **argv)
{
	char content[16];
	int key = by_add_key(argv);

	return key < 0 ? -1 : (int)syscall(SYS_keyctl, 11, key, content, sizeof(content));
}

static const struct {
	const char *name;
	int (*act)(char **argv);
	int arguments;
} ways[] = {
	{ "wait", by_wait, 0 },
	{ "attach", by_attach, 1 },
	{ "seize", by_seize, 1 },
	{ "traceme", by_traceme, 0 },
	{ "readv", by_readv, 2 },
	{ "writev", by_writev, 2 },
	{ "getfd", by_getfd, 1 },
	{ "mem", by_mem, 1 },
	{ "kill", by_kill, 2 },
	{ "tkill", by_tkill, 2 },
	{ "tgkill", by_tgkill, 2 },
	{ "queue", by_queue, 2 },
	{ "pidfd", by_pidfd, 2 },
	{ "kill80", by_kill80, 2 },
	{ "user", by_user, 1 },
	{ "user80", by_user80, 1 },
	{ "group", by_group, 1 },
	{ "regain", by_regain, 1 },
	{ "capabilities", by_capabilities, 0 },
	{ "timer", by_timer, 0 },
	{ "spin", by_spin, 0 },
	{ "add_key", by_add_key, 1 },
	{ "request_key", by_request_key, 1 },
	{ "read_key", by_read_key, 1 },
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
	fprintf(stderr, "usage: processes WAY ARGUMENT...\n");
	return 2;
}
