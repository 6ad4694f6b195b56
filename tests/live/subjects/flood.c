/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens one file that is forbidden and one that is not, over and over, from many processes at
 * the same time; then says how often each was opened, and not.
 *
 *   flood PROCESSES ATTEMPTS FORBIDDEN ALLOWED
 *
 * "forbidden: OPENED REFUSED, allowed: OPENED REFUSED"; an error other than EPERM ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct counts {
	unsigned long opened, refused;
};

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

int main(int argc, char **argv)
{
	struct counts *counts =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (argc != 5 || counts == MAP_FAILED)
		return 2;
	for (int i = 0; i < atoi(argv[1]); i++) {
		if (fork())
			continue;
		for (int left = atoi(argv[2]); left; left--) {
			attempt(argv[3], &counts[0]);
			attempt(argv[4], &counts[1]);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		if (status)
			return 1;
	printf("forbidden: %lu %lu, allowed: %lu %lu\n", counts[0].opened, counts[0].refused,
	       counts[1].opened, counts[1].refused);
	return 0;
}
