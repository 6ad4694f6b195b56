/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Names in directories: file_event, file_delete, file_rename, file_link, file_symlink. With
 * trampolines, before the act: security_path_mknod (which every creation passes,
 * open(O_CREAT) included), _unlink, _rmdir, _rename, _link, _symlink. Without, at the exit
 * of the calls, when it has taken effect, by the paths that they were given.
 */
#include "../given.bpf.h"

/* include/uapi/linux/fs.h */
#define RENAME_EXCHANGE 2

/* The text of an event that has two which is in e->other. */
#define OTHER_END(e, type, member)                                                                 \
	other_end(e, SLOT_##type##_##member, FIELD_##type##_##member, PLACE(type, member))
static __always_inline void other_end(struct event *e, __u32 slot, enum field field, __u32 place)
{
	HAS(e, slot);
	if (e->other->incomplete)
		e->work->record.header.incomplete |= SLOT_BIT(slot);
	match_field(e->work, e->other, field);
	e->other_place = place;
}

/* As event_begin(), for an event of two texts. */
static __always_inline int event_begin_two(struct event *e, enum event_type type, __u32 origin)
{
	int r = event_begin(e, type, origin);
	struct label *label;

	if (r <= 0)
		return r;
	label = STORAGE_MAKE(&others, bpf_get_current_task_btf(), 0);
	if (!label)
		return event_unexamined(e);
	e->other = &label->name;
	return 1;
}

/* The file keeps the name that is in e->other, for the rules on opening it. */
static __always_inline void other_keep(struct event *e, struct dentry *dentry)
{
	e->other->dentry = (unsigned long)dentry;
	label_keep(e->work);
}

/* A hook on one name. */
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
		return TARGET_END(&e, type);                                                       \
	}                                                                                          \
	SECURITY_HOOK(hook, hook, hook##_body,                                                     \
		      (const struct path *directory, struct dentry *dentry), (directory, dentry))
NAME_HOOK(path_mknod, file_event)
NAME_HOOK(path_unlink, file_delete)
NAME_HOOK(path_rmdir, file_delete)

static __always_inline int renamed(__u32 origin, const struct path *from_directory,
				   struct dentry *from, const struct path *to_directory,
				   struct dentry *to)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_file_rename, origin);

	if (r <= 0)
		return r;
	path_resolve(from, from_directory->mnt, e.other);
	other_keep(&e, from);
	OTHER_END(&e, file_rename, source_filename);
	path_resolve(to, to_directory->mnt, &e.work->text);
	return TARGET_END(&e, file_rename);
}

/* An exchange is two renames, and told as two. */
static __always_inline int path_rename_body(__u32 origin, const struct path *from_directory,
					    struct dentry *from, const struct path *to_directory,
					    struct dentry *to, unsigned int flags)
{
	int r = renamed(origin, from_directory, from, to_directory, to);

	if (!r && flags & RENAME_EXCHANGE)
		r = renamed(origin, to_directory, to, from_directory, from);
	return r;
}
SECURITY_HOOK(path_rename, path_rename, path_rename_body,
	      (const struct path *from_directory, struct dentry *from,
	       const struct path *to_directory, struct dentry *to, unsigned int flags),
	      (from_directory, from, to_directory, to, flags))

/* A link is made within one mount only (do_linkat of fs/namei.c). */
static __always_inline int path_link_body(__u32 origin, struct dentry *from,
					  const struct path *directory, struct dentry *to)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_file_link, origin);

	if (r <= 0)
		return r;
	path_resolve(from, directory->mnt, e.other);
	other_keep(&e, from);
	OTHER_END(&e, file_link, source_filename);
	path_resolve(to, directory->mnt, &e.work->text);
	return TARGET_END(&e, file_link);
}
SECURITY_HOOK(path_link, path_link, path_link_body,
	      (struct dentry * from, const struct path *directory, struct dentry *to),
	      (from, directory, to))

/* A string was read into the text, of at most `size` bytes: `length` counts its NUL. */
static __always_inline void string_taken(struct text *text, long length, long size)
{
	text->offset = 0;
	text->length = length > 1 ? length - 1 : 0;
	text->incomplete = length < 1 || length >= size;
}

