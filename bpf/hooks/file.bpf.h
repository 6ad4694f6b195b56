/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Files: file_open, file_event and file_delete. With trampolines, at security_file_open,
 * security_path_mknod (which every creation passes, open(O_CREAT) included, before the
 * file exists), security_path_unlink and _rmdir. Without, at the exit of the calls: an
 * opened descriptor is in the table by then, but the process has not returned to user
 * mode, so a kill comes before it can use it; a file it created exists, one that it
 * removed is gone.
 */
#include "../shell.bpf.h"

#include "../given.bpf.h"

static __always_inline __u64 access_of(__u32 mode, __u32 flags)
{
	__u64 access = 0;

	/* an open for execution has this among its flags, not in its mode */
	if (flags & FMODE_EXEC)
		return ACCESS_exec;
	if (mode & FMODE_READ)
		access |= ACCESS_read;
	if (mode & FMODE_WRITE)
		access |= ACCESS_write;
	if (flags & O_APPEND)
		access |= ACCESS_append;
	return access;
}

/* As stat(2) tells it (new_encode_dev of include/linux/kdev_t.h). */
static __always_inline __u64 device_told(__u32 device)
{
	__u32 major = device >> 20, minor = device & 0xfffff;

	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/* The fields of file_open that are numbers. */
static __always_inline void file_open_fill(struct event *e, __u32 mode, __u32 flags, __u32 device,
					   __u64 inode)
{
	struct event_file_open *f = &e->work->record.file_open;

	f->access = access_of(mode, flags);
	f->created = !!(mode & FMODE_CREATED);
	f->device = device_told(device);
	f->inode = inode;
	HAS(e, SLOT_file_open_access);
	HAS(e, SLOT_file_open_created);
	HAS(e, SLOT_file_open_device);
	HAS(e, SLOT_file_open_inode);
}

/* The end of an event whose own field is the path in work->text. */
#define PATH_END(e, type)                                                                          \
	path_end(e, SLOT_##type##_target_filename, FIELD_##type##_target_filename,                 \
		 &(e)->work->record.type.target_filename)
static __always_inline int path_end(struct event *e, __u32 slot, enum field field,
				    struct span *span)
{
	HAS(e, slot);
	if (e->work->text.incomplete)
		e->work->record.header.incomplete |= SLOT_BIT(slot);
	match_field(e->work, &e->work->text, field);
	return event_end(e, span);
}

static __always_inline int file_open_body(__u32 origin, struct file *file)
{
	struct event e;
	int r = event_begin(&e, EVENT_file_open, origin);

	if (r <= 0)
		return r;
	path_resolve(file->f_path.dentry, file->f_path.mnt, &e.work->text);
	file_open_fill(&e, file->f_mode, file->f_flags, file->f_inode->i_sb->s_dev,
		       file->f_inode->i_ino);
	return PATH_END(&e, file_open);
}
SECURITY_HOOK(file_open, file_open, file_open_body, (struct file * file), (file))

/* A hook on a name in a directory. */
#define NAME_HOOK(hook, type)                                                                      \
	static __always_inline int hook##_body(__u32 origin, const struct path *directory,         \
					       struct dentry *dentry)                              \
	{                                                                                          \
		struct event e;                                                                    \
		int r = event_begin(&e, EVENT_##type, origin);                                     \
                                                                                                   \
		if (r <= 0)                                                                        \
			return r;                                                                  \
		path_resolve(dentry, directory->mnt, &e.work->text);                               \
		return PATH_END(&e, type);                                                         \
	}                                                                                          \
	SECURITY_HOOK(hook, hook, hook##_body,                                                     \
		      (const struct path *directory, struct dentry *dentry), (directory, dentry))
NAME_HOOK(path_mknod, file_event)
NAME_HOOK(path_unlink, file_delete)
NAME_HOOK(path_rmdir, file_delete)

/* arch/x86/entry/syscalls: open, openat, creat, openat2, open_by_handle_at. */
static __always_inline bool call_opens(const struct task_struct *task, __u64 number)
{
	if (task->thread_info.status & TS_COMPAT)
		return number == 5 || number == 295 || number == 8 || number == 437 ||
		       number == 342;
	number &= ~(__u64)X32_SYSCALL_BIT;
	return number == 2 || number == 257 || number == 85 || number == 437 || number == 304;
}

/* The file behind a descriptor of the current task, by its address only. */
static __always_inline struct file *file_installed(struct task_struct *task, __u32 descriptor)
{
	struct fdtable *table = task->files->fdt;
	struct file **slot = table->fd, *file = NULL;

	if (descriptor < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), slot + descriptor);
	return file;
}

/* What no other shell serves, or not for certain (see bpf/shell.bpf.h). The loader sets it,
 * and the verifier removes the rest. */
const volatile __u32 sys_exit_events = ~0u;

