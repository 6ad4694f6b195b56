// SPDX-License-Identifier: Apache-2.0
/*
 * The process that undoes, where there is no room for it.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/undo.h"
#include "unit.h"

/* A user who may have two processes: this one, and not its child's child. */
static int start_with_two(void)
{
	struct rlimit two = { 2, 2 };

	if (setrlimit(RLIMIT_NPROC, &two) || setresuid(54321, 54321, 54321))
		return 77;
	return undo_start(NULL) == -EAGAIN ? 0 : 1;
}

UNIT_TEST(undo, that_cannot_be_started)
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		_exit(start_with_two());
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		unit_skip("needs root");
	else
		CU_ASSERT_EQUAL(status, 0);
}
