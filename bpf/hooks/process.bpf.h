/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Processes: the tag passed on when a task is created; process_creation when a program
 * is executed, refused before (conditions on the image alone) or killed before its
 * first instruction (all conditions); process_termination when the last thread ends.
 */
#include "../shell.bpf.h"

/* Refuses the fork when the session is condemned, or when there is no memory for the
 * child's tag. */
static __always_inline int task_alloc_body(__u32 origin, struct task_struct *child,
					   unsigned long flags)
{
	struct event e;
	int r;

	if (!event_tagged(&e))
		return 0;
	if (event_barred(&e)) {
		r = event_bar(&e, origin);
		if (r)
			return r;
	}
	if (!tag_inherit(child, e.agent, flags & CLONE_THREAD) || e.agent->state & AGENT_OBSERVE)
		return 0;
	return -EPERM;
}
SECURITY_HOOK(task_alloc, task_alloc, task_alloc_body,
	      (struct task_struct * child, unsigned long flags), (child, flags))

/* The task is complete and has not run yet; kernel workers of io_uring pass here too. */
static __always_inline void task_newtask_body(__u32 origin, struct task_struct *child,
					      unsigned long flags)
{
	struct event e;

	if (!event_tagged(&e))
		return;
	if (tag_inherit(child, e.agent, flags & CLONE_THREAD) && !(e.agent->state & AGENT_OBSERVE))
		session_condemn(e.agent);
	if (event_barred(&e))
		event_bar(&e, origin);
}
#define TASK_NEWTASK(name, copy)                                                                   \
	TRACEPOINT(name, task_newtask, copy, task_newtask_body,                                    \
		   (struct task_struct * child, unsigned long flags), (child, flags))
TASK_NEWTASK(task_newtask, 0)
TASK_NEWTASK(task_newtask_copy, 1)
TASK_NEWTASK(task_newtask_copy2, 2)

/* Puts what holds since `first` into the tag; see struct keeping. */
static __always_inline void facts_keep(struct work *work, __u32 first, struct facts *facts,
				       __u32 flag, __u16 incomplete, __u16 fields)
{
	struct keeping k = { work, policy_get(work->policy_slot), facts, first, flag };

	/* more held than there is place for: which of them, nobody knows */
	if (work->held_count >= HELD_MAX)
		incomplete |= fields;
	if (k.policy)
		keep_facts(&k, incomplete, fields);
}

/* The arguments as the new image's memory has them, each ended by a NUL; the matcher
 * takes NUL for a space. The last NUL is left out. Longer ones are cut, which a rule can
 * test, but the field does not count as incomplete: nothing is assumed of the rest, as
 * honest command lines are often long. Returns false when they cannot be read. */
static __always_inline bool command_line_read(struct event *e, const struct mm_struct *mm)
{
	struct record *record = &e->work->record;
	struct text *text = &e->work->text;
	unsigned long start = mm->arg_start, end = mm->arg_end;
	__u64 length = end > start ? end - start - 1 : 0;
	bool truncated = length > TEXT_MAX, readable = true;

	text->offset = 0;
	text->incomplete = 0;
	if (length > TEXT_MAX)
		length = TEXT_MAX;
	opaque(length);
	if (length > TEXT_MAX || bpf_probe_read_user(text->byte, length, (const void *)start)) {
		length = 0;
		truncated = true;
		readable = false;
	}
	text->length = length;
	record->process_creation.command_line_truncated = truncated;
	HAS(e, SLOT_process_creation_command_line_truncated);
	HAS(e, SLOT_fact_command_line);
	return readable;
}

static __always_inline void directory_read(struct event *e, struct exec_work *exec,
					   struct fs_struct *fs)
{
	struct text *text = &e->work->text;
	__u32 length;

	path_resolve(fs->pwd.dentry, fs->pwd.mnt, text);
	match_field(e->work, text, FIELD_fact_current_directory);
	length = text->length;
	if (length > DIRECTORY_MAX) {
		length = DIRECTORY_MAX;
		text->incomplete = 1;
	}
	opaque(length);
	if (length <= DIRECTORY_MAX)
		bpf_probe_read_kernel(exec->directory, length,
				      &text->byte[text->offset & (TEXT_MAX - 1)]);
	exec->directory_length = length;
	HAS(e, SLOT_fact_current_directory);
}

static __always_inline __u32 name_read(__u8 *to, const char *from)
{
	long length = bpf_probe_read_kernel_str(to, NAME_MAX_CAPTURE, from);

	return length > 0 ? length - 1 : 0;
}

