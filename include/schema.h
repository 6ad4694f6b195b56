/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The event table: every event and field, once. Records, enums, rule fields,
 * JSON keys and the documentation are expansions of these lists; nothing else
 * names a field. Adding an event: a block here, a hook in bpf/hooks/, a live
 * test.
 *
 * A row of EVENTS:  E(event, FIELDS, ecs category, ecs type, the act)
 * A row of FIELDS:  F(event, kind, member, Sigma name, ECS name, names, meaning)
 *
 * kind   in the record            a rule compares it as
 * num    __u64                    signed 64-bit number
 * bool   __u64, 0 or 1            true or false
 * one    __u64                    one of `names`
 * set    __u64, a bit per name    a set of `names`; a test holds if any bit does
 * ip     struct address, 16 bytes address; IPv4 is held v4-mapped
 * text   struct span              bytes, without regard to ASCII case
 * time   not in it                a moment, in UTC
 *
 * Every member is 8 bytes or a multiple, so a record has no padding. Add fields
 * at the end of a list, never reuse a name; RECORD_SCHEMA counts up when the
 * meaning of a present field changes.
 */
#ifndef FERMATA_SCHEMA_H
#define FERMATA_SCHEMA_H

#define RECORD_SCHEMA 1

/* clang-format off */
#define NO_NAMES(N)

/* N(name, bit or number, meaning) */
#define ACCESS_NAMES(N)                                                        \
	N(read,   0, "opened for reading")                                     \
	N(write,  1, "opened for writing")                                     \
	N(append, 2, "writes go to the end")                                   \
	N(exec,   3, "opened by the kernel to execute it")

#define CHANGE_NAMES(N)                                                        \
	N(mode,  1, "who may do what with it (chmod)")                         \
	N(owner, 2, "whose it is (chown)")                                     \
	N(xattr, 3, "an extended attribute (setxattr)")                        \
	N(size,  4, "its length, by its name (truncate)")                      \
	N(times, 5, "when it was used and written (utimes)")

#define PROTOCOL_NAMES(N)                                                      \
	N(icmp,   1, "ICMP")                                                   \
	N(tcp,    6, "TCP")                                                    \
	N(udp,   17, "UDP")                                                    \
	N(dccp,  33, "DCCP")                                                   \
	N(icmpv6, 58, "ICMPv6")                                                \
	N(sctp, 132, "SCTP")                                                   \
	N(udplite, 136, "UDP-Lite")                                            \
	N(raw,  255, "raw IP")                                                 \
	N(mptcp, 262, "Multipath TCP")

/* RFC 1035 and others; www.iana.org/assignments/dns-parameters */
#define QUERY_TYPE_NAMES(N)                                                    \
	N(A,       1, "IPv4 address")                                          \
	N(NS,      2, "name server")                                           \
	N(CNAME,   5, "another name")                                          \
	N(SOA,     6, "start of a zone")                                       \
	N(NULL,   10, "bytes of any kind")                                     \
	N(PTR,    12, "name of an address")                                    \
	N(HINFO,  13, "machine")                                               \
	N(MX,     15, "mail server")                                           \
	N(TXT,    16, "text")                                                  \
	N(AAAA,   28, "IPv6 address")                                          \
	N(SRV,    33, "server of a service")                                   \
	N(NAPTR,  35, "rewriting of names")                                    \
	N(DS,     43, "signer of a zone")                                      \
	N(DNSKEY, 48, "key of a zone")                                         \
	N(SVCB,   64, "ways to a service")                                     \
	N(HTTPS,  65, "ways to a web server")                                  \
	N(IXFR,  251, "what changed in a zone")                                \
	N(AXFR,  252, "a whole zone")                                          \
	N(ANY,   255, "everything")                                            \
	N(CAA,   257, "who may issue certificates")

#define LISTEN_NAMES(N)                                                        \
	N(bind,   1, "takes an address")                                       \
	N(listen, 2, "waits for connections at its address")                   \
	N(accept, 3, "takes a connection that has come")

/* include/linux/socket.h */
#define SOCKET_FAMILY_NAMES(N)                                                 \
	N(unspec,     0, "none")                                               \
	N(unix,       1, "within this host")                                   \
	N(inet,       2, "IPv4")                                               \
	N(ax25,       3, "amateur radio")                                      \
	N(inet6,     10, "IPv6")                                               \
	N(key,       15, "keys of IPsec")                                      \
	N(netlink,   16, "the kernel's configuration")                         \
	N(packet,    17, "frames of a network device")                         \
	N(rds,       21, "reliable datagrams (RDS)")                           \
	N(can,       29, "CAN bus")                                            \
	N(tipc,      30, "cluster (TIPC)")                                     \
	N(bluetooth, 31, "Bluetooth")                                          \
	N(alg,       38, "the kernel's cryptography")                          \
	N(nfc,       39, "near field")                                         \
	N(vsock,     40, "between a virtual machine and its host")             \
	N(kcm,       41, "messages over TCP (KCM)")                            \
	N(qipcrtr,   42, "Qualcomm's processors")                              \
	N(smc,       43, "TCP over shared memory")                             \
	N(xdp,       44, "frames past the network stack")

#define SOCKET_TYPE_NAMES(N)                                                   \
	N(stream,    1, "stream")                                              \
	N(dgram,     2, "datagrams")                                           \
	N(raw,       3, "raw protocol")                                        \
	N(rdm,       4, "reliable datagrams")                                  \
	N(seqpacket, 5, "sequenced packets")                                   \
	N(dccp,      6, "DCCP")                                                \
	N(packet,   10, "packets, the old way")

#define REACH_NAMES(N)                                                         \
	N(read,    1, "what it holds is read, as /proc shows it")              \
	N(attach,  2, "its memory and registers, or its descriptors, are taken hold of") \
	N(traceme, 3, "the parent is let trace the process itself")

