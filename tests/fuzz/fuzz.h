/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share. A target is a file with LLVMFuzzerTestOneInput(); what it
 * finds wrong ends it by abort(), as a sanitizer would.
 */
#ifndef FERMATA_FUZZ_H
#define FERMATA_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/event_view.h"
#include "rules/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the target when something is not as it must be. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Reads rules from memory, as a file of a name that does not change. NULL when that
 * cannot be done, and then it was diagnosed. The caller frees it. */
struct ruleset *fuzz_ruleset(const void *data, size_t size, struct diagnostics *diagnostics);

/* The rules of tests/fuzz/corpus/rules, compiled: what other targets start from. Made once. */
const struct compiled *fuzz_policy(struct ruleset **ret_ruleset);

/* Evaluates events of every kind with the policy. */
void fuzz_evaluate(const struct policy *policy);

/*
 * Changes a buffer by what the input says: each eight bytes of it are an offset, a value
 * and how it is put there. So mutated input makes small changes at places that matter.
 */
void fuzz_edit(void *buffer, size_t length, const uint8_t *data, size_t size);

#endif
