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

/* /sys/kernel/tracing/events/raw_syscalls/sys_exit/format */
struct sys_exit_event {
	__u64 common;
	long number;
	long result;
};

static __always_inline void sys_exit_body(__u32 origin, __u64 number, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct attribute_call attributes;
	struct name_call call;
	struct event e;
	__u32 events;

	if (!task->bpf_storage || !event_tagged(&e))
		return;
	events = sys_exit_events & ~e.tag->seen;
	e.tag->seen = 0;
	/* whatever the call was: a member of a condemned session does not come back from it */
	if (event_barred(&e)) {
		event_bar(&e, origin);
		return;
	}
	if (e.tag->examined & EXAMINED_BY_MARK) {
		e.tag->examined &= ~EXAMINED_BY_MARK;
		return;
	}
	if (result < 0)
		return;
	if (call_opens(task, number)) {
		file_opened(origin, events, task, result);
		return;
	}
	if (!(events & ~EVENT_BIT(file_open)))
		return;
	call = name_call_of(task, number, events);
	if (call.type != EVENT_MAX) {
		name_called(&call);
		return;
	}
	if (!(events & EVENT_BIT(file_attribute)))
		return;
	attributes = attribute_call_of(task, number);
	if (attributes.change)
		attribute_called(attributes.change, attributes.name.directory,
				 attributes.name.pointer, attributes.first, attributes.second);
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