#define PRIVILEGE_NAMES(N)                                                     \
	N(user,         1, "a user id")                                        \
	N(group,        2, "a group id")                                       \
	N(capabilities, 3, "capabilities (capset)")

/* include/uapi/linux/capability.h */
#define CAPABILITY_NAMES(N) \
	N(chown, 0, "CAP_CHOWN") \
	N(dac_override, 1, "CAP_DAC_OVERRIDE") \
	N(dac_read_search, 2, "CAP_DAC_READ_SEARCH") \
	N(fowner, 3, "CAP_FOWNER") \
	N(fsetid, 4, "CAP_FSETID") \
	N(kill, 5, "CAP_KILL") \
	N(setgid, 6, "CAP_SETGID") \
	N(setuid, 7, "CAP_SETUID") \
	N(setpcap, 8, "CAP_SETPCAP") \
	N(linux_immutable, 9, "CAP_LINUX_IMMUTABLE") \
	N(net_bind_service, 10, "CAP_NET_BIND_SERVICE") \
	N(net_broadcast, 11, "CAP_NET_BROADCAST") \
	N(net_admin, 12, "CAP_NET_ADMIN") \
	N(net_raw, 13, "CAP_NET_RAW") \
	N(ipc_lock, 14, "CAP_IPC_LOCK") \
	N(ipc_owner, 15, "CAP_IPC_OWNER") \
	N(sys_module, 16, "CAP_SYS_MODULE") \
	N(sys_rawio, 17, "CAP_SYS_RAWIO") \
	N(sys_chroot, 18, "CAP_SYS_CHROOT") \
	N(sys_ptrace, 19, "CAP_SYS_PTRACE") \
	N(sys_pacct, 20, "CAP_SYS_PACCT") \
	N(sys_admin, 21, "CAP_SYS_ADMIN") \
	N(sys_boot, 22, "CAP_SYS_BOOT") \
	N(sys_nice, 23, "CAP_SYS_NICE") \
	N(sys_resource, 24, "CAP_SYS_RESOURCE") \
	N(sys_time, 25, "CAP_SYS_TIME") \
	N(sys_tty_config, 26, "CAP_SYS_TTY_CONFIG") \
	N(mknod, 27, "CAP_MKNOD") \
	N(lease, 28, "CAP_LEASE") \
	N(audit_write, 29, "CAP_AUDIT_WRITE") \
	N(audit_control, 30, "CAP_AUDIT_CONTROL") \
	N(setfcap, 31, "CAP_SETFCAP") \
	N(mac_override, 32, "CAP_MAC_OVERRIDE") \
	N(mac_admin, 33, "CAP_MAC_ADMIN") \
	N(syslog, 34, "CAP_SYSLOG") \
	N(wake_alarm, 35, "CAP_WAKE_ALARM") \
	N(block_suspend, 36, "CAP_BLOCK_SUSPEND") \
	N(audit_read, 37, "CAP_AUDIT_READ") \
	N(perfmon, 38, "CAP_PERFMON") \
	N(bpf, 39, "CAP_BPF") \
	N(checkpoint_restore, 40, "CAP_CHECKPOINT_RESTORE")

#define KEY_USE_NAMES(N)                                                       \
	N(view,    1, "its description is looked at")                          \
	N(read,    2, "its content is read")                                   \
	N(write,   3, "its content is changed, or what a keyring holds")       \
	N(search,  4, "it is looked for")                                      \
	N(link,    5, "it is put into a keyring")                              \
	N(setattr, 6, "who may use it is changed")                             \
	N(create,  7, "it is made")
#define HANDOVER_NAMES(N)                                                      \
	N(scm_rights,   1, "it came in a message over a unix socket")          \
	N(pidfd_getfd,  2, "it was taken from the process, by pidfd_getfd")

#define MOUNT_NAMES(N)                                                         \
	N(mount,   1, "a file system is mounted")                              \
	N(bind,    2, "a part of what is mounted is mounted elsewhere, too")   \
	N(remount, 3, "its options are changed")                               \
	N(move,    4, "it is moved, or what was attached nowhere is attached") \
	N(change,  5, "how it passes mounts on, or its options, are changed")  \
	N(umount,  6, "it is taken away")                                      \
	N(make,    7, "a mount is made that is attached nowhere yet")

/* struct file_system_type, name: of those that are built with most kernels */
#define FILE_SYSTEM_NAMES(N) \
	N(ext4, 1, "ext4") \
	N(xfs, 2, "xfs") \
	N(btrfs, 3, "btrfs") \
	N(tmpfs, 4, "tmpfs") \
	N(proc, 5, "proc") \
	N(sysfs, 6, "sysfs") \
	N(overlay, 7, "overlay") \
	N(cgroup2, 8, "cgroup2") \
	N(cgroup, 9, "cgroup") \
	N(devpts, 10, "devpts") \
	N(devtmpfs, 11, "devtmpfs") \
	N(bpf, 12, "bpf") \
	N(debugfs, 13, "debugfs") \
	N(tracefs, 14, "tracefs") \
	N(securityfs, 15, "securityfs") \
	N(fuse, 16, "fuse") \
	N(nfs, 17, "nfs") \
	N(nfs4, 18, "nfs4") \
	N(cifs, 19, "cifs") \
	N(v9fs, 20, "9p") \
	N(vfat, 21, "vfat") \
	N(iso9660, 22, "iso9660") \
	N(squashfs, 23, "squashfs") \
	N(ramfs, 24, "ramfs") \
	N(mqueue, 25, "mqueue") \
	N(hugetlbfs, 26, "hugetlbfs") \
	N(configfs, 27, "configfs") \
	N(binfmt_misc, 28, "binfmt_misc")

