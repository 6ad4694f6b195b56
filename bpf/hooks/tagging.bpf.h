/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Iterators that the user side runs: one puts a tag on every thread of a running
 * process, the other lists the processes of an agent.
 */
#include "../shell.bpf.h"

/* The depth of the pid namespace of the process that reads the iterator: of Fermata. */
static __always_inline __u64 own_level(void)
{
	struct pid *pid = bpf_get_current_task_btf()->thread_pid;

	return pid ? pid->level : 0;
}

/* Run over the threads of one process, again and again until it tags no more: threads
 * made meanwhile inherit from those that have the tag. */
SEC("iter/task")
int tag_threads(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct seed *seed = bpf_map_lookup_elem(&seeds, &zero_key);
	struct agent *agent;
	struct tag *tag;

	if (!task || !seed || task->flags & PF_KTHREAD)
		return 0;
	tag = bpf_task_storage_get(&tags, task, 0, 0);
	if (tag && agent_of(tag))
		return 0;
	/* what an ended session left on a task that outlived it */
	if (tag)
		bpf_task_storage_delete(&tags, task);
	tag = bpf_task_storage_get(&tags, task, &seed->tag, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!tag) {
		seed->failed++;
		return 0;
	}
	agent = agent_of(tag);
	if (agent) {
		agent->pid_level = own_level();
		tag->parent_process_id = id_of(task->real_parent->group_leader, agent->pid_level);
	}
	tag->parent_start_time = task->real_parent->group_leader->start_boottime;
	tag->privileges = privileges_of(task->cred);
	seed->tagged++;
	return 0;
}

/* Writes a struct member for every thread that has not ended and carries the tag of the
 * session in seeds[0]. */
SEC("iter/task")
int list_processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct seed *seed = bpf_map_lookup_elem(&seeds, &zero_key);
	struct member member;
	struct tag *tag;

	if (!task || !seed || task->exit_state)
		return 0;
	tag = bpf_task_storage_get(&tags, task, 0, 0);
	if (!tag || tag->session != seed->tag.session)
		return 0;
	member.process_id = id_of(task->group_leader, own_level());
	member.ending = !!(task->flags & PF_EXITING);
	bpf_seq_write(context->meta->seq, &member, sizeof(member));
	return 0;
}
