/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that rules name, in `run`: labelled, and on the portable tier marked where that
 * can be had. What does not work is said, and goes on without.
 */
#ifndef FERMATA_NAMED_H
#define FERMATA_NAMED_H

#include <stdbool.h>

#include "rules/names.h"
#include "sensor/plan.h"

struct marks;
struct marks_config;

/* NULL: it did not work, which has been said. */
struct marks *named_mark(const struct marks_config *config);

/* Says that this kernel takes no marks. */
void named_tell_failure(const struct failure *failure);

/* Says that there are more than are looked for. */
void named_tell_full(void);

#endif
