/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has a child that shares its descriptors (CLONE_FILES without CLONE_THREAD) open FILE,
 * and prints what can be read from them when the child has ended.
 *
 *   share FILE
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char bytes[64];
	pid_t child;

	if (argc < 2)
		return 2;
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (!child) {
		open(argv[1], O_RDONLY);
		_exit(0);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child)
		return 2;
	for (int fd = 3; fd < 64; fd++) {
		ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

		if (n > 0 && write(STDOUT_FILENO, bytes, (size_t)n) != n)
			return 2;
	}
	return 0;
}
