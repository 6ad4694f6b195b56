/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens one file that is forbidden and one that is not, over and over, from many processes at
 * the same time; then says how often each was opened, and not.
 *
 *   flood PROCESSES ATTEMPTS FORBIDDEN ALLOWED
 *
 * "forbidden: OPENED REFUSED, allowed: OPENED REFUSED, killed: TIMES"; an error other than EPERM
 * ends it, and who is killed is replaced by another who does the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64

struct counts {
	unsigned long opened, refused;
};

static struct shared {
	struct counts forbidden, allowed;
	int left[PROCESSES_MAX];
} * shared;
static char **paths;

static void attempt(const char *path, struct counts *counts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		__atomic_fetch_add(&counts->opened, 1, __ATOMIC_RELAXED);
		close(fd);
	} else if (errno == EPERM) {
		__atomic_fetch_add(&counts->refused, 1, __ATOMIC_RELAXED);
	} else {
		_exit(1);
	}
}

static pid_t worker_start(int number)
{
	pid_t child = fork();

	if (child)
		return child;
	while (shared->left[number] > 0) {
		shared->left[number]--;
		attempt(paths[0], &shared->forbidden);
		attempt(paths[1], &shared->allowed);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int processes = argc == 5 ? atoi(argv[1]) : 0, running = processes, status;
	pid_t workers[PROCESSES_MAX], ended;
	unsigned long killed = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (processes < 1 || processes > PROCESSES_MAX || shared == MAP_FAILED)
		return 2;
	paths = argv + 3;
	for (int i = 0; i < processes; i++) {
		shared->left[i] = atoi(argv[2]);
		workers[i] = worker_start(i);
	}
	while (running && (ended = wait(&status)) > 0) {
		if (!WIFSIGNALED(status)) {
			if (status)
				return 1;
			running--;
			continue;
		}
		killed++;
		for (int i = 0; i < processes; i++)
			if (workers[i] == ended)
				workers[i] = worker_start(i);
	}
	printf("forbidden: %lu %lu, allowed: %lu %lu, killed: %lu\n", shared->forbidden.opened,
	       shared->forbidden.refused, shared->allowed.opened, shared->allowed.refused, killed);
	return 0;
}
