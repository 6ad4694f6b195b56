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
	struct judged judged;
	struct names names;
	bool known; /* `here` is */
	struct plan here;
	struct plan tier[TIER_MAX]; /* with all that the tier can have */
};

/* Finding out about this kernel needs root and takes a moment; without, only the tiers.
 * `ruleset` and `compiled`, which may be NULL, are borrowed. 0 or -ENOMEM. */
int strengths_find(struct strengths *ret_strengths, const struct ruleset *ruleset,
		   const struct compiled *compiled);
void strengths_done(struct strengths *strengths);

/* What becomes of rule number `i` on kernels of that tier; with -1 on this one, or NULL when
 * that is not known. */
const char *strengths_of(const struct strengths *strengths, int tier, size_t i);

/* A table of the rules that refuse or kill, and of those that this kernel does not see. */
void strengths_print(const struct strengths *strengths, FILE *out);

/* The same of every rule, as an array under `key`. */
void strengths_write(struct json *json, const char *key, const struct strengths *strengths);

#endif
