/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * match → decide → act → emit, for an event whose record is filled. Matching and
 * deciding are global functions: each is verified once per program.
 */
#ifndef FERMATA_VERDICT_H
#define FERMATA_VERDICT_H

#include "record.bpf.h"

/* Lets the atoms hold that are true of `text` as the value of `field`. */
__noinline int match_field(struct work *work, struct text *text, __u32 field)
{
	struct matching m = { work, NULL, text };

	if (!work || !text || field >= FIELD_MAX)
		return 0;
	m.policy = policy_get(work->policy_slot);
	if (!m.policy)
		return 0;
	match_text(&m, field);
	return 0;
}

/* Decides on an event whose texts are matched. Returns whether any rule matched.
 * `early`: enum early. */
__noinline int decide_event(struct work *work, __u32 early)
{
	struct deciding d = { .work = work, .side = SIDE_KERNEL, .early = early };
	struct matching m = { .work = work };
	__u32 row;

	if (!work)
		return 0;
	m.policy = d.policy = policy_get(work->policy_slot);
	row = CHAINS_ROW(work->record.header.agent, work->policy_slot);
	d.chains = bpf_map_lookup_elem(&chains, &row);
	if (!d.policy || !d.chains)
		return 0;
	work->record.header.generation = d.policy->generation;
	match_numbers(&m);
	return decide(&d);
}

/* Whether a process beside the task's own has the same table of descriptors
 * (CLONE_FILES without CLONE_THREAD). */
static __noinline int files_shared(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct files_struct *files = task->files;

	return files && files->count.counter > task->signal->nr_threads;
}

/*
 * Carries out the strongest response as far as the shell can: refuses, or kills where
 * it cannot. Returns -EPERM when the act is to be refused.
 */
static __always_inline int act(struct event *e)
{
	struct verdict *verdict = &e->work->record.header.verdict;
	__u32 asked = verdict->asked, done = 0;

	if (asked < RESPONSE_deny)
		return 0;
	if (shell_denies(e->shell))
		done |= DONE_DENIED;
	if (asked >= RESPONSE_kill || !shell_denies(e->shell))
		done |= DONE_KILLED;
	if (asked == RESPONSE_kill_agent)
		done |= DONE_CONDEMNED;
	/* the descriptor is there already: who shares it has to go as well */
	if (e->shell == SHELL_sys_exit && files_shared())
		done |= DONE_CONDEMNED;
	if (e->after)
		done |= DONE_AFTER;
	if (e->agent->state & AGENT_OBSERVE)
		done |= DONE_SIMULATED;
	verdict->done = done;
	verdict->latency = bpf_ktime_get_boot_ns() - e->began;
	if (done & DONE_SIMULATED)
		return 0;
	if (done & DONE_CONDEMNED)
		session_condemn(e->agent);
	/* where another task acts than the one that runs, who asked for the decision kills */
	if (done & DONE_KILLED && e->shell != SHELL_fanotify)
		bpf_send_signal(SIGKILL);
	return done & DONE_DENIED ? -EPERM : 0;
}

/* Puts the program of the task into the record, from its memory map. */
static __always_inline void tell_image(struct work *work, struct task_struct *task,
				       struct exec_work *exec, struct tail *tail, __u32 *end)
{
	struct mm_struct *mm = task->mm;
	struct file *exe;

	if (!mm)
		return;
	exe = mm->exe_file;
	if (!exe)
		return;
	path_resolve(exe->f_path.dentry, exe->f_path.mnt, &exec->image);
	text_align(&exec->image);
	tail->image = exec->image.length;
	span_put(&work->record.header.image, end, tail->image);
}

/* Puts the event's texts, if it has any, behind the fixed part of the record. */
static __always_inline void tell_texts(struct event *e, struct span *span, struct tail *tail,
				       __u32 *end)
{
	if (!span)
		return;
	text_align(&e->work->text);
	tail->text = e->work->text.length;
	span_put(span, end, tail->text);
	if (!e->other)
		return;
	text_align(e->other);
	tail->other = e->other;
	tail->other_length = e->other->length;
	span_put(e->other_span, end, tail->other_length);
}

/* Tells the verdict on what `task` does, with the program behind it. */
static __always_inline void tell_of(struct event *e, struct task_struct *task, struct span *span)
{
	struct exec_work *exec = exec_work_get();
	struct tail tail = { 0 };
	__u32 end = sizeof(struct record);

	tell_texts(e, span, &tail, &end);
	if (exec)
		tell_image(e->work, task, exec, &tail, &end);
	e->work->record.header.size = end;
	emit_verdict(e->work, exec, &tail);
}

static __always_inline void tell(struct event *e, struct span *span)
{
	tell_of(e, bpf_get_current_task_btf(), span);
}

/* Tells an event that no rule matched. The user side knows the program from the process's
 * creation. */
static __always_inline void tell_recorded(struct event *e, struct span *span)
{
	struct tail tail = { 0 };
	__u32 end = sizeof(struct record);

	tell_texts(e, span, &tail, &end);
	e->work->record.header.size = end;
	emit_telemetry(e->work, NULL, &tail);
}

static __always_inline void match_agent(struct event *e)
{
	match_facts(e->work, &e->agent->facts[e->work->policy_slot & 1], SLOT_agent_agent_name);
}

/* Lets the atoms hold that were found when the program was executed and the agent was
 * tagged. */
static __always_inline void match_captured(struct event *e)
{
	match_facts(e->work, &e->tag->own, SLOT_fact_image);
	match_facts(e->work, &e->tag->parent, SLOT_fact_image);
	match_agent(e);
}

/*
 * The end of every event that is not about the process itself: `span` is where the
 * record refers to the text in work->text, NULL when the event has none. Returns
 * -EPERM when the act is to be refused, else 0.
 */
static __always_inline int event_end(struct event *e, struct span *span)
{
	int r;

	match_captured(e);
	if (!decide_event(e->work, 0)) {
		if (e->agent->state & AGENT_RECORD)
			tell_recorded(e, span);
		return 0;
	}
	r = act(e);
	tell(e, span);
	return r;
}

#endif