static __always_inline void image_fill(struct event *e, struct file *exe)
{
	struct event_process_creation *p = &e->work->record.process_creation;
	const unsigned char *name = exe->f_path.dentry->d_name.name;
	char start[6] = {};

	p->image_deleted = !exe->f_inode->i_nlink;
	bpf_probe_read_kernel(start, sizeof(start), name);
	p->image_memfd = p->image_deleted && start[0] == 'm' && start[1] == 'e' &&
			 start[2] == 'm' && start[3] == 'f' && start[4] == 'd' && start[5] == ':';
	HAS(e, SLOT_process_creation_image_deleted);
	HAS(e, SLOT_process_creation_image_memfd);
	HAS(e, SLOT_fact_image);
}

/* Who logged in before all this: the kernel has it where it was built for auditing. */
static __always_inline void login_fill(struct event *e, const struct task_struct *task)
{
	__u32 user = -1;

	if (bpf_core_field_exists(task->loginuid))
		user = task->loginuid.val;
	e->work->record.process_creation.logon_id = user;
	if (user != (__u32)-1)
		HAS(e, SLOT_process_creation_logon_id);
}

/* The names that the caller and the interpreter line gave. */
static __always_inline void names_fill(struct event *e, struct exec_work *exec,
				       struct linux_binprm *binary)
{
	exec->name_length = name_read(exec->name, binary->filename);
	if (exec->name_length)
		HAS(e, SLOT_process_creation_original_file_name);
	exec->interpreter_length = 0;
	if (binary->interp != binary->filename)
		exec->interpreter_length = name_read(exec->interpreter, binary->interp);
	if (exec->interpreter_length)
		HAS(e, SLOT_process_creation_interpreter);
	e->work->record.process_creation.privilege_gain =
		BPF_CORE_READ_BITFIELD(binary, secureexec);
	HAS(e, SLOT_process_creation_privilege_gain);
}

/* The perf tracepoint does not have them. */
static __always_inline void names_lack(struct event *e, struct exec_work *exec)
{
	exec->name_length = exec->interpreter_length = 0;
	e->work->record.header.incomplete |= SLOT_BIT(SLOT_process_creation_original_file_name) |
					     SLOT_BIT(SLOT_process_creation_interpreter) |
					     SLOT_BIT(SLOT_process_creation_privilege_gain);
}

/* Where the record's spans are: in the order of tail_write(). */
static __always_inline void creation_spans(struct event *e, struct exec_work *exec,
					   struct tail *tail)
{
	struct record *record = &e->work->record;
	__u32 end = sizeof(struct record);

	text_align(&exec->image);
	tail->text = e->work->text.length;
	tail->image = exec->image.length;
	tail->directory = exec->directory_length;
	tail->name = exec->name_length;
	tail->interpreter = exec->interpreter_length;
	span_put(&record->command_line, &end, tail->text);
	span_put(&record->header.image, &end, tail->image);
	span_put(&record->current_directory, &end, tail->directory);
	span_put(&record->process_creation.original_file_name, &end, tail->name);
	span_put(&record->process_creation.interpreter, &end, tail->interpreter);
	record->header.size = end;
}

/* Matched in the buffer of the image, before the image is in it: a text of its own
 * would need a third one. */
static __always_inline void name_match(struct event *e, struct exec_work *exec, const __u8 *name,
				       __u32 length, enum field field)
{
	struct text *text = &exec->image;

	if (!length)
		return;
	opaque(length); /* or clang makes one test of both, that 6.1 cannot follow */
	if (length >= NAME_MAX_CAPTURE)
		return;
	bpf_probe_read_kernel(text->byte, length, name);
	text->offset = 0;
	text->length = length;
	match_field(e->work, text, field);
}

static __always_inline void names_match(struct event *e, struct exec_work *exec)
{
	name_match(e, exec, exec->name, exec->name_length,
		   FIELD_process_creation_original_file_name);
	name_match(e, exec, exec->interpreter, exec->interpreter_length,
		   FIELD_process_creation_interpreter);
}

/* Matches the program's facts, and keeps in the tag what holds of them. */
static __always_inline void own_match(struct event *e, struct exec_work *exec,
				      struct task_struct *task, struct file *exe)
{
	struct work *work = e->work;
	__u32 first = work->held_count;
	__u16 incomplete = 0;

	directory_read(e, exec, task->fs);
	if (work->text.incomplete)
		incomplete |= FACT_BIT(current_directory);
	path_resolve(exe->f_path.dentry, exe->f_path.mnt, &exec->image);
	if (!command_line_read(e, task->mm))
		incomplete |= FACT_BIT(command_line);
	if (exec->image.incomplete)
		incomplete |= FACT_BIT(image);
	match_field(work, &exec->image, FIELD_fact_image);
	match_field(work, &work->text, FIELD_fact_command_line);
	facts_keep(work, first, &e->tag->own, ATOM_KEPT, incomplete, OWN_FACTS);
	work->record.header.incomplete |= (__u64)e->tag->own.incomplete << SLOT_fact_image;
}

