/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that rules name: a process of its own finds them and labels them for the kernel
 * side. In the shell `fanotify` it also marks them and answers for the marks, so that no opening
 * on the host ever waits for the monitor. When that process ends, labels and marks are gone,
 * and what waits goes on.
 */
#ifndef FERMATA_MARKS_H
#define FERMATA_MARKS_H

#include "rules/names.h"
#include "sensor/placing.h"
#include "sensor/plan.h"

struct marks;
struct sensor;

struct marks_config {
	struct sensor *sensor;
	const struct names *names;
	const struct policy *policy;
	bool marked; /* not labelled only */
	bool observe;
};

/* Tries it: a throw-away child opens a file that is marked. Returns whether it was refused,
 * else why not. */
bool marks_probe(struct failure *ret_failure);

/*
 * Starts the process, and returns when all files that are there have been looked for, with
 * *ret_placed saying how far that went. `names` and `policy` are read until then. -errno: without
 * fanotify, or -ETIMEDOUT.
 */
int marks_start(struct marks **ret_marks, const struct marks_config *config,
		struct placed *ret_placed);

/* Whether a bound has been reached since it was asked last. */
bool marks_overflowed(struct marks *marks);

/* Ends the process and waits for that, so that nothing is left. NULL is allowed. */
void marks_stop(struct marks *marks);

#endif
