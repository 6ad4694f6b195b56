// SPDX-License-Identifier: Apache-2.0
/*
 * Who a process is: from records, through forks, from /proc (a made-up one and the real
 * one), and within bounds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "pipeline/process_table.h"
#include "pipeline/procfs.h"
#include "record_builder.h"
#include "unit.h"

#define SECOND CLOCK_SECOND

DEFINE_CLEANUP(struct process_table *, process_table_free)

static struct process_table *table_make(const char *root, size_t maximum, size_t bytes)
{
	struct process_table *table = NULL;

	CU_ASSERT_EQUAL_FATAL(process_table_new(&table, root, maximum, bytes), 0);
	return table;
}

static bool bytes_are(struct bytes bytes, const char *expected)
{
	return bytes.data && bytes.length == strlen(expected) &&
	       !memcmp(bytes.data, expected, bytes.length);
}

static struct process *create(struct process_table *table, __u32 pid, __u64 start, __u32 parent,
			      __u64 parent_start, __u64 time, const char *image)
{
	union built_record built;
	struct event_view view;

	record_creation(&built, time, image, image, strlen(image));
	record_process(&built, pid, start, parent, parent_start);
	view = record_view(&built);
	return process_table_resolve(table, &view);
}

static struct process *act(struct process_table *table, __u32 pid, __u64 start, __u32 parent,
			   __u64 parent_start, __u64 time, const char *image)
{
	union built_record built;
	struct event_view view;

	record_open(&built, time, image, "/etc/shadow");
	record_process(&built, pid, start, parent, parent_start);
	view = record_view(&built);
	return process_table_resolve(table, &view);
}

static void end(struct process_table *table, __u32 pid, __u64 start, __u64 time)
{
	union built_record built;
	struct event_view view;

	record_start(&built, EVENT_process_termination, time);
	record_process(&built, pid, start, 1, 1);
	view = record_view(&built);
	process_table_resolve(table, &view);
}

UNIT_TEST(process_table, programs_over_time)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 100, 1 << 20);
	struct process *process;

	create(table, 10, 1 * SECOND, 9, 1, 2 * SECOND, "/bin/sh");
	create(table, 10, 1 * SECOND, 9, 1, 5 * SECOND, "/bin/cat");
	CU_ASSERT_EQUAL(process_table_count(table), 2);
	/* a verdict of before the second program, read after it */
	process = act(table, 10, 1 * SECOND, 9, 1, 3 * SECOND, "/bin/sh");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->program->image, "/bin/sh"));
	process = act(table, 10, 1 * SECOND, 9, 1, 6 * SECOND, "/bin/cat");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->program->image, "/bin/cat"));
	/* the same pid, another process */
	CU_ASSERT_PTR_NULL(process_table_find(table, 10, 7 * SECOND, 8 * SECOND));
	CU_ASSERT_EQUAL(process_table_count(table), 2);
	/* the same record through the other ring */
	create(table, 10, 1 * SECOND, 9, 1, 5 * SECOND, "/bin/cat");
	CU_ASSERT_EQUAL(process_table_count(table), 2);
}

UNIT_TEST(process_table, forks_have_their_parents_program)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 100, 1 << 20);
	struct process *process;

	create(table, 10, 1 * SECOND, 9, 1, 2 * SECOND, "/bin/sh");
	create(table, 10, 1 * SECOND, 9, 1, 9 * SECOND, "/bin/later");
	/* 11 was forked while 10 was a shell, and acts when 10 is another program */
	process = act(table, 11, 3 * SECOND, 10, 1 * SECOND, 20 * SECOND, "/bin/sh");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->program->image, "/bin/sh"));
	CU_ASSERT(bytes_are(process->parent_program->image, "/bin/sh"));
	/* and its fork */
	process = act(table, 12, 4 * SECOND, 11, 3 * SECOND, 21 * SECOND, "/bin/sh");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	/* which executes something: its parent was the shell */
	process = create(table, 12, 4 * SECOND, 11, 3 * SECOND, 22 * SECOND, "/bin/cat");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->parent_program->image, "/bin/sh"));
	/* a process whose image does not fit what is known of it, nor its parent */
	CU_ASSERT_PTR_NULL(act(table, 13, 5 * SECOND, 12, 4 * SECOND, 23 * SECOND, "/bin/dog"));
}

