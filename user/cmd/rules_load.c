/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rules_load.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/policy_load.h"
#include "cmd/run_options.h"
#include "rules/compile.h"
#include "rules/default_paths.h"
#include "rules/placeholder.h"

/* One that has an error is left out, aloud; unless none is left or the caller is strict. */
static int rules_read(struct ruleset **ret_ruleset, struct compiled **ret_compiled,
		      const struct run_options *options)
{
	_cleanup_(placeholders_freep) struct placeholders *placeholders = NULL;
	_cleanup_(diagnostics_done) struct diagnostics diagnostics = {};
	const size_t *errors = &diagnostics.total[SEVERITY_ERROR];
	int r = placeholders_read(&placeholders, options->config, &diagnostics);

	if (r) {
		diagnostics_print(&diagnostics, stderr);
		log_error(r, "cannot read the configuration; nothing was started");
		return STATUS_USAGE;
	}
	r = ruleset_read(ret_ruleset, (const char *const *)options->rules.list,
			 options->rules.count,
			 &(const struct rule_inputs) { .placeholders = placeholders },
			 &diagnostics);
	if (!r)
		r = compile_what_can(ret_compiled, *ret_ruleset, 1, &diagnostics);
	if (!r && !*errors)
		return STATUS_DONE;
	diagnostics_print(&diagnostics, stderr);
	if (r || options->strict || !(*ret_ruleset)->count) {
		log_error(0, "the rules have errors; nothing was started");
		return STATUS_USAGE;
	}
	log_warning(0,
		    "%zu errors: the rules that have them are left out (--strict starts nothing "
		    "then)",
		    *errors);
	return STATUS_DONE;
}

int rules_load(struct ruleset **ret_ruleset, struct compiled **ret_compiled,
	       struct run_options *options)
{
	if (options->policy)
		return policy_load(ret_ruleset, ret_compiled, options);
	if (!options->rules.count && rules_default_paths(&options->rules)) {
		log_error(ENOMEM, "cannot look for rules");
		return STATUS_CANNOT;
	}
	if (!options->rules.count) {
		log_error(0, "no rules found; name some with --rules PATH");
		return STATUS_USAGE;
	}
	return rules_read(ret_ruleset, ret_compiled, options);
}
