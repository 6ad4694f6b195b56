/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/calls.h"

#include "base/log.h"

void calls_choose(struct filter *ret_filter, const struct run_options *options,
		  const struct plan *plan, const struct policy *policy)
{
	struct failure failure;
	struct filter filter;
	char text[160];

	*ret_filter = (struct filter) { 0 };
	/* who only observes stops nothing */
	if (plan_tier(plan) != TIER_portable || options->observe || options->no_seccomp)
		return;
	filter_make(&filter, policy);
	if (!filter.count)
		return;
	if (!filter_probe(&failure)) {
		log_warning(0,
			    "cannot filter system calls (seccomp: %s), so that acts by these are "
			    "not seen: %s",
			    failure_text(&failure, text, sizeof(text)), filter.names);
		return;
	}
	log_info("refused to the agent, as the rules do not see what is done by it: %s "
		 "(--seccomp off allows it)",
		 filter.names);
	*ret_filter = filter;
}
