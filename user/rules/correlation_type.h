/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of correlations by their names.
 */
#ifndef FERMATA_CORRELATION_TYPE_H
#define FERMATA_CORRELATION_TYPE_H

#include "policy.h"

extern const char *const correlation_type_table[CORRELATION_TYPE_MAX];

#endif
