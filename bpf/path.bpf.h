/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From a struct path to the path's text: symlinks and `..` are gone by then, and no
 * user memory is read. The text is written backwards, from the end of the buffer. It
 * does not stop at the task's root: a chroot is not a path.
 *
 * Two walks: over typed pointers up to the root of the mount, which costs a third of
 * reading by probe, and by probe from there on (struct mount cannot be reached typed on
 * 6.1), or all the way where the file is not typed (sys_exit).
 */
#ifndef FERMATA_PATH_H
#define FERMATA_PATH_H

#include <bpf/bpf_core_read.h>

#include "maps.bpf.h"

#define COMPONENTS_MAX 256
#define RENAME_RETRIES 8

/* Of rename_lock, which counts up twice with every rename and is odd while one runs
 * (fs/dcache.c). 0: this kernel's symbol table does not have it. */
volatile __u64 rename_lock_address;

/* Run once by the loader. As a __ksym, libbpf would read all of /proc/kallsyms for it. */
SEC("syscall")
int find_symbols(void *context)
{
	static const char name[] = "rename_lock";
	__u64 address = 0;

	if (!bpf_kallsyms_lookup_name(name, sizeof(name), 0, &address))
		rename_lock_address = address;
	return 0;
}

static __always_inline __u32 rename_count(void)
{
	__u64 address = rename_lock_address;
	__u32 count = 0;

	if (address)
		bpf_probe_read_kernel(&count, sizeof(count), (const void *)address);
	return count;
}

/* Puts "/name" before what is there. Returns whether it fitted. */
static __always_inline bool text_prepend(struct text *text, __u32 length, const void *name)
{
	__u32 offset = text->offset;

	if (length > 255 || offset < length + 1) {
		text->incomplete = 1;
		return false;
	}
	offset -= length;
	bpf_probe_read_kernel(&text->byte[offset & (TEXT_MAX - 1)], length & 0xff, name);
	offset -= 1;
	text->byte[offset & (TEXT_MAX - 1)] = '/';
	text->offset = offset;
	return true;
}

struct walk {
	struct dentry *dentry;
	struct dentry *root; /* of the mount */
	struct text *text;
};

static long walk_step(__u32 i, struct walk *w)
{
	struct dentry *dentry = w->dentry, *parent = dentry->d_parent;

	if ((unsigned long)dentry == (unsigned long)w->root) {
		w->text->partly = (unsigned long)dentry != (unsigned long)parent;
		return 1;
	}
	if ((unsigned long)dentry == (unsigned long)parent)
		return 1;
	if (!text_prepend(w->text, dentry->d_name.len, dentry->d_name.name))
		return 1;
	w->dentry = parent;
	return 0;
}

/* What the walk by probe needs of a dentry and of a mount: fields that follow one another,
 * so that one read has them all. */
struct dentry_head {
	struct dentry *parent;
	__u32 hash, length;
	const unsigned char *name;
};

static __always_inline void dentry_read(struct dentry *dentry, struct dentry_head *ret)
{
	unsigned int at = bpf_core_field_offset(struct dentry, d_parent);

	if (bpf_core_field_offset(struct dentry, d_name.len) == at + 12 &&
	    bpf_core_field_offset(struct dentry, d_name.name) == at + 16) {
		bpf_probe_read_kernel(ret, sizeof(*ret), (void *)dentry + at);
		return;
	}
	ret->parent = BPF_CORE_READ(dentry, d_parent);
	ret->length = BPF_CORE_READ(dentry, d_name.len);
	ret->name = BPF_CORE_READ(dentry, d_name.name);
}

static __always_inline void mount_read(struct mount *mount, struct mount_head *ret)
{
	unsigned int at = bpf_core_field_offset(struct mount, mnt_parent);

	if (bpf_core_field_offset(struct mount, mnt_mountpoint) == at + 8 &&
	    bpf_core_field_offset(struct mount, mnt.mnt_root) == at + 16) {
		bpf_probe_read_kernel(ret, sizeof(*ret), (void *)mount + at);
		return;
	}
	ret->above = (unsigned long)BPF_CORE_READ(mount, mnt_parent);
	ret->mountpoint = (unsigned long)BPF_CORE_READ(mount, mnt_mountpoint);
	ret->root = (unsigned long)BPF_CORE_READ(mount, mnt.mnt_root);
}

/* From the root of the mount to where it is mounted. Returns false at the uppermost. */
static __always_inline bool climb_mount(struct text *text)
{
	__u64 above = text->head.above;

	text->dentry = 0;
	if (!above || above == text->mount)
		return false;
	text->dentry = text->head.mountpoint;
	text->mount = above;
	mount_read((void *)above, &text->head);
	return true;
}

