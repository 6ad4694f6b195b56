/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is mounted: mount. With trampolines, before the act, at security_sb_mount, _sb_umount,
 * _move_mount and, of file systems that are made by fsconfig(2), _sb_kern_mount. Without, at the
 * exit of the calls.
 */
#include "../shell.bpf.h"
#include "../target.bpf.h"

/* include/uapi/linux/mount.h */
#define MS_REMOUNT 32
#define MS_BIND 4096
#define MS_MOVE 8192
#define MS_CHANGES (1 << 17 | 1 << 18 | 1 << 19 | 1 << 20) /* unbindable to shared */

#define FS_TYPE_MAX 16

static __always_inline __u32 mount_act(__u64 flags)
{
	if (flags & MS_REMOUNT)
		return MOUNT_remount;
	if (flags & MS_BIND)
		return MOUNT_bind;
	if (flags & MS_CHANGES)
		return MOUNT_change;
	return flags & MS_MOVE ? MOUNT_move : MOUNT_mount;
}

/* The number of a type in the table; 0: it is not there. */
#define FS_TYPE_COMPARE(name, number, spelling)                                                    \
	if (!bpf_strncmp(type, FS_TYPE_MAX, spelling))                                             \
		return number;
static __always_inline __u32 fs_type_of(const char type[FS_TYPE_MAX])
{
	FILE_SYSTEM_NAMES(FS_TYPE_COMPARE)
	return 0;
}

/* By its name: of the kernel's memory, or (`given`) of the caller's. */
__noinline int fs_type_fill(struct work *work, __u64 name, __u32 given)
{
	char type[FS_TYPE_MAX] = {};

	if (!work || !name)
		return 0;
	if (given)
		bpf_probe_read_user_str(type, sizeof(type), (const void *)name);
	else
		bpf_probe_read_kernel_str(type, sizeof(type), (const void *)name);
	work->record.mount.fs_type = fs_type_of(type);
	if (work->record.mount.fs_type)
		work->record.header.present |= SLOT_BIT(SLOT_mount_fs_type);
	return 0;
}

/* The source is in e->other (empty: there is none), and the target in work->text. */
static __always_inline int mount_end(struct event *e, __u32 act, __u64 flags, bool detached)
{
	struct event_mount *m = &e->work->record.mount;

	m->act = act;
	m->flags = flags;
	m->detached = detached;
	HAS(e, SLOT_mount_act);
	HAS(e, SLOT_mount_flags);
	HAS(e, SLOT_mount_detached);
	if (e->other->length)
		OTHER_END(e, mount, source);
	if (detached)
		return event_end(e, 0);
	return path_end(e, SLOT_mount_target, FIELD_mount_target, PLACE(mount, target));
}

static __always_inline void text_empty(struct text *text)
{
	text->offset = 0;
	text->length = 0;
	text->incomplete = 0;
}

static __always_inline int sb_mount_body(__u32 origin, const char *source,
					 const struct path *target, const char *type,
					 unsigned long flags)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_mount, origin);

	if (r <= 0)
		return r;
	text_empty(e.other);
	if (source)
		string_taken(e.other, bpf_probe_read_kernel_str(e.other->byte, TEXT_MAX, source),
			     TEXT_MAX);
	if (mount_act(flags) == MOUNT_mount)
		fs_type_fill(e.work, address_number(&e.work->text, type), 0);
	path_resolve(target->dentry, target->mnt, &e.work->text);
	return mount_end(&e, mount_act(flags), flags, false);
}
SECURITY_HOOK(sb_mount, sb_mount, sb_mount_body,
	      (const char *source, const struct path *target, const char *type,
	       unsigned long flags),
	      (source, target, type, flags))

static __always_inline int sb_umount_body(__u32 origin, struct vfsmount *mnt, int flags)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_mount, origin);

	if (r <= 0)
		return r;
	text_empty(e.other);
	path_resolve(mnt->mnt_root, mnt, &e.work->text);
	return mount_end(&e, MOUNT_umount, flags, false);
}
SECURITY_HOOK(sb_umount, sb_umount, sb_umount_body, (struct vfsmount * mnt, int flags),
	      (mnt, flags))

static __always_inline int move_mount_body(__u32 origin, const struct path *source,
					   const struct path *target)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_mount, origin);

	if (r <= 0)
		return r;
	path_resolve(source->dentry, source->mnt, e.other);
	path_resolve(target->dentry, target->mnt, &e.work->text);
	return mount_end(&e, MOUNT_move, 0, false);
}
SECURITY_HOOK(move_mount, move_mount, move_mount_body,
	      (const struct path *source, const struct path *target), (source, target))

/* arch/x86/entry/syscalls */
#define FSCONFIG 431

/* A file system that fsconfig(2) makes: what mount(2) makes has been told. */
static __always_inline int sb_kern_mount_body(__u32 origin, struct super_block *super)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct event e;
	int r;

	if (!event_tagged(&e) || (!e.tag->trial && (__u32)regs->orig_ax != FSCONFIG))
		return 0;
	r = event_begin_two(&e, EVENT_mount, origin);
	if (r <= 0)
		return r;
	text_empty(e.other);
	fs_type_fill(e.work, address_number(&e.work->text, BPF_CORE_READ(super, s_type, name)), 0);
	return mount_end(&e, MOUNT_make, 0, true);
}
SECURITY_HOOK(sb_kern_mount, sb_kern_mount, sb_kern_mount_body, (struct super_block * super),
	      (super))
