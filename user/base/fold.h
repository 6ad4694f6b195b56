/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bytes count as alike when texts are compared: what the automaton's columns
 * and the user side's own comparison must agree on.
 */
#ifndef FERMATA_FOLD_H
#define FERMATA_FOLD_H

#include <stdbool.h>

/* NUL is a space: arguments are captured with a NUL after each. Letters of both ASCII
 * cases are alike unless `cased`. */
static inline unsigned char byte_fold(unsigned char byte, bool cased)
{
	if (!byte)
		return ' ';
	return !cased && byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

#endif