static __always_inline int path_symlink_body(__u32 origin, const struct path *directory,
					     struct dentry *to, const char *content)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_file_symlink, origin);

	if (r <= 0)
		return r;
	string_taken(e.other, bpf_probe_read_kernel_str(e.other->byte, TEXT_MAX, content),
		     TEXT_MAX);
	OTHER_END(&e, file_symlink, source_filename);
	path_resolve(to, directory->mnt, &e.work->text);
	return TARGET_END(&e, file_symlink);
}
SECURITY_HOOK(path_symlink, path_symlink, path_symlink_body,
	      (const struct path *directory, struct dentry *to, const char *content),
	      (directory, to, content))

#define NAME_EVENTS                                                                                \
	(EVENT_BIT(file_event) | EVENT_BIT(file_delete) | EVENT_BIT(file_rename) |                 \
	 EVENT_BIT(file_link) | EVENT_BIT(file_symlink))

/* A path as a call was given it; pointer 0: there is none. */
struct given_name {
	__s32 directory;
	unsigned long pointer;
};

/* A call on names that are not opened. */
struct name_call {
	enum event_type type; /* EVENT_MAX: it is another call */
	bool exchange;
	struct given_name source, target;
};

#define WORKING (-1) /* in the place of an argument: relative to the working directory */
#define NONE (-2)

/*
 * C(call, number on x86-64, on i386, event, arguments: source's directory, source,
 *   target's directory, target, flags)
 * arch/x86/entry/syscalls
 */
/* clang-format off */
#define NAME_CALLS(C)                                                          \
	C(unlink,     87,  10, file_delete,  NONE,    NONE, WORKING, 0, NONE)  \
	C(rmdir,      84,  40, file_delete,  NONE,    NONE, WORKING, 0, NONE)  \
	C(unlinkat,  263, 301, file_delete,  NONE,    NONE, 0,       1, NONE)  \
	C(mknod,     133,  14, file_event,   NONE,    NONE, WORKING, 0, NONE)  \
	C(mknodat,   259, 297, file_event,   NONE,    NONE, 0,       1, NONE)  \
	C(rename,     82,  38, file_rename,  WORKING, 0,    WORKING, 1, NONE)  \
	C(renameat,  264, 302, file_rename,  0,       1,    2,       3, NONE)  \
	C(renameat2, 316, 353, file_rename,  0,       1,    2,       3, 4)     \
	C(link,       86,   9, file_link,    WORKING, 0,    WORKING, 1, NONE)  \
	C(linkat,    265, 303, file_link,    0,       1,    2,       3, NONE)  \
	C(symlink,    88,  83, file_symlink, NONE,    0,    WORKING, 1, NONE)  \
	C(symlinkat, 266, 304, file_symlink, NONE,    0,    1,       2, NONE)
/* clang-format on */

static __always_inline unsigned long argument(const struct pt_regs *regs, bool compat, int index)
{
	switch (index) {
	case 0:
		return compat ? (__u32)regs->bx : regs->di;
	case 1:
		return compat ? (__u32)regs->cx : regs->si;
	case 2:
		return compat ? (__u32)regs->dx : regs->dx;
	case 3:
		return compat ? (__u32)regs->si : regs->r10;
	case 4:
		return compat ? (__u32)regs->di : regs->r8;
	case 5:
		return compat ? (__u32)regs->bp : regs->r9;
	case WORKING:
		return AT_FDCWD;
	default:
		return 0;
	}
}

/* Of calls that are about one of `events`. Each row asks by itself, so that the verifier
 * removes those that are not. */
static __always_inline struct name_call name_call_of(struct task_struct *task, __u64 number,
						     __u32 events)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;

	if (!compat)
		number &= ~(__u64)X32_SYSCALL_BIT;
#define ARGUMENT(index) argument(regs, compat, index)
#define C(call, on_64, on_32, type, source_directory, source, directory, target, flags)            \
	if (events & EVENT_BIT(type) && number == (compat ? on_32 : on_64))                        \
		return (struct name_call) { EVENT_##type,                                          \
					    ARGUMENT(flags) & RENAME_EXCHANGE,                     \
					    { ARGUMENT(source_directory), ARGUMENT(source) },      \
					    { ARGUMENT(directory), ARGUMENT(target) } };
	NAME_CALLS(C)
#undef C
#undef ARGUMENT
	return (struct name_call) { EVENT_MAX };
}

/*
 * What follows is in global functions, each verified once and for all events: at the exit
 * of a call there are many, and time is what the verifier would take.
 */

/* Puts the path that a call was given into work->text; `raw` is scratch. It ends at a NUL, or
 * with `most` bytes. */
