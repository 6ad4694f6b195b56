/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/correlation_type.h"

const char *const correlation_type_table[CORRELATION_TYPE_MAX] = {
#define C(name) [CORRELATION_##name] = #name,
	CORRELATION_TYPES(C)
#undef C
};