/* The same by probe, from text->dentry in text->mount, and through mount points. */
static long climb_step(__u32 i, struct text **of)
{
	struct text *text = *of;
	struct dentry_head dentry;

	if (text->dentry == text->head.root)
		return !climb_mount(text);
	dentry_read((void *)text->dentry, &dentry);
	if ((unsigned long)dentry.parent == text->dentry)
		return !climb_mount(text);
	if (!text_prepend(text, dentry.length, dentry.name))
		return 1;
	text->dentry = (unsigned long)dentry.parent;
	return 0;
}

static __always_inline unsigned long mount_of(const struct vfsmount *mnt)
{
	return (unsigned long)mnt - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline void text_begin_path(struct text *text)
{
	text->offset = TEXT_MAX;
	text->incomplete = 0;
}

/* From text->dentry and text->mount upwards; completes the text. */
static __always_inline void climb(struct text *text)
{
	mount_read((void *)text->mount, &text->head);
	bpf_loop(COMPONENTS_MAX, climb_step, &text, 0);
	if (text->dentry)
		text->incomplete = 1;
	if (text->offset == TEXT_MAX) {
		text->offset = TEXT_MAX - 1;
		text->byte[TEXT_MAX - 1] = '/';
	}
	text->length = TEXT_MAX - text->offset;
}

struct resolving {
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct text *text;
};

static long resolve_attempt(__u32 i, struct resolving *r)
{
	struct text *text = r->text;
	struct walk w = { r->dentry, r->mnt->mnt_root, text };

	text_begin_path(text);
	text->renames = rename_count();
	bpf_loop(COMPONENTS_MAX, walk_step, &w, 0);
	if (!text->incomplete) {
		text->dentry = (unsigned long)w.dentry;
		text->mount = mount_of(r->mnt);
		climb(text);
	} else {
		text->length = TEXT_MAX - text->offset;
	}
	return !(text->renames & 1) && text->renames == rename_count();
}

/* A rename may have moved a directory while it was walked: then once more, and after
 * RENAME_RETRIES attempts the text counts as incomplete. */
static __always_inline void path_resolve(struct dentry *dentry, struct vfsmount *mnt,
					 struct text *text)
{
	struct resolving r = { dentry, mnt, text };

	/* most need one attempt, and a loop of one costs more than none */
	if (resolve_attempt(0, &r))
		return;
	if (bpf_loop(RENAME_RETRIES, resolve_attempt, &r, 0) >= RENAME_RETRIES &&
	    (text->renames & 1 || text->renames != rename_count()))
		text->incomplete = 1;
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

struct climbing {
	unsigned long dentry, mount;
	struct text *text;
};

static long climb_attempt(__u32 i, struct climbing *c)
{
	struct text *text = c->text;

	text_begin_path(text);
	text->renames = rename_count();
	text->dentry = c->dentry;
	text->mount = c->mount;
	climb(text);
	return !(text->renames & 1) && text->renames == rename_count();
}

static __always_inline void path_climb(struct climbing *c)
{
	struct text *text = c->text;

	if (bpf_loop(RENAME_RETRIES, climb_attempt, c, 0) >= RENAME_RETRIES &&
	    (text->renames & 1 || text->renames != rename_count()))
		text->incomplete = 1;
}

/* The same for a file that is known by its address only. */
static __always_inline void path_resolve_untyped(struct file *file, struct text *text)
{
	struct climbing c = { (unsigned long)BPF_CORE_READ(file, f_path.dentry),
			      mount_of(BPF_CORE_READ(file, f_path.mnt)), text };

	path_climb(&c);
}

/* The path within the file system, whatever of it is mounted where. */
static __always_inline void path_within(struct text *text, unsigned long dentry)
{
	struct climbing c = { dentry, 0, text };

	path_climb(&c);
}

/* Of the mounts of a file system, the one that was mounted first and is still there. The
 * list became one of struct mount itself in 6.18. */
static __always_inline unsigned long mount_first(struct super_block *super)
{
	unsigned long first;

	if (!bpf_core_field_exists(((struct mount *)0)->mnt_instance))
		return (unsigned long)BPF_CORE_READ((struct super_block___mounts *)super, s_mounts);
	first = (unsigned long)BPF_CORE_READ(super, s_mounts.next);
	if (first == (unsigned long)super + bpf_core_field_offset(struct super_block, s_mounts))
		return 0;
	return first - bpf_core_field_offset(struct mount, mnt_instance);
}

/* The same for a dentry of which no mount is known: as seen through the first of its file
 * system, whichever the caller came by. */
static __always_inline void path_resolve_dentry(unsigned long dentry, struct text *text)
{
	struct climbing c = { dentry, mount_first(BPF_CORE_READ((struct dentry *)dentry, d_sb)),
			      text };

	path_climb(&c);
	if (!c.mount)
		text->incomplete = 1;
}

#endif
