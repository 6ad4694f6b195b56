/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By hand, as a filter is a page of instructions. All forms of a call are covered: the
 * 64-bit one and that of x32, which differ by a bit of the number, and the 32-bit one of
 * int 0x80, which has numbers of its own.
 */
#include "sensor/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define X32_SYSCALL_BIT 0x40000000u
#define NONE (-1)

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define EQUALS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter whole[] = { REFUSE };

/* Sockets that send datagrams without a hook: of ping, and raw ones. */
static const struct sock_filter unseen_socket[] = {
	LOAD(args[0]),
	EQUALS(AF_INET, 1, 0),
	EQUALS(AF_INET6, 0, 6),
	LOAD(args[2]),
	EQUALS(IPPROTO_ICMP, 5, 0),
	EQUALS(IPPROTO_ICMPV6, 4, 0),
	LOAD(args[1]),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf),
	EQUALS(SOCK_RAW, 1, 0),
	ALLOW,
	REFUSE,
};

/* Which socket, its arguments in memory would say; other calls by that number go on. */
static const struct sock_filter any_socket[] = { LOAD(args[0]), EQUALS(1, 1, 0), ALLOW, REFUSE };

/* The last instruction of each is a refusal, which nothing is meant to fall into. */
struct refused {
	const char *name; /* NULL: said with the one before */
	int number, number_compat; /* x86-64 and x32; i386 */
	unsigned int events; /* of which rules need it */
	const struct sock_filter *code;
	size_t count;
};

#define CODE(code) code, ARRAY_SIZE(code)

static const struct refused refused_table[] = {
	/* acts on files and sockets without the end of a call that could be seen */
	{ "io_uring", 425, 425, SYS_EXIT_EVENTS, CODE(whole) },
	/* takes the descriptor of an opener that is being killed */
	{ "pidfd_getfd", 438, 438, EVENT_BIT(file_open) | EVENT_BIT(process_access), CODE(whole) },
	/* what they reach into is not told by name when they end */
	{ "ptrace", 101, 26, EVENT_BIT(process_access), CODE(whole) },
	{ "process_vm_readv", 310, 347, EVENT_BIT(process_access), CODE(whole) },
	{ "process_vm_writev", 311, 348, EVENT_BIT(process_access), CODE(whole) },
	{ "ptrace and process_vm of x32", 521, NONE, EVENT_BIT(process_access), CODE(whole) },
	{ NULL, 539, NONE, EVENT_BIT(process_access), CODE(whole) },
	{ NULL, 540, NONE, EVENT_BIT(process_access), CODE(whole) },
	{ "add_key", 248, 286, EVENT_BIT(keyring), CODE(whole) },
	{ "request_key", 249, 287, EVENT_BIT(keyring), CODE(whole) },
	{ "keyctl", 250, 288, EVENT_BIT(keyring), CODE(whole) },
	/* they fail more often than not, and a call that has failed is not seen */
	{ "modules", 175, 128, EVENT_BIT(kernel_module), CODE(whole) },
	{ NULL, 313, 350, EVENT_BIT(kernel_module), CODE(whole) },
	{ NULL, 176, 129, EVENT_BIT(kernel_module), CODE(whole) },
	{ "kexec", 246, 283, EVENT_BIT(kernel_module), CODE(whole) },
	{ NULL, 528, NONE, EVENT_BIT(kernel_module), CODE(whole) },
	{ NULL, 320, NONE, EVENT_BIT(kernel_module), CODE(whole) },
	{ "bpf", 321, 357, EVENT_BIT(bpf_use), CODE(whole) },
	{ "ping and raw sockets", 41, 359, EVENT_BIT(network_connection), CODE(unseen_socket) },
	{ "socketcall", NONE, 102, EVENT_BIT(network_connection), CODE(any_socket) },
};

static void add(struct filter *filter, const struct sock_filter *code, size_t count)
{
	memcpy(filter->code + filter->count, code, count * sizeof(*code));
	filter->count = (unsigned short)(filter->count + count);
}

#define ADD(filter, ...)                                                                           \
	add(filter, (const struct sock_filter[]) { __VA_ARGS__ },                                  \
	    ARRAY_SIZE(((const struct sock_filter[]) { __VA_ARGS__ })))

/* The calls of one architecture, from the loaded number on. */
static void add_calls(struct filter *filter, unsigned int events, bool compat)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused_table); i++) {
		const struct refused *refused = &refused_table[i];
		int number = compat ? refused->number_compat : refused->number;

		if (number == NONE || !(refused->events & events))
			continue;
		ADD(filter, EQUALS((unsigned int)number, 0, (__u8)refused->count));
		add(filter, refused->code, refused->count);
	}
	ADD(filter, ALLOW);
}

static void add_names(struct filter *filter, unsigned int events)
{
	size_t length = 0;

	for (size_t i = 0; i < ARRAY_SIZE(refused_table); i++)
		if (refused_table[i].events & events && refused_table[i].name &&
		    refused_table[i].number != NONE)
			length += (size_t)snprintf(filter->names + length,
						   sizeof(filter->names) - length, "%s%s",
						   length ? ", " : "", refused_table[i].name);
}

static void filter_of(struct filter *ret_filter, unsigned int events)
{
	struct filter native = { 0 }, filter = { 0 };

	if (events) {
		ADD(&native, LOAD(nr), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~X32_SYSCALL_BIT));
		add_calls(&native, events, false);
		ADD(&filter, LOAD(arch), EQUALS(AUDIT_ARCH_X86_64, 0, (__u8)native.count));
		add(&filter, native.code, native.count);
		ADD(&filter, LOAD(nr));
		add_calls(&filter, events, true);
		add_names(&filter, events);
	}
	*ret_filter = filter;
}

/* Also steps of correlations that refuse or kill have their event among those. */
void filter_make(struct filter *ret_filter, const struct policy *policy)
{
	unsigned int events = 0, needed = 0;

	for (int i = 0; i < EVENT_MAX; i++)
		if (policy->event[i].enforcing)
			events |= 1u << i;
	for (size_t i = 0; i < ARRAY_SIZE(refused_table); i++)
		needed |= refused_table[i].events;
	filter_of(ret_filter, events & needed);
}

int filter_install(const struct filter *filter)
{
	const struct sock_fprog program = { filter->count, (struct sock_filter *)filter->code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		       &program)
		       ? -errno
		       : 0;
}

enum { TRIAL_works, TRIAL_silent, TRIAL_errors };

/* What the child says: TRIAL_errors and more: the errno of the installation. */
static int trial(void)
{
	struct filter filter;
	int r;

	filter_of(&filter, EVENT_BIT(file_open));
	r = filter_install(&filter);
	if (r)
		return TRIAL_errors - r;
	return syscall(SYS_pidfd_getfd, -1, -1, 0) < 0 && errno == EPERM ? TRIAL_works
									 : TRIAL_silent;
}

bool filter_probe(struct failure *ret_failure)
{
	struct failure failure = { .step = "load" };
	pid_t child = fork();
	int status, said = TRIAL_errors + ECHILD;

	if (!child)
		_exit(trial());
	if (child < 0)
		said = TRIAL_errors + errno;
	else if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		said = WEXITSTATUS(status);
	if (said == TRIAL_works)
		return true;
	if (said == TRIAL_silent)
		failure.step = plan_ignored;
	else
		failure.error = said - TRIAL_errors;
	*ret_failure = failure;
	return false;
}
