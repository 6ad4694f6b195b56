/* SPDX-License-Identifier: Apache-2.0 */
/* YAML documents become rules, rules a policy, and that evaluates events. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "rules/policy_image.h"

DEFINE_CLEANUP(struct ruleset *, ruleset_free)
DEFINE_CLEANUP(struct compiled *, compiled_free)

/* Where a diagnostic points to is in the file. */
static void places_check(const struct diagnostics *diagnostics, const uint8_t *data, size_t size)
{
	unsigned int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 ||
			 data[i] == 0xa9;
	for (size_t i = 0; i < diagnostics->count; i++) {
		MUST(diagnostics->list[i].line <= lines + 1);
		MUST(*diagnostics->list[i].message);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(diagnostics_done) struct diagnostics diagnostics = { 0 };
	_cleanup_(ruleset_freep) struct ruleset *ruleset = NULL;
	_cleanup_(compiled_freep) struct compiled *compiled = NULL;

	ruleset = fuzz_ruleset(data, size, &diagnostics);
	if (ruleset && !compile(&compiled, ruleset, 1, &diagnostics)) {
		MUST(!policy_check(compiled->policy, compiled->policy->size));
		fuzz_evaluate(compiled->policy);
	}
	/* what was not read was told */
	MUST(compiled || diagnostics.total[SEVERITY_ERROR]);
	places_check(&diagnostics, data, size);
	return 0;
}
