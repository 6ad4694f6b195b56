/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row of words for each event that has a good verb; an event without a row is told by
 * its meaning in the event table, so that a new event needs nothing here.
 */
#include "pipeline/act.h"

#include <string.h>

#include "base/utf8.h"
#include "pipeline/act_network.h"

#define ARGUMENTS_SHOWN 160 /* bytes of a command line in a sentence */

struct words {
	const char *plain, *tried, *done;
};

static const struct words event_words[EVENT_MAX] = {
	[EVENT_process_creation] = { "execute ", "tried to execute ", "executed " },
	[EVENT_process_termination] = { "end", "tried to end", "ended" },
	[EVENT_file_open] = { "open ", "tried to open ", "opened " },
	[EVENT_file_event] = { "create ", "tried to create ", "created " },
	[EVENT_file_delete] = { "remove ", "tried to remove ", "removed " },
	[EVENT_file_rename] = { "rename ", "tried to rename ", "renamed " },
	[EVENT_file_link] = { "link ", "tried to link ", "linked " },
	[EVENT_file_symlink] = { "link to ", "tried to link to ", "linked to " },
	[EVENT_file_attribute] = { "change ", "tried to change ", "changed " },
	[EVENT_network_connection] = { "connect ", "tried to connect to ", "connected to " },
	[EVENT_network_send] = { "send to ", "tried to send to ", "sent to " },
	[EVENT_dns_query] = { "look up ", "tried to look up ", "looked up " },
	[EVENT_tls_handshake] = { "begin TLS with ", "tried to begin TLS with ",
				  "began TLS with " },
	[EVENT_network_listen] = { "serve at ", "tried to serve at ", "served at " },
	[EVENT_socket_creation] = { "make socket ", "tried to make socket ", "made socket " },
	[EVENT_unix_connection] = { "connect ", "tried to connect to ", "connected to " },
	[EVENT_process_access] = { "reach into ", "tried to reach into ", "reached into " },
	[EVENT_process_signal] = { "signal ", "tried to signal ", "signalled " },
	[EVENT_privilege_change] = { "change ", "tried to change ", "changed " },
	[EVENT_keyring] = { "use key ", "tried to use key ", "used key " },
	[EVENT_vsock_connection] = { "connect ", "tried to connect to ", "connected to " },
	[EVENT_mount] = { "mount ", "tried to mount ", "mounted " },
	[EVENT_namespace_change] = { "change ", "tried to change ", "changed " },
	[EVENT_kernel_module] = { "load ", "tried to load ", "loaded " },
	[EVENT_bpf_use] = { "use ", "tried to use ", "used " },
	[EVENT_io_uring] = { "use io_uring ", "tried to use io_uring ", "used io_uring " },
	[EVENT_memory_exec] = { "make executable ", "tried to make executable ",
				"made executable " },
	[EVENT_ipc_handover] = { "receive ", "tried to receive ", "received " },
};

/* What an open was for says more than that it was one. */
static const struct words reading = { "read ", "tried to read ", "opened for reading " };
static const struct words writing = { "write ", "tried to write ", "opened for writing " };

static const struct words *words_of(const struct event_view *view)
{
	__u64 access;

	if (event_view_type(view) == EVENT_file_open &&
	    event_view_has(view, &field_table[FIELD_file_open_access])) {
		access = view->record->file_open.access;
		if (access & (ACCESS_write | ACCESS_append))
			return &writing;
		if (access == ACCESS_read)
			return &reading;
	}
	return &event_words[event_view_type(view)];
}

struct bytes path_name(struct bytes path)
{
	for (size_t i = path.length; i > 0; i--)
		if (path.data[i - 1] == '/')
			return (struct bytes) { path.data + i, path.length - i };
	return path;
}

/* The first bytes of a command line, cut between characters. */
static void add_arguments(struct buffer *out, struct bytes arguments)
{
	size_t end = 0, size;
	__u32 code;

	while (end < arguments.length) {
		size = utf8_next(arguments.data + end, arguments.length - end, &code);
		if (end + size > ARGUMENTS_SHOWN)
			break;
		end += size;
	}
	buffer_add_string(out, " (");
	buffer_add(out, arguments.data, end);
	buffer_add_string(out, end < arguments.length ? "…)" : ")");
}

