/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash of chains for finding and two queues for forgetting. Everything in it was chosen
 * by agents, so it is bounded by memory and not only by number.
 */
#include "pipeline/process_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/procfs.h"

#define PROGRAM_TEXTS 7 /* bits of struct program, incomplete */
#define HASH_BITS 12

TAILQ_HEAD(process_queue, process);

struct process_table {
	const char *root;
	size_t maximum, bytes_maximum;
	size_t count, bytes;
	__u64 evicted;
	struct process_queue current, past; /* oldest first */
	struct process *chain[1 << HASH_BITS];
};

static size_t hash(__u32 pid, __u64 start_time)
{
	return (pid ^ start_time) * 0x9e3779b97f4a7c15ULL >> (64 - HASH_BITS);
}

/* A shared program is counted for each of its owners: more than it takes, never less. */
static size_t process_size(const struct process *process)
{
	return sizeof(*process) + (process->program ? process->program->size : 0) +
	       (process->parent_program ? process->parent_program->size : 0) +
	       process->facts.length;
}

static void process_free(struct process *process)
{
	if (process->program)
		program_unref(process->program);
	if (process->parent_program)
		program_unref(process->parent_program);
	free((char *)process->facts.data);
	free(process);
}

static void process_remove(struct process_table *table, struct process *process)
{
	struct process **link = &table->chain[hash(process->pid, process->start_time)];

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	TAILQ_REMOVE(process->past ? &table->past : &table->current, process, order);
	table->count--;
	table->bytes -= process_size(process);
	process_free(process);
}

int process_table_new(struct process_table **ret_table, const char *root, size_t maximum,
		      size_t bytes)
{
	struct process_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->root = root;
	table->maximum = maximum;
	table->bytes_maximum = bytes;
	TAILQ_INIT(&table->current);
	TAILQ_INIT(&table->past);
	*ret_table = table;
	return 0;
}

void process_table_free(struct process_table *table)
{
	struct process *process;

	while ((process = TAILQ_FIRST(&table->current)) || (process = TAILQ_FIRST(&table->past)))
		process_remove(table, process);
	free(table);
}

static void make_past(struct process_table *table, struct process *process)
{
	if (process->past)
		return;
	TAILQ_REMOVE(&table->current, process, order);
	process->past = true;
	TAILQ_INSERT_TAIL(&table->past, process, order);
}

/* Forgets until the bounds hold; `keep` stays in any case. */
static void make_room(struct process_table *table, const struct process *keep)
{
	while (table->count > table->maximum || table->bytes > table->bytes_maximum) {
		struct process *oldest = TAILQ_FIRST(&table->past);

		if (!oldest || oldest == keep)
			oldest = TAILQ_FIRST(&table->current);
		if (!oldest || oldest == keep)
			return;
		process_remove(table, oldest);
		table->evicted++;
	}
}

struct process *process_table_find(const struct process_table *table, __u32 pid, __u64 start_time,
				   __u64 time)
{
	struct process *found = NULL;

	for (struct process *p = table->chain[hash(pid, start_time)]; p; p = p->next)
		if (p->pid == pid && p->start_time == start_time && p->since <= time &&
		    !p->refused && (!found || p->since > found->since))
			found = p;
	return found;
}

/* A process that executes one program after the other must not make its chain long: the
 * oldest of too many is forgotten. */
static void bound_programs(struct process_table *table, __u32 pid, __u64 start_time)
{
	struct process *oldest = NULL;
	size_t count = 0;

	for (struct process *p = table->chain[hash(pid, start_time)]; p; p = p->next) {
		if (p->pid != pid || p->start_time != start_time)
			continue;
		count++;
		if (!oldest || p->since < oldest->since)
			oldest = p;
	}
	if (count < PROGRAMS_MAX)
		return;
	process_remove(table, oldest);
	table->evicted++;
}

/* Makes an entry, current unless a later one of the process is there already, or it was
 * refused. The programs get one more owner. */
static struct process *process_add(struct process_table *table, const struct record_header *header,
				   __u64 since, struct program *program,
				   struct program *parent_program, bool refused)
{
	__u32 pid = (__u32)header->common.process_id;
	struct process **chain = &table->chain[hash(pid, header->start_time)];
	struct process *process = calloc(1, sizeof(*process)), *last;

	if (!process)
		return NULL;
	bound_programs(table, pid, header->start_time);
	last = process_table_find(table, pid, header->start_time, ~0ULL);
	*process = (struct process) { .pid = pid,
				      .start_time = header->start_time,
				      .since = since,
				      .program = program_ref(program),
				      .parent_program = program_ref(parent_program),
				      .refused = refused,
				      .next = *chain };
	*chain = process;
	TAILQ_INSERT_TAIL(&table->current, process, order);
	table->count++;
	table->bytes += process_size(process);
	if (refused)
		make_past(table, process);
	else if (last)
		make_past(table, last->since > since ? process : last);
	make_room(table, process);
	return process;
}

