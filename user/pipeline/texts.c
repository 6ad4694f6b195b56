/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/texts.h"

#include <string.h>

/* What the kernel side captures of a field. */
struct capture {
	size_t most; /* bytes that are matched */
	size_t whole; /* a value of more bytes counts as incomplete */
	bool path; /* of a longer one the last bytes are matched */
};

static struct capture field_capture(enum field field)
{
	switch (field) {
	case FIELD_fact_image:
	case FIELD_fact_parent_image:
	case FIELD_file_open_target_filename:
	case FIELD_file_event_target_filename:
		return (struct capture) { TEXT_MAX, TEXT_MAX, true };
	case FIELD_fact_current_directory:
		return (struct capture) { TEXT_MAX, DIRECTORY_MAX, true };
	case FIELD_process_creation_original_file_name:
	case FIELD_process_creation_interpreter:
		/* read with a NUL at the end: one that fills the room may have been longer */
		return (struct capture) { NAME_MAX_CAPTURE - 1, NAME_MAX_CAPTURE - 2, false };
	default:
		return (struct capture) { TEXT_MAX, TEXT_MAX, false };
	}
}

void text_fill(struct text *ret_text, enum field field, struct bytes value)
{
	struct capture capture = field_capture(field);
	size_t length = value.length < capture.most ? value.length : capture.most;

	ret_text->offset = 0;
	ret_text->length = length;
	ret_text->incomplete = value.length > capture.whole;
	if (length)
		memcpy(ret_text->byte, value.data + (capture.path ? value.length - length : 0),
		       length);
}
