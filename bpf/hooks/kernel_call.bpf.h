/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The exits of calls on the kernel itself and on executable memory.
 */
#include "../given.bpf.h"
#include "../target.bpf.h"

enum kernel_call_kind {
	CALL_init_module,
	CALL_finit_module,
	CALL_delete_module,
	CALL_kexec,
	CALL_kexec_file,
	CALL_bpf,
	CALL_perf,
	CALL_uring,
	CALL_mprotect,
	CALL_mmap
};

/* C(call, number on x86-64, on i386, kind); arch/x86/entry/syscalls */
#define KERNEL_CALLS(C)                                                                            \
	C(init_module, 175, 128, init_module)                                                      \
	C(finit_module, 313, 350, finit_module)                                                    \
	C(delete_module, 176, 129, delete_module)                                                  \
	C(kexec_load, 246, 283, kexec)                                                             \
	C(kexec_load_x32, 528, -1, kexec)                                                          \
	C(kexec_file_load, 320, -1, kexec_file)                                                    \
	C(bpf, 321, 357, bpf)                                                                      \
	C(perf_event_open, 298, 336, perf)                                                         \
	C(io_uring_setup, 425, 425, uring)                                                         \
	C(mprotect, 10, 125, mprotect)                                                             \
	C(pkey_mprotect, 329, 380, mprotect)                                                       \
	C(mmap, 9, 192, mmap)

#define MAP_ANONYMOUS 0x20

/* `descriptor`: of the file that is loaded; -1: it came from memory. */
__noinline int module_called(__u32 act, __s32 descriptor)
{
	struct file *file = NULL;
	struct event e;

	if (!event_begin_done(&e, EVENT_kernel_module))
		return 0;
	if (descriptor >= 0)
		file = file_installed(bpf_get_current_task_btf(), descriptor);
	if (file)
		path_resolve_untyped(file, &e.work->text);
	return module_end(&e, act, !file);
}

/* By the name that was given. */
__noinline int module_removed(__u64 name)
{
	struct event e;

	if (!event_begin_done(&e, EVENT_kernel_module))
		return 0;
	string_taken(&e.work->text,
		     bpf_probe_read_user_str(e.work->text.byte, NAME_MAX_CAPTURE,
					     (const void *)name),
		     NAME_MAX_CAPTURE);
	return module_end(&e, MODULE_unload, false);
}

__noinline int bpf_called(__u32 command, __u64 attributes)
{
	__s32 type = -1;
	struct event e;

	if (!event_begin_done(&e, EVENT_bpf_use))
		return 0;
	if (command == COMMAND_PROG_LOAD)
		bpf_probe_read_user(&type, sizeof(type), (const void *)attributes);
	return bpf_end(&e, command, type);
}

__noinline int uring_called(void)
{
	struct event e;

	return event_begin_done(&e, EVENT_io_uring) ? uring_end(&e, URING_setup) : 0;
}

/* `descriptor`: of the file that is mapped; -1: none. What it was before, nobody knows by now. */
__noinline int memory_called(__u32 act, __s32 descriptor, __u32 writable)
{
	struct file *file = NULL;
	struct event e;

	if (descriptor >= 0)
		file = file_installed(bpf_get_current_task_btf(), descriptor);
	if (act == MEMORY_ACT_mmap && !writable && (!file || !is_memfd(file)))
		return 0;
	if (!event_begin_done(&e, EVENT_memory_exec))
		return 0;
	return memory_end(&e, (unsigned long)file, act);
}

static __always_inline void module_exit(const struct pt_regs *regs, bool compat, __u32 kind)
{
	__u64 first = argument(regs, compat, 0);

	if (kind == CALL_delete_module)
		module_removed(first);
	else if (kind == CALL_finit_module || kind == CALL_kexec_file)
		module_called(kind == CALL_finit_module ? MODULE_load : MODULE_kexec, first);
	else
		module_called(kind == CALL_init_module ? MODULE_load : MODULE_kexec, -1);
}

static __always_inline void memory_exit(const struct pt_regs *regs, bool compat, __u32 kind)
{
	__u64 protection = argument(regs, compat, 2), flags = argument(regs, compat, 3);
	__s32 descriptor = argument(regs, compat, 4);

	if (!(protection & PROT_EXEC))
		return;
	if (kind == CALL_mprotect || flags & MAP_ANONYMOUS)
		descriptor = -1;
	memory_called(kind == CALL_mprotect ? MEMORY_ACT_mprotect : MEMORY_ACT_mmap, descriptor,
		      protection & PROT_WRITE);
}

static __always_inline void kernel_exit(struct task_struct *task, __u32 kind, __u32 events)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;

	if (kind <= CALL_kexec_file && events & EVENT_BIT(kernel_module))
		module_exit(regs, compat, kind);
	else if (kind == CALL_bpf && events & EVENT_BIT(bpf_use))
		bpf_called(argument(regs, compat, 0), argument(regs, compat, 1));
	else if (kind == CALL_perf && events & EVENT_BIT(bpf_use))
		bpf_called(COMMAND_PERF_EVENT_OPEN, 0);
	else if (kind == CALL_uring && events & EVENT_BIT(io_uring))
		uring_called();
	else if (kind >= CALL_mprotect && events & EVENT_BIT(memory_exec))
		memory_exit(regs, compat, kind);
}
