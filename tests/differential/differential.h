/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ways to compare, each a command of the program. They print TAP, and return 0 or 1.
 */
#ifndef FERMATA_DIFFERENTIAL_H
#define FERMATA_DIFFERENTIAL_H

#include <linux/types.h>

struct differential {
	__u64 events, seed;
	const char *corpus; /* a folder of rules, which may be missing */
	const char *tier; /* acting: "" is the strongest */
	const char *program; /* acting: what is executed */
};

/* Events are handed to the kernel side, which is attached to nothing. */
int handed(const struct differential *differential);

/* Events that happen: a process acts in the folder that is the current one. */
int acting(const struct differential *differential);

/* That process: tells on standard output how many of each act succeeded. */
int act(const struct differential *differential);

#endif
