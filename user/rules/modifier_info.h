/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What modifiers are for, as `rules fields` tells it.
 */
#ifndef FERMATA_MODIFIER_INFO_H
#define FERMATA_MODIFIER_INFO_H

#include "rules/modifier.h"

struct modifier_info {
	const char *name;
	const char *meaning;
};

extern const struct modifier_info modifier_info_table[MODIFIER_MAX];

/* A kind of field in a word, and as rules compare it. */
struct kind_info {
	enum kind kind;
	const char *name, *meaning;
};

/* Ended by a NULL name. */
extern const struct kind_info kind_info_table[];

#endif
