/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a policy image that the user side confirms: one for each value of each user
 * atom in each event. image.c says where they go.
 */
#ifndef FERMATA_CONFIRM_ROWS_H
#define FERMATA_CONFIRM_ROWS_H

#include "rules/atom.h"

/* Bytes of the rows and of what they refer to, or where in the image each begins. */
struct confirm_parts {
	size_t rows, spans, patterns;
};

void confirm_rows_measure(struct confirm_parts *ret_sizes, const struct atoms *atoms);

/* Writes them. `at` has room for what was measured, each part at a multiple of 8. -ENOMEM. */
int confirm_rows_write(struct policy *policy, const struct confirm_parts *at,
		       const struct atoms *atoms);

#endif
