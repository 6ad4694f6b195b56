/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with rules, and where: collected while they are read and compiled,
 * printed by the command. Bounded: after DIAGNOSTICS_MAX only the count goes on.
 */
#ifndef FERMATA_DIAGNOSTIC_H
#define FERMATA_DIAGNOSTIC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define DIAGNOSTICS_MAX 1000

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_SKIPPED, SEVERITY_MAX };

/* Where in a file; line and column count from 1, 0 is the file as a whole. */
struct place {
	const char *file; /* borrowed; lives as long as the ruleset */
	unsigned int line, column;
};

struct diagnostic {
	enum severity severity;
	char *file;
	unsigned int line, column;
	char *message;
};

struct diagnostics {
	struct diagnostic *list;
	size_t count;
	size_t total[SEVERITY_MAX]; /* also those beyond DIAGNOSTICS_MAX */
};

/* Adds one. Always returns -EINVAL, so that `return diagnose(…)` reads well. */
int diagnose(struct diagnostics *d, enum severity severity, const struct place *place,
	     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Adds what another has, or the errors of it only. */
void diagnostics_pass_on(struct diagnostics *to, const struct diagnostics *from);
void diagnostics_pass_on_errors(struct diagnostics *to, const struct diagnostics *from);

/* Prints "file:line:column: error: message" lines, control characters escaped. */
void diagnostics_print(const struct diagnostics *d, FILE *out);

void diagnostics_done(struct diagnostics *d);

#endif
