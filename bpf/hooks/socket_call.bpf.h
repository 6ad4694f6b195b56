/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The exits of calls on sockets, for events that no hook could be attached for: the socket is
 * looked at when the call has done its work.
 */
#include "../given.bpf.h"
#include "../target.bpf.h"

enum socket_call_kind {
	CALL_none,
	CALL_socket,
	CALL_bind,
	CALL_listen,
	CALL_accept,
	CALL_recvmsg,
	CALL_recvmmsg,
	CALL_getfd,
	CALL_connect,
	CALL_sendto,
	CALL_sendmsg,
	CALL_sendmmsg
};

/* C(call, number on x86-64, on i386, kind); arch/x86/entry/syscalls. x32 has numbers of its own
 * for those with messages. */
#define SOCKET_CALLS(C)                                                                            \
	C(socket, 41, 359, socket)                                                                 \
	C(connect, 42, 362, connect)                                                               \
	C(accept, 43, -1, accept)                                                                  \
	C(sendto, 44, 369, sendto)                                                                 \
	C(sendmsg, 46, 370, sendmsg)                                                               \
	C(bind, 49, 361, bind)                                                                     \
	C(listen, 50, 363, listen)                                                                 \
	C(socketpair, 53, 360, socket)                                                             \
	C(accept4, 288, 364, accept)                                                               \
	C(sendmmsg, 307, 345, sendmmsg)                                                            \
	C(recvmsg, 47, 372, recvmsg)                                                               \
	C(recvmmsg, 299, 337, recvmmsg)                                                            \
	C(recvmmsg64, -1, 417, recvmmsg)                                                           \
	C(pidfd_getfd, 438, 438, getfd)                                                            \
	C(sendmsg_x32, 518, -1, sendmsg)                                                           \
	C(recvmsg_x32, 519, -1, recvmsg)                                                           \
	C(recvmmsg_x32, 537, -1, recvmmsg)                                                         \
	C(sendmmsg_x32, 538, -1, sendmmsg)

/* The old way of 32-bit programs: which call, and its arguments in memory, where they may have
 * been changed since. net/socket.c, socketcall(2) */
#define SOCKETCALL_COMPAT 102
#define SOCKETCALLS(C)                                                                             \
	C(1, socket)                                                                               \
	C(2, bind)                                                                                 \
	C(3, connect)                                                                              \
	C(4, listen)                                                                               \
	C(5, accept)                                                                               \
	C(8, socket)                                                                               \
	C(9, sendto)                                                                               \
	C(11, sendto)                                                                              \
	C(16, sendmsg)                                                                             \
	C(17, recvmsg)                                                                             \
	C(18, accept)                                                                              \
	C(19, recvmmsg)                                                                            \
	C(20, sendmmsg)

struct socket_call {
	enum socket_call_kind kind;
	bool compat; /* pointers in memory have 32 bits */
	__u64 argument[3]; /* of sendto: the descriptor, the address and its length */
};

static __always_inline struct socket_call socketcall_of(const struct pt_regs *regs)
{
	struct socket_call call = { CALL_none, true };
	__u32 arguments[6] = {};

	bpf_probe_read_user(arguments, sizeof(arguments),
			    (const void *)(unsigned long)(__u32)regs->cx);
	switch ((__u32)regs->bx) {
#define C(number, name)                                                                            \
	case number:                                                                               \
		call.kind = CALL_##name;                                                           \
		break;
		SOCKETCALLS(C)
#undef C
	}
	call.argument[0] = arguments[0];
	call.argument[1] = arguments[call.kind == CALL_sendto ? 4 : 1];
	call.argument[2] = arguments[call.kind == CALL_sendto ? 5 : 2];
	return call;
}

/* `kind`: CALL_none of socketcall(2). */
static __always_inline struct socket_call socket_call_of(struct task_struct *task, __u64 number,
							 __u32 kind)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;
	struct socket_call call = { kind, compat || number & X32_SYSCALL_BIT };

	if (kind == CALL_none)
		return socketcall_of(regs);
	call.argument[0] = argument(regs, compat, 0);
	call.argument[1] = argument(regs, compat, kind == CALL_sendto ? 4 : 1);
	call.argument[2] = argument(regs, compat, kind == CALL_sendto ? 5 : 2);
	return call;
}

static __always_inline bool event_begin_done(struct event *e, enum event_type type)
{
	if (event_begin(e, type, ORIGIN(sys_exit, sys_exit, 0)) <= 0)
		return false;
	e->after = true;
	return true;
}