#define NAMESPACE_ACT_NAMES(N)                                                 \
	N(unshare,    1, "leaves one for a new one")                           \
	N(setns,      2, "enters another's")                                   \
	N(clone,      3, "a child is made in a new one")                       \
	N(chroot,     4, "its root directory is changed")                      \
	N(pivot_root, 5, "the root of its mounts is changed")

/* include/uapi/linux/sched.h: CLONE_NEW… */
#define NAMESPACE_NAMES(N)                                                     \
	N(time,    7, "clocks")                                                \
	N(mnt,    17, "mounts")                                                \
	N(cgroup, 25, "control groups")                                        \
	N(uts,    26, "host name")                                             \
	N(ipc,    27, "System V IPC, POSIX message queues")                    \
	N(user,   28, "users and capabilities")                                \
	N(pid,    29, "process ids")                                           \
	N(net,    30, "network")

#define MODULE_NAMES(N)                                                        \
	N(load,   1, "a module is loaded")                                     \
	N(kexec,  2, "another kernel is loaded")                               \
	N(unload, 3, "a module is removed")

/* include/uapi/linux/bpf.h, enum bpf_cmd */
#define BPF_COMMAND_NAMES(N) \
	N(map_create, 0, "BPF_MAP_CREATE") \
	N(map_lookup_elem, 1, "BPF_MAP_LOOKUP_ELEM") \
	N(map_update_elem, 2, "BPF_MAP_UPDATE_ELEM") \
	N(map_delete_elem, 3, "BPF_MAP_DELETE_ELEM") \
	N(map_get_next_key, 4, "BPF_MAP_GET_NEXT_KEY") \
	N(prog_load, 5, "BPF_PROG_LOAD") \
	N(obj_pin, 6, "BPF_OBJ_PIN") \
	N(obj_get, 7, "BPF_OBJ_GET") \
	N(prog_attach, 8, "BPF_PROG_ATTACH") \
	N(prog_detach, 9, "BPF_PROG_DETACH") \
	N(prog_test_run, 10, "BPF_PROG_TEST_RUN") \
	N(prog_get_next_id, 11, "BPF_PROG_GET_NEXT_ID") \
	N(map_get_next_id, 12, "BPF_MAP_GET_NEXT_ID") \
	N(prog_get_fd_by_id, 13, "BPF_PROG_GET_FD_BY_ID") \
	N(map_get_fd_by_id, 14, "BPF_MAP_GET_FD_BY_ID") \
	N(obj_get_info_by_fd, 15, "BPF_OBJ_GET_INFO_BY_FD") \
	N(prog_query, 16, "BPF_PROG_QUERY") \
	N(raw_tracepoint_open, 17, "BPF_RAW_TRACEPOINT_OPEN") \
	N(btf_load, 18, "BPF_BTF_LOAD") \
	N(btf_get_fd_by_id, 19, "BPF_BTF_GET_FD_BY_ID") \
	N(task_fd_query, 20, "BPF_TASK_FD_QUERY") \
	N(map_lookup_and_delete_elem, 21, "BPF_MAP_LOOKUP_AND_DELETE_ELEM") \
	N(map_freeze, 22, "BPF_MAP_FREEZE") \
	N(btf_get_next_id, 23, "BPF_BTF_GET_NEXT_ID") \
	N(map_lookup_batch, 24, "BPF_MAP_LOOKUP_BATCH") \
	N(map_lookup_and_delete_batch, 25, "BPF_MAP_LOOKUP_AND_DELETE_BATCH") \
	N(map_update_batch, 26, "BPF_MAP_UPDATE_BATCH") \
	N(map_delete_batch, 27, "BPF_MAP_DELETE_BATCH") \
	N(link_create, 28, "BPF_LINK_CREATE") \
	N(link_update, 29, "BPF_LINK_UPDATE") \
	N(link_get_fd_by_id, 30, "BPF_LINK_GET_FD_BY_ID") \
	N(link_get_next_id, 31, "BPF_LINK_GET_NEXT_ID") \
	N(enable_stats, 32, "BPF_ENABLE_STATS") \
	N(iter_create, 33, "BPF_ITER_CREATE") \
	N(link_detach, 34, "BPF_LINK_DETACH") \
	N(prog_bind_map, 35, "BPF_PROG_BIND_MAP") \
	N(token_create, 36, "BPF_TOKEN_CREATE") \
	N(prog_stream_read_by_fd, 37, "BPF_PROG_STREAM_READ_BY_FD") \
	N(perf_event_open, 1000, "perf_event_open(2)")

/* include/uapi/linux/bpf.h, enum bpf_prog_type */
#define BPF_PROGRAM_NAMES(N) \
	N(unspec, 0, "none") \
	N(socket_filter, 1, "socket_filter") \
	N(kprobe, 2, "kprobe") \
	N(sched_cls, 3, "sched_cls") \
	N(sched_act, 4, "sched_act") \
	N(tracepoint, 5, "tracepoint") \
	N(xdp, 6, "xdp") \
	N(perf_event, 7, "perf_event") \
	N(cgroup_skb, 8, "cgroup_skb") \
	N(cgroup_sock, 9, "cgroup_sock") \
	N(lwt_in, 10, "lwt_in") \
	N(lwt_out, 11, "lwt_out") \
	N(lwt_xmit, 12, "lwt_xmit") \
	N(sock_ops, 13, "sock_ops") \
	N(sk_skb, 14, "sk_skb") \
	N(cgroup_device, 15, "cgroup_device") \
	N(sk_msg, 16, "sk_msg") \
	N(raw_tracepoint, 17, "raw_tracepoint") \
	N(cgroup_sock_addr, 18, "cgroup_sock_addr") \
	N(lwt_seg6local, 19, "lwt_seg6local") \
	N(lirc_mode2, 20, "lirc_mode2") \
	N(sk_reuseport, 21, "sk_reuseport") \
	N(flow_dissector, 22, "flow_dissector") \
	N(cgroup_sysctl, 23, "cgroup_sysctl") \
	N(raw_tracepoint_writable, 24, "raw_tracepoint_writable") \
	N(cgroup_sockopt, 25, "cgroup_sockopt") \
	N(tracing, 26, "tracing") \
	N(struct_ops, 27, "struct_ops") \
	N(ext, 28, "ext") \
	N(lsm, 29, "lsm") \
	N(sk_lookup, 30, "sk_lookup") \
	N(syscall, 31, "syscall") \
	N(netfilter, 32, "netfilter")

