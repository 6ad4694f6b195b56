/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/texts.h"

#include <string.h>

/* What the kernel side captures of a field. */
struct capture {
	size_t most; /* bytes that are matched */
	/* a longer value counts as incomplete, and its last bytes are matched; of others the
	 * first are, and nothing is assumed of the rest: long command lines are honest */
	size_t whole;
};

static struct capture field_capture(enum field field)
{
	switch (field) {
	case FIELD_fact_image:
	case FIELD_fact_parent_image:
	case FIELD_file_open_target_filename:
	case FIELD_file_open_other_filename:
	case FIELD_file_event_target_filename:
	case FIELD_file_delete_target_filename:
	case FIELD_file_rename_source_filename:
	case FIELD_file_rename_target_filename:
	case FIELD_file_link_source_filename:
	case FIELD_file_link_target_filename:
	case FIELD_file_symlink_target_filename:
	case FIELD_file_attribute_target_filename:
	case FIELD_mount_target:
	case FIELD_namespace_change_target_filename:
	case FIELD_memory_exec_target_filename:
	case FIELD_unix_connection_peer_image:
	case FIELD_process_access_target_image:
	case FIELD_process_signal_target_image:
	case FIELD_unix_connection_socket_path:
	case FIELD_ipc_handover_peer_image:
	case FIELD_ipc_handover_target_filename:
		return (struct capture) { TEXT_MAX, TEXT_MAX };
	case FIELD_fact_current_directory:
		return (struct capture) { TEXT_MAX, DIRECTORY_MAX };
	case FIELD_process_creation_original_file_name:
	case FIELD_process_creation_interpreter:
		return (struct capture) { NAME_MAX_CAPTURE - 1, 0 };
	default:
		return (struct capture) { TEXT_MAX, 0 };
	}
}

struct bytes text_captured(enum field field, struct bytes value, bool *ret_incomplete)
{
	struct capture capture = field_capture(field);
	size_t length = value.length < capture.most ? value.length : capture.most;

	*ret_incomplete = capture.whole && value.length > capture.whole;
	return (struct bytes) { value.data + (capture.whole ? value.length - length : 0), length };
}

void text_fill(struct text *ret_text, enum field field, struct bytes value)
{
	bool incomplete;
	struct bytes captured = text_captured(field, value, &incomplete);

	ret_text->offset = 0;
	ret_text->length = captured.length;
	ret_text->incomplete = incomplete;
	if (captured.length)
		memcpy(ret_text->byte, captured.data, captured.length);
}
