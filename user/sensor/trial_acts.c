/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/trial_acts.h"

int (*const trial_acts[HOOK_MAX])(int ground) = {
	[HOOK_task_alloc] = act_fork,	      [HOOK_bprm_creds_from_file] = act_exec,
	[HOOK_file_open] = act_open,	      [HOOK_path_mknod] = act_create,
	[HOOK_path_unlink] = act_unlink,      [HOOK_path_rmdir] = act_rmdir,
	[HOOK_path_rename] = act_rename,      [HOOK_path_link] = act_link,
	[HOOK_path_chmod] = act_chmod,	      [HOOK_path_chown] = act_chown,
	[HOOK_path_truncate] = act_truncate,  [HOOK_inode_setxattr] = act_setxattr,
	[HOOK_inode_setattr] = act_utimes,    [HOOK_path_symlink] = act_symlink,
	[HOOK_socket_connect] = act_connect4, [HOOK_socket_sendmsg] = act_send4,
	[HOOK_socket_bind] = act_bind,
	[HOOK_socket_listen] = act_listen,
	[HOOK_socket_accept] = act_accept,
	[HOOK_socket_create] = act_socket,
	[HOOK_unix_stream_connect] = act_unix_stream,
	[HOOK_unix_may_send] = act_unix_datagram,
	[HOOK_connect4] = act_connect4,	      [HOOK_connect6] = act_connect6,
	[HOOK_sendmsg4] = act_send4,	      [HOOK_sendmsg6] = act_send6,
	[HOOK_task_newtask] = act_fork,	      [HOOK_sched_process_exec] = act_exec,
	[HOOK_sched_process_exit] = act_exec, [HOOK_sys_exit] = act_open,
};
