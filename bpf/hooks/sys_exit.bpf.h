/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The exit of system calls: where files and names are examined that no hook could be
 * attached for, or that one was kept from (shell.bpf.h). An opened descriptor is in the
 * table by then, but the process has not returned to user mode, so a kill comes before it
 * can use it.
 */
#include "../shell.bpf.h"

/* What no other shell serves, or not for certain (see bpf/shell.bpf.h). The loader sets it,
 * and the verifier removes the rest. */
const volatile __u32 sys_exit_events = ~0u;

/* Whether nothing is examined here that another shell may have been kept from, so that a call
 * which is no event is no matter of it. */
const volatile bool sys_exit_alone;

/* /sys/kernel/tracing/events/raw_syscalls/sys_exit/format */
struct sys_exit_event {
	__u64 common;
	long number;
	long result;
};

/* Which table a call is in, and above that what kind of a call it is there. One look, as most
 * calls are in none. */
/* F(family, EVENT_BIT of what its calls may be) */
#define FAMILIES(F)                                                                                \
	F(none, 0)                                                                                 \
	F(open, EVENT_BIT(file_open) | EVENT_BIT(file_event))                                      \
	F(name, NAME_EVENTS)                                                                       \
	F(attribute, EVENT_BIT(file_attribute))                                                    \
	F(socket, SOCKET_EVENTS | EVENT_BIT(file_open) | EVENT_BIT(process_access))                \
	F(process, PROCESS_EVENTS)                                                                 \
	F(mount, MOUNT_EVENTS)                                                                     \
	F(kernel, KERNEL_EVENTS)

enum family {
#define F(family, events) FAMILY_##family,
	FAMILIES(F)
#undef F
};

#define F(family, events) | (events)
_Static_assert((0 FAMILIES(F)) == SYS_EXIT_EVENTS, "each event of sys_exit has its calls");
#undef F

#define FAMILY(entry) ((entry)&15)
#define KIND(family, kind) (FAMILY_##family | CALL_##kind << 4)
#define KIND_OF(entry) ((entry) >> 4)

#define CALLS_MAX 548 /* the last ones are those of x32 */
#define CALL_AT(number) ((number) < 0 ? CALLS_MAX : (number)) /* -1: there is no such call */

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"
#define OPENS(call, number, ...) [CALL_AT(number)] = FAMILY_open,
#define OPENS_COMPAT(call, on_64, number, ...) [CALL_AT(number)] = FAMILY_open,
#define NAMES(call, number, ...) [CALL_AT(number)] = FAMILY_name,
#define NAMES_COMPAT(call, on_64, number, ...) [CALL_AT(number)] = FAMILY_name,
#define ATTRIBUTES(call, number, ...) [CALL_AT(number)] = FAMILY_attribute,
#define ATTRIBUTES_COMPAT(call, on_64, number, ...) [CALL_AT(number)] = FAMILY_attribute,
#define SOCKETS(call, number, on_32, kind) [CALL_AT(number)] = KIND(socket, kind),
#define SOCKETS_COMPAT(call, on_64, number, kind) [CALL_AT(number)] = KIND(socket, kind),
#define PROCESSES(call, number, on_32, kind) [CALL_AT(number)] = KIND(process, kind),
#define PROCESSES_COMPAT(call, on_64, number, kind) [CALL_AT(number)] = KIND(process, kind),
#define MOUNTS(call, number, on_32, kind) [CALL_AT(number)] = KIND(mount, kind),
#define MOUNTS_COMPAT(call, on_64, number, kind) [CALL_AT(number)] = KIND(mount, kind),
#define KERNELS(call, number, on_32, kind) [CALL_AT(number)] = KIND(kernel, kind),
#define KERNELS_COMPAT(call, on_64, number, kind) [CALL_AT(number)] = KIND(kernel, kind),
static const __u8 families[2][CALLS_MAX + 1] = {
	{ OPEN_CALLS(OPENS) NAME_CALLS(NAMES) ATTRIBUTE_CALLS(ATTRIBUTES) SOCKET_CALLS(SOCKETS)
		  PROCESS_CALLS(PROCESSES) MOUNT_CALLS(MOUNTS) KERNEL_CALLS(KERNELS) },
	{ OPEN_CALLS(OPENS_COMPAT) NAME_CALLS(NAMES_COMPAT) ATTRIBUTE_CALLS(ATTRIBUTES_COMPAT)
		  SOCKET_CALLS(SOCKETS_COMPAT)[SOCKETCALL_COMPAT] = KIND(socket, none),
	  PROCESS_CALLS(PROCESSES_COMPAT) MOUNT_CALLS(MOUNTS_COMPAT) KERNEL_CALLS(KERNELS_COMPAT) },
};
#pragma clang diagnostic pop

