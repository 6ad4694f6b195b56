/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/named.h"

#include "base/log.h"
#include "sensor/marks.h"

#define INSTEAD "who opens one is killed instead"

struct marks *named_mark(const struct names *names, struct sensor *sensor,
			 const struct policy *policy, bool observe)
{
	struct marks *marks = NULL;
	struct placed placed;
	int r = marks_start(&marks, sensor, names, policy, observe, &placed);

	if (r) {
		log_warning(r, "cannot mark the files that rules name; " INSTEAD);
		return NULL;
	}
	if (placed.failed)
		log_warning(0, "%zu of the files that rules name cannot be marked; " INSTEAD,
			    placed.failed);
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
		    "rules name more files than can be marked (%d; %d for one pattern; in %d "
		    "directories); " INSTEAD,
		    MARKS_MAX, PATTERN_FILES_MAX, WATCHES_MAX);
}
