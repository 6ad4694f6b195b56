/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell `fanotify`: permission marks on the files that rules name, and a process of its
 * own that answers for them, so that no opening on the host ever waits for the monitor. When
 * that process ends, the marks are gone, and what waits goes on.
 */
#ifndef FERMATA_MARKS_H
#define FERMATA_MARKS_H

#include "rules/names.h"
#include "sensor/placing.h"
#include "sensor/plan.h"

struct marks;
struct sensor;

/* Tries it: a throw-away child opens a file that is marked. Returns whether it was refused,
 * else why not. */
bool marks_probe(struct failure *ret_failure);

/*
 * Starts the process, and returns when all files that are there have been looked for, with
 * *ret_placed saying how far that went. `names` and `policy` are read until then. -errno: without
 * fanotify, or -ETIMEDOUT.
 */
int marks_start(struct marks **ret_marks, struct sensor *sensor, const struct names *names,
		const struct policy *policy, bool observe, struct placed *ret_placed);

/* Whether a bound has been reached since it was asked last. */
bool marks_overflowed(struct marks *marks);

/* Ends the process and waits for that, so that nothing is left. NULL is allowed. */
void marks_stop(struct marks *marks);

#endif
