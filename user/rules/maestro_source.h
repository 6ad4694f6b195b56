/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which maestro.yml the rules are checked against: looked for and read when the first
 * rule with a `maestro` block comes, and once only.
 */
#ifndef FERMATA_MAESTRO_SOURCE_H
#define FERMATA_MAESTRO_SOURCE_H

#include "rules/maestro.h"

#define MAESTRO_FILE "maestro.yml"

struct maestro_source {
	const char *given; /* borrowed; NULL: look for it */
	const char *const *paths; /* borrowed: what rules are read from */
	size_t path_count;
	bool looked;
	struct maestro *maestro; /* owned; NULL: not found or not readable */
	char *found; /* owned; the file, NULL when there is none */
};

/*
 * The data for the block at `place`, or NULL, and then it is diagnosed what was looked
 * for. Beside a path or above it, for each path in turn; then in the default paths.
 */
const struct maestro *maestro_source_get(struct maestro_source *source, const struct place *place,
					 struct diagnostics *diagnostics);

void maestro_source_done(struct maestro_source *source);

#endif