/* The program as the parent of others: matched after its own event is decided. */
static __always_inline void parent_match(struct event *e, struct exec_work *exec)
{
	struct work *work = e->work;
	__u16 incomplete = 0;

	event_forget(work);
	if (exec->image.incomplete)
		incomplete |= FACT_BIT(parent_image);
	match_field(work, &exec->image, FIELD_fact_parent_image);
	match_field(work, &work->text, FIELD_fact_parent_command_line);
	facts_keep(work, 0, &e->tag->as_parent, 0, incomplete, PARENT_FACTS);
}

/* Of the image in the slot, whoever is putting one there. */
static __always_inline __u64 generation_of(__u32 slot)
{
	const struct policy *policy = policy_get(slot);

	return policy ? policy->generation : 0;
}

/* The same under the policy that is about to be in force, for tag_renew(). The texts are
 * where parent_match() left them; its own records are told by now. */
static __always_inline void facts_ahead(struct event *e, struct exec_work *exec)
{
	struct work *work = e->work;
	__u16 incomplete = work->record.header.incomplete >> SLOT_fact_image & OWN_FACTS;
	__u32 slot = ~work->policy_slot & 1, length = exec->directory_length;
	struct program_facts *facts = &exec->renewal.slot[slot];
	__u64 generation = generation_of(slot);

	work->policy_slot = slot;
	event_forget(work);
	match_field(work, &exec->image, FIELD_fact_parent_image);
	match_field(work, &work->text, FIELD_fact_parent_command_line);
	facts_keep(work, 0, &facts->as_parent, 0,
		   incomplete & FACT_BIT(image) ? FACT_BIT(parent_image) : 0, PARENT_FACTS);
	event_forget(work);
	match_field(work, &exec->image, FIELD_fact_image);
	match_field(work, &work->text, FIELD_fact_command_line);
	opaque(length);
	if (length <= DIRECTORY_MAX)
		bpf_probe_read_kernel(exec->image.byte, length, exec->directory);
	exec->image.offset = 0;
	exec->image.length = length;
	match_field(work, &exec->image, FIELD_fact_current_directory);
	facts_keep(work, 0, &facts->own, ATOM_KEPT, incomplete, OWN_FACTS);
	/* it may have come into its slot meanwhile: what is of two images is of none */
	facts->generation = generation_of(slot) == generation ? generation : 0;
	exec->renewal.slot[!slot].generation = 0;
	bpf_map_update_elem(&renewals, &e->tag->program, &exec->renewal, BPF_NOEXIST);
}

/*
 * Every program that a process of an agent executes is told, also when no rule matches:
 * the user side knows processes by it. A response that refuses has come too late here,
 * and kills: before the first instruction of the new program.
 */
static __always_inline void sched_process_exec_body(__u32 origin, struct task_struct *task,
						    struct linux_binprm *binary)
{
	struct exec_work *exec;
	struct tail tail = {};
	struct mm_struct *mm = task->mm;
	struct file *exe;
	struct event e;

	if (!event_tagged(&e) || (!e.tag->trial && e.tag->exec_id == task->self_exec_id))
		return;
	e.tag->exec_id = task->self_exec_id;
	e.tag->privileges = privileges_of(task->cred);
	if (event_start(&e, EVENT_process_creation, origin) <= 0)
		return;
	exec = exec_work_get();
	exe = mm ? mm->exe_file : NULL;
	if (!exec || !exe) {
		event_unexamined(&e);
		return;
	}
	image_fill(&e, exe);
	login_fill(&e, task);
	if (binary)
		names_fill(&e, exec, binary);
	else
		names_lack(&e, exec);
	names_match(&e, exec);
	e.tag->program.time = e.work->record.header.time;
	e.tag->program.process_id = e.work->record.header.common.process_id;
	own_match(&e, exec, task, exe);
	match_captured(e.work, NULL, &e.tag->parent, e.agent);
	creation_spans(&e, exec, &tail);
	if (decide_event(e.work, 0)) {
		act(e.work, e.agent, 0);
		emit_verdict(e.work, exec, NULL, &tail);
	} else {
		emit_telemetry(e.work, exec, NULL, &tail);
	}
	parent_match(&e, exec);
	if (policy_coming || policy_slot != e.work->policy_slot)
		facts_ahead(&e, exec);
}
#define SCHED_PROCESS_EXEC(name, copy)                                                             \
	TRACEPOINT(name, sched_process_exec, copy, sched_process_exec_body,                        \
		   (struct task_struct * task, int old_pid, struct linux_binprm *binary),          \
		   (task, binary))
