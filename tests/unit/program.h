/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program as it is called: what it prints, its exit status, and golden answers.
 */
#ifndef FERMATA_PROGRAM_H
#define FERMATA_PROGRAM_H

#include <stdbool.h>

struct answer {
	int status;
	char text[256 << 10]; /* both outputs, unless one was sent away */
};

/* Runs `fermata ARGUMENTS`, which the shell reads, with the program beside the tests.
 * False, and the test is skipped, when there is none. */
bool program_ask(struct answer *answer, const char *arguments);

/* Asserts the exit status, and that the text is in the answer. */
void answer_expect(const struct answer *answer, int status, const char *part);

/* Asserts that the answer is what is in tests/golden/tools/NAME. GOLDEN_UPDATE=1 in the
 * environment writes it anew: look at the difference before it is committed. */
void answer_expect_golden(const struct answer *answer, int status, const char *name);

#endif
