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
	__u32 other_place; /* where the record refers to it */
	enum event_type type;
	enum shell shell;
	/* set by hooks whose act has taken effect by now */
	bool after;
};

#define HAS(event, slot) ((event)->work->record.header.present |= SLOT_BIT(slot))

/* As work_forget(). */
__noinline int event_forget(struct work *work)
{
	if (work)
		work_forget(work);
	return 0;
}

/* Starts the record of what `task` does, under the policy in force. */
static __always_inline void record_fill(struct work *work, struct tag *tag,
					const struct agent *agent, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct record_header *h = &work->record.header;
	const struct cred *cred = task->cred;
	__u32 loginsession = -1, slot = policy_slot & 1;
	__u64 generation = policy_generation[slot];

	work_forget(work);
	work->policy_slot = slot;
	h->size = sizeof(struct record);
	h->flags = 0;
	h->time = bpf_ktime_get_boot_ns();
	h->agent = tag->agent;
	h->session = tag->session;
	h->incomplete = 0;
	h->start_time = leader->start_boottime;
	h->parent_start_time = tag->parent_start_time;
	h->image.offset = h->image.length = 0;
	h->verdict.done = 0;
	h->verdict.latency = 0;
	if (agent->pid_level) {
		h->common.process_id = id_of(leader, agent->pid_level);
		h->common.thread_id = id_of(task, agent->pid_level);
	} else {
		h->common.process_id = task->tgid;
		h->common.thread_id = task->pid;
	}
	h->common.parent_process_id = tag->parent_process_id;
	h->common.user_id = cred->uid.val;
	h->common.effective_user_id = cred->euid.val;
	h->present = SLOT_BIT(SLOT_common_process_id) | SLOT_BIT(SLOT_common_thread_id) |
		     SLOT_BIT(SLOT_common_user_id) | SLOT_BIT(SLOT_common_effective_user_id);
	if (tag->parent_process_id)
		h->present |= SLOT_BIT(SLOT_common_parent_process_id);
	if (bpf_core_field_exists(task->sessionid))
		loginsession = task->sessionid;
	h->common.login_session_id = loginsession;
	if (loginsession != (__u32)-1)
		h->present |= SLOT_BIT(SLOT_common_login_session_id);
	work->record.command_line.length = 0;
	work->record.current_directory.length = 0;
	work->text.length = 0;
	work->text.offset = 0;
	if (tag->generation != generation)
		tag_renew(tag, generation);
}

/* The same of what the current task does. A global function, as each pointer that is read
 * from a task costs some verifiers a search of all types of the kernel. */
__noinline int record_begin(struct work *work, struct tag *tag, struct agent *agent)
{
	if (work && tag && agent)
		record_fill(work, tag, agent, bpf_get_current_task_btf());
	return 0;
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

/* Gets the scratch, that of the task that runs. Returns false when there is no memory. */
static __always_inline bool event_scratch(struct event *e, enum event_type type, enum shell shell)
{
	__sync_fetch_and_add(&e->agent->events, 1);
	e->type = type;
	e->shell = shell;
	e->after = false;
	e->other = NULL;
	e->other_place = 0;
	if (shell == SHELL_fmod_ret)
		e->tag->seen |= 1ull << type;
	e->work = STORAGE_MAKE(&works, bpf_get_current_task_btf(), 0);
	return e->work;
}

/* The record is begun. */
static __always_inline void event_begun(struct event *e)
{
	struct record_header *h = &e->work->record.header;

	h->event = e->type;
	h->verdict.shell = e->shell;
}

/* Gets the scratch, and starts the record of what the current task does. Returns false when
 * there is no memory. */
static __always_inline bool event_prepare(struct event *e, enum event_type type, enum shell shell)
{
	if (!event_scratch(e, type, shell))
		return false;
	record_begin(e->work, e->tag, e->agent);
	event_begun(e);
	return true;
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
 * Of an agent's task: returns 1 when the event is to be examined, 0 in a trial, -EPERM when
 * it is to be refused without examination: the session is condemned, or there is no memory to
 * examine with.
 */
static __always_inline int event_start(struct event *e, enum event_type type, __u32 origin)
{
	if (event_barred(e))
		return event_bar(e, origin);
	return event_prepare(e, type, ORIGIN_SHELL(origin)) ? 1 : event_unexamined(e);
}

/* The same, or 0 when the event is nobody's: the task is no agent's. */
static __always_inline int event_begin(struct event *e, enum event_type type, __u32 origin)
{
	return event_tagged(e) ? event_start(e, type, origin) : 0;
}

static __always_inline struct exec_work *exec_work_get(void)
{
	return STORAGE_MAKE(&exec_works, bpf_get_current_task_btf(), 0);
}

#endif
