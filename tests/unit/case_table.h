/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of cases: a detection, an event, and whether the one fits the other, as Sigma's
 * specification has it. Each row goes from the rule's text through the compiler and the
 * evaluator, alone and in one policy with all rows of its table. What the kernel side can
 * see must be a match or a candidate wherever the whole truth is a match; and what it is
 * certain of must be true.
 */
#ifndef FERMATA_CASE_TABLE_H
#define FERMATA_CASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct case_row {
	/* One search ("Image: x"), or, with a `condition:` in it, a whole detection. */
	const char *detection;
	/* "Field=value", joined by AND; names of a set are joined by commas. */
	const char *event;
	bool fits;
};

#define AND "\x1e"

/* Fails for each row that is judged wrongly, and notes how many rows there were. */
void case_table_check(const char *category, const struct case_row *rows, size_t count);

#define CASES(category, rows) case_table_check(category, rows, sizeof(rows) / sizeof(*(rows)))

#endif