UNIT_TEST(process_table, parent_is_what_it_was_at_creation)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 100, 1 << 20);
	struct process *process;

	create(table, 10, 1 * SECOND, 9, 1, 2 * SECOND, "/bin/sh");
	end(table, 10, 1 * SECOND, 8 * SECOND);
	/* the parent has ended before the child executes anything */
	process = create(table, 11, 3 * SECOND, 10, 1 * SECOND, 10 * SECOND, "/bin/a");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->parent_program->image, "/bin/sh"));
	/* its next program still has that parent */
	process = create(table, 11, 3 * SECOND, 10, 1 * SECOND, 11 * SECOND, "/bin/b");
	CU_ASSERT(bytes_are(process->parent_program->image, "/bin/sh"));
}

UNIT_TEST(process_table, a_refused_program_is_not_executed)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 100, 1 << 20);
	union built_record built;
	struct process *process;
	struct event_view view;

	create(table, 10, SECOND, 1, 0, 2 * SECOND, "/bin/sh");
	for (__u64 i = 0; i < 2 * PROGRAMS_MAX; i++) {
		record_creation(&built, 3 * SECOND + i, "/bin/evil", "evil", 4);
		record_process(&built, 10, SECOND, 1, 0);
		built.record.header.flags = RECORD_VERDICT;
		built.record.header.verdict.done = DONE_DENIED;
		view = record_view(&built);
		process = process_table_resolve(table, &view);
		CU_ASSERT_PTR_NOT_NULL_FATAL(process);
		CU_ASSERT(bytes_are(process->program->image, "/bin/evil"));
		CU_ASSERT(process_table_count(table) <= 2);
	}
	process = act(table, 10, SECOND, 1, 0, 4 * SECOND, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->program->image, "/bin/sh"));
	/* whoever only observes has not refused it */
	built.record.header.verdict.done |= DONE_SIMULATED;
	built.record.header.time = 5 * SECOND;
	view = record_view(&built);
	process_table_resolve(table, &view);
	process = act(table, 10, SECOND, 1, 0, 6 * SECOND, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->program->image, "/bin/evil"));
}

UNIT_TEST(process_table, is_bounded_by_number)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 50, 1 << 20);
	size_t kept = 0;

	/* 40 live, and many come and go */
	for (__u32 pid = 1; pid <= 40; pid++)
		create(table, pid, pid * SECOND, 9, 1, pid * SECOND, "/bin/daemon");
	for (__u32 pid = 100; pid < 1100; pid++) {
		create(table, pid, pid * SECOND, 9, 1, pid * SECOND, "/bin/true");
		end(table, pid, pid * SECOND, pid * SECOND + 1);
	}
	CU_ASSERT_EQUAL(process_table_count(table), 50);
	CU_ASSERT_EQUAL(process_table_evicted(table), 990);
	for (__u32 pid = 1; pid <= 40; pid++)
		kept += !!process_table_find(table, pid, pid * SECOND, ~0ULL);
	CU_ASSERT_EQUAL(kept, 40); /* those that live are kept */
	CU_ASSERT_PTR_NOT_NULL(process_table_find(table, 1099, 1099 * SECOND, ~0ULL));
	CU_ASSERT_PTR_NULL(process_table_find(table, 100, 100 * SECOND, ~0ULL));
	/* more living ones than there is room for: the oldest go */
	for (__u32 pid = 2000; pid < 2100; pid++)
		create(table, pid, pid * SECOND, 9, 1, pid * SECOND, "/bin/daemon");
	CU_ASSERT_EQUAL(process_table_count(table), 50);
	CU_ASSERT_PTR_NULL(process_table_find(table, 1, 1 * SECOND, ~0ULL));
	CU_ASSERT_PTR_NOT_NULL(process_table_find(table, 2099, 2099 * SECOND, ~0ULL));
}

