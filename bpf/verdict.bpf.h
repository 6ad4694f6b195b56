/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * match → decide → act → emit, for an event whose record is filled. The steps are global
 * functions: each is verified once per program, and not for each way to it.
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

/* As decide_steps(); apart, as few events are a step of anything. */
__noinline int steps_take(struct work *work)
{
	struct deciding d = { .work = work, .side = SIDE_KERNEL };
	__u32 row;

	if (!work)
		return 0;
	row = CHAINS_ROW(work->record.header.agent, work->policy_slot);
	d.policy = policy_get(work->policy_slot);
	d.chains = bpf_map_lookup_elem(&chains, &row);
	if (d.policy && d.chains)
		decide_steps(&d);
	return 0;
}

/* Matches the numbers, and decides. */
static __always_inline int decide_by(struct work *work, const struct policy *policy, __u32 early)
{
	struct deciding d = { .work = work, .policy = policy, .side = SIDE_KERNEL, .early = early };
	struct matching m = { .work = work, .policy = policy };

	work->record.header.generation = policy->generation;
	match_numbers(&m);
	decide_clauses(&d);
	if (!early && work->stepped_count)
		steps_take(work);
	return decided(work);
}

/* Decides on an event whose texts and facts are matched, by the policy of the event. Returns
 * whether any rule matched. `early`: enum early. */
__noinline int decide_event(struct work *work, __u32 early)
{
	const struct policy *policy = work ? policy_get(work->policy_slot) : NULL;

	return policy ? decide_by(work, policy, early) : 0;
}

/* Whether a process beside the task's own has the same table of descriptors
 * (CLONE_FILES without CLONE_THREAD). */
static __noinline int files_shared(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct files_struct *files = task->files;

	return files && files->count.counter > task->signal->nr_threads;
}

/* Notes when it was decided. Returns whether what is done is carried out: who observes is told
 * only. */
static __always_inline bool done_really(struct work *work, struct agent *agent)
{
	struct verdict *verdict = &work->record.header.verdict;

	verdict->latency = bpf_ktime_get_boot_ns() - work->record.header.time;
	if (agent->state & AGENT_OBSERVE) {
		verdict->done |= DONE_SIMULATED;
		return false;
	}
	if (verdict->done & DONE_CONDEMNED)
		session_condemn(agent);
	return true;
}

/*
 * Carries out the strongest response as far as the shell can: refuses, or kills where
 * it cannot. Returns -EPERM when the act is to be refused. `after`: it has taken effect by
 * now. What is done is put together in the record: of what is read from there the verifier
 * knows nothing, and does not follow each mixture of its own.
 */
__noinline int act(struct work *work, struct agent *agent, __u32 after)
{
	struct verdict *verdict;
	enum shell shell;

	if (!work || !agent)
		return 0;
	verdict = &work->record.header.verdict;
	if (verdict->asked < RESPONSE_deny)
		return 0;
	shell = verdict->shell;
	verdict->done = shell_denies(shell) ? DONE_DENIED : DONE_KILLED;
	if (verdict->asked >= RESPONSE_kill)
		verdict->done |= DONE_KILLED;
	/* the descriptor is there already: who shares it has to go as well */
	if (verdict->asked == RESPONSE_kill_agent || (shell == SHELL_sys_exit && files_shared()))
		verdict->done |= DONE_CONDEMNED;
	if (after)
		verdict->done |= DONE_AFTER;
	if (!done_really(work, agent))
		return 0;
	/* where another task acts than the one that runs, who asked for the decision kills */
	if (verdict->done & DONE_KILLED && shell != SHELL_fanotify)
		bpf_send_signal(SIGKILL);
	return verdict->done & DONE_DENIED ? -EPERM : 0;
}

/* Puts the program of the task into the record, from its memory map. */
static __always_inline void tell_image(struct work *work, struct task_struct *task,
				       struct exec_work *exec, struct tail *tail, __u32 *end)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);

	if (!exe)
		return;
	path_resolve_untyped(exe, &exec->image);
	text_align(&exec->image);
	tail->image = exec->image.length;
	span_put(&work->record.header.image, end, tail->image);
}

