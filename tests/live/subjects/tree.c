/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process tree seven levels deep in which every level is made another way. Each member
 * opens a file of its own in FOLDER, "marker-NAME", or executes this program with the
 * argument "exec-marker-NAME", and says so in a line of standard output: NAME PID.
 *
 *   main → fork → double fork and setsid → vfork and exec → posix_spawn → clone3 → thread,
 *   which forks a child that executes; beside it, a thread that executes itself.
 *
 *   tree FOLDER
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static const char *self, *folder;

static void say(const char *name)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s %d\n", name, (int)getpid());

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(2);
}

static void mark(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/marker-%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		_exit(2);
	close(fd);
	say(name);
}

/* Becomes this program again, from where `stage` begins. */
static _Noreturn void become(const char *stage, const char *marker)
{
	execl(self, self, folder, stage, marker, NULL);
	_exit(2);
}

static void await(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status)
		_exit(2);
}

static void *thread_executes(void *nothing)
{
	(void)nothing;
	become("end", "exec-marker-by-thread");
}

static void *thread_forks(void *nothing)
{
	pid_t child;

	(void)nothing;
	mark("thread");
	child = fork();
	if (!child) {
		mark("fork-of-thread");
		become("end", "exec-marker-by-fork-of-thread");
	}
	await(child);
	return NULL;
}

static void run_thread(void *(*body)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, NULL) || pthread_join(thread, NULL))
		_exit(2);
}

static void clone3_level(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (child) {
		await(child);
		return;
	}
	mark("clone3");
	run_thread(thread_forks);
	child = fork();
	if (!child) {
		mark("before-thread-executes");
		run_thread(thread_executes);
	}
	await(child);
	_exit(0);
}

static void spawn_level(void)
{
	char *argv[] = { (char *)self, (char *)folder, "spawned", "exec-marker-posix_spawn", NULL };
	pid_t child;

	if (posix_spawn(&child, self, NULL, NULL, argv, environ))
		_exit(2);
	await(child);
}

static void vfork_level(void)
{
	pid_t child = vfork();

	if (!child) {
		execl(self, self, folder, "vforked", "exec-marker-vfork", NULL);
		_exit(2);
	}
	await(child);
}

/* The grandchild's parent ends at once; whoever waits for it waits for its output to close. */
static void double_fork_level(void)
{
	pid_t child = fork();

	if (child) {
		await(child);
		return;
	}
	mark("first-of-double-fork");
	if (fork())
		_exit(0);
	if (setsid() < 0)
		_exit(2);
	mark("double-fork-setsid");
	vfork_level();
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *stage = argc > 2 ? argv[2] : "";
	pid_t child;

	if (argc < 2)
		return 2;
	self = "/proc/self/exe";
	folder = argv[1];
	if (argc > 3)
		say(argv[3]);
	if (!strcmp(stage, "vforked")) {
		mark("vfork");
		spawn_level();
	} else if (!strcmp(stage, "spawned")) {
		mark("posix_spawn");
		clone3_level();
	} else if (strcmp(stage, "end")) {
		mark("main");
		child = fork();
		if (!child) {
			mark("fork");
			double_fork_level();
			_exit(0);
		}
		await(child);
	}
	return 0;
}