UNIT_TEST(process_table, programs_of_one_process_are_bounded)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 1000, 1 << 20);

	create(table, 5, 1 * SECOND, 9, 1, 1 * SECOND, "/bin/neighbour");
	for (__u64 i = 0; i < 100; i++)
		create(table, 10, 1 * SECOND, 9, 1, (2 + i) * SECOND, "/bin/sh");
	CU_ASSERT_EQUAL(process_table_count(table), 1 + PROGRAMS_MAX);
	CU_ASSERT_EQUAL(process_table_evicted(table), 100 - PROGRAMS_MAX);
	CU_ASSERT_PTR_NOT_NULL(process_table_find(table, 10, 1 * SECOND, 101 * SECOND));
	CU_ASSERT_PTR_NULL(process_table_find(table, 10, 1 * SECOND, 50 * SECOND));
}

UNIT_TEST(process_table, is_bounded_by_memory)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 1 << 20, 100000);
	char image[4000];

	memset(image, 'x', sizeof(image));
	image[sizeof(image) - 1] = '\0';
	for (__u32 pid = 1; pid <= 1000; pid++)
		create(table, pid, pid * SECOND, 9, 1, pid * SECOND, image);
	CU_ASSERT(process_table_count(table) >= 11);
	CU_ASSERT(process_table_count(table) <= 12);
}

/* Whole random lives, to have the sanitizers see the queues and counts in every state. */
UNIT_TEST(process_table, random_lives)
{
	_cleanup_(process_table_freep) struct process_table *table =
		table_make("/nonexistent", 64, 40000);
	uint64_t seed = unit_seed();

	for (__u64 time = 1; time < 20000; time++) {
		__u32 pid = 1 + (__u32)unit_below(&seed, 40);
		__u64 start = unit_below(&seed, 3) * SECOND;
		__u32 parent = 1 + (__u32)unit_below(&seed, 40);
		struct process *process;

		switch (unit_below(&seed, 3)) {
		case 0:
			create(table, pid, start, parent, start, time, "/bin/sh");
			break;
		case 1:
			process = act(table, pid, start, parent, start, time, "/bin/sh");
			if (process)
				CU_ASSERT_EQUAL(process_table_keep_facts(
							table, process,
							(struct bytes) { "facts", 1 + time % 5 }),
						0);
			break;
		default:
			end(table, pid, start, time);
		}
		if (process_table_count(table) > 64)
			break;
	}
	CU_ASSERT(process_table_count(table) <= 64);
}

struct proc {
	char root[64];
};

static void proc_file(const struct proc *proc, __u32 pid, const char *name, const char *data,
		      size_t length)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/%u", proc->root, pid);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/proc/%u/%s", proc->root, pid, name);
	file = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fwrite(data, 1, length, file);
	fclose(file);
}

/* A made-up process that started at `ticks`. */
static void proc_add(const struct proc *proc, __u32 pid, unsigned int ticks, const char *image)
{
	char path[128], stat[256];

	snprintf(stat, sizeof(stat),
		 "%u (a ) b) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 %u 1 2 3\n", pid, ticks);
	proc_file(proc, pid, "stat", stat, strlen(stat));
	proc_file(proc, pid, "cmdline", "prog\0a b\0", 9);
	snprintf(path, sizeof(path), "%s/proc/%u/exe", proc->root, pid);
	CU_ASSERT_EQUAL(symlink(image, path), 0);
	snprintf(path, sizeof(path), "%s/proc/%u/cwd", proc->root, pid);
	CU_ASSERT_EQUAL(symlink("/work", path), 0);
}

static struct proc proc_make(void)
{
	struct proc proc = { "/tmp/fermata-proc-XXXXXX" };
	char path[128];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(proc.root));
	snprintf(path, sizeof(path), "%s/proc", proc.root);
	CU_ASSERT_EQUAL(mkdir(path, 0755), 0);
	return proc;
}