/* What the process was created under. One more owner, or NULL. */
static struct program *find_parent(struct process_table *table, const struct record_header *header)
{
	__u32 pid = (__u32)header->common.process_id;
	__u32 parent_pid = (__u32)header->common.parent_process_id;
	struct program *program;
	struct process *process;

	process = process_table_find(table, pid, header->start_time, ~0ULL);
	if (process && process->parent_program)
		return program_ref(process->parent_program);
	if (!parent_pid)
		return NULL;
	process = process_table_find(table, parent_pid, header->parent_start_time,
				     header->start_time);
	if (process)
		return program_ref(process->program);
	if (procfs_program(table->root, parent_pid, header->parent_start_time, &program) < 0)
		return NULL;
	return program;
}

static bool is_refused(const struct record_header *header)
{
	return header->verdict.done & DONE_DENIED && !(header->verdict.done & DONE_SIMULATED);
}

/* The process goes on as what it was: the entry serves this one record, in place of the one
 * that served the last refusal. */
static struct process *add_refused(struct process_table *table, const struct record_header *header,
				   struct program *program, struct program *parent)
{
	__u32 pid = (__u32)header->common.process_id;
	struct process *process = table->chain[hash(pid, header->start_time)];

	while (process && !(process->refused && process->pid == pid &&
			    process->start_time == header->start_time))
		process = process->next;
	if (process)
		process_remove(table, process);
	return process_add(table, header, header->time, program, parent, true);
}

static struct process *resolve_creation(struct process_table *table, const struct event_view *view)
{
	const struct record_header *header = &view->record->header;
	_cleanup_(program_unrefp) struct program *program = NULL, *parent = NULL;
	struct process *process;

	process = process_table_find(table, (__u32)header->common.process_id, header->start_time,
				     header->time);
	if (process && process->since == header->time)
		return process; /* the record came through both rings */
	if (program_new(&program, view->text[FIELD_fact_image], view->text[FIELD_fact_command_line],
			view->text[FIELD_fact_current_directory]) < 0)
		return NULL;
	program->key = (struct program_key) { header->time, header->common.process_id };
	program->incomplete = header->incomplete >> SLOT_fact_image & PROGRAM_TEXTS;
	parent = find_parent(table, header);
	if (is_refused(header))
		return add_refused(table, header, program, parent);
	return process_add(table, header, header->time, program, parent, false);
}

static bool fits(const struct program *program, struct bytes image)
{
	return program && (!image.data || (program->image.length == image.length &&
					   !memcmp(program->image.data, image.data, image.length)));
}

static struct process *resolve_other(struct process_table *table, const struct event_view *view)
{
	const struct record_header *header = &view->record->header;
	_cleanup_(program_unrefp) struct program *program = NULL, *parent = NULL;
	struct bytes image = view->text[FIELD_fact_image];
	__u32 pid = (__u32)header->common.process_id;
	struct process *process;
	__u64 since;

	process = process_table_find(table, pid, header->start_time, header->time);
	if (process && fits(process->program, image))
		return process;
	parent = find_parent(table, header);
	if (!process && fits(parent, image)) {
		program = program_ref(parent); /* a fork */
		since = header->start_time;
	} else if (!procfs_program(table->root, pid, header->start_time, &program) &&
		   fits(program, image)) {
		since = header->time;
	} else {
		return NULL;
	}
	return process_add(table, header, since, program, parent, false);
}

struct process *process_table_resolve(struct process_table *table, const struct event_view *view)
{
	struct process *process;

	if (event_view_type(view) == EVENT_process_creation)
		return resolve_creation(table, view);
	process = resolve_other(table, view);
	if (process && event_view_type(view) == EVENT_process_termination)
		make_past(table, process);
	return process;
}

int process_table_keep_facts(struct process_table *table, struct process *process,
			     struct bytes facts)
{
	char *copy = malloc(facts.length + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, facts.data, facts.length);
	free((char *)process->facts.data);
	table->bytes += facts.length - process->facts.length;
	process->facts = (struct bytes) { copy, facts.length };
	make_room(table, process);
	return 0;
}

int process_table_each(const struct process_table *table,
		       int (*take)(void *context, const struct process *process), void *context)
{
	struct process *process;
	int r;

	TAILQ_FOREACH(process, &table->current, order)
	{
		r = take(context, process);
		if (r)
			return r;
	}
	TAILQ_FOREACH(process, &table->past, order)
	{
		r = take(context, process);
		if (r)
			return r;
	}
	return 0;
}

__u64 process_table_evicted(const struct process_table *table)
{
	return table->evicted;
}

size_t process_table_count(const struct process_table *table)
{
	return table->count;
}
