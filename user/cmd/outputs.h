/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that `run` writes: the alert log and the recording.
 */
#ifndef FERMATA_OUTPUTS_H
#define FERMATA_OUTPUTS_H

#include <stdbool.h>
#include <sys/types.h>

struct alert_log;
struct compiled;
struct recording;
struct run_options;

/* All NULL: none is open. */
struct outputs {
	struct alert_log *alerts;
	struct recording *recording;
	bool failed; /* one of them has, and it was said */
};

/* Opens those that the options name; `agent` is the user that is watched. A status, with
 * what is wrong printed. */
int outputs_open(struct outputs *outputs, const struct run_options *options, uid_t agent);
void outputs_done(struct outputs *outputs);

/* Writes the head of the recording, if there is one. A status. */
int outputs_begin(struct outputs *outputs, const struct run_options *options,
		  const struct compiled *compiled);

/* Says once that `path` takes no more. Returns whether the agent is to be stopped now. */
bool outputs_failed(struct outputs *outputs, const struct run_options *options, const char *path,
		    int error);

#endif
