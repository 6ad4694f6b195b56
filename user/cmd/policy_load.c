/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/policy_load.h"

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/run_options.h"
#include "rules/policy_file.h"

int policy_load(struct ruleset **ret_ruleset, struct compiled **ret_compiled,
		const struct run_options *options)
{
	const char *path = options->policy, *why;
	int r;

	if (options->rules.count) {
		log_error(0,
			  "--policy and --rules exclude each other: a policy file has its rules");
		return STATUS_USAGE;
	}
	r = policy_file_read(ret_ruleset, ret_compiled, path);
	if (!r)
		return STATUS_DONE;
	why = policy_file_error(r);
	if (why)
		log_error(0, "cannot use '%s': %s; nothing was started", path, why);
	else
		log_error(r, "cannot read '%s'; nothing was started", path);
	return STATUS_USAGE;
}