static void proc_remove(const struct proc *proc)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", proc->root);
	CU_ASSERT_EQUAL(system(command), 0);
}

UNIT_TEST(procfs, start_time_has_to_fit)
{
	struct proc proc = proc_make();
	__u64 tick = CLOCK_SECOND / (__u64)sysconf(_SC_CLK_TCK);
	struct program *program = NULL;

	proc_add(&proc, 20, 500, "/usr/bin/prog (deleted)");
	CU_ASSERT_EQUAL_FATAL(procfs_program(proc.root, 20, 500 * tick + 7, &program), 0);
	CU_ASSERT(bytes_are(program->image, "/usr/bin/prog"));
	CU_ASSERT(bytes_are(program->command_line, "prog a b"));
	CU_ASSERT(bytes_are(program->current_directory, "/work"));
	program_unref(take_ptr(program));
	CU_ASSERT_EQUAL(procfs_program(proc.root, 20, 504 * tick, &program), -ESRCH);
	CU_ASSERT_EQUAL(procfs_program(proc.root, 20, 497 * tick, &program), -ESRCH);
	CU_ASSERT_EQUAL(procfs_program(proc.root, 21, 500 * tick, &program), -ESRCH);
	CU_ASSERT_PTR_NULL(program);
	proc_remove(&proc);
}

UNIT_TEST(procfs, the_table_asks_it_last)
{
	struct proc proc = proc_make();
	_cleanup_(process_table_freep) struct process_table *table =
		table_make(proc.root, 100, 1 << 20);
	__u64 tick = CLOCK_SECOND / (__u64)sysconf(_SC_CLK_TCK);
	struct process *process;

	proc_add(&proc, 20, 500, "/bin/prog");
	proc_add(&proc, 30, 700, "/bin/shell");
	/* a process that nothing was recorded about */
	process = act(table, 20, 500 * tick + 1, 30, 700 * tick, 900 * SECOND, "/bin/prog");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->program->command_line, "prog a b"));
	CU_ASSERT(bytes_are(process->parent_program->image, "/bin/shell"));
	/* it executes something else by the time /proc is read */
	CU_ASSERT_PTR_NULL(act(table, 30, 700 * tick, 1, 1, 901 * SECOND, "/bin/another"));
	/* what its parent was executing, that nothing was recorded about */
	process = create(table, 77, 5 * SECOND, 20, 500 * tick + 1, 902 * SECOND, "/bin/x");
	CU_ASSERT_PTR_NOT_NULL_FATAL(process);
	CU_ASSERT(bytes_are(process->parent_program->image, "/bin/prog"));
	proc_remove(&proc);
}

/* The start time of this very process, in ns, from the real /proc. */
static __u64 own_start(void)
{
	_cleanup_free_ char *stat = NULL;
	char *at;

	CU_ASSERT_EQUAL_FATAL(file_read("/proc/self/stat", 4096, &stat, NULL), 0);
	at = strrchr(stat, ')');
	for (int i = 0; i < 20; i++)
		at = strchr(at + 1, ' ');
	return strtoull(at, NULL, 10) * (CLOCK_SECOND / (__u64)sysconf(_SC_CLK_TCK));
}

UNIT_TEST(procfs, real_processes)
{
	struct program *program = NULL;
	char own[4096] = "", *boot_id = NULL;
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	__u64 start = own_start();
	pid_t child;

	CU_ASSERT_FATAL(length > 0);
	CU_ASSERT_EQUAL_FATAL(procfs_program("", (__u32)getpid(), start, &program), 0);
	CU_ASSERT(bytes_are(program->image, own));
	program_unref(take_ptr(program));
	child = fork();
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	CU_ASSERT_EQUAL(procfs_program("", (__u32)child, start, &program), -ESRCH);
	CU_ASSERT_EQUAL_FATAL(procfs_boot_id("", &boot_id), 0);
	CU_ASSERT_EQUAL(strlen(boot_id), 36);
	free(boot_id);
}
