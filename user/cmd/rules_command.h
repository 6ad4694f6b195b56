/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `fermata rules` share: how rules are named and read, and how an
 * answer is printed.
 */
#ifndef FERMATA_RULES_COMMAND_H
#define FERMATA_RULES_COMMAND_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/options.h"
#include "rules/compile.h"
#include "rules/placeholder.h"

#define OUTPUT_MAX (64u << 20) /* bytes of one answer; a longer one is an error */

/* Rules that were named on the command line, read and compiled. */
struct rules_session {
	bool json, strict; /* options, see below */
	const char *config; /* file with the lists for `expand`; NULL: the default one */
	struct placeholders *placeholders;
	struct strings defaults;
	struct diagnostics diagnostics;
	struct ruleset *ruleset;
	struct compiled *compiled; /* NULL when the rules do not compile */
};

void rules_session_done(struct rules_session *session);
#define _cleanup_session_ _cleanup_(rules_session_done)

/* Rows of an option table whose target begins with the session. */
int store_json(void *target, const char *value);
int store_strict(void *target, const char *value);
int store_config(void *target, const char *value);
#define OPTION_JSON                                                                                \
	{                                                                                          \
		"json", NULL, "tell it as JSON", store_json, 0                                     \
	}
#define OPTION_STRICT                                                                              \
	{                                                                                          \
		"strict", NULL, "warnings count as errors", store_strict, 0                        \
	}

#define OPTION_CONFIG                                                                              \
	{                                                                                          \
		"config", "FILE", "lists for 'expand' (default: " PLACEHOLDERS_FILE ")",           \
			store_config, 0                                                            \
	}

/*
 * Reads the rules at these paths, the default ones without any, and compiles them. A
 * status: STATUS_DONE also when there are errors in the diagnostics.
 */
int rules_session_load(struct rules_session *session, const char *const *paths, size_t count);

/* The same, but errors in the rules are printed, and the status is `bad`. */
int rules_session_load_whole(struct rules_session *session, const char *const *paths, size_t count,
			     enum exit_status bad);

/* STATUS_NO if there are errors, or warnings that count as such. */
int rules_session_status(const struct rules_session *session);

/* Writes the answer and a newline to standard output. A status. */
int output_print(struct buffer *out);

/* The category of a detection, or "correlation". */
const char *rule_event_name(const struct rule *rule);

/* The subcommands; each is called as a command is. */
int rules_build(int argc, char **argv);
int rules_check(int argc, char **argv);
int rules_explain(int argc, char **argv);
int rules_fields(int argc, char **argv);
int rules_list(int argc, char **argv);
int rules_test(int argc, char **argv);

#endif
