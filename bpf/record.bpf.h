/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The start of every event: is the task an agent's, and if so a record with its common
 * fields in the task's scratch.
 */
#ifndef FERMATA_RECORD_H
#define FERMATA_RECORD_H

#include "emit.bpf.h"
#include "path.bpf.h"
#include "renew.bpf.h"
#include "trial.bpf.h"

/* One event on its way from hook to emit. On the hook's stack. */
struct event {
	struct tag *tag;
	struct agent *agent;
	struct work *work;
	struct text *other; /* of acts on two paths: the SourceFilename; else NULL */
	struct span *other_span; /* where the record refers to it */
	__u64 began;
	enum event_type type;
	enum shell shell;
	/* set by hooks whose act has taken effect by now */
	bool after;
};

#define HAS(event, slot) ((event)->work->record.header.present |= SLOT_BIT(slot))

static __always_inline void record_begin(struct event *e, struct task_struct *task)
{
	struct record_header *h = &e->work->record.header;
	__u32 loginsession = -1;

	work_forget(e->work);
	e->work->policy_slot = policy_slot & 1;
	h->size = sizeof(struct record);
	h->event = e->type;
	h->flags = 0;
	h->time = e->began;
	h->agent = e->tag->agent;
	h->session = e->tag->session;
	h->incomplete = 0;
	h->start_time = task->group_leader->start_boottime;
	h->parent_start_time = e->tag->parent_start_time;
	h->image.offset = h->image.length = 0;
	h->verdict.done = 0;
	h->verdict.shell = e->shell;
	h->verdict.latency = 0;
	h->common.process_id = id_of(task->group_leader, e->agent->pid_level);
	h->common.parent_process_id = e->tag->parent_process_id;
	h->common.thread_id = id_of(task, e->agent->pid_level);
	h->common.user_id = task->cred->uid.val;
	h->common.effective_user_id = task->cred->euid.val;
	h->present = SLOT_BIT(SLOT_common_process_id) | SLOT_BIT(SLOT_common_thread_id) |
		     SLOT_BIT(SLOT_common_user_id) | SLOT_BIT(SLOT_common_effective_user_id);
	if (e->tag->parent_process_id)
		h->present |= SLOT_BIT(SLOT_common_parent_process_id);
	if (bpf_core_field_exists(task->sessionid))
		loginsession = task->sessionid;
	h->common.login_session_id = loginsession;
	if (loginsession != (__u32)-1)
		h->present |= SLOT_BIT(SLOT_common_login_session_id);
	e->work->record.command_line.length = 0;
	e->work->record.current_directory.length = 0;
	e->work->text.length = 0;
	e->work->text.offset = 0;
}

/* Whose task this is. Returns false for a task that is no agent's. */
static __always_inline bool event_tagged(struct event *e)
{
	e->tag = tag_current();
	if (!e->tag)
		return false;
	e->agent = agent_of(e->tag);
	return e->agent;
}

/* Gets the scratch, that of the task that runs, and starts the record of what `task` does.
 * Returns false when there is no memory. */
static __always_inline bool event_prepare_of(struct event *e, struct task_struct *task,
					     enum event_type type, enum shell shell)
{
	__u64 generation;

	__sync_fetch_and_add(&e->agent->events, 1);
	e->began = bpf_ktime_get_boot_ns();
	e->type = type;
	e->shell = shell;
	e->after = false;
	e->other = NULL;
	if (shell == SHELL_fmod_ret)
		e->tag->seen |= 1ull << type;
	e->work = STORAGE_MAKE(&works, bpf_get_current_task_btf(), 0);
	if (!e->work)
		return false;
	record_begin(e, task);
	generation = policy_generation[e->work->policy_slot & 1];
	if (e->tag->generation != generation)
		tag_renew(e->tag, generation);
	return true;
}

/* The same of what the current task does. */
static __always_inline bool event_prepare(struct event *e, enum event_type type, enum shell shell)
{
	return event_prepare_of(e, bpf_get_current_task_btf(), type, shell);
}

/* The shells that can refuse. */
static __always_inline bool shell_denies(enum shell shell)
{
	return shell == SHELL_lsm || shell == SHELL_fmod_ret || shell == SHELL_cgroup ||
	       shell == SHELL_fanotify;
}

/* What cannot be examined does not happen: it is refused, or its process killed where that
 * is all the shell can do. But who only observes stops nothing. */
static __always_inline int event_unexamined(const struct event *e)
{
	count_loss(LOSS_scratch);
	if (e->agent->state & AGENT_OBSERVE)
		return 0;
	if (!shell_denies(e->shell))
		bpf_send_signal(SIGKILL);
	return -EPERM;
}

/* Whether the task does nothing any more that is worth examining. */
static __always_inline bool event_barred(const struct event *e)
{
	return e->tag->trial || e->agent->state & AGENT_CONDEMNED;
}

/* What becomes of its act: a member of a condemned session dies of it. */
static __always_inline int event_bar(const struct event *e, __u32 origin)
{
	if (e->tag->trial)
		return trial_first(e->agent, origin);
	bpf_send_signal(SIGKILL);
	return -EPERM;
}

/*
 * Returns 1 when the event is to be examined, 0 when it is nobody's (the task is no
 * agent's), -EPERM when it is to be refused without examination: the session is
 * condemned, or there is no memory to examine with.
 */
static __always_inline int event_begin(struct event *e, enum event_type type, __u32 origin)
{
	if (!event_tagged(e))
		return 0;
	if (event_barred(e))
		return event_bar(e, origin);
	return event_prepare(e, type, ORIGIN_SHELL(origin)) ? 1 : event_unexamined(e);
}

static __always_inline struct exec_work *exec_work_get(void)
{
	return STORAGE_MAKE(&exec_works, bpf_get_current_task_btf(), 0);
}

#endif
