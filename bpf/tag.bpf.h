/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The tag: who belongs to an agent. One per thread, inherited when a task is created,
 * before the child can run. Process ids are never keys.
 */
#ifndef FERMATA_TAG_H
#define FERMATA_TAG_H

#include <bpf/bpf_core_read.h>

#include "maps.bpf.h"

/* The spare bit of tag->examined: the task is in a call of which a mark has told what would
 * be refused. */
#define EXAMINED_BY_MARK (1ull << 63)
#define EXAMINED_LAST(tag) (tag)->examined[HOOK_WORDS - 1]

static __always_inline struct tag *tag_current(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	/* most tasks have no storage at all, and looking is cheaper than asking */
	return task->bpf_storage ? bpf_task_storage_get(&tags, task, 0, 0) : NULL;
}

static __always_inline struct agent *agent_of(const struct tag *tag)
{
	__u32 row = tag->agent;
	struct agent *agent = bpf_map_lookup_elem(&agents, &row);

	/* a row that was given to another session meanwhile is not this one's */
	return agent && agent->session == tag->session ? agent : NULL;
}

/* The number of a struct pid as seen from a pid namespace of that depth; 0: it has none there.
 * By its address only: 6.1 allows no index into what it knows the type of. */
static __always_inline __u32 pid_number(unsigned long pid, __u64 level)
{
	unsigned long numbers;
	__u32 id = 0;

	if (!pid || level > BPF_CORE_READ((struct pid *)pid, level))
		return 0;
	numbers = pid + bpf_core_field_offset(struct pid, numbers);
	bpf_probe_read_kernel(&id, sizeof(id),
			      (void *)(numbers + level * bpf_core_type_size(struct upid) +
				       bpf_core_field_offset(struct upid, nr)));
	return id;
}

/* The same of a task. */
static __always_inline __u32 id_of(struct task_struct *task, __u64 level)
{
	return level ? pid_number((unsigned long)BPF_CORE_READ(task, thread_pid), level)
		     : task->pid;
}

static __always_inline void session_condemn(struct agent *agent)
{
	__sync_fetch_and_or(&agent->state, AGENT_CONDEMNED);
}

/*
 * Gives the child the tag of the task that creates it. A new process (not a thread)
 * remembers its creator as its parent. Returns -ENOMEM if there is no memory for it;
 * tags the child at most once, whatever number of hooks call it.
 */
static __always_inline int tag_inherit(struct task_struct *child, const struct agent *agent,
				       bool thread)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tag *tag = bpf_task_storage_get(&tags, task, 0, 0), *copy;

	if (!tag)
		return 0;
	copy = bpf_task_storage_get(&tags, child, 0, 0);
	if (copy)
		return 0;
	copy = STORAGE_MAKE(&tags, child, tag);
	/* without it the fork fails, so that the interrupt is waited for once more */
	if (!copy)
		copy = STORAGE_MAKE(&tags, child, tag);
	if (!copy) {
		count_loss(LOSS_tag);
		return -ENOMEM;
	}
	__builtin_memset(copy->examined, 0, sizeof(copy->examined));
	copy->seen = 0;
	if (thread)
		return 0;
	copy->parent = tag->as_parent;
	copy->parent_program = tag->program;
	copy->parent_process_id = id_of(task->group_leader, agent->pid_level);
	copy->parent_start_time = task->group_leader->start_boottime;
	return 0;
}

#endif
