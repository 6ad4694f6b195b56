/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acts of the trial: for each hook something that passes it and harms nobody. An act
 * returns 0, the positive errno that its call failed with, or UNTRIED. `ground` is a directory
 * of its own (sensor/ground.h).
 */
#ifndef FERMATA_TRIAL_ACTS_H
#define FERMATA_TRIAL_ACTS_H

#include "hook.h"

#define UNTRIED (-1) /* the act cannot be done here */

/* By hook; NULL: nothing is attached to it. */
extern int (*const trial_acts[HOOK_MAX])(int ground);

/* user/sensor/trial_process.c */
int act_fork(int ground);
int act_exec(int ground);

int act_trace(int ground);
int act_traceme(int ground);
int act_signal(int ground);
int act_user(int ground);
int act_group(int ground);
int act_capabilities(int ground);
int act_key(int ground);
int act_key_search(int ground);

/* user/sensor/trial_system.c */
int act_unshare_nothing(int ground);
int act_mount(int ground);
int act_umount(int ground);
int act_move_mount(int ground);
int act_make_mount(int ground);
int act_module(int ground);
int act_module_memory(int ground);
int act_bpf(int ground);
int act_perf(int ground);
int act_uring(int ground);
int act_uring_polled(int ground);
int act_mprotect(int ground);
int act_mmap(int ground);

/* user/sensor/trial_file.c */
int act_open(int ground);
int act_create(int ground);
int act_unlink(int ground);
int act_rmdir(int ground);
int act_rename(int ground);
int act_link(int ground);
int act_symlink(int ground);
int act_chmod(int ground);
int act_chown(int ground);
int act_truncate(int ground);
int act_setxattr(int ground);
int act_utimes(int ground);

/* user/sensor/trial_socket.c */
int act_connect4(int ground);
int act_connect6(int ground);
int act_send4(int ground);
int act_send6(int ground);
int act_egress(int ground);
int act_hear(int ground);
int act_bind(int ground);
int act_listen(int ground);
int act_accept(int ground);
int act_socket(int ground);
int act_unix_stream(int ground);
int act_unix_datagram(int ground);
int act_receive(int ground);

#endif
