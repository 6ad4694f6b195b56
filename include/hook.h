/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The hooks, once: where programs sit, which events they serve, and when they are needed.
 * The kernel side numbers its programs by it, the loader chooses among them by it, and tries
 * each of them in a throw-away child before it relies on any (user/sensor/trial.c).
 *
 * A row:  H(hook, need, events)
 *
 * need    ALWAYS   tagging, and who a process is
 *         EVENT    some rule is about one of the events
 *         REFUSAL  some rule about one of them refuses or kills
 *         NAMES    some rule tests a hostname, of which answers are what tells it
 * events  bits of enum event_type
 */
#ifndef FERMATA_HOOK_H
#define FERMATA_HOOK_H

#include "event.h"

#define EVENT_BIT(event) (1u << EVENT_##event)
#define FILE_EVENTS                                                                                \
	(EVENT_BIT(file_open) | EVENT_BIT(file_event) | EVENT_BIT(file_delete) |                   \
	 EVENT_BIT(file_rename) | EVENT_BIT(file_link) | EVENT_BIT(file_symlink) |                 \
	 EVENT_BIT(file_attribute))
#define SOCKET_EVENTS                                                                              \
	(EVENT_BIT(network_listen) | EVENT_BIT(socket_creation) | EVENT_BIT(unix_connection) |     \
	 EVENT_BIT(vsock_connection) | EVENT_BIT(ipc_handover))

/* But for signals, which a tracepoint sees. */
#define PROCESS_EVENTS                                                                             \
	(EVENT_BIT(process_access) | EVENT_BIT(privilege_change) | EVENT_BIT(keyring))
#define MOUNT_EVENTS (EVENT_BIT(mount) | EVENT_BIT(namespace_change))
#define KERNEL_EVENTS                                                                              \
	(EVENT_BIT(kernel_module) | EVENT_BIT(bpf_use) | EVENT_BIT(io_uring) |                     \
	 EVENT_BIT(memory_exec))
/* What is seen of packets. */
#define PACKET_EVENTS (EVENT_BIT(network_send) | EVENT_BIT(dns_query) | EVENT_BIT(tls_handshake))
#define SYS_EXIT_EVENTS                                                                            \
	(FILE_EVENTS | SOCKET_EVENTS | PROCESS_EVENTS | MOUNT_EVENTS | KERNEL_EVENTS)

/* clang-format off */

/* H(hook, need, events, name of its security_ function) */
#define SECURITY_HOOKS(H)                                                      \
	H(task_alloc,           ALWAYS,  EVENT_BIT(process_creation),   task_alloc)           \
	H(bprm_creds_from_file, REFUSAL, EVENT_BIT(process_creation),   bprm_creds_from_file) \
	H(file_open,            EVENT,   EVENT_BIT(file_open),          file_open)            \
	H(path_mknod,           EVENT,   EVENT_BIT(file_event),         path_mknod)           \
	H(path_unlink,          EVENT,   EVENT_BIT(file_delete),        path_unlink)          \
	H(path_rmdir,           EVENT,   EVENT_BIT(file_delete),        path_rmdir)           \
	H(path_rename,          EVENT,   EVENT_BIT(file_rename) | EVENT_BIT(file_open), path_rename)          \
	H(path_link,            EVENT,   EVENT_BIT(file_link) | EVENT_BIT(file_open), path_link)            \
	H(path_symlink,         EVENT,   EVENT_BIT(file_symlink),       path_symlink)         \
	H(path_chmod,           EVENT,   EVENT_BIT(file_attribute),     path_chmod)           \
	H(path_chown,           EVENT,   EVENT_BIT(file_attribute),     path_chown)           \
	H(path_truncate,        EVENT,   EVENT_BIT(file_attribute),     path_truncate)        \
	H(inode_setxattr,       EVENT,   EVENT_BIT(file_attribute),     inode_setxattr)       \
	H(inode_setattr,        EVENT,   EVENT_BIT(file_attribute),     inode_setattr)        \
	H(socket_connect,       EVENT,   EVENT_BIT(network_connection) | EVENT_BIT(vsock_connection), socket_connect) \
	H(socket_sendmsg,       EVENT,   EVENT_BIT(network_connection), socket_sendmsg)       \
	H(socket_bind,          EVENT,   EVENT_BIT(network_listen),     socket_bind)          \
	H(socket_listen,        EVENT,   EVENT_BIT(network_listen),     socket_listen)        \
	H(socket_accept,        EVENT,   EVENT_BIT(network_listen),     socket_accept)        \
	H(socket_create,        EVENT,   EVENT_BIT(socket_creation),    socket_create)        \
	H(unix_stream_connect,  EVENT,   EVENT_BIT(unix_connection),    unix_stream_connect)  \
	H(unix_may_send,        EVENT,   EVENT_BIT(unix_connection),    unix_may_send)        \
	H(ptrace_access_check,  EVENT,   EVENT_BIT(process_access),     ptrace_access_check)  \
	H(ptrace_traceme,       EVENT,   EVENT_BIT(process_access),     ptrace_traceme)       \
	H(task_kill,            EVENT,   EVENT_BIT(process_signal),     task_kill)            \
	H(task_fix_setuid,      EVENT,   EVENT_BIT(privilege_change),   task_fix_setuid)      \
	H(task_fix_setgid,      EVENT,   EVENT_BIT(privilege_change),   task_fix_setgid)      \
	H(capset,               EVENT,   EVENT_BIT(privilege_change),   capset)               \
	H(key_permission,       EVENT,   EVENT_BIT(keyring),            key_permission)       \
	H(key_alloc,            EVENT,   EVENT_BIT(keyring),            key_alloc)            \
	H(file_receive,         EVENT,   EVENT_BIT(ipc_handover) | EVENT_BIT(file_open), file_receive) \
	H(sb_mount,             EVENT,   EVENT_BIT(mount),              sb_mount)             \
	H(sb_umount,            EVENT,   EVENT_BIT(mount),              sb_umount)            \
	H(move_mount,           EVENT,   EVENT_BIT(mount),              move_mount)           \
	H(sb_kern_mount,        EVENT,   EVENT_BIT(mount),              sb_kern_mount)        \
	H(kernel_read_file,     EVENT,   EVENT_BIT(kernel_module),      kernel_read_file)     \
	H(kernel_load_data,     EVENT,   EVENT_BIT(kernel_module),      kernel_load_data)     \
	H(bpf,                  EVENT,   EVENT_BIT(bpf_use),            bpf)                  \
	H(perf_event_open,      EVENT,   EVENT_BIT(bpf_use),            perf_event_open)      \
	H(inode_init_security_anon, EVENT, EVENT_BIT(io_uring),         inode_init_security_anon) \
	H(uring_sqpoll,         EVENT,   EVENT_BIT(io_uring),           uring_sqpoll)         \
	H(uring_override_creds, EVENT,   EVENT_BIT(io_uring),           uring_override_creds) \
	H(file_mprotect,        EVENT,   EVENT_BIT(memory_exec),        file_mprotect)        \
	H(mmap_file,            EVENT,   EVENT_BIT(memory_exec),        mmap_file)