/* "/usr/sbin/sshd[812] (attach)" */
static void add_target(struct buffer *out, const struct event_view *view, enum field image,
		       enum field id, enum field how)
{
	struct bytes path = view->text[image];

	if (path.data)
		buffer_add(out, path.data, path.length);
	else
		buffer_add_string(out, "process ");
	buffer_add_string(out, "[");
	act_add_number(out, view, id);
	buffer_add_string(out, "] (");
	act_add_number(out, view, how);
	buffer_add_string(out, ")");
}

/* "user (0 to 1000, group 0 to 0)" */
static void add_privilege(struct buffer *out, const struct event_view *view)
{
	act_add_number(out, view, FIELD_privilege_change_kind);
	buffer_add_string(out, " (user ");
	act_add_number(out, view, FIELD_privilege_change_old_user);
	buffer_add_string(out, " to ");
	act_add_number(out, view, FIELD_privilege_change_new_user);
	buffer_add_string(out, ", group ");
	act_add_number(out, view, FIELD_privilege_change_old_group);
	buffer_add_string(out, " to ");
	act_add_number(out, view, FIELD_privilege_change_new_group);
	buffer_add_string(out, ")");
}

/* "bind: /etc on /mnt", of a name and one or two (FIELD_MAX: one) texts. */
static void add_named(struct buffer *out, const struct event_view *view, enum field name,
		      enum field first, enum field second)
{
	struct bytes one = view->text[first], other = { 0 };

	if (second != FIELD_MAX)
		other = view->text[second];
	act_add_number(out, view, name);
	if (one.length) {
		buffer_add_string(out, ": ");
		buffer_add(out, one.data, one.length);
	}
	if (other.length) {
		buffer_add_string(out, " on ");
		buffer_add(out, other.data, other.length);
	}
}

/* "unshare: mnt, net", "chroot: /jail" */
static void add_namespaces(struct buffer *out, const struct event_view *view)
{
	const struct field_info *kinds = &field_table[FIELD_namespace_change_namespaces];
	const char *between = ": ";
	__u64 set;

	add_named(out, view, FIELD_namespace_change_act, FIELD_namespace_change_target_filename,
		  FIELD_MAX);
	if (!event_view_has(view, kinds))
		return;
	set = event_view_number(view, kinds);
	for (const struct field_name *name = kinds->names; name->name; name++)
		if (set >> name->number & 1) {
			buffer_print(out, "%s%s", between, name->name);
			between = ", ";
		}
}

/* "user:token (read)" */
static void add_key(struct buffer *out, const struct event_view *view)
{
	struct bytes type = view->text[FIELD_keyring_key_type];
	struct bytes description = view->text[FIELD_keyring_description];

	buffer_add(out, type.data, type.length);
	buffer_add_string(out, ":");
	buffer_add(out, description.data, description.length);
	buffer_add_string(out, " (");
	act_add_number(out, view, FIELD_keyring_use);
	buffer_add_string(out, ")");
}

/* "/etc/shadow from /usr/sbin/sshd", "a descriptor" */
static void add_handover(struct buffer *out, const struct event_view *view)
{
	struct bytes path = view->text[FIELD_ipc_handover_target_filename];
	struct bytes peer = view->text[FIELD_ipc_handover_peer_image];

	if (path.data)
		buffer_add(out, path.data, path.length);
	else
		buffer_add_string(out, "a descriptor of no file");
	if (!peer.data)
		return;
	buffer_add_string(out, " from ");
	buffer_add(out, peer.data, peer.length);
}

