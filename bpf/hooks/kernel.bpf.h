/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Acts on the kernel itself and on what is executable: kernel_module, bpf_use, io_uring,
 * memory_exec. With trampolines, before the act, at security_kernel_read_file, _kernel_load_data,
 * _bpf, _perf_event_open, _inode_init_security_anon, _uring_sqpoll, _uring_override_creds,
 * _file_mprotect and _mmap_file. Without, at the exit of the calls.
 */
#include "../shell.bpf.h"
#include "../target.bpf.h"

/* include/linux/kernel_read_file.h, also of what comes from memory */
#define READING_MODULE 2
#define READING_KEXEC_IMAGE 3
#define READING_KEXEC_INITRAMFS 4

/* The path is in work->text; of length 0: there is none. */
static __always_inline int module_end(struct event *e, __u32 act, bool memory)
{
	e->work->record.kernel_module.act = act;
	e->work->record.kernel_module.memory = memory;
	HAS(e, SLOT_kernel_module_act);
	HAS(e, SLOT_kernel_module_memory);
	if (memory)
		return event_end(e, 0);
	return path_end(e, SLOT_kernel_module_module, FIELD_kernel_module_module,
			PLACE(kernel_module, module));
}

static __always_inline __u32 module_act(__u32 id)
{
	return id == READING_MODULE	       ? MODULE_load
	       : id == READING_KEXEC_IMAGE     ? MODULE_kexec
	       : id == READING_KEXEC_INITRAMFS ? MODULE_kexec
					       : 0;
}

static __always_inline int kernel_read_file_body(__u32 origin, struct file *file, __u32 id)
{
	struct event e;
	int r;

	if (!module_act(id))
		return 0;
	r = event_begin(&e, EVENT_kernel_module, origin);
	if (r <= 0)
		return r;
	path_resolve(file->f_path.dentry, file->f_path.mnt, &e.work->text);
	return module_end(&e, module_act(id), false);
}
SECURITY_HOOK(kernel_read_file, kernel_read_file, kernel_read_file_body,
	      (struct file * file, unsigned int id), (file, id))

static __always_inline int kernel_load_data_body(__u32 origin, __u32 id)
{
	struct event e;
	int r;

	if (!module_act(id))
		return 0;
	r = event_begin(&e, EVENT_kernel_module, origin);
	return r > 0 ? module_end(&e, module_act(id), true) : r;
}
SECURITY_HOOK(kernel_load_data, kernel_load_data, kernel_load_data_body, (unsigned int id), (id))

/* `type`: of the program that is loaded; -1: none is. */
static __always_inline int bpf_end(struct event *e, __u32 command, __s32 type)
{
	e->work->record.bpf_use.command = command;
	HAS(e, SLOT_bpf_use_command);
	if (type >= 0) {
		e->work->record.bpf_use.program_type = type;
		HAS(e, SLOT_bpf_use_program_type);
	}
	return event_end(e, 0);
}

/* include/uapi/linux/bpf.h: the type is the first member of union bpf_attr */
#define COMMAND_PROG_LOAD 5
#define COMMAND_PERF_EVENT_OPEN 1000 /* BPF_COMMAND_NAMES */

/* `attributes` is the kernel's copy. */
static __always_inline int bpf_body(__u32 origin, int command, const void *attributes)
{
	__s32 type = -1;
	struct event e;
	int r = event_begin(&e, EVENT_bpf_use, origin);

	if (r <= 0)
		return r;
	if (command == COMMAND_PROG_LOAD)
		bpf_probe_read_kernel(&type, sizeof(type), attributes);
	return bpf_end(&e, command, type);
}
SECURITY_HOOK(bpf, bpf, bpf_body, (int command, void *attributes), (command, attributes))

/* Asked first of all of a call, PERF_SECURITY_OPEN; further questions are about what is asked
 * for. Before the question 6.1 has the attributes, whose address is no question. */
#define PERF_QUESTIONS 16

static __always_inline int perf_event_open_body(__u32 origin, void *context)
{
	__u64 question = 0;
	struct event e;
	int r;

	bpf_get_func_arg(context, 0, &question);
	if (question >= PERF_QUESTIONS)
		bpf_get_func_arg(context, 1, &question);
	if ((__u32)question)
		return 0;
	r = event_begin(&e, EVENT_bpf_use, origin);
	return r > 0 ? bpf_end(&e, COMMAND_PERF_EVENT_OPEN, -1) : r;
}
ARGUMENT_HOOK(perf_event_open)

/* Its setup is in flight, or has been: the flags are in the caller's memory. */
#define URING_SETUP 425

static __always_inline int uring_end(struct event *e, __u32 act)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;
	__u64 parameters = argument(regs, compat, 1);
	__u32 flags = 0;

	e->work->record.io_uring.act = act;
	HAS(e, SLOT_io_uring_act);
	/* struct io_uring_params, flags */
	if ((__u32)(regs->orig_ax & ~X32_SYSCALL_BIT) == URING_SETUP &&
	    !bpf_probe_read_user(&flags, sizeof(flags), (const void *)(parameters + 8))) {
		e->work->record.io_uring.flags = flags;
		HAS(e, SLOT_io_uring_flags);
	}
	return event_end(e, 0);
}

