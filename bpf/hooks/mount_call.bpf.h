/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The exits of calls on mounts and namespaces. namespace_change is seen here on every tier:
 * unshare(2) and setns(2) have no hook, and the others are told alike.
 */
#include "../given.bpf.h"
#include "../target.bpf.h"

enum mount_call_kind {
	CALL_mount,
	CALL_umount,
	CALL_move_mount,
	CALL_open_tree,
	CALL_fsconfig,
	CALL_mount_setattr,
	CALL_unshare,
	CALL_setns,
	CALL_clone,
	CALL_clone3,
	CALL_chroot,
	CALL_pivot_root
};

/* C(call, number on x86-64, on i386, kind); arch/x86/entry/syscalls */
#define MOUNT_CALLS(C)                                                                             \
	C(mount, 165, 21, mount)                                                                   \
	C(umount, -1, 22, umount)                                                                  \
	C(umount2, 166, 52, umount)                                                                \
	C(move_mount, 429, 429, move_mount)                                                        \
	C(open_tree, 428, 428, open_tree)                                                          \
	C(fsconfig, 431, 431, fsconfig)                                                            \
	C(mount_setattr, 442, 442, mount_setattr)                                                  \
	C(unshare, 272, 310, unshare)                                                              \
	C(setns, 308, 346, setns)                                                                  \
	C(clone, 56, 120, clone)                                                                   \
	C(clone3, 435, 435, clone3)                                                                \
	C(chroot, 161, 61, chroot)                                                                 \
	C(pivot_root, 155, 217, pivot_root)

#define OPEN_TREE_CLONE 1
#define FSCONFIG_CMD_CREATE 6
#define MOVE_MOUNT_F_EMPTY_PATH 4 /* the source is the descriptor itself */
#define AT_EMPTY_PATH 0x1000

/* The text of what is at a path that the caller gave; of a descriptor alone, its own. */
static __always_inline void place_given(struct work *work, struct text *raw, __s32 directory,
					__u64 path)
{
	char first = 0;
	struct file *file;

	bpf_probe_read_user(&first, 1, (const void *)path);
	if (first) {
		given_resolve(work, raw, directory, path, TEXT_MAX);
		return;
	}
	file = file_installed(bpf_get_current_task_btf(), directory);
	if (file)
		path_resolve_untyped(file, &work->text);
	else
		work->text.incomplete = 1;
}

static __always_inline bool mount_begin(struct event *e, struct exec_work *exec)
{
	if (!event_begin_after(e, EVENT_mount, true, exec))
		return false;
	text_empty(e->other);
	return true;
}

/* mount(2) */
__noinline int mount_called(__u64 source, __u64 target, __u64 type, __u64 flags)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!mount_begin(&e, exec))
		return 0;
	if (source)
		string_taken(e.other,
			     bpf_probe_read_user_str(e.other->byte, TEXT_MAX, (const void *)source),
			     TEXT_MAX);
	if (mount_act(flags) == MOUNT_mount)
		fs_type_fill(e.work, type, 1);
	given_resolve(e.work, &exec->image, AT_FDCWD, target, TEXT_MAX);
	return mount_end(&e, mount_act(flags), flags, false);
}

/* Of a mount at a path: umount2(2), mount_setattr(2). */
__noinline int mounted_called(__u32 act, __s32 directory, __u64 target, __u64 flags)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!mount_begin(&e, exec))
		return 0;
	place_given(e.work, &exec->image, directory, target);
	return mount_end(&e, act, flags, false);
}

/* `directories`: the source's, and in the upper half the target's. */
__noinline int moved_called(__u64 directories, __u64 source, __u64 target)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!mount_begin(&e, exec))
		return 0;
	place_given(e.work, &exec->image, (__u32)directories, source);
	text_take(e.other, &e.work->text);
	place_given(e.work, &exec->image, directories >> 32, target);
	return mount_end(&e, MOUNT_move, 0, false);
}

/* A file system that fsconfig(2) has made; the descriptor is of its configuration. */
__noinline int made_called(__u32 descriptor)
{
	struct exec_work *exec = exec_work_get();
	struct fs_context *context;
	struct file *file;
	struct event e;

	if (!mount_begin(&e, exec))
		return 0;
	file = file_installed(bpf_get_current_task_btf(), descriptor);
	context = file ? BPF_CORE_READ(file, private_data) : NULL;
	if (context)
		fs_type_fill(e.work, (unsigned long)BPF_CORE_READ(context, fs_type, name), 0);
	return mount_end(&e, MOUNT_make, 0, true);
}

