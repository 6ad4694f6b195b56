/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is said of a file beside its content: file_attribute. With trampolines at
 * security_path_chmod, _chown, _truncate, security_inode_setxattr and, for the times,
 * security_inode_setattr. Without, at the exit of the calls, when it is changed.
 */
#include "../shell.bpf.h"

/* include/uapi/linux/stat.h */
#define S_ISUID 0004000
#define S_ISGID 0002000
/* include/linux/fs.h: ia_valid of struct iattr */
#define ATTR_MODE (1 << 0)
#define ATTR_UID (1 << 1)
#define ATTR_GID (1 << 2)
#define ATTR_SIZE (1 << 3)
#define ATTR_ATIME (1 << 4)
#define ATTR_MTIME (1 << 5)

extern int LINUX_KERNEL_VERSION __kconfig;

#define XATTR_NAME_SIZE 256 /* with its NUL */
#define UNCHANGED (~0u) /* a user or group that stays as it is */

static __always_inline void changed_mode(struct event *e, __u64 mode)
{
	struct event_file_attribute *f = &e->work->record.file_attribute;

	f->change = CHANGE_mode;
	f->mode = mode & 07777;
	f->setuid_bit = !!(mode & (S_ISUID | S_ISGID));
	HAS(e, SLOT_file_attribute_mode);
	HAS(e, SLOT_file_attribute_setuid_bit);
}

static __always_inline void changed_owner(struct event *e, __u32 owner, __u32 group)
{
	struct event_file_attribute *f = &e->work->record.file_attribute;

	f->change = CHANGE_owner;
	f->owner = owner;
	f->group = group;
	if (owner != UNCHANGED)
		HAS(e, SLOT_file_attribute_owner);
	if (group != UNCHANGED)
		HAS(e, SLOT_file_attribute_group);
}

/* `length` of the name that was read counts its NUL. */
static __always_inline void changed_xattr(struct event *e, long length)
{
	e->work->record.file_attribute.change = CHANGE_xattr;
	string_taken(e->other, length, XATTR_NAME_SIZE);
	OTHER_END(e, file_attribute, xattr_name);
}

/* The path is in work->text, and what is changed filled in. */
static __always_inline int attribute_end(struct event *e)
{
	HAS(e, SLOT_file_attribute_change);
	return TARGET_END(e, file_attribute);
}

static __always_inline int path_chmod_body(__u32 origin, const struct path *path, __u16 mode)
{
	struct event e;
	int r = event_begin(&e, EVENT_file_attribute, origin);

	if (r <= 0)
		return r;
	path_resolve(path->dentry, path->mnt, &e.work->text);
	changed_mode(&e, mode);
	return attribute_end(&e);
}
SECURITY_HOOK(path_chmod, path_chmod, path_chmod_body, (const struct path *path, __u16 mode),
	      (path, mode))

/* kuid_t and kgid_t are passed as numbers are. */
static __always_inline int path_chown_body(__u32 origin, const struct path *path, __u32 owner,
					   __u32 group)
{
	struct event e;
	int r = event_begin(&e, EVENT_file_attribute, origin);

	if (r <= 0)
		return r;
	path_resolve(path->dentry, path->mnt, &e.work->text);
	changed_owner(&e, owner, group);
	return attribute_end(&e);
}
SECURITY_HOOK(path_chown, path_chown, path_chown_body,
	      (const struct path *path, __u32 owner, __u32 group), (path, owner, group))

static __always_inline int path_truncate_body(__u32 origin, const struct path *path)
{
	struct event e;
	int r = event_begin(&e, EVENT_file_attribute, origin);

	if (r <= 0)
		return r;
	path_resolve(path->dentry, path->mnt, &e.work->text);
	e.work->record.file_attribute.change = CHANGE_size;
	return attribute_end(&e);
}
SECURITY_HOOK(path_truncate, path_truncate, path_truncate_body, (const struct path *path), (path))

/* The first argument is one of how ids are mapped, of a type that kernels differ in. */
static __always_inline int inode_setxattr_body(__u32 origin, struct dentry *dentry,
					       const char *name)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_file_attribute, origin);

	if (r <= 0)
		return r;
	path_resolve_dentry((unsigned long)dentry, &e.work->text);
	changed_xattr(&e, bpf_probe_read_kernel_str(e.other->byte, XATTR_NAME_SIZE, name));
	return attribute_end(&e);
}
SECURITY_HOOK(inode_setxattr, inode_setxattr, inode_setxattr_body,
	      (void *ids, struct dentry *dentry, const char *name), (dentry, name))

/* The times alone: all else has a hook of its own. */
static __always_inline int inode_setattr_body(__u32 origin, __u64 dentry, __u64 attributes)
{
	unsigned int valid = BPF_CORE_READ((struct iattr *)attributes, ia_valid);
	struct event e;
	int r;

	if (!(valid & (ATTR_ATIME | ATTR_MTIME)) ||
	    valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_SIZE))
		return 0;
	r = event_begin(&e, EVENT_file_attribute, origin);
	if (r <= 0)
		return r;
	path_resolve_dentry(dentry, &e.work->text);
	e.work->record.file_attribute.change = CHANGE_times;
	return attribute_end(&e);
}

/* 6.9 put the mapping of ids before the arguments of the hook, as the function has it since
 * 6.0 (security/security.c). */
#define SETATTR(program, first, origin)                                                            \
	({                                                                                         \
		__u64 dentry_ = 0, attributes_ = 0;                                                \
		bpf_get_func_arg(program, first, &dentry_);                                        \
		bpf_get_func_arg(program, (first) + 1, &attributes_);                              \
		inode_setattr_body(origin, dentry_, attributes_);                                  \
	})

