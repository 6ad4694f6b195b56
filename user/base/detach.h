/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of our own that does one thing beside us and outlives us: what stops, kills or
 * holds up its maker does not reach it, and it holds up nothing of the maker's.
 */
#ifndef FERMATA_DETACH_H
#define FERMATA_DETACH_H

#include <stdbool.h>

struct detached {
	const char *name; /* as ps shows it */
	/* Runs in the process; `maker` is a stream socket that reads as ended when the maker
	 * has let go of its end or has ended, however. */
	void (*main)(void *context, int maker);
	/* Which descriptors it keeps of the maker's, beside that: else a pipe or terminal of
	 * the maker's caller would not end when the maker does. */
	bool (*keeps)(const void *context, int fd);
	void *context;
};

/* Starts it, in a session of its own, with all signals blocked; no child of ours that a
 * caller would have to wait for. It has let go of what it does not keep when this returns
 * our end of the socket; else -errno. */
int detach(const struct detached *detached);

#endif
