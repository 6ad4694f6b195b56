// SPDX-License-Identifier: Apache-2.0
/*
 * Runs the unit tests and tells their results as TAP on stdout. Arguments choose:
 * `unit`, `unit automaton`, `unit automaton.anchors clause`. Exits 1 when a test
 * failed or nothing was chosen.
 */
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TESTS_MAX 2048 /* more is a mistake in here: the run is given up */

struct unit_test {
	const char *suite, *name;
	void (*run)(void);
};

static struct unit_test tests[TESTS_MAX];
static size_t test_count;

static size_t told, failed;
static const char *skipped; /* why, for the running test */

void unit_register(const char *suite, const char *name, void (*run)(void))
{
	if (test_count == TESTS_MAX) {
		fprintf(stderr, "unit: more than %d tests\n", TESTS_MAX);
		exit(1);
	}
	tests[test_count++] = (struct unit_test) { suite, name, run };
}

void unit_skip(const char *why)
{
	skipped = why;
}

void unit_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("# ", stdout);
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
}

uint64_t unit_seed(void)
{
	const char *given = getenv("UNIT_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 0x5eed2026;

	unit_note("UNIT_SEED=%#llx", (unsigned long long)seed);
	return seed;
}

uint64_t unit_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

bool unit_is_slow(void)
{
	const char *preload = getenv("LD_PRELOAD");

#ifdef __SANITIZE_ADDRESS__
	return true;
#endif
	return preload && strstr(preload, "vgpreload");
}

static void test_started(const CU_pTest test, const CU_pSuite suite)
{
	(void)test;
	(void)suite;
	skipped = NULL;
}

/* `failure` is the first of this test; the list goes on with its others. */
static void test_complete(const CU_pTest test, const CU_pSuite suite,
			  const CU_pFailureRecord failure)
{
	told++;
	if (failure) {
		failed++;
		printf("not ok %zu - %s: %s\n", told, suite->pName, test->pName);
		for (CU_pFailureRecord f = failure; f; f = f->pNext)
			printf("# %s:%u: %s\n", f->strFileName ? f->strFileName : "?",
			       f->uiLineNumber, f->strCondition ? f->strCondition : "?");
	} else if (skipped) {
		printf("ok %zu - %s: %s # SKIP %s\n", told, suite->pName, test->pName, skipped);
	} else {
		printf("ok %zu - %s: %s\n", told, suite->pName, test->pName);
	}
	fflush(stdout);
}

static int is_chosen(const struct unit_test *test, int argc, char *argv[])
{
	size_t length = strlen(test->suite);

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], test->suite, length) &&
		    (!argv[i][length] ||
		     (argv[i][length] == '.' && !strcmp(argv[i] + length + 1, test->name))))
			return 1;
	return argc < 2;
}

static int test_compare(const void *a, const void *b)
{
	const struct unit_test *left = a, *right = b;
	int order = strcmp(left->suite, right->suite);

	return order ? order : strcmp(left->name, right->name);
}

int main(int argc, char *argv[])
{
	size_t chosen = 0;

	qsort(tests, test_count, sizeof(tests[0]), test_compare);
	if (CU_initialize_registry() != CUE_SUCCESS)
		goto broken;
	for (size_t i = 0; i < test_count; i++) {
		CU_pSuite suite = CU_get_suite(tests[i].suite);

		if (!is_chosen(&tests[i], argc, argv))
			continue;
		if (!suite)
			suite = CU_add_suite(tests[i].suite, NULL, NULL);
		if (!suite || !CU_add_test(suite, tests[i].name, tests[i].run))
			goto broken;
		chosen++;
	}
	printf("1..%zu\n", chosen);
	fflush(stdout);
	CU_set_test_start_handler(test_started);
	CU_set_test_complete_handler(test_complete);
	if (CU_run_all_tests() != CUE_SUCCESS)
		goto broken;
	CU_cleanup_registry();
	return failed || !chosen || told != chosen;
broken:
	fprintf(stderr, "unit: %s\n", CU_get_error_msg());
	return 1;
}
