/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/trial_acts.h"

int act_fork(int ground)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	(void)ground;
	if (child < 0)
		return errno;
	if (!child)
		_exit(0);
	return waitpid(child, NULL, 0) < 0 ? errno : 0;
}

int act_exec(int ground)
{
	static char *const argv[] = { (char *)"trial", NULL };
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	int status;

	if (child < 0)
		return errno;
	if (!child) {
		syscall(SYS_execveat, ground, "program", argv, argv + 1, 0);
		_exit(errno);
	}
	if (waitpid(child, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}
