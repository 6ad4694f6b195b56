/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often which name occurred: of fields and categories that nobody knows. Bounded: of
 * names beyond TALLY_MAX only their number is kept, and long ones are cut.
 */
#ifndef FERMATA_TALLY_H
#define FERMATA_TALLY_H

#include <linux/types.h>
#include <stddef.h>

#define TALLY_MAX 64
#define TALLY_NAME_SIZE 64

struct tally {
	struct {
		char name[TALLY_NAME_SIZE];
		__u64 count;
	} row[TALLY_MAX];
	size_t count; /* rows */
	__u64 others; /* occurrences of further names */
};

void tally_add(struct tally *tally, const char *name, size_t length);

#endif