__noinline int given_resolve(struct work *work, struct text *raw, __s32 directory, __u64 pointer,
			     __u32 most)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct path *base = &task->fs->pwd;

	if (!work || !raw)
		return 0;
	if (directory != AT_FDCWD)
		base = (void *)file_installed(task, directory) +
		       bpf_core_field_offset(struct file, f_path);
	path_given(work, raw, (const void *)pointer, most, base);
	return 0;
}

/* The names of these events are at the same places of a record. */
#define SAME_PLACE(a, b, member)                                                                   \
	_Static_assert(SLOT_##a##_##member == (int)SLOT_##b##_##member &&                          \
			       offsetof(struct event_##a, member) ==                               \
				       offsetof(struct event_##b, member),                         \
		       #a " and " #b)
SAME_PLACE(file_event, file_delete, target_filename);
SAME_PLACE(file_rename, file_link, source_filename);
SAME_PLACE(file_rename, file_link, target_filename);
SAME_PLACE(file_rename, file_symlink, source_filename);
SAME_PLACE(file_rename, file_symlink, target_filename);

static __always_inline enum field source_field(enum event_type type)
{
	return type == EVENT_file_rename ? FIELD_file_rename_source_filename
	       : type == EVENT_file_link ? FIELD_file_link_source_filename
					 : FIELD_file_symlink_source_filename;
}

static __always_inline enum field target_field(enum event_type type)
{
	return type == EVENT_file_rename   ? FIELD_file_rename_target_filename
	       : type == EVENT_file_link   ? FIELD_file_link_target_filename
	       : type == EVENT_file_delete ? FIELD_file_delete_target_filename
	       : type == EVENT_file_event  ? FIELD_file_event_target_filename
					   : FIELD_file_symlink_target_filename;
}

/* At the exit of a call: begins an event whose act is done. Returns whether it is to be
 * examined. */
static __always_inline bool event_begin_after(struct event *e, enum event_type type, bool two,
					      struct exec_work *exec)
{
	const __u32 origin = ORIGIN(sys_exit, sys_exit, 0);

	if ((two ? event_begin_two(e, type, origin) : event_begin(e, type, origin)) <= 0)
		return false;
	if (!exec) {
		event_unexamined(e);
		return false;
	}
	e->after = true;
	return true;
}

/* `type`: file_event or file_delete. */
__noinline int one_name_called(__u32 type, __s32 directory, __u64 pointer)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!event_begin_after(&e, type, false, exec))
		return 0;
	given_resolve(e.work, &exec->image, directory, pointer, TEXT_MAX);
	return path_end(&e, SLOT_file_event_target_filename, target_field(type),
			PLACE(file_event, target_filename));
}

/* `type`: file_rename, file_link or file_symlink. `directories`: the source's, and in the
 * upper half the target's. */
__noinline int two_names_called(__u32 type, __u64 directories, __u64 source, __u64 target)
{
	struct exec_work *exec = exec_work_get();
	struct event e;

	if (!event_begin_after(&e, type, true, exec))
		return 0;
	if (type == EVENT_file_symlink) {
		string_taken(e.other,
			     bpf_probe_read_user_str(e.other->byte, TEXT_MAX, (const void *)source),
			     TEXT_MAX);
	} else {
		given_resolve(e.work, &exec->image, (__u32)directories, source, TEXT_MAX);
		text_take(e.other, &e.work->text);
	}
	other_end(&e, SLOT_file_rename_source_filename, source_field(type),
		  PLACE(file_rename, source_filename));
	given_resolve(e.work, &exec->image, directories >> 32, target, TEXT_MAX);
	return path_end(&e, SLOT_file_rename_target_filename, target_field(type),
			PLACE(file_rename, target_filename));
}

#define DIRECTORIES(source, target) ((__u32)(source).directory | (__u64)(target).directory << 32)

/* In an exchange each name becomes the other. */
static __always_inline void name_called(const struct name_call *call)
{
	const struct given_name source = call->source, target = call->target;

	if (call->type == EVENT_file_delete || call->type == EVENT_file_event) {
		one_name_called(call->type, target.directory, target.pointer);
		return;
	}
	two_names_called(call->type, DIRECTORIES(source, target), source.pointer, target.pointer);
	if (call->exchange)
		two_names_called(call->type, DIRECTORIES(target, source), target.pointer,
				 source.pointer);
}
