/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of `run`: rings, signals, and the command that is watched, until the command
 * and everything it left behind have ended.
 */
#ifndef FERMATA_WATCH_H
#define FERMATA_WATCH_H

#include <linux/types.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct cgroup;
struct marks;
struct pipeline;
struct sensor;

struct watch {
	struct sensor *sensor;
	struct pipeline *pipeline;
	struct cgroup *cgroup; /* of the agent, or NULL */
	struct marks *marks; /* or NULL */
	__u32 row; /* of the session */
	__u64 session;
	pid_t child;
	int signals; /* signalfd of watch_signals() */

	bool explained; /* who condemned the session has been told */
	bool finished; /* every member of the condemned session was killed */

	bool stopped; /* the command is */
	__u64 stop_asked; /* when the terminal asked for it, CLOCK_BOOTTIME; 0: it did not */

	bool ended; /* the command has; then: */
	int status; /* as of waitpid(2) */
	bool read; /* all verdicts from before that were */
	bool killed; /* the session was condemned by then */
};

/* The signals that the loop takes; to be blocked before the command is started. */
void watch_signals(sigset_t *ret_signals);

/* A signal that came before there was a command to pass it on to, and that would have ended
 * us if it had not been blocked; 0: none. `before`: what the caller had blocked. */
int watch_signal_before(const sigset_t *before);

/* The faster half of killing the agent: all that are still in its cgroup. */
void watch_kill_cgroup(struct watch *watch);

/* Condemns the session and kills every member; watch_run() goes on with what -errno left
 * alive. */
int watch_kill(struct watch *watch);

/* Runs until nothing of the session is left. 0 or -errno (reading the rings failed). */
int watch_run(struct watch *watch);

#endif
