/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens a file again and again, in one process that does little else and in one that is
 * executed anew for each time, until standard input is closed; then tells how often.
 *
 *	opener FILE PAUSE	microseconds between two openings: without, more is told than
 *				anybody can take
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned long *opened; /* by the one and the others */

static int asked_to_end(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&input, 1, 0);
}

static void file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		_exit(1);
	close(fd);
}

static void many(const char *path, unsigned int pause_us)
{
	while (!asked_to_end()) {
		file_open(path);
		opened[0]++;
		usleep(pause_us);
	}
	_exit(0);
}

static void executed(char *program, char *path)
{
	char *arguments[] = { program, path, NULL };
	pid_t pid = vfork();
	int status;

	if (!pid) {
		execv(program, arguments);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(1);
	opened[1]++;
}

int main(int argc, char **argv)
{
	pid_t first;
	int status;

	if (argc < 2)
		return 2;
	if (argc == 2)
		return file_open(argv[1]), 0;
	opened = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (opened == MAP_FAILED)
		return 1;
	first = fork();
	if (!first)
		many(argv[1], (unsigned int)atoi(argv[2]));
	while (!asked_to_end()) {
		executed(argv[0], argv[1]);
		usleep((unsigned int)atoi(argv[2]));
	}
	if (waitpid(first, &status, 0) != first || status)
		return 1;
	printf("%lu %lu\n", opened[0], opened[1]);
	return 0;
}
