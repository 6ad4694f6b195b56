/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who sends: noted by the programs that a task passes when it connects or sends, looked up
 * when its packets leave. Without those programs a packet is its cgroup's, and of no process.
 */
#ifndef FERMATA_SENDER_BPF_H
#define FERMATA_SENDER_BPF_H

#include "record.bpf.h"

/* The loader sets them: EVENT_BIT of the packet events that rules or recordings need, and
 * whether names of addresses are. */
const volatile __u32 packet_events;
const volatile __u32 names_wanted;
/* The same: whether a packet of nobody may come from a cgroup below that of a session. */
const volatile __u32 owners_wanted;

/* Fills in the sender at the start of the work's text: the task that runs. */
__noinline int sender_make(struct work *work, struct tag *tag, struct agent *agent)
{
	struct record_header *h;
	struct sender *s;

	if (!work || !tag || !agent)
		return 0;
	record_begin(work, tag, agent);
	h = &work->record.header;
	s = (struct sender *)work->text.byte;
	s->session = tag->session;
	s->agent = tag->agent;
	s->process_id = bpf_get_current_pid_tgid() >> 32;
	s->trial = tag->trial;
	s->present = h->present;
	s->start_time = h->start_time;
	s->parent_start_time = h->parent_start_time;
	s->cgroup = bpf_get_current_cgroup_id();
	s->common = h->common;
	s->generation = tag->generation;
	s->program = tag->program;
	s->own = tag->own;
	s->parent = tag->parent;
	s->sequence_known = 0;
	s->spoke = 0;
	s->told = 0;
	s->refused = 0;
	return 0;
}

/* Notes that the task sends on the socket, if that is news. Without memory nobody does: its
 * own act is refused for that. */
static __always_inline void sender_note(struct event *e, __u64 cookie)
{
	struct sender *s = bpf_map_lookup_elem(&senders, &cookie);
	struct tag *tag = e->tag;
	struct work *work;

	if (s && s->session == tag->session && s->program.time == tag->program.time &&
	    s->process_id == bpf_get_current_pid_tgid() >> 32 &&
	    s->generation == policy_generation[policy_slot & 1])
		return;
	work = STORAGE_MAKE(&works, bpf_get_current_task_btf(), 0);
	if (!work)
		return;
	sender_make(work, tag, e->agent);
	if (s) {
		((struct sender *)work->text.byte)->sequence = s->sequence;
		((struct sender *)work->text.byte)->sequence_known = s->sequence_known;
		((struct sender *)work->text.byte)->spoke = s->spoke;
	}
	/* 6.1 takes no argument of a global function for a value of a map */
	bpf_map_update_elem(&senders, &cookie, work->text.byte, BPF_ANY);
}

/* Looks the name of the address up: in `text`, which is empty when it has none. */
__noinline int hostname_get(struct text *text, struct peer_key *key)
{
	struct hostname *name;
	struct peer_key own; /* 6.1 takes no argument of a global function for a key */
	__u32 length;

	if (!text || !key)
		return 0;
	own = *key;
	text->offset = text->length = text->incomplete = 0;
	name = bpf_map_lookup_elem(&hostnames, &own);
	if (!name)
		return 0;
	length = name->length;
	opaque(length);
	if (length > HOSTNAME_MAX)
		length = HOSTNAME_MAX;
	bpf_probe_read_kernel(text->byte, length, name->byte);
	text->length = length;
	return 1;
}

#endif
