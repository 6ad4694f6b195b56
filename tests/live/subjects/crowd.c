/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to get a file opened while neighbours on the same processor open another one all the
 * time, so that they may be pre-empted inside of a program that examines opens. Says "read"
 * when it could read the file, else "none" at the end.
 *
 *   crowd FILE OTHER SECONDS
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define NEIGHBOURS 2

static void neighbour(const char *other, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		close(open(other, O_RDONLY));
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t self = getpid();
	time_t end;
	cpu_set_t one;
	char byte;

	if (argc != 4)
		return 2;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return 2;
	for (int i = 0; i < NEIGHBOURS; i++)
		if (!fork())
			neighbour(argv[2], self);
	end = time(NULL) + atoi(argv[3]);
	while (time(NULL) < end) {
		int fd;

		usleep(1000); /* who wakes up pre-empts who runs */
		fd = open(argv[1], O_RDONLY);
		if (fd < 0)
			continue;
		if (read(fd, &byte, 1) == 1) {
			puts("read");
			return 1;
		}
		close(fd);
	}
	puts("none");
	return 0;
}
