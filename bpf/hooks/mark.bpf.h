/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Permission marks (fanotify): a task waits in the opening of a file that a rule names,
 * and the process that answers for the marks runs this iterator over it. Everything here is
 * about that task, not the one that runs, but for two things: the file is looked up in the
 * descriptors of the process that asks, and the scratch is that one's, which has one thread
 * that asks. The waiting task's would not do: it can be killed out of its wait, and
 * tells its end.
 */
#include "../shell.bpf.h"

/* arch/x86/entry/syscalls */
enum { COMPAT_open = 5, COMPAT_creat = 8, COMPAT_execve = 11 };
enum { COMPAT_openat = 295, COMPAT_open_by_handle_at = 342, COMPAT_execveat = 358 };
enum { CALL_open = 2, CALL_execve = 59, CALL_creat = 85, CALL_openat = 257 };
enum { CALL_open_by_handle_at = 304, CALL_execveat = 322 };
enum { X32_execve = 520, X32_execveat = 545 };
#define O_WRONLY 1
#define OPEN_FMODE(flags) (((flags) + 1) & (FMODE_READ | FMODE_WRITE)) /* linux/fs.h */

#define FLAGS_UNKNOWN (-1ll)

static __always_inline __s64 flags_compat(struct pt_regs *regs, __u32 number)
{
	if (number == COMPAT_execve || number == COMPAT_execveat)
		return FMODE_EXEC;
	if (number == COMPAT_creat)
		return O_WRONLY;
	if (number == COMPAT_open)
		return (__u32)regs->cx & ~FMODE_EXEC;
	if (number == COMPAT_openat || number == COMPAT_open_by_handle_at)
		return (__u32)regs->dx & ~FMODE_EXEC;
	return FLAGS_UNKNOWN;
}

/*
 * What the task opens the file for, as open flags, FMODE_EXEC for an exec; from its
 * registers, where that is the call it waits in: a worker of io_uring has those of another
 * task, and once a call is done (its result is there) other work may be. The flags of
 * openat2 are in memory that can change.
 */
static __always_inline __s64 flags_intended(struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	__u32 number = regs->orig_ax;

	if (task->flags & PF_IO_WORKER || (__s32)regs->ax != -ENOSYS)
		return FLAGS_UNKNOWN;
	if (task->thread_info.status & TS_COMPAT)
		return flags_compat(regs, number);
	number &= ~X32_SYSCALL_BIT;
	if (number == CALL_execve || number == CALL_execveat || number == X32_execve ||
	    number == X32_execveat)
		return FMODE_EXEC;
	if (number == CALL_creat)
		return O_WRONLY;
	if (number == CALL_open)
		return (__u32)regs->si & ~FMODE_EXEC;
	if (number == CALL_openat || number == CALL_open_by_handle_at)
		return (__u32)regs->dx & ~FMODE_EXEC;
	return FLAGS_UNKNOWN;
}

/* Returns what is known of the fields, as of header.incomplete. */
static __always_inline __u64 mark_fill(struct event *e, struct task_struct *task, struct file *file)
{
	__s64 flags = flags_intended(task);
	__u64 incomplete = 0;

	path_resolve_untyped(file, &e->work->text);
	file_open_fill(e, OPEN_FMODE(flags), flags, BPF_CORE_READ(file, f_inode, i_sb, s_dev),
		       BPF_CORE_READ(file, f_inode, i_ino));
	HAS(e, SLOT_file_open_target_filename);
	if (flags == FLAGS_UNKNOWN) {
		e->work->record.header.present &= ~SLOT_BIT(SLOT_file_open_access);
		incomplete |= SLOT_BIT(SLOT_file_open_access);
	}
	return incomplete;
}

/* What holds of the event under this name of the file. */
static __always_inline void mark_match(struct event *e, struct text *name, __u64 incomplete)
{
	event_forget(e->work);
	if (name->incomplete)
		incomplete |= SLOT_BIT(SLOT_file_open_target_filename);
	e->work->record.header.incomplete = incomplete;
	match_field(e->work, name, FIELD_file_open_target_filename);
	match_captured(e->work, &e->tag->own, &e->tag->parent, e->agent);
}

static __always_inline bool mark_refuses(struct event *e, enum early early)
{
	return decide_event(e->work, early) &&
	       e->work->record.header.verdict.asked >= RESPONSE_deny;
}

static __always_inline bool mark_refuses_name(struct event *e, struct question *question,
					      __u64 incomplete)
{
	if (!question->name.length)
		return false;
	mark_match(e, &question->name, incomplete);
	match_facts(e->work, &question->atoms, SLOT_file_open_target_filename);
	return mark_refuses(e, question->early);
}

/* Tells what is refused, and nothing else: what is allowed is examined when the call ends.
 * Returns -EPERM when it is to be refused. */
static __always_inline int mark_examine(struct event *e, struct task_struct *task,
					struct question *question)
{
	struct file *file = file_installed(bpf_get_current_task_btf(), question->descriptor);
	__u32 places = PLACE(file_open, target_filename);
	struct text *other = NULL;
	__u64 incomplete;
	int r;

	if (!file)
		return 0;
	incomplete = mark_fill(e, task, file);
	/* the name of the rule first: another one, of a hard link, the agent may have made */
	if (mark_refuses_name(e, question, incomplete)) {
		if (!texts_same(&e->work->text, &question->name)) {
			other = &question->name;
			places = PLACES(places, PLACE(file_open, other_filename));
			HAS(e, SLOT_file_open_other_filename);
		}
	} else {
		mark_match(e, &e->work->text, incomplete);
		if (!mark_refuses(e, EARLY_ASSUME))
			return 0;
	}
	r = act(e->work, e->agent, 0);
	if (!r)
		EXAMINED_LAST(e->tag) |= EXAMINED_BY_MARK;
	tell_of(e->work, other, places, task);
	return r;
}

static __always_inline void mark_answer(struct event *e, struct task_struct *task,
					struct question *question, struct answer *answer)
{
	answer->session = e->tag->session;
	answer->process_id = id_of(task->group_leader, own_level());
	if (e->agent->state & AGENT_CONDEMNED) {
		answer->refuse = answer->kill = 1;
		return;
	}
	if (!event_scratch(e, EVENT_file_open, SHELL_fanotify)) {
		answer->refuse = !!event_unexamined(e);
		return;
	}
	record_fill(e->work, e->tag, e->agent, task);
	e->work->record.header.cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	event_begun(e);
	answer->refuse = !!mark_examine(e, task, question);
	answer->kill = answer->refuse && e->work->record.header.verdict.done & DONE_KILLED;
}

SEC("iter/task")
int file_mark(struct bpf_iter__task *context)
{
	struct question *question = bpf_map_lookup_elem(&questions, &zero_key);
	struct task_struct *task = context->task;
	struct answer answer = {};
	struct event e = {};

	if (!task || !question)
		return 0;
	e.tag = bpf_task_storage_get(&tags, task, 0, 0);
	if (e.tag)
		e.agent = agent_of(e.tag);
	if (e.agent)
		mark_answer(&e, task, question, &answer);
	bpf_seq_write(context->meta->seq, &answer, sizeof(answer));
	return 0;
}