#define URING_NAMES(N)                                                         \
	N(setup,          1, "a ring is made")                                 \
	N(sqpoll,         2, "a thread of the kernel serves it")               \
	N(override_creds, 3, "another's credentials are used")

#define MEMORY_NAMES(N)                                                        \
	N(anonymous, 1, "memory of no file")                                   \
	N(file,      2, "a file's")                                            \
	N(memfd,     3, "a file's that is in memory only")

#define MEMORY_ACT_NAMES(N)                                                    \
	N(mprotect, 1, "what is mapped becomes executable")                    \
	N(mmap,     2, "it is mapped like that")

/* In the header of every record. */
#define COMMON_FIELDS(F)                                                       \
	F(common, num,  process_id,         "ProcessId",        "process.pid",                NO_NAMES, "process id, seen from the initial namespace") \
	F(common, num,  parent_process_id,  "ParentProcessId",  "process.parent.pid",         NO_NAMES, "process id of the parent")                    \
	F(common, num,  thread_id,          "ThreadId",         "process.thread.id",          NO_NAMES, "id of the acting thread")                     \
	F(common, num,  user_id,            "UserId",           "user.id",                    NO_NAMES, "real user id")                                \
	F(common, num,  effective_user_id,  "EffectiveUserId",  "user.effective.id",          NO_NAMES, "effective user id")                           \
	F(common, num,  login_session_id,   "SessionId",        "fermata.login_session_id",   NO_NAMES, "audit login session")

/*
 * Facts of a program, captured when it is executed and true until it executes
 * another: the strings go into the process_creation record, the atoms that hold
 * go into the tag, so that later events pay nothing for them.
 */
#define FACT_FIELDS(F)                                                         \
	F(fact, text, image,               "Image",             "process.executable",         NO_NAMES, "resolved path of the program")                \
	F(fact, text, command_line,        "CommandLine",       "process.command_line",       NO_NAMES, "arguments joined by single spaces, their first 4096 bytes")           \
	F(fact, text, current_directory,   "CurrentDirectory",  "process.working_directory",  NO_NAMES, "working directory when it was executed")      \
	F(fact, text, parent_image,        "ParentImage",       "process.parent.executable",  NO_NAMES, "program of the parent when this process was created") \
	F(fact, text, parent_command_line, "ParentCommandLine", "process.parent.command_line",NO_NAMES, "arguments of the parent's program")

/* Facts of an agent: fixed when it is tagged, their atoms are in its row. */
#define AGENT_FIELDS(F)                                                        \
	F(agent, text, agent_name,         "AgentName",         "gen_ai.agent.name",          NO_NAMES, "name given to the agent")                     \
	F(agent, text, agent_session,      "AgentSession",      "gen_ai.agent.id",            NO_NAMES, "id of this life of the agent")                \
	F(agent, text, agent_profile,      "AgentProfile",      "fermata.profile",            NO_NAMES, "profile the agent runs under")

/* Known to the user side only: a rule that tests one is confirmed there. */
#define ENRICHED_FIELDS(F)                                                     \
	F(enriched, text, user,                "User",              "user.name",                NO_NAMES, "name of the real user")                         \
	F(enriched, text, cgroup_path,         "CgroupPath",        "fermata.process.cgroup",   NO_NAMES, "path of the process in the cgroup v2 tree")     \
	F(enriched, text, container_id,        "ContainerId",       "container.id",             NO_NAMES, "container, as its cgroup path tells")            \
	F(enriched, text, process_guid,        "ProcessGuid",       "process.entity_id",        NO_NAMES, "boot, process id and start time: never reused") \
	F(enriched, text, parent_process_guid, "ParentProcessGuid", "process.parent.entity_id", NO_NAMES, "the same of the parent")             \
	F(enriched, time, utc_time,            "UtcTime",           "@timestamp",               NO_NAMES, "when it happened, in UTC")

#define PROCESS_CREATION_FIELDS(F)                                             \
	F(process_creation, text, original_file_name, "OriginalFileName",     "fermata.process.requested",    NO_NAMES, "the file name as the caller gave it, its first 255 bytes")              \
	F(process_creation, text, interpreter,        "Interpreter",          "fermata.process.interpreter",  NO_NAMES, "what runs it, when that is not the named file")    \
	F(process_creation, bool, image_deleted,      "ImageDeleted",         "fermata.process.image_deleted",NO_NAMES, "the program's file has no name any more")          \
	F(process_creation, bool, image_memfd,        "ImageMemfd",           "fermata.process.image_memfd",  NO_NAMES, "the program is an anonymous file in memory")       \
	F(process_creation, bool, privilege_gain,     "PrivilegeGain",        "fermata.process.privilege_gain",NO_NAMES,"executing it raised privileges (AT_SECURE)")      \
	F(process_creation, bool, command_line_truncated, "CommandLineTruncated", "fermata.process.command_line_truncated", NO_NAMES, "the arguments are longer than what was captured") \
	F(process_creation, num,  logon_id,           "LogonId",              "fermata.process.login_user_id",NO_NAMES, "id of the user who logged in, as audit holds it; none before a login")

