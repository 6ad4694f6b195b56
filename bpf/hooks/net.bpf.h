/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * network_connection: a connect, or a datagram to an address. With trampolines, at
 * security_socket_connect and, for datagrams and TCP fast open, which never pass it,
 * security_socket_sendmsg. Without, in cgroup programs, which refuse as well.
 */
#include "../shell.bpf.h"

#include "address.h"
#include "../packet.bpf.h"
#include "../sender.bpf.h"

/* As much of an address as we read: the larger of the two forms. */
union peer {
	struct {
		__u16 family;
		__u16 port;
		__u32 v4;
	} in;
	struct {
		__u16 family;
		__u16 port;
		__u32 flow;
		struct address v6;
	} in6 __attribute__((packed, aligned(4)));
	struct {
		__u16 family;
		__u16 reserved;
		__u32 port;
		__u32 cid;
	} vsock; /* include/uapi/linux/vm_sockets.h */
};

static __always_inline void peer_fill(struct event *e, struct address destination, __u16 port,
				      __u64 protocol)
{
	struct event_network_connection *n = &e->work->record.network_connection;

	n->destination_ip = destination;
	n->destination_port = __builtin_bswap16(port);
	n->protocol = protocol;
	n->initiated = 1;
	n->loopback = address_is_loopback(&destination);
	n->private_address = address_is_private(&destination);
	HAS(e, SLOT_network_connection_destination_ip);
	HAS(e, SLOT_network_connection_destination_port);
	HAS(e, SLOT_network_connection_protocol);
	HAS(e, SLOT_network_connection_initiated);
	HAS(e, SLOT_network_connection_loopback);
	HAS(e, SLOT_network_connection_private_address);
}

/* The name of the peer, if one is known: the event's text, which is returned the place of. */
static __always_inline __u32 peer_name(struct event *e)
{
	struct peer_key key = { e->tag->session,
				e->work->record.network_connection.destination_ip };

	if (!names_wanted || !hostname_get(&e->work->text, &key))
		return 0;
	HAS(e, SLOT_network_connection_destination_hostname);
	match_field(e->work, &e->work->text, FIELD_network_connection_destination_hostname);
	return PLACE(network_connection, destination_hostname);
}

/* The socket's own address, if it is bound. */
static __always_inline void source_fill(struct event *e, const struct sock *sk)
{
	struct event_network_connection *n = &e->work->record.network_connection;
	struct address source;

	if (sk->__sk_common.skc_num) {
		n->source_port = sk->__sk_common.skc_num;
		HAS(e, SLOT_network_connection_source_port);
	}
	if (sk->__sk_common.skc_family == AF_INET6) {
		bpf_probe_read_kernel(&source, sizeof(source), &sk->__sk_common.skc_v6_rcv_saddr);
		if (!source.half[0] && !source.half[1])
			return;
	} else {
		if (!sk->__sk_common.skc_rcv_saddr)
			return;
		source = address_v4(sk->__sk_common.skc_rcv_saddr);
	}
	n->source_ip = source;
	HAS(e, SLOT_network_connection_source_ip);
}

static __always_inline int vsock_end(struct event *e, const union peer *peer)
{
	struct event_vsock_connection *v = &e->work->record.vsock_connection;

	v->destination_cid = peer->vsock.cid;
	v->destination_port = peer->vsock.port;
	HAS(e, SLOT_vsock_connection_destination_cid);
	HAS(e, SLOT_vsock_connection_destination_port);
	return event_end(e, 0);
}

/* `address` is the kernel's copy of what the caller named. Neither IP nor vsock: nothing to
 * decide. */
