/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that `run` is given: rule files, compiled ones, or those of the usual places. */
#ifndef FERMATA_RULES_LOAD_H
#define FERMATA_RULES_LOAD_H

struct compiled;
struct ruleset;
struct run_options;

/* Usual places are noted in options->rules. A status, with what is wrong printed; what was read
 * by then is the caller's to free. */
int rules_load(struct ruleset **ret_ruleset, struct compiled **ret_compiled,
	       struct run_options *options);

#endif