/* A mount that only the descriptor leads to: open_tree(2) with its flag. */
__noinline int detached_called(__u32 descriptor)
{
	struct exec_work *exec = exec_work_get();
	struct file *file;
	struct event e;

	if (!mount_begin(&e, exec))
		return 0;
	file = file_installed(bpf_get_current_task_btf(), descriptor);
	if (file) {
		e.work->text.dentry = (unsigned long)BPF_CORE_READ(file, f_path.dentry);
		path_within(e.other, e.work->text.dentry);
		fs_type_fill(e.work,
			     (unsigned long)BPF_CORE_READ(file, f_path.dentry, d_sb, s_type, name),
			     0);
	}
	return mount_end(&e, MOUNT_bind, 0, true);
}

__noinline int namespace_called(__u32 act, __u64 namespaces)
{
	struct event e;

	if (!namespaces || !event_begin_done(&e, EVENT_namespace_change))
		return 0;
	e.work->record.namespace_change.act = act;
	e.work->record.namespace_change.namespaces = namespaces;
	HAS(&e, SLOT_namespace_change_act);
	HAS(&e, SLOT_namespace_change_namespaces);
	return event_end(&e, 0);
}

__noinline int root_called(__u32 act, __u64 path)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!event_begin_after(&e, EVENT_namespace_change, false, exec))
		return 0;
	e.work->record.namespace_change.act = act;
	HAS(&e, SLOT_namespace_change_act);
	given_resolve(e.work, &exec->image, AT_FDCWD, path, TEXT_MAX);
	return path_end(&e, SLOT_namespace_change_target_filename,
			FIELD_namespace_change_target_filename,
			PLACE(namespace_change, target_filename));
}

/* All flags of clone(2) that are about namespaces. */
#define NAMESPACE_BIT(name, bit, meaning) | 1ull << (bit)
#define NAMESPACE_FLAGS (0 NAMESPACE_NAMES(NAMESPACE_BIT))

/* What kind of namespace a descriptor of /proc/PID/ns is of. */
static __always_inline __u64 namespace_of(__u32 descriptor)
{
	struct file *file = file_installed(bpf_get_current_task_btf(), descriptor);
	struct ns_common *ns = file ? BPF_CORE_READ(file, f_inode, i_private) : NULL;

	if (!ns)
		return 0;
	if (bpf_core_field_exists(ns->ns_type))
		return BPF_CORE_READ(ns, ns_type);
	return (__u32)BPF_CORE_READ(ns, ops, type);
}

static __always_inline void namespace_exit(const struct pt_regs *regs, bool compat, __u32 kind,
					   long result)
{
	__u64 first = argument(regs, compat, 0), second = argument(regs, compat, 1), flags = first;

	if (kind == CALL_chroot || kind == CALL_pivot_root) {
		root_called(kind == CALL_chroot ? NAMESPACE_chroot : NAMESPACE_pivot_root, first);
		return;
	}
	/* the child comes back from the call as well */
	if ((kind == CALL_clone || kind == CALL_clone3) && !result)
		return;
	if (kind == CALL_clone3)
		bpf_probe_read_user(&flags, sizeof(flags), (const void *)first);
	if (kind == CALL_setns)
		flags = second ? second : namespace_of(first);
	flags &= NAMESPACE_FLAGS;
	/* the last byte of clone(2)'s flags is a signal, and one of them there is a namespace's */
	if (kind == CALL_clone)
		flags &= ~0xffull;
	namespace_called(kind == CALL_unshare ? NAMESPACE_unshare
			 : kind == CALL_setns ? NAMESPACE_setns
					      : NAMESPACE_clone,
			 flags);
}

static __always_inline void mount_exit(const struct pt_regs *regs, bool compat, __u32 kind,
				       long result)
{
	__u64 first = argument(regs, compat, 0), second = argument(regs, compat, 1);
	__u64 third = argument(regs, compat, 2), fourth = argument(regs, compat, 3);

	if (kind == CALL_mount)
		mount_called(first, second, third, fourth);
	else if (kind == CALL_umount)
		mounted_called(MOUNT_umount, AT_FDCWD, first, second);
	else if (kind == CALL_mount_setattr)
		mounted_called(MOUNT_change, first, second, third);
	else if (kind == CALL_move_mount)
		moved_called((__u32)first | third << 32, second, fourth);
	else if (kind == CALL_open_tree && third & OPEN_TREE_CLONE)
		detached_called(result);
	else if (kind == CALL_fsconfig && second == FSCONFIG_CMD_CREATE)
		made_called(first);
}

static __always_inline void mounts_exit(struct task_struct *task, __u32 kind, __u32 events,
					long result)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;

	if (kind >= CALL_unshare && events & EVENT_BIT(namespace_change))
		namespace_exit(regs, compat, kind, result);
	else if (kind < CALL_unshare && events & EVENT_BIT(mount))
		mount_exit(regs, compat, kind, result);
}
