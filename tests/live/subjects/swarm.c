/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many short processes, some at a time: fork, exec of PROGRAM with the argument
 * "quick-N-", wait.
 *
 *   swarm COUNT PROGRAM
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_A_TIME 8

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[1]) : 0, running = 0, status;
	char argument[32];

	if (count <= 0)
		return 2;
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child) {
			snprintf(argument, sizeof(argument), "quick-%d-", i);
			execl(argv[2], argv[2], argument, NULL);
			_exit(2);
		}
		if (child < 0)
			return 2;
		if (++running < AT_A_TIME)
			continue;
		if (wait(&status) < 0 || status)
			return 2;
		running--;
	}
	while (wait(&status) > 0)
		if (status)
			return 2;
	return 0;
}
