/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random choices that come out alike for the same seed, on every machine.
 */
#ifndef FERMATA_DICE_H
#define FERMATA_DICE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct dice {
	__u64 state;
};

__u64 dice_word(struct dice *dice);

/* Below `n`, which is not 0. */
size_t dice_below(struct dice *dice, size_t n);

/* True once in `n`. */
bool dice_once(struct dice *dice, size_t n);

#define dice_of(dice, array) ((array)[dice_below(dice, sizeof(array) / sizeof((array)[0]))])

#endif