#define PROCESS_TERMINATION_FIELDS(F)                                          \
	F(process_termination, num, exit_code,  "ExitCode",  "process.exit_code",          NO_NAMES, "status it exited with")                 \
	F(process_termination, num, signal,     "Signal",    "fermata.process.exit_signal",NO_NAMES, "signal that ended it")                  \
	F(process_termination, num, runtime_ms, "RuntimeMs", "fermata.process.runtime_ms", NO_NAMES, "milliseconds from its start to its end")

#define FILE_OPEN_FIELDS(F)                                                    \
	F(file_open, text, target_filename, "TargetFilename", "file.path",           NO_NAMES,     "resolved path of the file")           \
	F(file_open, set,  access,          "Access",         "fermata.file.access", ACCESS_NAMES, "what it was opened for")              \
	F(file_open, bool, created,         "Created",        "fermata.file.created",NO_NAMES,     "this open created the file")          \
	F(file_open, num,  device,          "Device",         "fermata.file.device", NO_NAMES,     "device number of its file system")    \
	F(file_open, num,  inode,           "Inode",          "file.inode",          NO_NAMES,     "inode number")              \
	F(file_open, text, other_filename,  "OtherFilename",  "fermata.file.other_path", NO_NAMES, "another name of the file, which TargetFilename is tested against as well: one by which rules name it, or that it had before an agent linked or renamed it, or its path within its file system, of which a mount shows a part")

/* S(field, field): values of the first are tested as the second, too. */
#define SECOND_VALUES(S) S(file_open_other_filename, file_open_target_filename)

#define FILE_EVENT_FIELDS(F)                                                   \
	F(file_event, text, target_filename, "TargetFilename", "file.path", NO_NAMES, "resolved path of the file that is created")

#define FILE_DELETE_FIELDS(F)                                                  \
	F(file_delete, text, target_filename, "TargetFilename", "file.path", NO_NAMES, "path of the file or directory that is removed: resolved, or at the exit of the call as the caller gave it, below a resolved directory")

#define FILE_RENAME_FIELDS(F)                                                  \
	F(file_rename, text, source_filename, "SourceFilename", "fermata.file.source", NO_NAMES, "path that it had")                  \
	F(file_rename, text, target_filename, "TargetFilename", "file.path",           NO_NAMES, "path that it has from then on; what was there is replaced")

#define FILE_LINK_FIELDS(F)                                                    \
	F(file_link, text, source_filename, "SourceFilename", "fermata.file.source", NO_NAMES, "path of the file that gets another name") \
	F(file_link, text, target_filename, "TargetFilename", "file.path",           NO_NAMES, "the other name")

#define FILE_SYMLINK_FIELDS(F)                                                 \
	F(file_symlink, text, source_filename, "SourceFilename", "file.target_path", NO_NAMES, "what it points to, as it is written into it") \
	F(file_symlink, text, target_filename, "TargetFilename", "file.path",        NO_NAMES, "path of the symbolic link")

#define FILE_ATTRIBUTE_FIELDS(F)                                               \
	F(file_attribute, text, xattr_name,      "AttributeName",  "fermata.file.attribute_name", NO_NAMES,     "name of the extended attribute")                       \
	F(file_attribute, text, target_filename, "TargetFilename", "file.path",                   NO_NAMES,     "path of the file; of an extended attribute and of times as the first mount of its file system has it") \
	F(file_attribute, one,  change,          "Change",         "fermata.file.change",         CHANGE_NAMES, "what is changed")                                      \
	F(file_attribute, num,  mode,            "Mode",           "fermata.file.mode",           NO_NAMES,     "mode that it gets, as a number (04755 is 2541)")       \
	F(file_attribute, bool, setuid_bit,      "SetuidBit",      "fermata.file.setuid",         NO_NAMES,     "the mode that it gets has the setuid or setgid bit")   \
	F(file_attribute, num,  owner,           "Owner",          "file.uid",                    NO_NAMES,     "user id that it gets")                                 \
	F(file_attribute, num,  group,           "Group",          "file.gid",                    NO_NAMES,     "group id that it gets")

#define NETWORK_CONNECTION_FIELDS(F)                                           \
	F(network_connection, ip,   destination_ip,   "DestinationIp",   "destination.ip",            NO_NAMES,       "address of the peer")                     \
	F(network_connection, num,  destination_port, "DestinationPort", "destination.port",          NO_NAMES,       "port of the peer")                        \
	F(network_connection, one,  protocol,         "Protocol",        "network.transport",         PROTOCOL_NAMES, "transport protocol")                      \
	F(network_connection, bool, initiated,        "Initiated",       "fermata.network.initiated", NO_NAMES,       "this side started it")                    \
	F(network_connection, ip,   source_ip,        "SourceIp",        "source.ip",                 NO_NAMES,       "own address, when it is bound already")   \
	F(network_connection, num,  source_port,      "SourcePort",      "source.port",               NO_NAMES,       "own port, when it is bound already")      \
	F(network_connection, bool, loopback,         "Loopback",        "fermata.network.loopback",  NO_NAMES,       "the peer is this host by its address")    \
	F(network_connection, bool, private_address,  "PrivateAddress",  "fermata.network.private",   NO_NAMES,       "the peer's address is not a public one")  \
	F(network_connection, text, destination_hostname, "DestinationHostname", "destination.domain", NO_NAMES,     "name that the session looked up last of those with that address, or that it gave in a TLS handshake with it; has a value only while some rule tests a hostname, or events are recorded")

