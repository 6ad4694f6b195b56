/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Acts on other processes: process_access and process_signal. With trampolines, before the act,
 * at security_ptrace_access_check, _traceme and security_task_kill. Without, tracing and memory
 * at the exit of the calls, and signals when they are sent, at the tracepoint.
 */
#include "../shell.bpf.h"
#include "../target.bpf.h"

#define PTRACE_MODE_ATTACH 2 /* include/linux/ptrace.h */

/* Whose the process is, of which the task is a thread. */
static __always_inline bool target_tagged(struct task_struct *task, __u64 *ret_session)
{
	struct tag *tag = bpf_task_storage_get(&tags, task, 0, 0);

	if (!tag || !agent_of(tag))
		return false;
	*ret_session = tag->session;
	return true;
}

/* Puts the program of the other process into the work's text, and matches it. */
#define TARGET_IMAGE(e, type, process)                                                             \
	image_fill_target(e, process, SLOT_##type##_target_image, FIELD_##type##_target_image)
static __always_inline void image_fill_target(struct event *e, unsigned long process, __u32 slot,
					      enum field field)
{
	if (target_image(&e->work->text, process))
		HAS(e, slot);
	if (e->work->text.incomplete)
		e->work->record.header.incomplete |= SLOT_BIT(slot);
	match_field(e->work, &e->work->text, field);
}

static __always_inline int access_end(struct event *e, unsigned long process, __u32 id, __u32 mode)
{
	struct event_process_access *a = &e->work->record.process_access;

	a->target_process_id = id;
	a->mode = mode;
	HAS(e, SLOT_process_access_target_process_id);
	HAS(e, SLOT_process_access_mode);
	TARGET_IMAGE(e, process_access, process);
	return event_end(e, e->work->text.length ? PLACE(process_access, target_image) : 0);
}

static __always_inline int access_body(__u32 origin, struct task_struct *target, __u32 mode)
{
	__u64 session;
	struct event e;
	int r = event_begin(&e, EVENT_process_access, origin);

	if (r <= 0)
		return r;
	e.work->record.process_access.target_tagged = target_tagged(target, &session);
	HAS(&e, SLOT_process_access_target_tagged);
	return access_end(&e, address_number(&e.work->text, target->group_leader),
			  id_of(target->group_leader, e.agent->pid_level), mode);
}

static __always_inline int ptrace_access_check_body(__u32 origin, struct task_struct *target,
						    unsigned int mode)
{
	return access_body(origin, target, mode & PTRACE_MODE_ATTACH ? REACH_attach : REACH_read);
}
SECURITY_HOOK(ptrace_access_check, ptrace_access_check, ptrace_access_check_body,
	      (struct task_struct * target, unsigned int mode), (target, mode))

static __always_inline int ptrace_traceme_body(__u32 origin, struct task_struct *parent)
{
	return access_body(origin, parent, REACH_traceme);
}
SECURITY_HOOK(ptrace_traceme, ptrace_traceme, ptrace_traceme_body, (struct task_struct * parent),
	      (parent))

/* Signals among the members of a session are nobody else's matter, and 0 is none. */
static __always_inline int signal_body(__u32 origin, struct task_struct *target, int signal,
				       bool after)
{
	struct event_process_signal *s;
	__u64 session = 0;
	struct event e;
	bool tagged;
	int r;

	if (!signal || !event_tagged(&e))
		return 0;
	tagged = target_tagged(target, &session);
	if (tagged && session == e.tag->session && !e.tag->trial)
		return 0;
	r = event_start(&e, EVENT_process_signal, origin);
	if (r <= 0)
		return r;
	e.after = after;
	s = &e.work->record.process_signal;
	s->target_process_id = id_of(target->group_leader, e.agent->pid_level);
	s->target_tagged = tagged;
	s->signal = signal;
	HAS(&e, SLOT_process_signal_target_process_id);
	HAS(&e, SLOT_process_signal_target_tagged);
	HAS(&e, SLOT_process_signal_signal);
	TARGET_IMAGE(&e, process_signal, address_number(&e.work->text, target->group_leader));
	return event_end(&e, e.work->text.length ? PLACE(process_signal, target_image) : 0);
}

static __always_inline int task_kill_body(__u32 origin, struct task_struct *target, int signal)
{
	return signal_body(origin, target, signal, false);
}
SECURITY_HOOK(task_kill, task_kill, task_kill_body,
	      (struct task_struct * target, void *information, int signal), (target, signal))

#define SI_TIMER (-2)

/*
 * Whether the task that runs is in a call that sends signals: other signals are sent when it is
 * interrupted, as by a timer of somebody else's. What a timer sends, only some of the calls can
 * imitate. arch/x86/entry/syscalls
 */
static __always_inline bool sends_signals(struct task_struct *task, int code)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;
	__u64 number = regs->orig_ax;

	if (!compat)
		number &= ~(__u64)X32_SYSCALL_BIT;
	/* rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal */
	if (compat ? number == 178 || number == 335 || number == 424
		   : number == 129 || number == 297 || number == 424 || number == 524 ||
			     number == 536)
		return true;
	/* kill, tkill, tgkill */
	return code != SI_TIMER && (compat ? number == 37 || number == 238 || number == 270
					   : number == 62 || number == 200 || number == 234);
}

/* What the kernel sends for itself (include/linux/sched/signal.h, SI_FROMUSER and the special
 * values of `information`) is no act of the task that runs. */
static __always_inline bool signal_is_sent(struct kernel_siginfo *information)
{
	unsigned long address = (unsigned long)information;
	int code = address > 1 ? BPF_CORE_READ(information, si_code) : 0;

	return address != 1 && code <= 0 && sends_signals(bpf_get_current_task_btf(), code);
}

#define SIGNAL_GENERATE(name, copy)                                                                \
	SEC("tp_btf/signal_generate")                                                              \
	int BPF_PROG(name, int signal, struct kernel_siginfo *information,                         \
		     struct task_struct *target)                                                   \
	{                                                                                          \
		if (signal_is_sent(information))                                                   \
			ONCE(tracepoint, signal_generate, copy,                                    \
			     (signal_body(ORIGIN(tracepoint, signal_generate, copy), target,       \
					  signal, true),                                           \
			      0));                                                                 \
		return 0;                                                                          \
	}
SIGNAL_GENERATE(signal_generate, 0)
SIGNAL_GENERATE(signal_generate_copy, 1)