/* Where in a record the spans of its texts are; 0: it has no such text. */
#define PLACE(type, member) ((__u32)offsetof(struct record, type.member))
#define PLACES(text, other) ((text) | (other) << 16)
#define PLACE_MASK 1023 /* by which the verifier knows a bound */
_Static_assert(sizeof(struct record) <= PLACE_MASK &&
		       offsetof(struct work, record) + PLACE_MASK + sizeof(struct span) <=
			       sizeof(struct work),
	       "all places are below the mask, and within the work");

/* Puts the text behind the fixed part of the record. */
static __always_inline __u32 tell_text(struct work *work, struct text *text, __u32 place,
				       __u32 *end)
{
	if (!place)
		return 0;
	text_align(text);
	span_put((void *)&work->record + (place & PLACE_MASK), end, text->length);
	return text->length;
}

static __always_inline void tell_texts(struct work *work, struct text *other, __u32 places,
				       struct tail *tail, __u32 *end)
{
	tail->text = tell_text(work, &work->text, places & 0xffff, end);
	if (other)
		tail->other = tell_text(work, other, places >> 16, end);
}

/* Tells the verdict on what `task` does, with the program behind it. */
static __always_inline void tell_of(struct work *work, struct text *other, __u32 places,
				    struct task_struct *task)
{
	struct exec_work *exec = exec_work_get();
	struct tail tail = { 0 };
	__u32 end = sizeof(struct record);

	tell_texts(work, other, places, &tail, &end);
	if (exec)
		tell_image(work, task, exec, &tail, &end);
	work->record.header.size = end;
	emit_verdict(work, exec, other, &tail);
}

__noinline int tell(struct work *work, struct text *other, __u32 places)
{
	if (work)
		tell_of(work, other, places, bpf_get_current_task_btf());
	return 0;
}

/* Tells an event that no rule matched. The user side knows the program from the process's
 * creation. */
__noinline int tell_recorded(struct work *work, struct text *other, __u32 places)
{
	struct tail tail = { 0 };
	__u32 end = sizeof(struct record);

	if (!work)
		return 0;
	tell_texts(work, other, places, &tail, &end);
	work->record.header.size = end;
	emit_telemetry(work, NULL, other, &tail);
	return 0;
}

/* Lets the atoms hold that were found when the program was executed (`own`; NULL: they are
 * not known yet), its parent's, and the agent's when it was tagged. */
static __always_inline void match_captured(struct work *work, const struct facts *own,
					   const struct facts *parent, const struct agent *agent)
{
	if (own)
		match_facts(work, own, SLOT_fact_image);
	match_facts(work, parent, SLOT_fact_image);
	match_facts(work, &agent->facts[work->policy_slot & 1], SLOT_agent_agent_name);
}

/* Decides on an event of a process whose program is known, when its texts are matched. */
__noinline int decide_captured(struct work *work, struct tag *tag, struct agent *agent)
{
	const struct policy *policy;

	if (!work || !tag || !agent)
		return 0;
	policy = policy_get(work->policy_slot);
	match_captured(work, &tag->own, &tag->parent, agent);
	return policy ? decide_by(work, policy, 0) : 0;
}

/*
 * The end of every event that is not about the process itself: `place` is where the
 * record refers to the text in work->text, 0 when the event has none. Returns
 * -EPERM when the act is to be refused, else 0.
 */
static __always_inline int event_end(struct event *e, __u32 place)
{
	__u32 places = PLACES(place, e->other_place);
	int r;

	if (!decide_captured(e->work, e->tag, e->agent)) {
		if (e->agent->state & AGENT_RECORD)
			tell_recorded(e->work, e->other, places);
		return 0;
	}
	r = act(e->work, e->agent, e->after);
	tell(e->work, e->other, places);
	return r;
}

#endif