#define NETWORK_SEND_FIELDS(F)                                                 \
	F(network_send, text, destination_hostname, "DestinationHostname", "destination.domain", NO_NAMES,           "as in network_connection")                \
	F(network_send, ip,   destination_ip,   "DestinationIp",   "destination.ip",            NO_NAMES,       "address of the peer")                     \
	F(network_send, num,  destination_port, "DestinationPort", "destination.port",          NO_NAMES,       "port of the peer")                        \
	F(network_send, one,  protocol,         "Protocol",        "network.transport",         PROTOCOL_NAMES, "transport protocol of the packet")        \
	F(network_send, num,  source_port,      "SourcePort",      "source.port",               NO_NAMES,       "own port")                                \
	F(network_send, num,  bytes,            "Bytes",           "source.bytes",              NO_NAMES,       "payload since the last such event of the session and the address, without what is sent again") \
	F(network_send, num,  total_bytes,      "TotalBytes",      "fermata.network.total_bytes",NO_NAMES,      "payload that the session has sent to the address") \
	F(network_send, bool, loopback,         "Loopback",        "fermata.network.loopback",  NO_NAMES,       "the peer is this host by its address")    \
	F(network_send, bool, private_address,  "PrivateAddress",  "fermata.network.private",   NO_NAMES,       "the peer's address is not a public one")  \
	F(network_send, ip,   source_ip,        "SourceIp",        "source.ip",                 NO_NAMES,       "own address")

#define DNS_QUERY_FIELDS(F)                                                    \
	F(dns_query, text, query_name,    "QueryName",    "dns.question.name",   NO_NAMES,         "name that is asked for, its labels joined by dots") \
	F(dns_query, one,  query_type,    "QueryType",    "dns.question.type",   QUERY_TYPE_NAMES, "what is asked for")                                 \
	F(dns_query, ip,   resolver,      "Resolver",     "server.ip",           NO_NAMES,         "address that it is asked of")                       \
	F(dns_query, one,  protocol,      "Protocol",     "network.transport",   PROTOCOL_NAMES,   "transport protocol")                                \
	F(dns_query, ip,   source_ip,     "SourceIp",     "source.ip",           NO_NAMES,         "own address")                                       \
	F(dns_query, num,  source_port,   "SourcePort",   "source.port",         NO_NAMES,         "own port")

#define TLS_HANDSHAKE_FIELDS(F)                                                \
	F(tls_handshake, text, server_name,      "ServerName",      "tls.client.server_name",   NO_NAMES, "name of the server, as the client asks for it")            \
	F(tls_handshake, text, alpn,             "Alpn",            "fermata.tls.alpn",         NO_NAMES, "protocols that the client can speak (ALPN), joined by commas") \
	F(tls_handshake, ip,   destination_ip,   "DestinationIp",   "destination.ip",           NO_NAMES, "address of the peer")                                      \
	F(tls_handshake, num,  destination_port, "DestinationPort", "destination.port",         NO_NAMES, "port of the peer")                                         \
	F(tls_handshake, bool, loopback,         "Loopback",        "fermata.network.loopback", NO_NAMES, "the peer is this host by its address")                     \
	F(tls_handshake, bool, private_address,  "PrivateAddress",  "fermata.network.private",  NO_NAMES, "the peer's address is not a public one")                   \
	F(tls_handshake, ip,   source_ip,        "SourceIp",        "source.ip",                NO_NAMES, "own address")                                              \
	F(tls_handshake, num,  source_port,      "SourcePort",      "source.port",              NO_NAMES, "own port")

#define NETWORK_LISTEN_FIELDS(F)                                               \
	F(network_listen, ip,   source_ip,   "SourceIp",   "source.ip",                 NO_NAMES,       "own address; of an accept, the one that was waited at") \
	F(network_listen, num,  source_port, "SourcePort", "source.port",               NO_NAMES,       "own port; 0: the kernel chooses one")                   \
	F(network_listen, one,  protocol,    "Protocol",   "network.transport",         PROTOCOL_NAMES, "transport protocol")                                    \
	F(network_listen, one,  act,         "Act",        "fermata.network.act",       LISTEN_NAMES,   "what is done")                                          \
	F(network_listen, bool, wildcard,    "Wildcard",   "fermata.network.wildcard",  NO_NAMES,       "any address of this host") \
	F(network_listen, ip,   destination_ip,   "DestinationIp",   "destination.ip",   NO_NAMES,       "address of who is accepted; has no value before the act (tiers lsm and fmod_ret)") \
	F(network_listen, num,  destination_port, "DestinationPort", "destination.port", NO_NAMES,       "port of who is accepted")

#define SOCKET_CREATION_FIELDS(F)                                              \
	F(socket_creation, one, family,   "Family",   "fermata.socket.family",   SOCKET_FAMILY_NAMES, "address family")                          \
	F(socket_creation, one, type,     "Type",     "fermata.socket.type",     SOCKET_TYPE_NAMES,   "what is sent over it")                    \
	F(socket_creation, num, protocol, "Protocol", "network.iana_number",     NO_NAMES,            "protocol within the family; 0: the usual one")

#define UNIX_CONNECTION_FIELDS(F)                                              \
	F(unix_connection, text, peer_image,      "PeerImage",     "fermata.peer.executable",    NO_NAMES, "program of the process that listens; of a datagram's receiver not known") \
	F(unix_connection, text, socket_path,     "SocketPath",    "fermata.socket.path",        NO_NAMES, "resolved path of the socket, or its abstract name without the leading NUL") \
	F(unix_connection, bool, abstract,        "Abstract",      "fermata.socket.abstract",    NO_NAMES, "it has an abstract name and no file")                    \
	F(unix_connection, num,  peer_process_id, "PeerProcessId", "fermata.peer.pid",           NO_NAMES, "process that listens")

