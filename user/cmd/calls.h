/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls `run` refuses to its command.
 */
#ifndef FERMATA_CALLS_H
#define FERMATA_CALLS_H

#include "cmd/run_options.h"
#include "sensor/filter.h"

/* On tier portable those that get past the rules, and says which; an empty filter where
 * nothing is to be refused, or cannot be, which it says too. */
void calls_choose(struct filter *ret_filter, const struct run_options *options,
		  const struct plan *plan, const struct policy *policy);

#endif
