/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Another process that an event is about: known by its address only, so that it may end
 * while it is looked at. What is read of one that has gone is nothing.
 */
#ifndef FERMATA_TARGET_H
#define FERMATA_TARGET_H

#include "label.bpf.h"

/* An address that the verifier knows the type of becomes a number, as which it can be passed
 * on: by way of memory. `text` has none of its own yet. */
static __always_inline unsigned long address_number(struct text *text, const void *address)
{
	*(volatile __u64 *)&text->dentry = (unsigned long)address;
	return *(volatile __u64 *)&text->dentry;
}

/* The process that has the struct pid as its id; 0: it has gone. */
static __always_inline unsigned long pid_process(unsigned long pid)
{
	unsigned long node = 0;

	if (!pid)
		return 0;
	bpf_probe_read_kernel(&node, sizeof(node),
			      (void *)(pid + bpf_core_field_offset(struct pid, tasks) +
				       PIDTYPE_TGID * sizeof(struct hlist_head)));
	return node ? node - bpf_core_field_offset(struct task_struct, pid_links) -
			       PIDTYPE_TGID * sizeof(struct hlist_node)
		    : 0;
}

/* Puts the path of the process's program into the text; there is none of a kernel thread and
 * of one that has gone, which makes it incomplete. Returns whether there is one. */
__noinline int target_image(struct text *text, __u64 process)
{
	struct file *exe = NULL;

	if (!text)
		return 0;
	if (process)
		exe = BPF_CORE_READ((struct task_struct *)process, mm, exe_file);
	if (exe) {
		path_resolve_untyped(exe, text);
		return 1;
	}
	text->offset = 0;
	text->length = 0;
	text->incomplete = 1;
	return 0;
}

#endif