#define VSOCK_CONNECTION_FIELDS(F)                                             \
	F(vsock_connection, num, destination_cid,  "DestinationCid",  "fermata.vsock.cid",  NO_NAMES, "context of the peer: 2 is the host of this machine") \
	F(vsock_connection, num, destination_port, "DestinationPort", "destination.port",   NO_NAMES, "port of the peer")

#define PROCESS_ACCESS_FIELDS(F)                                               \
	F(process_access, text, target_image,      "TargetImage",     "fermata.target.executable", NO_NAMES,    "program of the other process")                    \
	F(process_access, num,  target_process_id, "TargetProcessId", "fermata.target.pid",        NO_NAMES,    "process id of it; at the exit of a call as the caller gave it") \
	F(process_access, bool, target_tagged,     "TargetTagged",    "fermata.target.tagged",     NO_NAMES,    "it is an agent's")                                \
	F(process_access, one,  mode,              "Mode",            "fermata.target.access",     REACH_NAMES, "how far it goes")

#define PROCESS_SIGNAL_FIELDS(F)                                               \
	F(process_signal, text, target_image,      "TargetImage",     "fermata.target.executable", NO_NAMES, "program of the process that is signalled")           \
	F(process_signal, num,  target_process_id, "TargetProcessId", "fermata.target.pid",        NO_NAMES, "process id of it")                                  \
	F(process_signal, bool, target_tagged,     "TargetTagged",    "fermata.target.tagged",     NO_NAMES, "it is another agent's")                             \
	F(process_signal, num,  signal,            "Signal",          "fermata.signal",            NO_NAMES, "number of the signal")

#define PRIVILEGE_CHANGE_FIELDS(F)                                             \
	F(privilege_change, one, kind,         "Kind",         "fermata.privilege.kind",    PRIVILEGE_NAMES,  "what is changed")                          \
	F(privilege_change, num, old_user,     "OldUser",      "fermata.privilege.old_user",NO_NAMES,         "effective user id before")                 \
	F(privilege_change, num, new_user,     "NewUser",      "user.changes.id",           NO_NAMES,         "effective user id after")                  \
	F(privilege_change, num, old_group,    "OldGroup",     "fermata.privilege.old_group",NO_NAMES,        "effective group id before")                \
	F(privilege_change, num, new_group,    "NewGroup",     "user.changes.group.id",     NO_NAMES,         "effective group id after")                 \
	F(privilege_change, set, capabilities, "Capabilities", "fermata.privilege.gained",  CAPABILITY_NAMES, "effective capabilities that are gained")

#define KEYRING_FIELDS(F)                                                      \
	F(keyring, text, key_type,    "KeyType",     "fermata.key.type",        NO_NAMES,      "type of the key")                        \
	F(keyring, text, description, "Description", "fermata.key.description", NO_NAMES,      "what the key is called; of what keyctl(2) is told by number not known at the exit of the call") \
	F(keyring, one,  use,         "Use",         "fermata.key.use",         KEY_USE_NAMES, "what is done with it")
#define IPC_HANDOVER_FIELDS(F)                                                 \
	F(ipc_handover, text, peer_image,      "PeerImage",      "fermata.peer.executable",  NO_NAMES,       "program of the process that it is taken from, or that the socket was connected to; of datagrams not known") \
	F(ipc_handover, text, target_filename, "TargetFilename", "file.path",                NO_NAMES,       "resolved path of the file; has no value of what has no name: a pipe, a socket, memory") \
	F(ipc_handover, one,  kind,            "Kind",           "fermata.handover.kind",    HANDOVER_NAMES, "how it came; has no value where that is neither")       \
	F(ipc_handover, bool, received,        "Received",       "fermata.handover.received",NO_NAMES,       "this process gets it")                                  \
	F(ipc_handover, num,  peer_process_id, "PeerProcessId",  "fermata.peer.pid",         NO_NAMES,       "id of that process")

#define MOUNT_FIELDS(F)                                                        \
	F(mount, text, source,  "Source",  "fermata.mount.source",  NO_NAMES,          "what is mounted, as the caller gave it; of a move, its resolved path") \
	F(mount, text, target,  "Target",  "fermata.mount.target",  NO_NAMES,          "path of the directory or file that it is mounted on")              \
	F(mount, one,  act,     "Act",     "fermata.mount.act",     MOUNT_NAMES,       "what is done")                                                     \
	F(mount, one,  fs_type, "FsType",  "fermata.mount.type",    FILE_SYSTEM_NAMES, "type of the file system, of a new mount of a known type")          \
	F(mount, num,  flags,   "Flags",   "fermata.mount.flags",   NO_NAMES,          "flags of the call")                                                \
	F(mount, bool, detached,"Detached","fermata.mount.detached",NO_NAMES,          "it is attached nowhere: reached by a descriptor only")

#define NAMESPACE_CHANGE_FIELDS(F)                                             \
	F(namespace_change, text, target_filename, "TargetFilename", "file.path",             NO_NAMES,            "path of the new root") \
	F(namespace_change, one,  act,             "Act",            "fermata.namespace.act", NAMESPACE_ACT_NAMES, "what is done")         \
	F(namespace_change, set,  namespaces,      "Namespaces",     "fermata.namespace.kind",NAMESPACE_NAMES,     "of which kinds")

#define KERNEL_MODULE_FIELDS(F)                                                \
	F(kernel_module, text, module, "Module",     "file.path",             NO_NAMES,     "path of the file that is loaded, or name of the module that is removed; has no value of what comes from memory") \
	F(kernel_module, one,  act,    "Act",        "fermata.module.act",    MODULE_NAMES, "what is done")                       \
	F(kernel_module, bool, memory, "FromMemory", "fermata.module.memory", NO_NAMES,     "it comes from memory, not from a file")