/* "mode of /path", "xattr security.capability of /path" */
static void add_attribute(struct buffer *out, const struct event_view *view)
{
	const struct field_info *change = &field_table[FIELD_file_attribute_change];
	struct bytes name = view->text[FIELD_file_attribute_xattr_name];
	struct bytes path = view->text[FIELD_file_attribute_target_filename];
	const char *what = NULL;

	if (event_view_has(view, change))
		what = field_number_name(change, event_view_number(view, change));
	buffer_add_string(out, what ? what : "something");
	if (name.length) {
		buffer_add_string(out, " ");
		buffer_add(out, name.data, name.length);
	}
	buffer_add_string(out, " of ");
	buffer_add(out, path.data, path.length);
}

/* "/path", "/path, known as /secret" */
static void add_file(struct buffer *out, const struct event_view *view)
{
	struct bytes path = view->text[FIELD_file_open_target_filename];
	struct bytes other = view->text[FIELD_file_open_other_filename];

	buffer_add(out, path.data, path.length);
	if (!other.data)
		return;
	buffer_add_string(out, ", known as ");
	buffer_add(out, other.data, other.length);
}

/* What was acted on: the event's own texts, "… as …" where there are two. */
static void add_object(struct buffer *out, const struct event_view *view)
{
	struct bytes image = view->text[FIELD_fact_image];
	struct bytes arguments = view->text[FIELD_fact_command_line];
	const char *between = "";

	if (act_network_object(out, view))
		return;
	switch (event_view_type(view)) {
	case EVENT_process_creation:
		buffer_add(out, image.data, image.length);
		if (arguments.data)
			add_arguments(out, arguments);
		return;
	case EVENT_file_open:
		add_file(out, view);
		return;
	case EVENT_process_access:
		add_target(out, view, FIELD_process_access_target_image,
			   FIELD_process_access_target_process_id, FIELD_process_access_mode);
		return;
	case EVENT_process_signal:
		add_target(out, view, FIELD_process_signal_target_image,
			   FIELD_process_signal_target_process_id, FIELD_process_signal_signal);
		return;
	case EVENT_privilege_change:
		add_privilege(out, view);
		return;
	case EVENT_keyring:
		add_key(out, view);
		return;
	case EVENT_mount:
		add_named(out, view, FIELD_mount_act, FIELD_mount_source, FIELD_mount_target);
		return;
	case EVENT_namespace_change:
		add_namespaces(out, view);
		return;
	case EVENT_kernel_module:
		add_named(out, view, FIELD_kernel_module_act, FIELD_kernel_module_module,
			  FIELD_MAX);
		return;
	case EVENT_bpf_use:
		act_add_number(out, view, FIELD_bpf_use_command);
		return;
	case EVENT_io_uring:
		act_add_number(out, view, FIELD_io_uring_act);
		return;
	case EVENT_memory_exec:
		add_named(out, view, FIELD_memory_exec_kind, FIELD_memory_exec_target_filename,
			  FIELD_MAX);
		return;
	case EVENT_ipc_handover:
		add_handover(out, view);
		return;
	case EVENT_file_attribute:
		add_attribute(out, view);
		return;
	default:
		break;
	}
	for (size_t i = 0; i < FIELD_MAX; i++) {
		if (field_table[i].event != (int)event_view_type(view) || !view->text[i].data)
			continue;
		buffer_add_string(out, between);
		buffer_add(out, view->text[i].data, view->text[i].length);
		between = " as ";
	}
}

void act_describe(struct buffer *out, const struct event_view *view, enum act_form form)
{
	const struct words *words = words_of(view);

	if (!words->plain) {
		buffer_print(out, "%s: ", event_table[event_view_type(view)].meaning);
		add_object(out, view);
		return;
	}
	buffer_add_string(out, form == ACT_PLAIN   ? words->plain
			       : form == ACT_TRIED ? words->tried
						   : words->done);
	add_object(out, view);
}

void act_describe_process(struct buffer *out, const struct event_view *view)
{
	struct bytes name = path_name(view->text[FIELD_fact_image]);

	if (name.length)
		buffer_add(out, name.data, name.length);
	else
		buffer_add_string(out, "process");
	buffer_print(out, "[%llu]", (unsigned long long)view->record->header.common.process_id);
}