SEC("lsm/inode_setattr")
int lsm_inode_setattr(void *context)
{
	return refusal(SETATTR(context, LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 9, 0),
			       ORIGIN(lsm, inode_setattr, 0)));
}

SEC("fmod_ret/security_inode_setattr")
int fmod_ret_inode_setattr(void *context)
{
	return ONCE(fmod_ret, inode_setattr, 0,
		    SETATTR(context, 1, ORIGIN(fmod_ret, inode_setattr, 0)));
}

SEC("fmod_ret/security_inode_setattr")
int fmod_ret_inode_setattr_copy(void *context)
{
	return ONCE(fmod_ret, inode_setattr, 1,
		    SETATTR(context, 1, ORIGIN(fmod_ret, inode_setattr, 1)));
}

/* A call on what is said of a file. */
struct attribute_call {
	__u64 change; /* 0: it is another call */
	struct given_name name; /* without a path: the file behind the descriptor `directory` */
	unsigned long first, second; /* of the mode, the user and group, the attribute's name */
};

/*
 * A(call, number on x86-64, on i386, change, arguments: directory, path, first, second);
 *   path NONE: of the file behind the descriptor `directory`
 * arch/x86/entry/syscalls
 */
/* clang-format off */
#define ATTRIBUTE_CALLS(A)                                                     \
	A(chmod,       90,  15, mode,  WORKING, 0,    1,    NONE)              \
	A(fchmod,      91,  94, mode,  0,       NONE, 1,    NONE)              \
	A(fchmodat,   268, 306, mode,  0,       1,    2,    NONE)              \
	A(fchmodat2,  452, 452, mode,  0,       1,    2,    NONE)              \
	A(chown,       92, 212, owner, WORKING, 0,    1,    2)                 \
	A(lchown,      94, 198, owner, WORKING, 0,    1,    2)                 \
	A(fchown,      93, 207, owner, 0,       NONE, 1,    2)                 \
	A(fchownat,   260, 298, owner, 0,       1,    2,    3)                 \
	A(chown16,     -1, 182, owner, WORKING, 0,    1,    2)                 \
	A(lchown16,    -1,  16, owner, WORKING, 0,    1,    2)                 \
	A(fchown16,    -1,  95, owner, 0,       NONE, 1,    2)                 \
	A(setxattr,   188, 226, xattr, WORKING, 0,    1,    NONE)              \
	A(lsetxattr,  189, 227, xattr, WORKING, 0,    1,    NONE)              \
	A(fsetxattr,  190, 228, xattr, 0,       NONE, 1,    NONE)              \
	A(setxattrat, 463, 463, xattr, 0,       1,    3,    NONE)              \
	A(truncate,    76,  92, size,  WORKING, 0,    NONE, NONE)              \
	A(truncate64,  -1, 193, size,  WORKING, 0,    NONE, NONE)              \
	A(utimensat,  280, 320, times, 0,       1,    NONE, NONE)              \
	A(utimensat64, -1, 412, times, 0,       1,    NONE, NONE)              \
	A(utime,      132,  30, times, WORKING, 0,    NONE, NONE)              \
	A(utimes,     235, 271, times, WORKING, 0,    NONE, NONE)              \
	A(futimesat,  261, 299, times, 0,       1,    NONE, NONE)
/* clang-format on */

static __always_inline struct attribute_call attribute_call_of(struct task_struct *task,
							       __u64 number)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;

	if (!compat)
		number &= ~(__u64)X32_SYSCALL_BIT;
#define ARGUMENT(index) argument(regs, compat, index)
#define A(call, on_64, on_32, change, directory, path, first, second)                              \
	if (number == (__u64)(compat ? on_32 : on_64))                                             \
		return (struct attribute_call) { CHANGE_##change,                                  \
						 { ARGUMENT(directory), ARGUMENT(path) },          \
						 ARGUMENT(first),                                  \
						 ARGUMENT(second) };
	ATTRIBUTE_CALLS(A)
#undef A
#undef ARGUMENT
	return (struct attribute_call) {};
}

/* Puts the path of the file into work->text. utimensat(2) and futimesat(2) may have none as
 * well. */
static __always_inline void attribute_resolve(struct event *e, struct exec_work *exec,
					      __s32 directory, __u64 pointer)
{
	struct file *file;

	if (pointer) {
		given_resolve(e->work, &exec->image, directory, pointer, TEXT_MAX);
		return;
	}
	file = file_installed(bpf_get_current_task_btf(), directory);
	if (file)
		path_resolve_untyped(file, &e->work->text);
	else
		e->work->text.incomplete = 1; /* another thread has closed it */
}

/* The arguments are those of struct attribute_call. */
__noinline int attribute_called(__u32 change, __s32 directory, __u64 pointer, __u64 first,
				__u64 second)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!event_begin_after(&e, EVENT_file_attribute, true, exec))
		return 0;
	attribute_resolve(&e, exec, directory, pointer);
	e.work->record.file_attribute.change = change;
	if (change == CHANGE_mode)
		changed_mode(&e, first);
	else if (change == CHANGE_owner)
		changed_owner(&e, first, second);
	if (change == CHANGE_xattr)
		changed_xattr(&e, bpf_probe_read_user_str(e.other->byte, XATTR_NAME_SIZE,
							  (const void *)first));
	else
		e.other = NULL;
	return attribute_end(&e);
}
