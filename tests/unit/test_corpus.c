/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public rules, when a copy is beside the tree: all are read or told why not.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rule_text.h"
#include "unit.h"

#define CORPUS "../shared/corpus/sigma-linux"

/* What may be wrong with them: things that are not supported yet, and fields that no
 * event has. */
static bool is_expected(const char *message)
{
	return strstr(message, "not supported yet") || strstr(message, " has no field '");
}

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
	CU_ASSERT(ruleset->count > ruleset->files.count * 8 / 10);
	for (size_t i = 0; i < diagnostics.count; i++) {
		const struct diagnostic *item = &diagnostics.list[i];

		CU_ASSERT(item->line && item->column);
		if (item->severity == SEVERITY_ERROR && !is_expected(item->message)) {
			CU_FAIL("an error that is not expected");
			unit_note("%s:%u:%u: %s", item->file, item->line, item->column,
				  item->message);
		}
	}
	ruleset_free(ruleset);
	diagnostics_done(&diagnostics);
}
