/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of each rule, as `rules check` tells it: on this kernel, where that can be
 * found out, and on kernels of each tier.
 */
#ifndef FERMATA_STRENGTHS_H
#define FERMATA_STRENGTHS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/json.h"
#include "rules/compile.h"
#include "sensor/strength.h"

struct strengths {
	bool known; /* `here` is */
	struct plan here;
	struct plan tier[TIER_MAX]; /* with all that the tier can have */
};

/* Finding out about this kernel needs root and takes a moment; without, only the tiers. */
void strengths_find(struct strengths *ret_strengths);

/* A table of the rules that refuse or kill, and of those that this kernel does not see.
 * `compiled` may be NULL. */
void strengths_print(const struct strengths *strengths, const struct ruleset *ruleset,
		     const struct compiled *compiled, FILE *out);

/* The same of every rule, as an array under `key`. */
void strengths_write(struct json *json, const char *key, const struct strengths *strengths,
		     const struct ruleset *ruleset, const struct compiled *compiled);

#endif
