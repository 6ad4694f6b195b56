// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What this kernel really does, found by trying: each program refuses one act of one
 * task, the child that the prober marked, and nobody else's. A program that attaches
 * and lets the act pass does not fire.
 */
#include "kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} probed SEC(".maps");

static __always_inline bool is_probed(void)
{
	return bpf_task_storage_get(&probed, bpf_get_current_task_btf(), 0, 0);
}

SEC("lsm/file_open")
int BPF_PROG(probe_lsm, struct file *file)
{
	return is_probed() ? -EPERM : 0;
}

SEC("fmod_ret/security_file_open")
int BPF_PROG(probe_fmod_ret, struct file *file)
{
	return is_probed() ? -EPERM : 0;
}

/* Kernels before 6.18 give cgroup programs no task storage. */
SEC("cgroup/connect4")
int probe_cgroup(struct bpf_sock_addr *context)
{
	return !is_probed();
}

SEC("tp_btf/task_newtask")
int BPF_PROG(probe_tracepoint, struct task_struct *child, unsigned long flags)
{
	if (is_probed())
		bpf_send_signal(SIGKILL);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
