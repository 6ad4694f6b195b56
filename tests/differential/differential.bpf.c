// SPDX-License-Identifier: Apache-2.0
/*
 * The product's kernel side whole, and one program more, that takes an event from a map
 * instead of from a hook. It goes through the product's own functions, in the order of the
 * hooks, with the product's maps; only what reads a task or a file is left out, and no act is
 * carried out.
 */
#include "../../bpf/fermata.bpf.c"

#include "subject.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct subject);
} subjects SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct decided);
} answers SEC(".maps");

#define COPY(to, from) bpf_probe_read_kernel(to, sizeof(*(to)), from)

/* The scratch as record_begin() leaves it, with the record of the subject. */
static __always_inline void subject_begin(struct event *e, const struct subject *subject)
{
	event_forget(e->work);
	e->work->policy_slot = policy_slot & 1;
	COPY(&e->work->record, &subject->record);
}

/* As exec_body() decides. */
static __always_inline void decide_early(struct event *e, const struct subject *subject,
					 struct decided *decided)
{
	struct record_header *header = &e->work->record.header;

	subject_begin(e, subject);
	COPY(&e->work->text, &subject->text[SUBJECT_IMAGE]);
	match_field(e->work, &e->work->text, FIELD_fact_image);
	match_captured(e->work, NULL, &e->tag->parent, e->agent);
	header->incomplete |= ~FIELDS_EARLY;
	decide_event(e->work, EARLY_KNOWN);
	COPY(&decided->early, &e->work->rule);
}

/* As own_match() matches; from a map what it reads of the task. */
static __always_inline void own_match_given(struct event *e, struct exec_work *exec,
					    const struct subject *subject)
{
	struct work *work = e->work;
	__u32 first = work->held_count;
	__u16 incomplete = 0;

	COPY(&work->text, &subject->text[SUBJECT_DIRECTORY]);
	match_field(work, &work->text, FIELD_fact_current_directory);
	if (work->text.length > DIRECTORY_MAX || work->text.incomplete)
		incomplete |= FACT_BIT(current_directory);
	COPY(&exec->image, &subject->text[SUBJECT_IMAGE]);
	COPY(&work->text, &subject->text[SUBJECT_ARGUMENTS]);
	if (exec->image.incomplete)
		incomplete |= FACT_BIT(image);
	match_field(work, &exec->image, FIELD_fact_image);
	match_field(work, &work->text, FIELD_fact_command_line);
	facts_keep(work, first, &e->tag->own, ATOM_KEPT, incomplete, OWN_FACTS);
	work->record.header.incomplete |= (__u64)e->tag->own.incomplete << SLOT_fact_image;
}

static __always_inline void decided_take(struct event *e, struct decided *decided, int matched)
{
	const struct record_header *header = &e->work->record.header;

	decided->matched = matched;
	decided->incomplete = header->incomplete;
	decided->generation = header->generation;
	COPY(&decided->verdict, &header->verdict);
	COPY(&decided->rule, &e->work->rule);
	COPY(&decided->candidate, &e->work->candidate);
}

/* As sched_process_exec_body() examines. */
static __always_inline void creation_decide(struct event *e, const struct subject *subject,
					    struct decided *decided)
{
	struct exec_work *exec = exec_work_get();

	if (!exec)
		return;
	decide_early(e, subject, decided);
	subject_begin(e, subject);
	exec->name_length = subject->name_length;
	exec->interpreter_length = subject->interpreter_length;
	COPY(&exec->name, &subject->name);
	COPY(&exec->interpreter, &subject->interpreter);
	names_match(e, exec);
	own_match_given(e, exec, subject);
	match_captured(e->work, NULL, &e->tag->parent, e->agent);
	decided_take(e, decided, decide_event(e->work, 0));
	parent_match(e, exec);
	decided->count++;
}

static __always_inline void own_text_match(struct event *e, const struct subject *subject,
					   __u32 which)
{
	struct work *work = e->work;
	enum field field, tested_as;

	if (which >= subject->own_count)
		return;
	COPY(&work->text, &subject->text[which]);
	if (work->text.incomplete)
		work->record.header.incomplete |= SLOT_BIT(subject->own[which].slot & 63);
	field = subject->own[which].field;
	tested_as = field_tested_as(field);
	match_field(work, &work->text, field);
	if (tested_as != field)
		match_field(work, &work->text, tested_as);
}

/* As the ends of all other hooks do, down to event_end(). */
static __always_inline void event_decide(struct event *e, const struct subject *subject,
					 struct decided *decided)
{
	subject_begin(e, subject);
	own_text_match(e, subject, 0);
	own_text_match(e, subject, 1);
	decided_take(e, decided, decide_captured(e->work, e->tag, e->agent));
	decided->count++;
}

SEC("syscall")
int differential(void *context)
{
	struct subject *subject = bpf_map_lookup_elem(&subjects, &zero_key);
	struct decided *decided = bpf_map_lookup_elem(&answers, &zero_key);
	struct event e = {};

	if (!subject || !decided)
		return 0;
	e.work = STORAGE_MAKE(&works, bpf_get_current_task_btf(), 0);
	if (!e.work)
		return 0;
	COPY(&decided->tag, &subject->tag);
	e.tag = &decided->tag;
	e.agent = &subject->agent;
	if (subject->record.header.event == EVENT_process_creation)
		creation_decide(&e, subject, decided);
	else
		event_decide(&e, subject, decided);
	return 0;
}