#define BPF_USE_FIELDS(F)                                                      \
	F(bpf_use, one, command,      "Command",     "fermata.bpf.command", BPF_COMMAND_NAMES, "command of bpf(2), or the call itself") \
	F(bpf_use, one, program_type, "ProgramType", "fermata.bpf.type",    BPF_PROGRAM_NAMES, "type of the program that is loaded")

#define IO_URING_FIELDS(F)                                                     \
	F(io_uring, one, act,   "Act",   "fermata.uring.act",   URING_NAMES, "what is done") \
	F(io_uring, num, flags, "Flags", "fermata.uring.flags", NO_NAMES,    "flags of the setup, as the caller's memory has them")

#define MEMORY_EXEC_FIELDS(F)                                                  \
	F(memory_exec, text, target_filename, "TargetFilename", "file.path",           NO_NAMES,         "path of the mapped file, or name of one that is in memory only")    \
	F(memory_exec, one,  kind,            "Kind",           "fermata.memory.kind", MEMORY_NAMES,     "what memory it is")          \
	F(memory_exec, one,  act,             "Act",            "fermata.memory.act",  MEMORY_ACT_NAMES, "what is done")

#define EVENTS(E)                                                                                                    \
	E(process_creation,    PROCESS_CREATION_FIELDS,    "process", "start",      "a program was executed")           \
	E(process_termination, PROCESS_TERMINATION_FIELDS, "process", "end",        "the last thread of a process ended") \
	E(file_open,           FILE_OPEN_FIELDS,           "file",    "access",     "a file was opened")                \
	E(file_event,          FILE_EVENT_FIELDS,          "file",    "creation",   "a file was created")               \
	E(file_delete,         FILE_DELETE_FIELDS,         "file",    "deletion",   "a file or an empty directory was removed") \
	E(file_rename,         FILE_RENAME_FIELDS,         "file",    "change",     "a file or directory was renamed, each of two in an exchange") \
	E(file_link,           FILE_LINK_FIELDS,           "file",    "creation",   "a file got another name (hard link)") \
	E(file_symlink,        FILE_SYMLINK_FIELDS,        "file",    "creation",   "a symbolic link was made")         \
	E(file_attribute,      FILE_ATTRIBUTE_FIELDS,      "file",    "change",     "mode, owner, times, length or an extended attribute of a file was changed") \
	E(network_connection,  NETWORK_CONNECTION_FIELDS,  "network", "connection", "a connection, or a datagram to an address, was sent out") \
	E(network_send,        NETWORK_SEND_FIELDS,        "network", "info",       "bytes were sent to an address: with the first packet of a socket, with each further 64 KiB, after a second, and at the end of a connection") \
	E(dns_query,           DNS_QUERY_FIELDS,           "network", "protocol",   "a name was asked for (port 53)")   \
	E(tls_handshake,       TLS_HANDSHAKE_FIELDS,       "network", "protocol",   "a TLS client said hello")          \
	E(network_listen,      NETWORK_LISTEN_FIELDS,      "network", "start",      "a socket took an address, waits for connections or took one") \
	E(socket_creation,     SOCKET_CREATION_FIELDS,     "network", "info",       "a socket of an unusual family or type was made") \
	E(unix_connection,     UNIX_CONNECTION_FIELDS,     "network", "connection", "a local (unix) socket was connected to, or got a datagram") \
	E(vsock_connection,    VSOCK_CONNECTION_FIELDS,    "network", "connection", "a virtual machine or its host was connected to (vsock)") \
	E(process_access,      PROCESS_ACCESS_FIELDS,      "process", "access",     "another process was reached into: traced, or its memory or descriptors taken") \
	E(process_signal,      PROCESS_SIGNAL_FIELDS,      "process", "change",     "a signal was sent to a process that is not of the session") \
	E(privilege_change,    PRIVILEGE_CHANGE_FIELDS,    "iam",     "change",     "a process changed its user, group or capabilities") \
	E(keyring,             KEYRING_FIELDS,             "iam",     "info",       "a key of the kernel was used or made") \
	E(ipc_handover,        IPC_HANDOVER_FIELDS,        "process", "access",     "a descriptor came from another process; an open file among them is told as a file_open, too") \
	E(mount,               MOUNT_FIELDS,               "host",    "change",     "a file system was mounted, moved, changed or taken away") \
	E(namespace_change,    NAMESPACE_CHANGE_FIELDS,    "process", "change",     "a process changed its namespaces or its root directory") \
	E(kernel_module,       KERNEL_MODULE_FIELDS,       "driver",  "start",      "a module or another kernel was loaded, or a module removed") \
	E(bpf_use,             BPF_USE_FIELDS,             "process", "info",       "bpf(2) or perf_event_open(2) was called") \
	E(io_uring,            IO_URING_FIELDS,            "process", "info",       "an io_uring was made, or used in a way that hides who acts") \
	E(memory_exec,         MEMORY_EXEC_FIELDS,         "process", "change",     "memory that was or is writable became executable")

/* What a rule asks for, weakest first: the strongest of an event is carried out.
 * R(name, in rule files, meaning) */
#define RESPONSES(R)                                                           \
	R(alert,      "alert",      "tell")                                    \
	R(tag,        "tag",        "make the process an agent")               \
	R(deny,       "deny",       "refuse the act")                          \
	R(freeze,     "freeze",     "stop the agent's tree where it is")       \
	R(quarantine, "quarantine", "cut the agent's network")                 \
	R(kill,       "kill",       "refuse the act and kill the process")     \
	R(kill_agent, "kill-agent", "refuse the act and kill the agent's whole tree")
/* clang-format on */

#endif
