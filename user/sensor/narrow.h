/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the programs does not load: looked for only when they did not load together, as
 * libbpf loads all or nothing.
 */
#ifndef FERMATA_NARROW_H
#define FERMATA_NARROW_H

#include "policy.h"
#include "sensor/plan.h"

/* Enters into the plan what is absent from this kernel, else what does not load, found shell
 * by shell and hook by hook. Returns whether anything was entered. */
bool narrow(struct plan *plan, const struct policy *policy);

#endif
