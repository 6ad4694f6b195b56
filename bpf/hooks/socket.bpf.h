/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Sockets beside connections to the outside: network_listen, socket_creation, unix_connection,
 * vsock_connection. With trampolines, before the act, at security_socket_bind, _listen, _accept,
 * _create, _connect and security_unix_stream_connect, _may_send. Without, at the exit of the
 * calls, when it has taken effect.
 */
#include "../shell.bpf.h"
#include "../target.bpf.h"

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_TYPE_MASK 0xf
#define IPPROTO_ICMP 1
#define IPPROTO_ICMPV6 58

/* The socket behind a descriptor of the current task, by its address; NULL: it is none. */
static __always_inline struct sock *socket_installed(__u32 descriptor)
{
	struct file *file = file_installed(bpf_get_current_task_btf(), descriptor);
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The address that the socket has; that of a socket that is not bound is all zero. */
static __always_inline struct address sock_address(unsigned long sock)
{
	struct sock *sk = (struct sock *)sock;
	struct address address;

	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET)
		return address_v4(BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	BPF_CORE_READ_INTO(&address, sk, __sk_common.skc_v6_rcv_saddr);
	return address;
}

static __always_inline bool is_internet(unsigned long sock)
{
	__u16 family = BPF_CORE_READ((struct sock *)sock, __sk_common.skc_family);

	return family == AF_INET || family == AF_INET6;
}

/* The event ends here, as all its fields are numbers. */
static __always_inline int listen_end(struct event *e, struct address source, __u16 port,
				      __u64 protocol, __u32 act)
{
	struct event_network_listen *n = &e->work->record.network_listen;

	n->source_ip = source;
	n->source_port = port;
	n->protocol = protocol;
	n->act = act;
	n->wildcard = address_is_any(&source);
	HAS(e, SLOT_network_listen_source_ip);
	HAS(e, SLOT_network_listen_source_port);
	HAS(e, SLOT_network_listen_protocol);
	HAS(e, SLOT_network_listen_act);
	HAS(e, SLOT_network_listen_wildcard);
	return event_end(e, 0);
}

/* A socket that waits, or takes one that has come. */
static __always_inline int waits_body(__u32 origin, struct socket *socket, __u32 act)
{
	struct event e;
	unsigned long sock;
	int r;

	if (!event_tagged(&e))
		return 0;
	r = event_start(&e, EVENT_network_listen, origin);
	if (r <= 0)
		return r;
	sock = address_number(&e.work->text, socket->sk);
	if (!is_internet(sock))
		return 0;
	return listen_end(&e, sock_address(sock),
			  BPF_CORE_READ((struct sock *)sock, __sk_common.skc_num),
			  BPF_CORE_READ((struct sock *)sock, sk_protocol), act);
}

static __always_inline int socket_listen_body(__u32 origin, struct socket *socket)
{
	return waits_body(origin, socket, LISTEN_listen);
}
SECURITY_HOOK(socket_listen, socket_listen, socket_listen_body, (struct socket * socket), (socket))

static __always_inline int socket_accept_body(__u32 origin, struct socket *socket)
{
	return waits_body(origin, socket, LISTEN_accept);
}
SECURITY_HOOK(socket_accept, socket_accept, socket_accept_body, (struct socket * socket), (socket))

/* `address` is the kernel's copy of what the caller named. Not IP: nothing to decide. */
static __always_inline int socket_bind_body(__u32 origin, struct socket *socket,
					    const void *address, int length)
{
	struct sock *sk = socket->sk;
	union peer own = {};
	struct event e;
	int r;

	if (!sk || !address || length < (int)sizeof(own.in) || !event_tagged(&e))
		return 0;
	if (length >= (int)sizeof(own.in6))
		bpf_probe_read_kernel(&own, sizeof(own), address);
	else
		bpf_probe_read_kernel(&own, sizeof(own.in), address);
	/* inet_bind takes an unspecified family for AF_INET */
	if (own.in.family != AF_INET6 && own.in.family != AF_INET &&
	    (own.in.family != AF_UNSPEC || sk->__sk_common.skc_family != AF_INET))
		return 0;
	r = event_start(&e, EVENT_network_listen, origin);
	if (r <= 0)
		return r;
	return listen_end(&e, own.in.family == AF_INET6 ? own.in6.v6 : address_v4(own.in.v4),
			  __builtin_bswap16(own.in.port), sk->sk_protocol, LISTEN_bind);
}
SECURITY_HOOK(socket_bind, socket_bind, socket_bind_body,
	      (struct socket * socket, struct sockaddr *address, int length),
	      (socket, address, length))

/* Of those that are made all the time there is no event: unix, TCP, UDP. */
static __always_inline bool is_usual(__u32 family, __u32 type, __u32 protocol)
{
	if (family == AF_UNIX)
		return true;
	return (family == AF_INET || family == AF_INET6) &&
	       (type == SOCK_STREAM ||
		(type == SOCK_DGRAM && protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6));
}

static __always_inline int creation_end(struct event *e, __u32 family, __u32 type, __u32 protocol)
{
	struct event_socket_creation *s = &e->work->record.socket_creation;

	s->family = family;
	s->type = type;
	s->protocol = protocol;
	HAS(e, SLOT_socket_creation_family);
	HAS(e, SLOT_socket_creation_type);
	HAS(e, SLOT_socket_creation_protocol);
	return event_end(e, 0);
}

/* What the kernel makes for itself is nobody's act. */
static __always_inline int socket_create_body(__u32 origin, int family, int type, int protocol,
					      int kernel)
{
	struct event e;
	int r;

	if (kernel || is_usual(family, type & SOCK_TYPE_MASK, protocol))
		return 0;
	r = event_begin(&e, EVENT_socket_creation, origin);
	if (r <= 0)
		return r;
	return creation_end(&e, family, type & SOCK_TYPE_MASK, protocol);
}
SECURITY_HOOK(socket_create, socket_create, socket_create_body,
	      (int family, int type, int protocol, int kernel), (family, type, protocol, kernel))

/* An abstract name: behind its NUL, and not ended by one. */
static __always_inline void abstract_take(struct text *text, unsigned long address)
{
	__u32 family = bpf_core_field_offset(struct sockaddr_un, sun_path);
	__u32 length = BPF_CORE_READ((struct unix_address *)address, len) - family - 1;

	text->offset = 0;
	text->length = 0;
	text->incomplete = 0;
	opaque(length);
	if (length >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return;
	text->length = length;
	bpf_probe_read_kernel(
		text->byte, length,
		(void *)(address + bpf_core_field_offset(struct unix_address, name) + family + 1));
}

/* Puts the name of a unix socket into the text. One in a file system is the path of the
 * socket's file, whatever its maker called it. Returns 0 of a socket that has none. */
static __always_inline int unix_name(struct work *work, struct unix_sock *unix)
{
	unsigned long address = (unsigned long)BPF_CORE_READ(unix, addr);
	struct climbing c = { (unsigned long)BPF_CORE_READ(unix, path.dentry),
			      mount_of(BPF_CORE_READ(unix, path.mnt)), &work->text };

	if (!address)
		return 0;
	work->record.unix_connection.abstract = !c.dentry;
	if (c.dentry)
		path_climb(&c);
	else
		abstract_take(&work->text, address);
	return 1;
}

#define UNIX_HAS(work, member)                                                                     \
	(work)->record.header.present |= SLOT_BIT(SLOT_unix_connection_##member)
#define UNIX_LACKS(work, member)                                                                   \
	(work)->record.header.incomplete |= SLOT_BIT(SLOT_unix_connection_##member)

/* Fills in and matches the socket that is connected to, and the process of the id (0: not
 * known) that has it. Returns 0 of one without a name: that is of this process or was handed
 * to it. */
__noinline int unix_match(struct work *work, struct text *other, __u64 sock, __u64 pid, __u32 level)
{
	if (!work || !other || !unix_name(work, (struct unix_sock *)sock))
		return 0;
	UNIX_HAS(work, abstract);
	UNIX_HAS(work, socket_path);
	if (work->text.incomplete)
		UNIX_LACKS(work, socket_path);
	match_field(work, &work->text, FIELD_unix_connection_socket_path);
	other->length = 0;
	if (!pid)
		return 1;
	work->record.unix_connection.peer_process_id = pid_number(pid, level);
	UNIX_HAS(work, peer_process_id);
	if (target_image(other, pid_process(pid)))
		UNIX_HAS(work, peer_image);
	if (other->incomplete)
		UNIX_LACKS(work, peer_image);
	match_field(work, other, FIELD_unix_connection_peer_image);
	return 1;
}

static __always_inline int unix_end(struct event *e, unsigned long sock, unsigned long pid)
{
	if (!unix_match(e->work, e->other, sock, pid, e->agent->pid_level))
		return 0;
	if (e->other->length)
		e->other_place = PLACE(unix_connection, peer_image);
	return event_end(e, PLACE(unix_connection, socket_path));
}

/* Whose socket it is: of one that listens, who made it do so. */
static __always_inline unsigned long sock_peer_pid(unsigned long sock)
{
	return (unsigned long)BPF_CORE_READ((struct sock *)sock, sk_peer_pid);
}

static __always_inline int unix_stream_connect_body(__u32 origin, struct sock *other)
{
	unsigned long sock;
	struct event e;
	int r = event_begin_two(&e, EVENT_unix_connection, origin);

	if (r <= 0)
		return r;
	sock = address_number(&e.work->text, other);
	return unix_end(&e, sock, sock_peer_pid(sock));
}
SECURITY_HOOK(unix_stream_connect, unix_stream_connect, unix_stream_connect_body,
	      (struct sock * sock, struct sock *other), (other))

static __always_inline int unix_may_send_body(__u32 origin, struct socket *other)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_unix_connection, origin);

	if (r <= 0)
		return r;
	return unix_end(&e, address_number(&e.work->text, other->sk), 0);
}
SECURITY_HOOK(unix_may_send, unix_may_send, unix_may_send_body,
	      (struct socket * socket, struct socket *other), (other))
