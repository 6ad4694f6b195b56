/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of agents: which program each was executing at what time, and what its
 * parent was executing when it was created. Known by (pid, start time), so a pid that
 * is used again is another process. Filled from process_creation records, which come
 * for every process of an agent; a verdict finds here who it was.
 *
 * A process has one entry for each program it executed. Entries stay when the process
 * has ended or executes another: verdicts may come later, and children are created
 * under the old name.
 */
#ifndef FERMATA_PROCESS_TABLE_H
#define FERMATA_PROCESS_TABLE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "pipeline/event_view.h"
#include "pipeline/program.h"

#define PROCESSES_MAX 65536 /* entries */
#define PROGRAMS_MAX 16 /* entries of one process: its latest programs */
#define PROCESSES_BYTES_MAX (32u << 20) /* memory of the entries with all their texts */

struct process {
	__u32 pid;
	__u64 start_time; /* CLOCK_BOOTTIME, ns, as all times here */
	__u64 since; /* when it executed this program, or was created with it */
	struct program *program, *parent_program; /* NULL: not known */
	bool past; /* it has ended or executes another program */
	bool refused; /* it was kept from executing this program, and is no part of its past */
	struct bytes facts; /* see process_table_keep_facts(); owned */

	TAILQ_ENTRY(process) order; /* in the table's `current` or `past` */
	struct process *next; /* same hash */
};

struct process_table;

/*
 * At most `maximum` entries and `bytes` of memory: beyond, the entry that became past first
 * is forgotten; when all are current, the oldest of them (it is looked up in /proc again
 * when needed). `root` is in front of /proc; borrowed.
 */
int process_table_new(struct process_table **ret_table, const char *root, size_t maximum,
		      size_t bytes);
void process_table_free(struct process_table *table);

/* The entry of that process at that time, or NULL; not one of a program that it was kept
 * from executing. Borrowed until the next call. */
struct process *process_table_find(const struct process_table *table, __u32 pid, __u64 start_time,
				   __u64 time);

/*
 * The entry of the process of the record. process_creation makes it;
 * process_termination makes it past. Otherwise, if there is none: a process that has
 * not executed anything yet has its parent's program; one that nothing is known about
 * is looked up in /proc while it lives. An entry whose image is not the one in the
 * record is not it. NULL when nothing is known, or there is no memory. Borrowed until
 * the next call.
 */
struct process *process_table_resolve(struct process_table *table, const struct event_view *view);

/* Keeps a copy of what the caller makes of the entry's texts, `facts`, as long as the entry.
 * -ENOMEM. */
int process_table_keep_facts(struct process_table *table, struct process *process,
			     struct bytes facts);

/* Calls `take` for every entry until it does not return 0, and returns that. */
int process_table_each(const struct process_table *table,
		       int (*take)(void *context, const struct process *process), void *context);

/* Entries forgotten to make room. */
__u64 process_table_evicted(const struct process_table *table);

size_t process_table_count(const struct process_table *table);

#endif
