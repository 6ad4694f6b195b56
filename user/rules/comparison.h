/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How two fields of an event can be compared (`fieldref`).
 */
#ifndef FERMATA_COMPARISON_H
#define FERMATA_COMPARISON_H

#include <stdbool.h>

#include "base/fields.h"

/* Whether values of both fields can be compared so; `flags` is an enum comparison. */
bool comparison_suits(unsigned int flags, const struct field_info *field,
		      const struct field_info *other);

#endif
