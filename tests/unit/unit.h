/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit tests' harness: CUnit's assertions, TAP on stdout. A test registers
 * itself by being defined, so a new file or test is one touch:
 *
 *	#include "unit.h"
 *
 *	UNIT_TEST(interval, adjacent_are_merged)
 *	{
 *		CU_ASSERT_EQUAL(interval_count(table), 2);
 *	}
 *
 * The _FATAL assertions leave the test by longjmp: cleanup attributes do not run.
 */
#ifndef FERMATA_UNIT_H
#define FERMATA_UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdint.h>

#define UNIT_TEST(suite, name)                                                                     \
	static void test_##suite##_##name(void);                                                   \
	__attribute__((constructor)) static void register_##suite##_##name(void)                   \
	{                                                                                          \
		unit_register(#suite, #name, test_##suite##_##name);                               \
	}                                                                                          \
	static void test_##suite##_##name(void)

/* Called by UNIT_TEST. Names are borrowed. */
void unit_register(const char *suite, const char *name, void (*run)(void));

/* Tells that the running test cannot be made here; it should return then. A failed
 * assertion before or after it still fails the test. `why` is borrowed until then. */
void unit_skip(const char *why);

/* Prints a TAP comment line: figures, seeds. */
void unit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The seed of all random tests: UNIT_SEED of the environment, else a fixed one, so
 * that a run can be repeated. Each call notes it. */
uint64_t unit_seed(void);

/* The next number of a sequence (splitmix64); *state is the seed at first. */
uint64_t unit_random(uint64_t *state);

/* Whether a sanitizer or valgrind makes everything many times slower, so that a time
 * that was measured says nothing. */
bool unit_is_slow(void);

/* A number in 0 .. bound - 1. */
static inline uint64_t unit_below(uint64_t *state, uint64_t bound)
{
	return unit_random(state) % bound;
}

#endif
