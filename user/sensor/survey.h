/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel can do, without rules and without an agent: every program is loaded,
 * attached, tried and taken away again.
 */
#ifndef FERMATA_SURVEY_H
#define FERMATA_SURVEY_H

#include "sensor/plan.h"

/*
 * Leaves a plan for all events. -errno, with *ret_missing a constant string that says what
 * is missing, when nothing can be watched here: as of tier_check(), or the kernel side cannot
 * be loaded at all.
 */
int survey(struct plan *ret_plan, enum tier tier, const char **ret_missing);

#endif
