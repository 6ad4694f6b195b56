/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that rules name, on the portable tier of `run`: marked where that can be had.
 * What does not work is said, and goes on without: who opens them is killed then.
 */
#ifndef FERMATA_NAMED_H
#define FERMATA_NAMED_H

#include <stdbool.h>

#include "rules/names.h"
#include "sensor/plan.h"

struct marks;
struct sensor;

/* Marks them. NULL: it did not work, which has been said. */
struct marks *named_mark(const struct names *names, struct sensor *sensor,
			 const struct policy *policy, bool observe);

/* Says that this kernel takes no marks. */
void named_tell_failure(const struct failure *failure);

/* Says that there are more than can be marked. */
void named_tell_full(void);

#endif
