/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The ways in which a hook is attached: the words of `doctor` and of events. */
#ifndef FERMATA_SHELLS_H
#define FERMATA_SHELLS_H

/* clang-format off */
/* S(name, meaning) */
#define SHELLS(S)                                                              \
	S(none,       "not attached")                                          \
	S(lsm,        "BPF LSM program")                                       \
	S(fmod_ret,   "return modification of the security hook")              \
	S(cgroup,     "cgroup socket program")                                 \
	S(packet,     "packet program of a cgroup")                            \
	S(tracepoint, "scheduler tracepoint")                                  \
	S(sys_exit,   "system call exit tracepoint")                           \
	S(fanotify,   "permission mark on a file that a rule names")           \
	S(seccomp,    "system call filter of a tree that run starts")
/* clang-format on */

#endif
