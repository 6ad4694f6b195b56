/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of `run`: rings, signals, and the command that is watched, until the command
 * and everything it left behind have ended.
 */
#ifndef FERMATA_WATCH_H
#define FERMATA_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct pipeline;
struct sensor;

struct watch {
	struct sensor *sensor;
	struct pipeline *pipeline;
	__u32 row; /* of the session */
	__u64 session;
	pid_t child;
	int signals; /* signalfd of watch_signals() */

	const bool *condemned; /* set when a verdict condemned the session */

	bool ended; /* the command has; then: */
	int status; /* as of waitpid(2) */
	bool killed; /* the session was condemned by then */
};

/* The signals that the loop takes; to be blocked before the command is started. */
void watch_signals(sigset_t *ret_signals);

/* Runs until nothing of the session is left. 0 or -errno (reading the rings failed). */
int watch_run(struct watch *watch);

#endif
