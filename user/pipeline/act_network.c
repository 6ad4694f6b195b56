/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/act_network.h"

#include <arpa/inet.h>
#include <string.h>

const char *address_text(char text[ADDRESS_TEXT_SIZE], const struct address *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *byte = (const unsigned char *)address;

	if (!memcmp(byte, mapped, sizeof(mapped)))
		inet_ntop(AF_INET, byte + sizeof(mapped), text, ADDRESS_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, byte, text, ADDRESS_TEXT_SIZE);
	return text;
}

static void add_address(struct buffer *out, const struct event_view *view, enum field ip_field,
			enum field port_field)
{
	const struct field_info *ip = &field_table[ip_field], *port = &field_table[port_field];
	char text[ADDRESS_TEXT_SIZE];

	if (!event_view_has(view, ip)) {
		buffer_add_string(out, "an unknown address");
		return;
	}
	address_text(text, event_view_address(view, ip));
	buffer_print(out, strchr(text, ':') ? "[%s]" : "%s", text);
	if (event_view_has(view, port))
		buffer_print(out, ":%llu", (unsigned long long)event_view_number(view, port));
}

/* " (www.example.com)", of a peer that has a name. */
static void add_name(struct buffer *out, struct bytes name)
{
	if (!name.length)
		return;
	buffer_add_string(out, " (");
	buffer_add(out, name.data, name.length);
	buffer_add_string(out, ")");
}

void act_add_number(struct buffer *out, const struct event_view *view, enum field id)
{
	const struct field_info *field = &field_table[id];
	const char *name;

	if (!event_view_has(view, field))
		return;
	name = field_number_name(field, event_view_number(view, field));
	if (name)
		buffer_add_string(out, name);
	else
		buffer_print(out, "%llu", (unsigned long long)event_view_number(view, field));
}

/* "127.0.0.1:80 (bind)", "127.0.0.1:80 (accept from 127.0.0.1:40312)" */
static void add_listening(struct buffer *out, const struct event_view *view)
{
	add_address(out, view, FIELD_network_listen_source_ip, FIELD_network_listen_source_port);
	buffer_add_string(out, " (");
	act_add_number(out, view, FIELD_network_listen_act);
	if (event_view_has(view, &field_table[FIELD_network_listen_destination_ip])) {
		buffer_add_string(out, " from ");
		add_address(out, view, FIELD_network_listen_destination_ip,
			    FIELD_network_listen_destination_port);
	}
	buffer_add_string(out, ")");
}

/* "netlink/raw" */
static void add_socket(struct buffer *out, const struct event_view *view)
{
	act_add_number(out, view, FIELD_socket_creation_family);
	buffer_add_string(out, "/");
	act_add_number(out, view, FIELD_socket_creation_type);
}

/* "/run/docker.sock of /usr/bin/dockerd"; an abstract name begins with '@'. */
static void add_unix(struct buffer *out, const struct event_view *view)
{
	const struct field_info *abstract = &field_table[FIELD_unix_connection_abstract];
	struct bytes path = view->text[FIELD_unix_connection_socket_path];
	struct bytes peer = view->text[FIELD_unix_connection_peer_image];

	if (event_view_has(view, abstract) && event_view_number(view, abstract))
		buffer_add_string(out, "@");
	buffer_add(out, path.data, path.length);
	if (!peer.data)
		return;
	buffer_add_string(out, " of ");
	buffer_add(out, peer.data, peer.length);
}

/* "vsock 2:1024" */
static void add_vsock(struct buffer *out, const struct event_view *view)
{
	buffer_add_string(out, "vsock ");
	act_add_number(out, view, FIELD_vsock_connection_destination_cid);
	buffer_add_string(out, ":");
	act_add_number(out, view, FIELD_vsock_connection_destination_port);
}

/* "203.0.113.9:443 (www.example.com), 65536 bytes, 1048576 in all" */
static void add_send(struct buffer *out, const struct event_view *view)
{
	const struct field_info *total = &field_table[FIELD_network_send_total_bytes];
	struct bytes name = view->text[FIELD_network_send_destination_hostname];

	add_address(out, view, FIELD_network_send_destination_ip,
		    FIELD_network_send_destination_port);
	add_name(out, name);
	buffer_add_string(out, ", ");
	act_add_number(out, view, FIELD_network_send_bytes);
	buffer_add_string(out, " bytes");
	if (event_view_has(view, total))
		buffer_print(out, ", %llu in all",
			     (unsigned long long)event_view_number(view, total));
}

/* "www.example.com (AAAA)" */
static void add_query(struct buffer *out, const struct event_view *view)
{
	struct bytes name = view->text[FIELD_dns_query_query_name];

	buffer_add(out, name.data, name.length);
	buffer_add_string(out, " (");
	act_add_number(out, view, FIELD_dns_query_query_type);
	buffer_add_string(out, ")");
}

/* "www.example.com at 203.0.113.9:443" */
static void add_hello(struct buffer *out, const struct event_view *view)
{
	struct bytes name = view->text[FIELD_tls_handshake_server_name];

	buffer_add(out, name.data, name.length);
	if (name.length)
		buffer_add_string(out, " at ");
	add_address(out, view, FIELD_tls_handshake_destination_ip,
		    FIELD_tls_handshake_destination_port);
}

bool act_network_object(struct buffer *out, const struct event_view *view)
{
	switch (event_view_type(view)) {
	case EVENT_network_connection:
		add_address(out, view, FIELD_network_connection_destination_ip,
			    FIELD_network_connection_destination_port);
		add_name(out, view->text[FIELD_network_connection_destination_hostname]);
		return true;
	case EVENT_network_send:
		add_send(out, view);
		return true;
	case EVENT_dns_query:
		add_query(out, view);
		return true;
	case EVENT_tls_handshake:
		add_hello(out, view);
		return true;
	case EVENT_network_listen:
		add_listening(out, view);
		return true;
	case EVENT_socket_creation:
		add_socket(out, view);
		return true;
	case EVENT_unix_connection:
		add_unix(out, view);
		return true;
	case EVENT_vsock_connection:
		add_vsock(out, view);
		return true;
	default:
		return false;
	}
}
