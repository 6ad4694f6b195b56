/* SPDX-License-Identifier: Apache-2.0 */
/* `run --policy`: compiled rules from a file, instead of rule files. */
#ifndef FERMATA_POLICY_LOAD_H
#define FERMATA_POLICY_LOAD_H

struct compiled;
struct ruleset;
struct run_options;

/* Reads options->policy. A status, with what is wrong printed. */
int policy_load(struct ruleset **ret_ruleset, struct compiled **ret_compiled,
		const struct run_options *options);

#endif
