/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start-up trial: "attached" is made to mean "fires". A throw-away child with a tag of
 * its own does the act of every hook; see bpf/trial.bpf.h for what the programs do then.
 */
#ifndef FERMATA_TRIAL_H
#define FERMATA_TRIAL_H

#include "policy.h"
#include "sensor/plan.h"

struct sensor;

/*
 * Tries every program that the plan wants for the policy, all of them attached. Enters those
 * into the plan that are not run, or whose refusal has no effect; what cannot be tried here
 * (no IPv6) is let pass. The child is put into the cgroup (a descriptor; -1: it stays where
 * it is). Returns 0, 1 when something was entered, or -errno when the trial could not be held.
 */
int trial_hold(struct sensor *sensor, struct plan *plan, const struct policy *policy, int cgroup);

#endif
