/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/hooks.h"

#include <string.h>

/* clang-format off */
#define ROW(name, hook, shell, copy, need, events, kernels, function)                              \
	{ name, HOOK_##hook, SHELL_##shell, copy, NEED_##need, events, KERNELS_##kernels, function },

#define SECURITY(hook, need, events, of)                                                           \
	ROW("lsm_" #hook,               hook, lsm,        0, need, events, all, "bpf_lsm_" #hook)  \
	ROW("fmod_ret_" #hook,          hook, fmod_ret,   0, need, events, all, "security_" #of)   \
	ROW("fmod_ret_" #hook "_copy",  hook, fmod_ret,   1, need, events, all, "security_" #of)

#define CGROUP(hook, need, events)                                                                 \
	ROW("cgroup_" #hook,            hook, cgroup,     0, need, events, all, NULL)

#define PACKET(hook, need, events)                                                                 \
	ROW("packet_" #hook,            hook, packet,     0, need, events, all, NULL)

#define TRACEPOINT(hook, need, events)                                                             \
	ROW(#hook,                      hook, tracepoint, 0, need, events, all, NULL)              \
	ROW(#hook "_copy",              hook, tracepoint, 1, need, events, pre_empted, NULL)       \
	ROW(#hook "_copy2",             hook, tracepoint, 2, need, events, pre_empted, NULL)

#define TRACEPOINT_TWICE(hook, need, events)                                                       \
	ROW(#hook,                      hook, tracepoint, 0, need, events, all, NULL)              \
	ROW(#hook "_copy",              hook, tracepoint, 1, need, events, all, NULL)

/* Two forms of one program, never both. */
#define SYS_EXIT(hook, need, events)                                                               \
	ROW(#hook,                      hook, sys_exit,   0, need, events, not_pre_empted, NULL)   \
	ROW(#hook "_perf",              hook, sys_exit,   0, need, events, pre_empted, NULL)

#define FANOTIFY(hook, need, events)                                                               \
	ROW(#hook,                      hook, fanotify,   0, need, events, all, NULL)

const struct program program_table[] = {
	SECURITY_HOOKS(SECURITY)
	CGROUP_HOOKS(CGROUP)
	PACKET_HOOKS(PACKET)
	TRACEPOINT_HOOKS(TRACEPOINT)
	TRACEPOINT_TWICE_HOOKS(TRACEPOINT_TWICE)
	SYS_EXIT_HOOKS(SYS_EXIT)
	FANOTIFY_HOOKS(FANOTIFY)
	{ 0 }
};
/* clang-format on */

const char *const hook_name_table[HOOK_MAX] = {
#define H(hook, ...) [HOOK_##hook] = #hook,
	SECURITY_HOOKS(H) CGROUP_HOOKS(H) PACKET_HOOKS(H) TRACEPOINT_HOOKS(H)
		TRACEPOINT_TWICE_HOOKS(H) SYS_EXIT_HOOKS(H) FANOTIFY_HOOKS(H)
#undef H
};

const struct program *program_find(const char *name)
{
	for (const struct program *row = program_table; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}