#define CGROUP_HOOKS(H)                                                        \
	H(connect4,             EVENT,   EVENT_BIT(network_connection))        \
	H(connect6,             EVENT,   EVENT_BIT(network_connection))        \
	H(sendmsg4,             EVENT,   EVENT_BIT(network_connection))        \
	H(sendmsg6,             EVENT,   EVENT_BIT(network_connection))

/* Whose a packet is is told by the programs that serve network_connection. */
#define PACKET_HOOKS(H)                                                        \
	H(egress,               EVENT,   PACKET_EVENTS)                        \
	H(ingress,              NAMES,   EVENT_BIT(network_connection) | EVENT_BIT(network_send))

#define TRACEPOINT_HOOKS(H)                                                    \
	H(task_newtask,         ALWAYS,  EVENT_BIT(process_creation))          \
	H(sched_process_exec,   ALWAYS,  EVENT_BIT(process_creation))          \
	H(sched_process_exit,   ALWAYS,  EVENT_BIT(process_termination))

/* Of one program and a copy: nothing of its tracepoint tells a perf program of whom it is. */
#define TRACEPOINT_TWICE_HOOKS(H)                                              \
	H(signal_generate,      EVENT,   EVENT_BIT(process_signal))

#define SYS_EXIT_HOOKS(H)                                                      \
	H(sys_exit,             EVENT,   SYS_EXIT_EVENTS)

/* An iterator: attached to nothing, run for each opening of a marked file. */
#define FANOTIFY_HOOKS(H)                                                      \
	H(file_mark,            REFUSAL, EVENT_BIT(file_open))
/* clang-format on */

enum hook {
#define H(hook, ...) HOOK_##hook,
	SECURITY_HOOKS(H) CGROUP_HOOKS(H) PACKET_HOOKS(H) TRACEPOINT_HOOKS(H)
		TRACEPOINT_TWICE_HOOKS(H) SYS_EXIT_HOOKS(H) FANOTIFY_HOOKS(H)
#undef H
			HOOK_MAX
};

/* A set of hooks: words of which each hook has a bit. */
#define HOOK_WORDS 2
#define HOOK_WORD(hook) ((hook) / 64)
#define HOOK_BIT(hook) (1ull << (hook) % 64)
_Static_assert(HOOK_MAX < 64 * HOOK_WORDS, "a set of hooks has one bit to spare");

/* A hook may have more than one program in the same shell: see bpf/shell.bpf.h. */
#define COPIES_MAX 3

#endif