static __always_inline int peer_body(__u32 origin, struct socket *socket, const void *address,
				     int length, bool datagram)
{
	struct sock *sk = socket->sk;
	struct address destination;
	union peer peer = {};
	struct event e;
	int r;

	if (!sk || !address || length < (int)sizeof(peer.in) || !event_tagged(&e))
		return 0;
	if (length >= (int)sizeof(peer.in6))
		bpf_probe_read_kernel(&peer, sizeof(peer), address);
	else
		bpf_probe_read_kernel(&peer, sizeof(peer.in), address);
	if (peer.in.family == AF_VSOCK) {
		if (length < (int)sizeof(peer.vsock))
			return 0;
		bpf_probe_read_kernel(&peer, sizeof(peer.vsock), address);
		r = event_start(&e, EVENT_vsock_connection, origin);
		return r > 0 ? vsock_end(&e, &peer) : r;
	}
	/* udp_sendmsg takes an unspecified family for AF_INET */
	if (peer.in.family == AF_INET ||
	    (datagram && peer.in.family == AF_UNSPEC && sk->__sk_common.skc_family == AF_INET))
		destination = address_v4(peer.in.v4);
	else if (peer.in.family == AF_INET6 && length >= (int)sizeof(peer.in6))
		destination = peer.in6.v6;
	else
		return 0;
	r = event_start(&e, EVENT_network_connection, origin);
	if (r <= 0)
		return r;
	peer_fill(&e, destination, peer.in.port, sk->sk_protocol);
	source_fill(&e, sk);
	return event_end(&e, peer_name(&e));
}

/* Of all that is sent, to whatever address. */
static __always_inline void socket_note(struct sock *sk)
{
	struct event e;

	if (packet_events | names_wanted &&
	    (sk->__sk_common.skc_family == AF_INET || sk->__sk_common.skc_family == AF_INET6) &&
	    event_tagged(&e))
		sender_note(&e, bpf_get_socket_cookie(sk));
}

static __always_inline int socket_connect_body(__u32 origin, struct socket *socket,
					       struct sockaddr *address, int length)
{
	struct sock *sk = socket->sk;

	if (sk)
		socket_note(sk);
	return peer_body(origin, socket, address, length, false);
}
SECURITY_HOOK(socket_connect, socket_connect, socket_connect_body,
	      (struct socket * socket, struct sockaddr *address, int length),
	      (socket, address, length))

static __always_inline int socket_sendmsg_body(__u32 origin, struct socket *socket,
					       struct msghdr *message)
{
	struct sock *sk = socket->sk;
	__u16 protocol;

	if (!sk)
		return 0;
	socket_note(sk);
	protocol = sk->sk_protocol;
	/* a stream ignores the name, but for the connect inside a fast open */
	if ((protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP) &&
	    !(message->msg_flags & MSG_FASTOPEN))
		return 0;
	return peer_body(origin, socket, message->msg_name, message->msg_namelen, true);
}
SECURITY_HOOK(socket_sendmsg, socket_sendmsg, socket_sendmsg_body,
	      (struct socket * socket, struct msghdr *message), (socket, message))

static __always_inline int cgroup_body(__u32 origin, struct bpf_sock_addr *context,
				       struct address destination)
{
	struct event e;
	int r;

	if (!event_tagged(&e))
		return 1;
	if (packet_events | names_wanted)
		sender_note(&e, bpf_get_socket_cookie(context));
	if (e.tag->seen & EVENT_BIT(network_connection))
		return 1;
	r = event_start(&e, EVENT_network_connection, origin);
	if (r <= 0)
		return !r;
	peer_fill(&e, destination, context->user_port, context->protocol);
	if (context->sk && context->sk->src_port) {
		e.work->record.network_connection.source_port = context->sk->src_port;
		HAS(&e, SLOT_network_connection_source_port);
	}
	return !event_end(&e, peer_name(&e));
}

static __always_inline int cgroup_body6(__u32 origin, struct bpf_sock_addr *context)
{
	struct address destination = { { (__u64)context->user_ip6[1] << 32 | context->user_ip6[0],
					 (__u64)context->user_ip6[3] << 32 |
						 context->user_ip6[2] } };

	return cgroup_body(origin, context, destination);
}

#define CGROUP_HOOK(hook, body, ...)                                                               \
	SEC("cgroup/" #hook)                                                                       \
	int cgroup_##hook(struct bpf_sock_addr *context)                                           \
	{                                                                                          \
		return body(ORIGIN(cgroup, hook, 0), context, ##__VA_ARGS__);                      \
	}
CGROUP_HOOK(connect4, cgroup_body, address_v4(context->user_ip4))
CGROUP_HOOK(sendmsg4, cgroup_body, address_v4(context->user_ip4))
CGROUP_HOOK(connect6, cgroup_body6)
CGROUP_HOOK(sendmsg6, cgroup_body6)