static __always_inline int uring_body(__u32 origin, __u32 act)
{
	struct event e;
	int r = event_begin(&e, EVENT_io_uring, origin);

	return r > 0 ? uring_end(&e, act) : r;
}

/* Of the files that are made like that, userfaultfd and others are no rings. */
static __always_inline int inode_init_security_anon_body(__u32 origin, const void *name)
{
	unsigned long text = 0;
	char start[12] = {};

	bpf_probe_read_kernel(&text, sizeof(text), name + bpf_core_field_offset(struct qstr, name));
	bpf_probe_read_kernel(start, sizeof(start) - 1, (const void *)text);
	return bpf_strncmp(start, sizeof(start), "[io_uring]") ? 0
							       : uring_body(origin, URING_setup);
}
SECURITY_HOOK(inode_init_security_anon, inode_init_security_anon, inode_init_security_anon_body,
	      (void *inode, void *name), (name))

static __always_inline int uring_sqpoll_body(__u32 origin, void *context)
{
	return uring_body(origin, URING_sqpoll);
}
ARGUMENT_HOOK(uring_sqpoll)

static __always_inline int uring_override_creds_body(__u32 origin, void *context)
{
	return uring_body(origin, URING_override_creds);
}
ARGUMENT_HOOK(uring_override_creds)

/* include/uapi/asm-generic/mman-common.h, include/linux/mm.h */
#define PROT_WRITE 2
#define PROT_EXEC 4
#define VM_WRITE 2
#define VM_EXEC 4

/* Whose the mapping is; `file` is the address of its file. */
__noinline int memory_match(struct work *work, __u64 file_address, __u32 act)
{
	struct file *file = (struct file *)file_address;
	const unsigned char *name;
	char start[7] = {};

	if (!work)
		return 0;
	work->record.memory_exec.act = act;
	work->record.memory_exec.kind = MEMORY_anonymous;
	work->record.header.present |=
		SLOT_BIT(SLOT_memory_exec_act) | SLOT_BIT(SLOT_memory_exec_kind);
	if (!file)
		return 0;
	name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	bpf_probe_read_kernel(start, sizeof(start) - 1, name);
	work->record.memory_exec.kind = !BPF_CORE_READ(file, f_inode, i_nlink) &&
							!bpf_strncmp(start, sizeof(start), "memfd:")
						? MEMORY_memfd
						: MEMORY_file;
	/* a file in memory is in no directory: it has the name that it was made with */
	if (work->record.memory_exec.kind == MEMORY_memfd)
		string_taken(&work->text,
			     bpf_probe_read_kernel_str(work->text.byte, NAME_MAX_CAPTURE, name),
			     NAME_MAX_CAPTURE);
	else
		path_resolve_untyped(file, &work->text);
	work->record.header.present |= SLOT_BIT(SLOT_memory_exec_target_filename);
	if (work->text.incomplete)
		work->record.header.incomplete |= SLOT_BIT(SLOT_memory_exec_target_filename);
	match_field(work, &work->text, FIELD_memory_exec_target_filename);
	return 1;
}

static __always_inline int memory_end(struct event *e, unsigned long file, __u32 act)
{
	return event_end(e, memory_match(e->work, file, act) ? PLACE(memory_exec, target_filename)
							     : 0);
}

/* What was never writable and has not been written is no matter of this event: so are the
 * parts of programs mapped. */
static __always_inline int file_mprotect_body(__u32 origin, struct vm_area_struct *area,
					      unsigned long asked)
{
	struct event e;
	int r;

	if (!(asked & PROT_EXEC) || area->vm_flags & VM_EXEC ||
	    !(area->vm_flags & VM_WRITE || area->anon_vma || asked & PROT_WRITE))
		return 0;
	r = event_begin(&e, EVENT_memory_exec, origin);
	if (r <= 0)
		return r;
	return memory_end(&e, address_number(&e.work->text, area->vm_file), MEMORY_ACT_mprotect);
}
SECURITY_HOOK(file_mprotect, file_mprotect, file_mprotect_body,
	      (struct vm_area_struct * area, unsigned long asked), (area, asked))

static __always_inline bool is_memfd(struct file *file)
{
	char start[7] = {};

	bpf_probe_read_kernel(start, sizeof(start) - 1,
			      BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return !BPF_CORE_READ(file, f_inode, i_nlink) &&
	       !bpf_strncmp(start, sizeof(start), "memfd:");
}

/* Writable and executable at once, or executable out of a file in memory. The file may be
 * none, which the verifier does not know of every kernel. */
static __always_inline int mmap_file_body(__u32 origin, void *context)
{
	__u64 file = 0, asked = 0;
	struct event e;
	int r;

	bpf_get_func_arg(context, 1, &asked);
	if (!(asked & PROT_EXEC))
		return 0;
	bpf_get_func_arg(context, 0, &file);
	if (!(asked & PROT_WRITE) && (!file || !is_memfd((struct file *)file)))
		return 0;
	r = event_begin(&e, EVENT_memory_exec, origin);
	return r > 0 ? memory_end(&e, file, MEMORY_ACT_mmap) : r;
}
ARGUMENT_HOOK(mmap_file)
