/* SPDX-License-Identifier: Apache-2.0 */
#include "dice.h"

/* SplitMix64 (Steele, Lea, Flood 2014): any seed is a good one. */
__u64 dice_word(struct dice *dice)
{
	__u64 z = dice->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

size_t dice_below(struct dice *dice, size_t n)
{
	return dice_word(dice) % n;
}

bool dice_once(struct dice *dice, size_t n)
{
	return !dice_below(dice, n);
}
