/* SPDX-License-Identifier: Apache-2.0 */
/* `fermata rules build`: compiled rules as a file that `run --policy` starts from. */
#include <stdio.h>

#include "base/log.h"
#include "cmd/rules_command.h"
#include "rules/policy_file.h"

struct building {
	struct rules_session session; /* first: rows of the options are about it */
	const char *output;
};

static void building_done(struct building *building)
{
	rules_session_done(&building->session);
}

static int output_store(void *target, const char *value)
{
	((struct building *)target)->output = value;
	return 0;
}

static const struct option_row options[] = {
	{ "output", "FILE", "the policy file, which is replaced as a whole", output_store, 'o' },
	OPTION_JSON,
	OPTION_STRICT,
	OPTION_CONFIG,
	{ 0 },
};

static int answer(const struct building *building)
{
	const struct compiled *compiled = building->session.compiled;
	_cleanup_buffer_ struct buffer out = BUFFER(OUTPUT_MAX);
	struct json w;

	if (!building->session.json) {
		buffer_print(&out, "%s: %zu rules, image of %u bytes", building->output,
			     building->session.ruleset->count, compiled->policy->size);
		return output_print(&out);
	}
	json_init(&w, &out);
	json_object_begin(&w, NULL);
	json_put_string(&w, "file", building->output);
	json_put_number(&w, "rules", building->session.ruleset->count);
	json_put_number(&w, "bytes", compiled->policy->size);
	json_put_hex(&w, "policy_sha256", (const char *)compiled->policy->sha256, 32);
	json_object_end(&w);
	return output_print(&out);
}

int rules_build(int argc, char **argv)
{
	_cleanup_(building_done) struct building building = { 0 };
	int next = options_read(argc, argv, options, &building, "rules build"), status, r;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (!building.output) {
		log_error(0, "rules build needs --output FILE");
		return STATUS_USAGE;
	}
	status = rules_session_load_whole(&building.session, (const char *const *)argv + next,
					  (size_t)(argc - next), STATUS_NO);
	if (status != STATUS_DONE)
		return status;
	diagnostics_print(&building.session.diagnostics, stderr);
	if (rules_session_status(&building.session) != STATUS_DONE) {
		log_error(0, "the rules have warnings; nothing was written");
		return STATUS_NO;
	}
	r = policy_file_write(building.output, building.session.ruleset, building.session.compiled);
	if (r < 0)
		return log_error(r, "cannot write '%s'", building.output), STATUS_CANNOT;
	return answer(&building);
}
