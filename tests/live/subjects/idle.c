/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sixteen members of one tree that do nothing any more: asleep, stopped, orphaned, with
 * signals blocked, in a session of their own, waiting for a lock of a thread. When all
 * of them do nothing, their pids are printed, and then the file TRIGGER is opened.
 *
 *   idle TRIGGER
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEMBERS 16
#define ALARM_SECONDS 1200

enum kind { ASLEEP, STOPPED, ORPHANED, BLOCKING, OWN_SESSION, THREADED, KINDS };

static void *thread_sleeps(void *nothing)
{
	while (pause())
		;
	return nothing;
}

static void idle(enum kind kind)
{
	pthread_t thread;
	sigset_t all;

	/* nobody may be there to end it */
	alarm(ALARM_SECONDS);
	sigfillset(&all);
	sigdelset(&all, SIGALRM);
	if (kind == BLOCKING)
		sigprocmask(SIG_BLOCK, &all, NULL);
	if (kind == OWN_SESSION)
		setsid();
	if (kind == THREADED && !pthread_create(&thread, NULL, thread_sleeps, NULL))
		pthread_join(thread, NULL);
	if (kind == STOPPED)
		raise(SIGSTOP);
	for (;;)
		pause();
}

static void member(enum kind kind, int tell)
{
	pid_t child = fork(), self;

	if (child < 0)
		_exit(2);
	if (child) {
		if (kind == ORPHANED)
			waitpid(child, NULL, 0);
		return;
	}
	if (kind == ORPHANED && fork())
		_exit(0);
	self = getpid();
	if (write(tell, &self, sizeof(self)) != sizeof(self))
		_exit(2);
	idle(kind);
}

/* Whether the process sleeps or is stopped. */
static int is_idle(pid_t pid)
{
	char path[64], line[512], *state;
	FILE *file;
	int yes;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	state = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	yes = state && strchr("ST", state[2]);
	fclose(file);
	return yes;
}

int main(int argc, char **argv)
{
	static const struct timespec moment = { .tv_nsec = 1000000 };
	pid_t pid[MEMBERS];
	int tell[2];

	if (argc < 2 || pipe2(tell, O_CLOEXEC))
		return 2;
	for (int i = 0; i < MEMBERS; i++)
		member((enum kind)(i % KINDS), tell[1]);
	for (int i = 0; i < MEMBERS; i++)
		if (read(tell[0], &pid[i], sizeof(*pid)) != sizeof(*pid))
			return 2;
	for (int i = 0; i < MEMBERS; i++) {
		while (!is_idle(pid[i]))
			nanosleep(&moment, NULL);
		printf("%d\n", (int)pid[i]);
	}
	fflush(stdout);
	open(argv[1], O_RDONLY);
	puts("still here");
	return 0;
}