static __always_inline void file_created(__u32 origin, struct file *file)
{
	struct event e;

	if (event_begin(&e, EVENT_file_event, origin) <= 0)
		return;
	e.after = true;
	path_resolve_untyped(file, &e.work->text);
	PATH_END(&e, file_event);
}

static __always_inline void file_opened(__u32 origin, __u32 events, struct task_struct *task,
					__u32 descriptor)
{
	struct file *file = file_installed(task, descriptor);
	struct event e;
	__u32 mode;

	if (!file)
		return;
	mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_PATH)
		return;
	if (mode & FMODE_CREATED && events & EVENT_BIT(file_event))
		file_created(origin, file);
	if (!(events & EVENT_BIT(file_open)) || event_begin(&e, EVENT_file_open, origin) <= 0)
		return;
	path_resolve_untyped(file, &e.work->text);
	file_open_fill(&e, mode, BPF_CORE_READ(file, f_flags),
		       BPF_CORE_READ(file, f_inode, i_sb, s_dev),
		       BPF_CORE_READ(file, f_inode, i_ino));
	PATH_END(&e, file_open);
}

/* A call on a name that is not opened, and what it was given. */
struct name_call {
	enum event_type type;
	__s32 directory;
	unsigned long path; /* 0: it was another call */
};

#define AT_CWD(type, path) ((struct name_call) { EVENT_##type, AT_FDCWD, path })
#define AT(type, directory, path) ((struct name_call) { EVENT_##type, directory, path })

/* arch/x86/entry/syscalls: unlink, rmdir, unlinkat, mknod, mknodat. */
static __always_inline struct name_call name_call_of(struct task_struct *task, __u64 number)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct name_call none = {};

	if (task->thread_info.status & TS_COMPAT) {
		if (number == 10 || number == 40)
			return AT_CWD(file_delete, (__u32)regs->bx);
		if (number == 301)
			return AT(file_delete, regs->bx, (__u32)regs->cx);
		if (number == 14)
			return AT_CWD(file_event, (__u32)regs->bx);
		if (number == 297)
			return AT(file_event, regs->bx, (__u32)regs->cx);
		return none;
	}
	number &= ~(__u64)X32_SYSCALL_BIT;
	if (number == 87 || number == 84)
		return AT_CWD(file_delete, regs->di);
	if (number == 263)
		return AT(file_delete, regs->di, regs->si);
	if (number == 133)
		return AT_CWD(file_event, regs->di);
	if (number == 259)
		return AT(file_event, regs->di, regs->si);
	return none;
}

/* Puts the path that the call was given into work->text. */
static __always_inline void name_resolve(struct event *e, struct exec_work *exec,
					 const struct name_call *call)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct path *base = &task->fs->pwd;
	struct file *directory;

	if (call->directory != AT_FDCWD) {
		directory = file_installed(task, call->directory);
		base = (void *)directory + bpf_core_field_offset(struct file, f_path);
	}
	path_given(e->work, &exec->image, (const void *)call->path, base);
}

static __always_inline void name_called(__u32 origin, const struct name_call *call)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (event_begin(&e, call->type, origin) <= 0)
		return;
	if (!exec) {
		event_unexamined(&e);
		return;
	}
	e.after = true;
	name_resolve(&e, exec, call);
	if (call->type == EVENT_file_delete)
		PATH_END(&e, file_delete);
	else
		PATH_END(&e, file_event);
}

/* /sys/kernel/tracing/events/raw_syscalls/sys_exit/format */
struct sys_exit_event {
	__u64 common;
	long number;
	long result;
};

static __always_inline void sys_exit_body(__u32 origin, __u64 number, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct name_call call;
	struct event e;
	__u32 events;

	if (!task->bpf_storage || !event_tagged(&e))
		return;
	events = sys_exit_events & ~e.tag->seen;
	e.tag->seen = 0;
	/* whatever the call was: a member of a condemned session does not come back from it */
	if (event_barred(&e)) {
		event_bar(&e, origin);
		return;
	}
	if (e.tag->examined & EXAMINED_BY_MARK) {
		e.tag->examined &= ~EXAMINED_BY_MARK;
		return;
	}
	if (result < 0)
		return;
	if (call_opens(task, number)) {
		file_opened(origin, events, task, result);
		return;
	}
	if (!(events & (EVENT_BIT(file_delete) | EVENT_BIT(file_event))))
		return;
	call = name_call_of(task, number);
	if (call.path && events >> call.type & 1)
		name_called(origin, &call);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	sys_exit_body(ORIGIN(sys_exit, sys_exit, 0), regs->orig_ax, result);
	return 0;
}

/* Where the other could be pre-empted, and so be skipped: see shell.bpf.h. */
SEC("tp/raw_syscalls/sys_exit")
int sys_exit_perf(struct sys_exit_event *event)
{
	sys_exit_body(ORIGIN(sys_exit, sys_exit, 0), event->number, event->result);
	return 0;
}
