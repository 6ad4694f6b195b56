/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of policy_check() that is about what the user side confirms.
 */
#ifndef FERMATA_POLICY_CONFIRMS_H
#define FERMATA_POLICY_CONFIRMS_H

#include "policy.h"

/* Checks the rows of all events of an image whose head is good. -EINVAL: one is not what a
 * compiler writes, or its regular expression does not compile; -ENOMEM. */
int policy_confirms_check(const struct policy *policy);

#endif
