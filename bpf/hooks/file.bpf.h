/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Files: file_open and file_event. With trampolines, at security_file_open and
 * security_path_mknod (which every creation passes, open(O_CREAT) included, before the
 * file exists). Without, at the exit of the open calls: the descriptor is in the table
 * by then, but the process has not returned to user mode, so a kill comes before it can
 * use it; a file it created exists.
 */
#include "../shell.bpf.h"

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
	HAS(e, SLOT_file_open_target_filename);
	HAS(e, SLOT_file_open_access);
	HAS(e, SLOT_file_open_created);
	HAS(e, SLOT_file_open_device);
	HAS(e, SLOT_file_open_inode);
}

static __always_inline int file_open_end(struct event *e)
{
	if (e->work->text.incomplete)
		e->work->record.header.incomplete |= SLOT_BIT(SLOT_file_open_target_filename);
	match_field(e->work, &e->work->text, FIELD_file_open_target_filename);
	return event_end(e, &e->work->record.file_open.target_filename);
}

static __always_inline int file_event_end(struct event *e)
{
	HAS(e, SLOT_file_event_target_filename);
	if (e->work->text.incomplete)
		e->work->record.header.incomplete |= SLOT_BIT(SLOT_file_event_target_filename);
	match_field(e->work, &e->work->text, FIELD_file_event_target_filename);
	return event_end(e, &e->work->record.file_event.target_filename);
}

static __always_inline int file_open_body(enum shell shell, struct file *file)
{
	struct event e;
	int r = event_begin(&e, EVENT_file_open, shell);

	if (r <= 0)
		return r;
	path_resolve(file->f_path.dentry, file->f_path.mnt, &e.work->text);
	file_open_fill(&e, file->f_mode, file->f_flags, file->f_inode->i_sb->s_dev,
		       file->f_inode->i_ino);
	return file_open_end(&e);
}
SECURITY_HOOK(file_open, file_open, file_open_body, (struct file * file), (file))

static __always_inline int path_mknod_body(enum shell shell, const struct path *directory,
					   struct dentry *dentry)
{
	struct event e;
	int r = event_begin(&e, EVENT_file_event, shell);

	if (r <= 0)
		return r;
	path_resolve(dentry, directory->mnt, &e.work->text);
	return file_event_end(&e);
}
SECURITY_HOOK(path_mknod, path_mknod, path_mknod_body,
	      (const struct path *directory, struct dentry *dentry), (directory, dentry))

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

static __always_inline void file_created(struct file *file)
{
	struct event e;

	if (event_begin(&e, EVENT_file_event, SHELL_sys_exit) <= 0)
		return;
	e.after = true;
	path_resolve_untyped(file, &e.work->text);
	file_event_end(&e);
}

static __always_inline void file_opened(struct file *file, __u32 mode)
{
	struct event e;

	if (event_begin(&e, EVENT_file_open, SHELL_sys_exit) <= 0)
		return;
	path_resolve_untyped(file, &e.work->text);
	file_open_fill(&e, mode, BPF_CORE_READ(file, f_flags),
		       BPF_CORE_READ(file, f_inode, i_sb, s_dev),
		       BPF_CORE_READ(file, f_inode, i_ino));
	file_open_end(&e);
}

/* /sys/kernel/tracing/events/raw_syscalls/sys_exit/format */
struct sys_exit_event {
	__u64 common;
	long number;
	long result;
};

static __always_inline void sys_exit_body(__u64 number, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file;
	struct event e;
	__u32 mode;

	if (!task->bpf_storage || !event_tagged(&e))
		return;
	/* whatever the call was: a member of a condemned session does not come back from it */
	if (e.agent->state & AGENT_CONDEMNED) {
		bpf_send_signal(SIGKILL);
		return;
	}
	if (result < 0 || !call_opens(task, number))
		return;
	file = file_installed(task, result);
	if (!file)
		return;
	mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_PATH)
		return;
	if (mode & FMODE_CREATED)
		file_created(file);
	file_opened(file, mode);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_open, struct pt_regs *regs, long result)
{
	sys_exit_body(regs->orig_ax, result);
	return 0;
}

/* Where the other could be pre-empted, and so be skipped: see shell.bpf.h. */
SEC("tp/raw_syscalls/sys_exit")
int sys_exit_open_perf(struct sys_exit_event *event)
{
	sys_exit_body(event->number, event->result);
	return 0;
}