static __always_inline __u32 family_of(const struct task_struct *task, __u64 number)
{
	bool compat = task->thread_info.status & TS_COMPAT;

	if (!compat)
		number &= ~(__u64)X32_SYSCALL_BIT;
	opaque(number);
	return number < CALLS_MAX ? families[compat][number] : FAMILY_none;
}

static __always_inline __u32 family_events(__u32 family)
{
	switch (family) {
#define F(family, events)                                                                          \
	case FAMILY_##family:                                                                      \
		return events;
		FAMILIES(F)
#undef F
	default:
		return 0;
	}
}

/* Calls on mounts and namespaces always do: by one of them the loader tries the program. */
static __always_inline bool call_matters(const struct task_struct *task, __u64 number)
{
	__u32 family;

	if (!sys_exit_alone)
		return true;
	family = FAMILY(family_of(task, number));
	return family == FAMILY_mount || sys_exit_events & family_events(family);
}

static __always_inline void name_exit(struct task_struct *task, __u64 number, __u32 events)
{
	struct name_call call = name_call_of(task, number, events);

	if (call.type != EVENT_MAX)
		name_called(&call);
}

static __always_inline void attribute_exit(struct task_struct *task, __u64 number)
{
	struct attribute_call call = attribute_call_of(task, number);

	if (call.change)
		attribute_called(call.change, call.name.directory, call.name.pointer, call.first,
				 call.second);
}

static __always_inline void sys_exit_body(__u32 origin, __u64 number, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct event e;
	__u32 events, entry, family;

	if (!call_matters(task, number) || !task->bpf_storage || !event_tagged(&e))
		return;
	events = sys_exit_events & ~e.tag->seen;
	e.tag->seen = 0;
	/* whatever the call was: a member of a condemned session does not come back from it */
	if (event_barred(&e)) {
		event_bar(&e, origin);
		return;
	}
	if (EXAMINED_LAST(e.tag) & EXAMINED_BY_MARK) {
		EXAMINED_LAST(e.tag) &= ~EXAMINED_BY_MARK;
		return;
	}
	entry = family_of(task, number);
	family = FAMILY(entry);
	/* a connection that is on its way has been asked for */
	if (result < 0 && (family != FAMILY_socket || result != -EINPROGRESS))
		return;
	if (!(events & family_events(family)))
		return;
	if (family == FAMILY_open)
		file_opened(origin, events, task, result);
	else if (family == FAMILY_name)
		name_exit(task, number, events);
	else if (family == FAMILY_attribute)
		attribute_exit(task, number);
	else if (family == FAMILY_socket)
		socket_exit(task, number, KIND_OF(entry), events, result);
	else if (family == FAMILY_process)
		process_exit(task, KIND_OF(entry), events);
	else if (family == FAMILY_mount)
		mounts_exit(task, KIND_OF(entry), events, result);
	else if (family == FAMILY_kernel)
		kernel_exit(task, KIND_OF(entry), events);
	/* it is told as what it takes, and as a reach into another process */
	if (entry == KIND(socket, getfd) && events & EVENT_BIT(process_access))
		process_exit(task, CALL_pidfd, events);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	sys_exit_body(ORIGIN(sys_exit, sys_exit, 0), regs->orig_ax, result);
	return 0;
}

/* Where the other could be pre-empted, and so be skipped: see shell.bpf.h. */
SEC("tp/raw_syscalls/sys_exit")
int sys_exit_perf(struct sys_exit_event *event)
{
	sys_exit_body(ORIGIN(sys_exit, sys_exit, 0), event->number, event->result);
	return 0;
}
