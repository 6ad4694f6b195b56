/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules from a text in a test, and back to text: what was read as a readable
 * expression, what was diagnosed as lines.
 */
#ifndef FERMATA_RULE_TEXT_H
#define FERMATA_RULE_TEXT_H

#include "rules/diagnostic.h"
#include "rules/rule.h"

/* A folder of its own under /tmp. */
struct rule_folder {
	char path[64];
};

void rule_folder_make(struct rule_folder *folder);
void rule_folder_remove(struct rule_folder *folder);

/* Writes a file of `length` bytes into it, folders in `name` included. */
void rule_folder_write(const struct rule_folder *folder, const char *name, const void *data,
		       size_t length);

/* What reading gave. */
struct rule_read {
	int result;
	struct ruleset *ruleset; /* NULL after an error */
	struct diagnostics diagnostics;
};

/* Reads what is in the folder at `name` ("" for the folder), with the shipped
 * maestro.yml. */
void rule_read_path(struct rule_read *read, const struct rule_folder *folder, const char *name);

/* Reads one file of this text. */
void rule_read_text(struct rule_read *read, const char *text);
void rule_read_data(struct rule_read *read, const void *data, size_t length);

/* Lists for `expand` in all that is read from here on; NULL: none. */
struct placeholders;
void rule_read_with(const struct placeholders *placeholders);

void rule_read_done(struct rule_read *read);

/*
 * The whole diagnostics, "line:column: severity: message" lines without the file. The
 * caller frees it.
 */
char *rule_diagnostics_text(const struct diagnostics *diagnostics);

/*
 * An expression as text: `and(Image~'<*>/sh' not(UserId=0..0))`. The caller frees it.
 * ~ text, ~~ cased, = range, @ addresses in hexadecimal, & bits, ? has a value, =~ regular
 * expression, <> another field, @@ part of a moment; the last three with their flags.
 */
char *rule_expression_text(const struct expression *expression);

/* Asserts that some diagnostic is exactly `expected` ("line:column: severity: " and
 * the beginning of the message); tells all when not. */
void rule_expect_diagnostic(const struct diagnostics *diagnostics, const char *expected);

/* Asserts that the text becomes one rule with that condition and, when `expected` is
 * not NULL, nothing was diagnosed. */
void rule_expect_condition(const char *text, const char *expected);

#endif
