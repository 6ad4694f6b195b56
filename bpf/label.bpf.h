/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Identity beside path: the name that a file has for the rules, when it is opened by another
 * one. See include/label.h for who gives labels. A file without one that is reached through
 * a mount of a part of its file system (a bind mount, a detached one) has its path within the
 * file system as other name.
 */
#ifndef FERMATA_LABEL_BPF_H
#define FERMATA_LABEL_BPF_H

#include "record.bpf.h"
#include "verdict.bpf.h"

volatile __u64 label_bits[LABEL_WORDS];

/* Full: counted, and the file is known by its new name only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LABELS_MAX);
	__type(key, struct file_identity);
	__type(value, struct label);
} labels SEC(".maps");

static __always_inline bool label_likely(__u64 inode)
{
	return label_bits[LABEL_WORD(inode)] & LABEL_BIT(inode);
}

static __always_inline void label_expect(__u64 inode)
{
	__sync_fetch_and_or(&label_bits[LABEL_WORD(inode)], LABEL_BIT(inode));
}

static __always_inline struct file_identity identity_of(struct inode *inode)
{
	return (struct file_identity) { BPF_CORE_READ(inode, i_ino),
					BPF_CORE_READ(inode, i_sb, s_dev), 0 };
}

/* Run by the user side, in the process that has the descriptor. The file may get a label
 * from then on. */
SEC("syscall")
int file_identify(struct identity_question *question)
{
	struct file *file = file_installed(bpf_get_current_task_btf(), question->descriptor);
	struct file_identity identity;
	struct inode *inode;

	if (!file)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	identity = identity_of(inode);
	question->file.inode = identity.inode;
	question->file.device = identity.device;
	question->generation = BPF_CORE_READ(inode, i_generation);
	label_expect(identity.inode);
	question->found = 1;
	return 0;
}

#define TEXT_WORD(text, at) (*(__u64 *)&(text)->byte[(at) & (TEXT_MAX - 1)])

struct comparing {
	struct text *one, *other;
};

static long text_differs(__u32 i, struct comparing *c)
{
	struct text *one = c->one, *other = c->other;
	__u32 at = 8 * i, left = one->length - at;
	__u64 difference;

	if (at >= one->length)
		return 0;
	difference = TEXT_WORD(one, one->offset + at) ^ TEXT_WORD(other, other->offset + at);
	if (left < 8)
		difference &= (1ull << (8 * left)) - 1;
	return !!difference;
}

static __always_inline bool texts_same(struct text *one, struct text *other)
{
	struct comparing c = { one, other };
	/* with one step that compares nothing, so that a difference ends before the last */
	__u32 steps = one->length / 8 + 2;

	return one->length == other->length && bpf_loop(steps, text_differs, &c, 0) == steps;
}

/* Copies a text to the start of another's buffer. */
static __always_inline void text_take(struct text *text, const struct text *from)
{
	__u32 length = from->length;

	opaque(length);
	if (length > TEXT_MAX)
		length = TEXT_MAX;
	bpf_probe_read_kernel(text->byte, length, &from->byte[from->offset & (TEXT_MAX - 1)]);
	text->offset = 0;
	text->length = length;
	text->incomplete = from->incomplete;
}

/*
 * Of the file that is opened, whose path is in work->text and its dentry with it: finds its
 * other name and lets the atoms hold that are true of it. Returns whether there is one.
 */
__noinline int other_match(struct work *work, struct text *other)
{
	struct file_identity identity;
	struct dentry *dentry;
	struct label *label;
	struct inode *inode;

	if (!work || !other)
		return 0;
	dentry = (struct dentry *)work->text.dentry;
	inode = BPF_CORE_READ(dentry, d_inode);
	identity = identity_of(inode);
	label = bpf_map_lookup_elem(&labels, &identity);
	if (label && label->generation == BPF_CORE_READ(inode, i_generation))
		text_take(other, &label->name);
	else if (work->text.partly)
		path_within(other, (unsigned long)dentry);
	else
		return 0;
	if (texts_same(&work->text, other))
		return 0;
	match_field(work, other, FIELD_file_open_other_filename);
	match_field(work, other, FIELD_file_open_target_filename);
	return 1;
}

/* Labels a file with the name that it is linked or renamed from, if rules look at that. The
 * name is the event's second text, and its dentry with it. */
__noinline int label_keep(struct work *work)
{
	/* 6.1 takes no argument of a function for the value of a map */
	struct label *label = bpf_task_storage_get(&others, bpf_get_current_task_btf(), 0, 0);
	struct file_identity identity;
	struct label *present;
	struct dentry *dentry;
	struct inode *inode;
	__u32 held;

	if (!work || !label)
		return 0;
	dentry = (struct dentry *)label->name.dentry;
	inode = BPF_CORE_READ(dentry, d_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	held = work->held_count;
	match_field(work, &label->name, FIELD_file_open_target_filename);
	if (work->held_count == held)
		return 0;
	identity = identity_of(inode);
	label->generation = BPF_CORE_READ(inode, i_generation);
	present = bpf_map_lookup_elem(&labels, &identity);
	if (present && present->generation == label->generation)
		return 0;
	label_expect(identity.inode);
	if (bpf_map_update_elem(&labels, &identity, label, BPF_ANY))
		count_loss(LOSS_label);
	return 0;
}

#endif
