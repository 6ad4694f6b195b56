/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `fermata run` is told on its command line.
 */
#ifndef FERMATA_RUN_OPTIONS_H
#define FERMATA_RUN_OPTIONS_H

#include <stdbool.h>

#include "cmd/options.h"
#include "rules/rule.h"
#include "rules/strings.h"

enum on_log_failure { ON_LOG_FAILURE_stop, ON_LOG_FAILURE_continue };

struct run_options {
	const char *agent, *profile, *alerts, *record, *user, *config;
	struct strings rules;
	const char *policy; /* file of compiled rules, instead of `rules`; NULL: none */
	enum on_log_failure on_log_failure;
	enum requirement require; /* of every rule that refuses or kills */
	int tier; /* enum tier, or -1: the strongest */
	bool observe, quiet;
	bool strict; /* no rule may have an error */
	bool no_seccomp;
};

/* For options_read(), with a struct run_options as target. */
extern const struct option_row run_option_table[];

#endif
