/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest/canary.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/trial_acts.h"

/* That it is executed, and ends, is all there is to it. */
static int act_nothing(int ground)
{
	(void)ground;
	return 0;
}

/* To a process outside of the agent, which ignores it: who asked for the test. */
static int act_signal_outside(int ground)
{
	_cleanup_close_ int file = openat(ground, "outside", O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	int pid;

	if (file < 0 || read(file, text, sizeof(text) - 1) <= 0 || sscanf(text, "%d", &pid) != 1)
		return UNTRIED;
	return kill(pid, SIGURG) ? errno : 0;
}

/* To nobody, who cannot do much. */
static int act_effective_user(int ground)
{
	(void)ground;
	return syscall(SYS_setresuid, -1, 65534, -1) ? errno : 0;
}

static int act_unshare(int ground)
{
	(void)ground;
	return unshare(CLONE_NEWUTS) ? errno : 0;
}

#define SECRET_KEY "TargetFilename"
#define SECRET "%s/secret"

#define C(name_, event_, key_, value_, act_, ...)                                                  \
	{ .name = (name_),                                                                         \
	  .event = EVENT_##event_,                                                                 \
	  .key = (key_),                                                                           \
	  .value = (value_),                                                                       \
	  .act = (act_),                                                                           \
	  ##__VA_ARGS__ },

/* clang-format off */
const struct canary canary_table[] = {
	C("execute",            process_creation,    NULL, NULL, act_nothing)
	C("end",                process_termination, NULL, NULL, act_nothing)
	C("open",               file_open,        "TargetFilename", "%s/file", act_open)
	C("create",             file_event,       "TargetFilename", "%s/new", act_create)
	C("remove",             file_delete,      "TargetFilename", "%s/new", act_unlink)
	C("remove_directory",   file_delete,      "TargetFilename", "%s/directory", act_rmdir)
	C("rename",             file_rename,      "SourceFilename", "%s/new", act_rename)
	C("link",               file_link,        "TargetFilename", "%s/link", act_link)
	C("link_symbolically",  file_symlink,     "TargetFilename", "%s/symlink", act_symlink)
	C("change_mode",        file_attribute,   "Change", "mode", act_chmod)
	C("change_owner",       file_attribute,   "Change", "owner", act_chown)
	C("change_size",        file_attribute,   "Change", "size", act_truncate)
	C("change_xattr",       file_attribute,   "Change", "xattr", act_setxattr)
	C("change_times",       file_attribute,   "Change", "times", act_utimes)
	C("connect",            network_connection, "DestinationPort", "9", act_connect4)
	C("connect_ipv6",       network_connection, "DestinationPort", "9", act_connect6)
	C("send_to",            network_connection, "DestinationPort", "9", act_send4)
	C("send_to_ipv6",       network_connection, "DestinationPort", "9", act_send6)
	C("send_bytes",         network_send,     "DestinationPort", "13", act_datagram)
	C("look_up",            dns_query,        "QueryName", "fermata-selftest.invalid", act_query)
	C("say_hello",          tls_handshake,    "ServerName", "fermata-selftest.invalid", act_hello)
	C("bind",               network_listen,   "Act", "bind", act_bind)
	C("listen",             network_listen,   "Act", "listen", act_listen)
	C("make_socket",        socket_creation,  "Family", "netlink", act_socket)
	C("connect_unix",       unix_connection,  "Abstract", "true", act_unix_stream)
	C("send_unix",          unix_connection,  "Abstract", "true", act_unix_datagram)
	C("connect_vsock",      vsock_connection, "DestinationPort", "4711", act_vsock)
	C("read_memory",        process_access,   "Mode", "attach", act_trace)
	C("be_traced",          process_access,   "Mode", "traceme", act_traceme)
	C("signal",             process_signal,   "Signal", "23", act_signal_outside)
	C("change_user",        privilege_change, "Kind", "user", act_effective_user)
	C("make_key",           keyring,          "Use", "create", act_key)
	C("receive_descriptor", ipc_handover,     "Kind", "scm_rights", act_receive)
	C("move_mount",         mount,            "Act", "move", act_move_mount)
	C("change_namespace",   namespace_change, "Act", "unshare", act_unshare)
	C("load_module",        kernel_module,    "Act", "load", act_module, .fails = true)
	C("use_bpf",            bpf_use,          "Command", "prog_get_next_id", act_bpf)
	C("make_ring",          io_uring,         NULL, NULL, act_uring)
	C("make_executable",    memory_exec,      NULL, NULL, act_mprotect)

	C("symlink_read",       file_open, SECRET_KEY, SECRET, act_symlink_read)
	C("hardlink_read",      file_open, SECRET_KEY, SECRET, act_hardlink_read)
	C("proc_root_read",     file_open, SECRET_KEY, SECRET, act_proc_root_read)
	C("openat2_read",           file_open, SECRET_KEY, SECRET, act_openat2)
	C("handle_read",     file_open, SECRET_KEY, SECRET, act_handle_read)
	C("bind_mount_read",    file_open, SECRET_KEY, SECRET, act_bind_mount_read)
	C("chroot_read",        file_open, SECRET_KEY, SECRET, act_chroot_read)
	C("double_fork",        file_open, SECRET_KEY, SECRET, act_double_fork)
	C("setsid",             file_open, SECRET_KEY, SECRET, act_setsid)
	C("vfork_exec",             file_open, SECRET_KEY, SECRET, act_vfork_read)
	C("thread_fork",            file_open, SECRET_KEY, SECRET, act_thread_fork)
	C("compat_read",        file_open, SECRET_KEY, SECRET, act_compat_read)
	C("memfd_exec",         process_creation, "ImageMemfd", "true", act_memfd, .child = true)
	C("v4mapped_connect",        network_connection, "DestinationIp|cidr", "127.0.0.0/8", act_mapped)
	C("tcp_fastopen",       network_connection, "DestinationIp|cidr", "127.0.0.0/8", act_fastopen)
	C("sendmmsg",           network_connection, "DestinationPort", "9", act_many)
	{ 0 },
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(canary_table) <= CANARIES_MAX, "who counts them has room");

const struct canary *canary_find(const char *name)
{
	for (const struct canary *row = canary_table; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static int file_lay(int ground, const char *name, const char *content)
{
	_cleanup_close_ int fd =
		openat(ground, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	if (fd < 0)
		return -errno;
	return dprintf(fd, "%s", content) < 0 ? -errno : 0;
}

int canary_ground_lay(int ground)
{
	char pid[16];
	int r;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	r = file_lay(ground, "file", "");
	if (!r)
		r = file_lay(ground, "secret", "what nobody may read\n");
	if (!r)
		r = file_lay(ground, "program", "#!/bin/false\n");
	if (!r)
		r = file_lay(ground, "outside", pid);
	if (!r && (symlinkat("secret", ground, "pointer") ||
		   linkat(ground, "secret", ground, "other", 0) || mkdirat(ground, "folder", 0700)))
		r = -errno;
	return r;
}