static __always_inline struct address sock_peer_address(unsigned long sock)
{
	struct sock *sk = (struct sock *)sock;
	struct address address;

	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET)
		return address_v4(BPF_CORE_READ(sk, __sk_common.skc_daddr));
	BPF_CORE_READ_INTO(&address, sk, __sk_common.skc_v6_daddr);
	return address;
}

static __always_inline void accepted_fill(struct event *e, unsigned long sock)
{
	struct event_network_listen *n = &e->work->record.network_listen;

	n->destination_ip = sock_peer_address(sock);
	n->destination_port =
		__builtin_bswap16(BPF_CORE_READ((struct sock *)sock, __sk_common.skc_dport));
	HAS(e, SLOT_network_listen_destination_ip);
	HAS(e, SLOT_network_listen_destination_port);
}

/* `accepted`: the descriptor of the connection that was taken. Without the socket that waited,
 * which another thread can have closed, its own address is told. */
__noinline int listen_called(__u32 act, __u32 descriptor, __u32 accepted)
{
	unsigned long taken = act == LISTEN_accept ? (unsigned long)socket_installed(accepted) : 0;
	unsigned long sock = (unsigned long)socket_installed(descriptor);
	struct event e;

	if (!sock)
		sock = taken;
	if (!sock || !is_internet(sock) || !event_begin_done(&e, EVENT_network_listen))
		return 0;
	if (taken)
		accepted_fill(&e, taken);
	return listen_end(&e, sock_address(sock),
			  BPF_CORE_READ((struct sock *)sock, __sk_common.skc_num),
			  BPF_CORE_READ((struct sock *)sock, sk_protocol), act);
}

__noinline int socket_called(__u32 family, __u32 type, __u32 protocol)
{
	struct event e;

	type &= SOCK_TYPE_MASK;
	if (is_usual(family, type, protocol) || !event_begin_done(&e, EVENT_socket_creation))
		return 0;
	return creation_end(&e, family, type, protocol);
}

/* To the address that the caller named. */
__noinline int vsock_called(__u64 address)
{
	union peer peer = {};
	struct event e;

	bpf_probe_read_user(&peer, sizeof(peer.vsock), (const void *)address);
	if (peer.in.family != AF_VSOCK || !event_begin_done(&e, EVENT_vsock_connection))
		return 0;
	return vsock_end(&e, &peer);
}

/* The socket is connected: its peer has the name. */
__noinline int unix_called(__u64 sock)
{
	unsigned long peer = (unsigned long)BPF_CORE_READ((struct unix_sock *)sock, peer);
	struct event e;

	if (!peer || !event_begin_after(&e, EVENT_unix_connection, true, exec_work_get()))
		return 0;
	return unix_end(&e, peer, sock_peer_pid(sock));
}

/* A datagram to the name that the caller gave, of so many bytes. */
__noinline int unix_named_called(__u64 address, __u32 length)
{
	struct exec_work *exec = exec_work_get();
	__u64 name = address + bpf_core_field_offset(struct sockaddr_un, sun_path);
	struct event e;
	__u8 first = 0;

	if (!event_begin_after(&e, EVENT_unix_connection, false, exec))
		return 0;
	length -= bpf_core_field_offset(struct sockaddr_un, sun_path);
	bpf_probe_read_user(&first, 1, (const void *)name);
	e.work->record.unix_connection.abstract = !first;
	HAS(&e, SLOT_unix_connection_abstract);
	if (first)
		given_resolve(e.work, &exec->image, AT_FDCWD, name, length);
	else
		string_given(&e.work->text, name + 1, length - 1);
	return path_end(&e, SLOT_unix_connection_socket_path, FIELD_unix_connection_socket_path,
			PLACE(unix_connection, socket_path));
}

/* Datagrams only: a stream has told its connection. */
static __always_inline void unix_sent(unsigned long sock, __u64 address, __u32 length)
{
	if (BPF_CORE_READ((struct sock *)sock, sk_type) != SOCK_DGRAM)
		return;
	if (address && length > bpf_core_field_offset(struct sockaddr_un, sun_path))
		unix_named_called(address, length);
	else
		unix_called(sock);
}

struct message_named {
	__u64 name;
	__u32 length;
};

