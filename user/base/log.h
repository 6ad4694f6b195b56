/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fermata's own messages: to stderr, one line each, prefixed "fermata: ". Only the
 * edges call these (commands, sensor set-up, pipeline); libraries return -errno.
 */
#ifndef FERMATA_LOG_H
#define FERMATA_LOG_H

#include <stdbool.h>

struct outlet;

/* Each returns -abs(error), so that `return log_error(r, "…")` reads well; with an
 * error other than 0 its text is appended after ": ". Control characters in the
 * message are escaped. */
int log_error(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
int log_warning(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Only errors from here on (`--quiet`). */
void log_set_quiet(bool quiet);

/* Messages go there from here on, and one that it does not take is left out: for as long
 * as something depends on us that must not wait. NULL: to stderr again. */
void log_set_outlet(struct outlet *outlet);

#endif
