/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public rules, when a copy is beside the tree: all are read.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rule_text.h"
#include "unit.h"

#define CORPUS "../shared/corpus/sigma-linux"

UNIT_TEST(corpus, sigma_linux)
{
	static const char *const paths[] = { CORPUS };
	struct diagnostics diagnostics = { 0 };
	struct ruleset *ruleset = NULL;
	struct stat status;

	if (stat(CORPUS, &status)) {
		unit_skip("there is no " CORPUS);
		return;
	}
	CU_ASSERT_EQUAL(ruleset_read(&ruleset, paths, 1, NULL, &diagnostics), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(ruleset);
	unit_note("%zu files, %zu rules, %zu skipped, %zu errors, %zu warnings",
		  ruleset->files.count, ruleset->count, ruleset->skipped,
		  diagnostics.total[SEVERITY_ERROR], diagnostics.total[SEVERITY_WARNING]);
	CU_ASSERT(ruleset->files.count > 100);
	CU_ASSERT_EQUAL(ruleset->count, ruleset->files.count);
	for (size_t i = 0; i < diagnostics.count; i++) {
		const struct diagnostic *item = &diagnostics.list[i];

		CU_ASSERT(item->line && item->column);
		if (item->severity != SEVERITY_ERROR)
			continue;
		CU_FAIL("a public rule has an error");
		unit_note("%s:%u:%u: %s", item->file, item->line, item->column, item->message);
	}
	ruleset_free(ruleset);
	diagnostics_done(&diagnostics);
}
