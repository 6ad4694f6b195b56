/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Descriptors that come from another process: ipc_handover. What is received is open already,
 * so that it is told as a file_open, too. With trampolines at security_file_receive, which
 * withholds the descriptor. Without, at the exit of the calls (socket_call.bpf.h), when it is in
 * the table and the process has not returned to user mode.
 */
#include "../target.bpf.h"

/* arch/x86/entry/syscalls */
#define PIDFD_GETFD 438
#define RECVMSG 47
#define RECVMMSG 299
#define SOCKETCALL_I386 102
#define RECVMSG_I386 372
#define RECVMMSG_I386 337
#define RECVMMSG64_I386 417
#define RECVMSG_X32 519
#define RECVMMSG_X32 537
#define IO_URING_ENTER 426

/* By which call the current task receives; 0: it does not call for it. */
static __always_inline __u64 handover_kind(const struct task_struct *task, __u64 number,
					   bool compat)
{
	if (!compat)
		number &= ~(__u64)X32_SYSCALL_BIT;
	if (task->flags & PF_IO_WORKER || number == IO_URING_ENTER)
		return HANDOVER_scm_rights;
	if (number == PIDFD_GETFD)
		return HANDOVER_pidfd_getfd;
	if (compat ? number == SOCKETCALL_I386 || number == RECVMSG_I386 ||
			     number == RECVMMSG_I386 || number == RECVMMSG64_I386
		   : number == RECVMSG || number == RECVMMSG || number == RECVMSG_X32 ||
			     number == RECVMMSG_X32)
		return HANDOVER_scm_rights;
	return 0;
}

/* The struct pid that a pidfd is of: it moved to a file system of its own in 6.9. */
static __always_inline unsigned long pidfd_pid(__u32 descriptor)
{
	struct file *file = file_installed(bpf_get_current_task_btf(), descriptor);

	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 9, 0))
		return (unsigned long)BPF_CORE_READ(file, f_inode, i_private);
	return (unsigned long)BPF_CORE_READ(file, private_data);
}

/* Of the process at the other end; 0: not known, as of datagrams. */
static __always_inline unsigned long handover_pid(const struct pt_regs *regs, bool compat,
						  __u64 kind)
{
	__u32 descriptor = argument(regs, compat, 0);

	if (kind == HANDOVER_pidfd_getfd)
		return pidfd_pid(descriptor);
	if (compat && (__u32)regs->orig_ax == SOCKETCALL_I386)
		bpf_probe_read_user(&descriptor, sizeof(descriptor),
				    (const void *)argument(regs, compat, 1));
	return sock_peer_pid((unsigned long)socket_installed(descriptor));
}

#define HANDOVER_HAS(work, member)                                                                 \
	(work)->record.header.present |= SLOT_BIT(SLOT_ipc_handover_##member)
#define HANDOVER_LACKS(work, member)                                                               \
	(work)->record.header.incomplete |= SLOT_BIT(SLOT_ipc_handover_##member)

/* Whether it has been opened by a name: pipes, sockets and memory have none. */
static __always_inline bool file_is_named(const struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);

	return dentry != BPF_CORE_READ(dentry, d_parent) ||
	       dentry == BPF_CORE_READ(file, f_path.mnt, mnt_root);
}

static __always_inline void handover_target(struct work *work, struct file *file)
{
	if (!file_is_named(file))
		return;
	path_resolve_untyped(file, &work->text);
	HANDOVER_HAS(work, target_filename);
	if (work->text.incomplete)
		HANDOVER_LACKS(work, target_filename);
	match_field(work, &work->text, FIELD_ipc_handover_target_filename);
}

static __always_inline void handover_peer(struct work *work, struct text *other, unsigned long pid,
					  __u32 level)
{
	if (!pid)
		return;
	work->record.ipc_handover.peer_process_id = pid_number(pid, level);
	HANDOVER_HAS(work, peer_process_id);
	if (target_image(other, pid_process(pid)))
		HANDOVER_HAS(work, peer_image);
	if (other->incomplete)
		HANDOVER_LACKS(work, peer_image);
	match_field(work, other, FIELD_ipc_handover_peer_image);
}

/* Fills in and matches what is received by the current call. */
__noinline int handover_match(struct work *work, struct text *other, __u64 file, __u32 level)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;
	__u64 kind = handover_kind(task, regs->orig_ax, compat);

	if (!work || !other)
		return 0;
	work->record.ipc_handover.kind = kind;
	work->record.ipc_handover.received = 1;
	if (kind)
		HANDOVER_HAS(work, kind);
	HANDOVER_HAS(work, received);
	other->length = 0;
	handover_target(work, (struct file *)file);
	if (kind && !(task->flags & PF_IO_WORKER) && regs->orig_ax != IO_URING_ENTER)
		handover_peer(work, other, handover_pid(regs, compat, kind), level);
	return 0;
}

static __always_inline int handover_end(struct event *e, unsigned long file)
{
	handover_match(e->work, e->other, file, e->agent->pid_level);
	if (e->other->length)
		e->other_place = PLACE(ipc_handover, peer_image);
	return event_end(e, PLACE(ipc_handover, target_filename));
}

/* Whether the descriptor gives what an open gives. */
static __always_inline bool file_counts_as_opened(const struct file *file)
{
	return !(BPF_CORE_READ(file, f_mode) & FMODE_PATH) && file_is_named(file);
}

/* The file is known by its address only. Whoever created it is not who receives it. */
static __always_inline int reopened_end(struct event *e, struct file *file)
{
	path_resolve_untyped(file, &e->work->text);
	return opened_end(e, file, BPF_CORE_READ(file, f_mode) & ~FMODE_CREATED);
}

static __always_inline int file_receive_body(__u32 origin, struct file *received)
{
	struct event e;
	struct file *file;
	int r = event_begin_two(&e, EVENT_ipc_handover, origin);

	if (r <= 0)
		return r;
	file = (struct file *)address_number(&e.work->text, received);
	r = handover_end(&e, (unsigned long)file);
	if (r || !file_counts_as_opened(file))
		return r;
	r = event_begin(&e, EVENT_file_open, origin);
	return r > 0 ? reopened_end(&e, file) : r;
}
SECURITY_HOOK(file_receive, file_receive, file_receive_body, (struct file * file), (file))