/* The address in a struct msghdr of the caller's. */
static __always_inline struct message_named message_named(__u64 message, bool compat)
{
	struct message_named named = {};

	if (compat) {
		bpf_probe_read_user(&named.name, 4, (const void *)message);
		bpf_probe_read_user(&named.length, 4, (const void *)(message + 4));
	} else {
		bpf_probe_read_user(&named.name, 8, (const void *)message);
		bpf_probe_read_user(&named.length, 4, (const void *)(message + 8));
	}
	return named;
}

/* What is asked for: a kind of call, and */
#define PEER_COMPAT (1 << 8) /* pointers in memory have 32 bits */
#define PEER_UNIX (1 << 9) /* the event is not told yet */
#define PEER_VSOCK (1 << 10)

/* The peer that is named, or to which the socket is connected. */
static __always_inline void peer_told(__u32 asked, unsigned long sock, struct message_named named)
{
	__u32 family = BPF_CORE_READ((struct sock *)sock, __sk_common.skc_family);

	if (family == AF_VSOCK && asked & PEER_VSOCK && named.name)
		vsock_called(named.name);
	else if (family == AF_UNIX && asked & PEER_UNIX && (asked & 0xff) == CALL_connect)
		unix_called(sock);
	else if (family == AF_UNIX && asked & PEER_UNIX)
		unix_sent(sock, named.name, named.length);
}

__noinline int peer_called(__u32 asked, __u32 descriptor, __u64 address, __u32 length)
{
	unsigned long sock = (unsigned long)socket_installed(descriptor);
	struct message_named named = { address, length };

	if (!sock)
		return 0;
	if ((asked & 0xff) == CALL_sendmsg)
		named = message_named(address, asked & PEER_COMPAT);
	peer_told(asked, sock, named);
	return 0;
}

struct sending {
	unsigned long sock;
	__u64 message; /* the next struct mmsghdr */
	__u64 asked;
};

static long sending_step(__u32 i, struct sending *s)
{
	bool compat = s->asked & PEER_COMPAT;

	peer_told(s->asked, s->sock, message_named(s->message, compat));
	s->message += compat ? 32 : 64;
	return 0;
}

/* So many messages were sent. */
static __always_inline void messages_sent(__u32 asked, const struct socket_call *call, __u32 count)
{
	struct sending s = { (unsigned long)socket_installed(call->argument[0]), call->argument[1],
			     asked };

	if (s.sock)
		bpf_loop(count, sending_step, &s, 0);
}

static __always_inline __u32 peer_asked(const struct socket_call *call, __u32 events)
{
	return call->kind | (call->compat ? PEER_COMPAT : 0) |
	       (events & EVENT_BIT(unix_connection) ? PEER_UNIX : 0) |
	       (events & EVENT_BIT(vsock_connection) ? PEER_VSOCK : 0);
}

static __always_inline void peer_exit(const struct socket_call *call, __u32 events, long result)
{
	__u32 asked = peer_asked(call, events);

	if (call->kind == CALL_sendmmsg)
		messages_sent(asked, call, result);
	else
		peer_called(asked, call->argument[0], call->argument[1], call->argument[2]);
}

static __always_inline void handover_exit(const struct socket_call *call, __u32 events, long result)
{
	__u32 asked = (call->compat ? RECEIVED_COMPAT : 0) |
		      (events & EVENT_BIT(ipc_handover) ? RECEIVED_HANDOVER : 0) |
		      (events & EVENT_BIT(file_open) ? RECEIVED_OPEN : 0);

	if (call->kind == CALL_getfd)
		descriptor_received(asked, result);
	else
		messages_received(asked, call->argument[1],
				  call->kind == CALL_recvmmsg ? result : 0);
}

static __always_inline void socket_exit(struct task_struct *task, __u64 number, __u32 kind,
					__u32 events, long result)
{
	struct socket_call call = socket_call_of(task, number, kind);

	if (call.kind == CALL_socket && events & EVENT_BIT(socket_creation))
		socket_called(call.argument[0], call.argument[1], call.argument[2]);
	else if ((call.kind == CALL_bind || call.kind == CALL_listen || call.kind == CALL_accept) &&
		 events & EVENT_BIT(network_listen))
		listen_called(LISTEN_bind + call.kind - CALL_bind, call.argument[0], result);
	else if (call.kind >= CALL_recvmsg && call.kind <= CALL_getfd &&
		 events & (EVENT_BIT(ipc_handover) | EVENT_BIT(file_open)))
		handover_exit(&call, events, result);
	else if (call.kind >= CALL_connect &&
		 events & (EVENT_BIT(unix_connection) | EVENT_BIT(vsock_connection)))
		peer_exit(&call, events, result);
}