SCHED_PROCESS_EXEC(sched_process_exec, 0)
SCHED_PROCESS_EXEC(sched_process_exec_copy, 1)
TRACEPOINT_PERF(sched_process_exec_copy2, sched, sched_process_exec, 2, sched_process_exec_body,
		(bpf_get_current_task_btf(), NULL))

/*
 * The last point where an exec can be refused and the caller lives: once an exec, when
 * the file that becomes the image is known (of a script: its interpreter). Only rules on
 * the image, the parent and the agent can decide here; the others, and all that do not
 * refuse, decide in sched_process_exec.
 */
static __always_inline int exec_body(__u32 origin, struct linux_binprm *binary)
{
	struct file *exe = binary->file;
	struct tail tail = {};
	struct record *record;
	struct event e;
	__u32 end = sizeof(struct record);
	int r = event_begin(&e, EVENT_process_creation, origin);

	if (r <= 0)
		return r;
	/* nothing would be refused: the exec itself tells */
	if (e.agent->state & AGENT_OBSERVE)
		return 0;
	record = &e.work->record;
	path_resolve(exe->f_path.dentry, exe->f_path.mnt, &e.work->text);
	HAS(&e, SLOT_fact_image);
	match_field(e.work, &e.work->text, FIELD_fact_image);
	match_captured(e.work, NULL, &e.tag->parent, e.agent);
	record->header.incomplete |= ~FIELDS_EARLY;
	if (!decide_event(e.work, EARLY_KNOWN) || record->header.verdict.asked < RESPONSE_deny)
		return 0;
	record->header.incomplete &= FIELDS_EARLY;
	r = act(e.work, e.agent, 0);
	text_align(&e.work->text);
	tail.text = e.work->text.length;
	span_put(&record->header.image, &end, tail.text);
	record->header.size = end;
	emit_verdict(e.work, NULL, NULL, &tail);
	return r;
}
SECURITY_HOOK(bprm_creds_from_file, bprm_creds_from_file, exec_body, (struct linux_binprm * binary),
	      (binary))

static __always_inline void termination_fill(struct event *e, struct task_struct *task)
{
	struct event_process_termination *t = &e->work->record.process_termination;
	const struct record_header *h = &e->work->record.header;
	__u32 status = task->signal->group_exit_code;

	if (!status)
		status = task->group_leader->exit_code;
	t->exit_code = status >> 8 & 0xff;
	t->signal = status & 0x7f;
	t->runtime_ms = (h->time - h->start_time) / 1000000;
	if (t->signal)
		HAS(e, SLOT_process_termination_signal);
	else
		HAS(e, SLOT_process_termination_exit_code);
	HAS(e, SLOT_process_termination_runtime_ms);
}

/* Two last threads may both see that none is left: the leader's tag takes the first. */
static __always_inline bool process_ends(struct task_struct *task)
{
	struct tag *leader;

	if (task->signal->live.counter > 0)
		return false;
	leader = bpf_task_storage_get(&tags, task->group_leader, 0, 0);
	return leader && !__sync_lock_test_and_set(&leader->ended, 1);
}

static __always_inline void sched_process_exit_body(__u32 origin, struct task_struct *task)
{
	struct tail tail = {};
	struct event e;

	if (!event_tagged(&e))
		return;
	if (e.tag->trial) {
		trial_note(e.agent, origin);
		return;
	}
	if (!process_ends(bpf_get_current_task_btf()))
		return;
	if (!event_prepare(&e, EVENT_process_termination, SHELL_tracepoint)) {
		count_loss(LOSS_scratch);
		return;
	}
	termination_fill(&e, bpf_get_current_task_btf());
	if (decide_captured(e.work, e.tag, e.agent))
		emit_verdict(e.work, NULL, NULL, &tail);
	else
		emit_telemetry(e.work, NULL, NULL, &tail);
}
#define SCHED_PROCESS_EXIT(name, copy)                                                             \
	TRACEPOINT(name, sched_process_exit, copy, sched_process_exit_body,                        \
		   (struct task_struct * task), (task))
SCHED_PROCESS_EXIT(sched_process_exit, 0)
SCHED_PROCESS_EXIT(sched_process_exit_copy, 1)
TRACEPOINT_PERF(sched_process_exit_copy2, sched, sched_process_exit, 2, sched_process_exit_body,
		(bpf_get_current_task_btf()))
