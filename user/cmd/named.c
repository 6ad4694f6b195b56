/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/named.h"

#include "base/log.h"
#include "sensor/marks.h"

#define INSTEAD "who opens one is killed instead"
#define BY_PATH "they are known by their paths only"

struct marks *named_mark(const struct marks_config *config)
{
	const char *what = config->marked ? "marked; " INSTEAD : "labelled; " BY_PATH;
	struct marks *marks = NULL;
	struct placed placed;
	int r = marks_start(&marks, config, &placed);

	if (r) {
		log_warning(r, "the files that rules name cannot be %s", what);
		return NULL;
	}
	if (placed.failed)
		log_warning(0, "%zu of the files that rules name cannot be %s", placed.failed,
			    what);
	if (placed.full)
		named_tell_full();
	return marks;
}

void named_tell_failure(const struct failure *failure)
{
	char text[160];

	log_warning(0,
		    "cannot refuse the opening of files that rules name (fanotify: %s); " INSTEAD,
		    failure_text(failure, text, sizeof(text)));
}

void named_tell_full(void)
{
	log_warning(0,
		    "rules name more files than are looked for (%d; %d for one pattern; in %d "
		    "directories); others are known by their paths only",
		    MARKS_MAX, PATTERN_FILES_MAX, WATCHES_MAX);
}
