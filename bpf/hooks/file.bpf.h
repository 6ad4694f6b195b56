/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Opened files: file_open. With trampolines, at security_file_open. Without, at the exit of
 * the calls, where an open may also have been a file_event.
 */
#include "../label.bpf.h"
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
	HAS(e, SLOT_file_open_access);
	HAS(e, SLOT_file_open_created);
	HAS(e, SLOT_file_open_device);
	HAS(e, SLOT_file_open_inode);
}

/* The end of an event whose last text is its TargetFilename, in work->text. */
#define TARGET_END(e, type)                                                                        \
	path_end(e, SLOT_##type##_target_filename, FIELD_##type##_target_filename,                 \
		 PLACE(type, target_filename))
static __always_inline int path_end(struct event *e, __u32 slot, enum field field, __u32 place)
{
	HAS(e, slot);
	if (e->work->text.incomplete)
		e->work->record.header.incomplete |= SLOT_BIT(slot);
	match_field(e->work, &e->work->text, field);
	return event_end(e, place);
}

/* Its other name, if there is one: the numbers are filled in, and the path is in work->text.
 * Without memory for it, the path may be anything. */
static __always_inline void other_end_open(struct event *e, unsigned long dentry)
{
	struct label *label;

	if (!e->work->text.partly && !label_likely(e->work->record.file_open.inode))
		return;
	label = STORAGE_MAKE(&others, bpf_get_current_task_btf(), 0);
	if (!label) {
		count_loss(LOSS_scratch);
		e->work->text.incomplete = 1;
		return;
	}
	/* by way of memory an address becomes a number, as which it can be passed on */
	e->work->text.dentry = dentry;
	if (!other_match(e->work, &label->name))
		return;
	e->other = &label->name;
	e->other_place = PLACE(file_open, other_filename);
	HAS(e, SLOT_file_open_other_filename);
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
	other_end_open(&e, (unsigned long)file->f_path.dentry);
	return TARGET_END(&e, file_open);
}
SECURITY_HOOK(file_open, file_open, file_open_body, (struct file * file), (file))

/* C(call, number on x86-64, on i386); arch/x86/entry/syscalls */
#define OPEN_CALLS(C)                                                                              \
	C(open, 2, 5)                                                                              \
	C(creat, 85, 8)                                                                            \
	C(openat, 257, 295)                                                                        \
	C(open_by_handle_at, 304, 342)                                                             \
	C(openat2, 437, 437)

static __always_inline void file_created(__u32 origin, struct file *file)
{
	struct event e;

	if (event_begin(&e, EVENT_file_event, origin) <= 0)
		return;
	e.after = true;
	path_resolve_untyped(file, &e.work->text);
	TARGET_END(&e, file_event);
}

/* The file is known by its address only; its path is in work->text. */
static __always_inline int opened_end(struct event *e, struct file *file, __u32 mode)
{
	file_open_fill(e, mode, BPF_CORE_READ(file, f_flags),
		       BPF_CORE_READ(file, f_inode, i_sb, s_dev),
		       BPF_CORE_READ(file, f_inode, i_ino));
	e->work->text.partly = BPF_CORE_READ(file, f_path.mnt, mnt_root) !=
			       BPF_CORE_READ(file, f_inode, i_sb, s_root);
	other_end_open(e, (unsigned long)BPF_CORE_READ(file, f_path.dentry));
	return TARGET_END(e, file_open);
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
	opened_end(&e, file, mode);
}
