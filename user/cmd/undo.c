/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/undo.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/detach.h"
#include "sensor/cgroup.h"

static bool undo_keeps(const void *context, int fd)
{
	return cgroup_owns(context, fd);
}

static void undo_main(void *context, int maker)
{
	ssize_t n;
	char byte;

	do
		n = read(maker, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(cgroup_remove(context) ? 1 : 0);
}

int undo_start(struct cgroup *cgroup)
{
	return detach(&(struct detached) { "fermata-undo", undo_main, undo_keeps, cgroup });
}

void undo_release(int undo, bool undone)
{
	if (undo < 0)
		return;
	/* where that fails it has been killed: nothing is left to tell */
	if (undone)
		(void)send(undo, "", 1, MSG_NOSIGNAL);
	close(undo);
}
