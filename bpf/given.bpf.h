/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A path as the caller gave it, where the kernel's own is gone when we look (a removed file
 * at the exit of its call): below the directory that it is relative to, which is resolved.
 * `//`, `/./` and leading `..` are taken out; a `..` further on makes it incomplete. Links
 * among its directories are not followed, and another thread may have rewritten it since.
 */
#ifndef FERMATA_GIVEN_H
#define FERMATA_GIVEN_H

#include "path.bpf.h"

#define AT_FDCWD (-100)
#define PART 256 /* bytes copied at a time: what is behind a text's end */

/* Where the loops find their operands. Their state is in the work: `position` bytes are
 * clean, `state` has the last four of them, `hits` directories are to be climbed. */
struct given {
	struct work *work;
	struct text *raw;
};

#define LAST(n) (0xffffffffu >> (32 - 8 * (n)))

/* The end counts as a slash. Writes never pass what is read. */
static long given_byte(__u32 i, struct given *g)
{
	struct work *work = g->work;
	__u32 last = work->state, at = work->position;
	__u32 byte = i < g->raw->length ? g->raw->byte[i & (TEXT_MAX - 1)] : '/';

	if (byte == '/') {
		if ((last & LAST(1)) == '/')
			return 0;
		if ((last & LAST(2)) == ('/' << 8 | '.')) {
			work->position = at - 1;
			work->state = '/';
			return 0;
		}
		if ((last & LAST(3)) == ('/' << 16 | '.' << 8 | '.')) {
			work->state = '/';
			if (at == 2) {
				work->position = 0;
				work->hits++;
				return 0;
			}
			work->text.incomplete = 1;
		}
	}
	g->raw->byte[at & (TEXT_MAX - 1)] = byte;
	work->position = at + 1;
	work->state = last << 8 | byte;
	return 0;
}

/* Reads it and takes out what is not needed. What is left is at the start of raw->byte,
 * without the first slash of an absolute one; returns whether it is that. */
static __always_inline bool given_read(struct given *g, const void *pointer, __u32 most)
{
	struct work *work = g->work;
	long length;
	bool absolute;

	opaque(most);
	if (most >= TEXT_MAX)
		most = TEXT_MAX - 1;
	length = bpf_probe_read_user_str(g->raw->byte, most + 1, pointer);
	absolute = length > 1 && g->raw->byte[0] == '/';

	g->raw->length = length > 1 ? length - 1 : 0;
	if (length <= 1 || length >= TEXT_MAX)
		work->text.incomplete = 1;
	work->position = 0;
	work->hits = 0;
	work->state = '/';
	bpf_loop(g->raw->length + 1, given_byte, g, 0);
	if (work->position && (work->state & LAST(1)) == '/')
		work->position--;
	return absolute;
}

/* Puts bytes that a call was given into the text, NULs and all. */
static __always_inline void string_given(struct text *text, __u64 pointer, __u32 length)
{
	text->offset = 0;
	text->length = 0;
	text->incomplete = 0;
	opaque(length);
	if (length >= NAME_MAX_CAPTURE)
		return;
	text->length = length;
	bpf_probe_read_user(text->byte, length, (const void *)pointer);
}

static long given_part(__u32 i, struct given *g)
{
	__u32 length = g->work->position, at = i * PART, part;

	if (at >= length)
		return 1;
	part = length - at;
	opaque(part);
	if (part > PART)
		part = PART;
	bpf_probe_read_kernel(&g->work->text.byte[(g->work->cursor + at) & (TEXT_MAX - 1)], part,
			      &g->raw->byte[at & (TEXT_MAX - 1)]);
	return 0;
}

/* Puts it at the end of the text, with a slash before it. */
static __always_inline void given_place(struct given *g)
{
	struct text *text = &g->work->text;

	text->offset = TEXT_MAX;
	if (!g->work->position)
		return;
	if (g->work->position >= TEXT_MAX) {
		text->incomplete = 1;
		return;
	}
	g->work->cursor = TEXT_MAX - g->work->position;
	bpf_loop(TEXT_MAX / PART, given_part, g, 0);
	text->offset = g->work->cursor - 1;
	text->byte[text->offset & (TEXT_MAX - 1)] = '/';
}

static long given_climb(__u32 i, struct text **of)
{
	struct text *text = *of;
	struct dentry_head dentry;

	if (text->dentry == text->head.root && !climb_mount(text))
		return 1;
	dentry_read((void *)text->dentry, &dentry);
	text->dentry = (unsigned long)dentry.parent;
	return 0;
}

struct giving {
	struct given *given;
	unsigned long dentry, mount; /* what it is relative to */
};

static long given_attempt(__u32 i, struct giving *g)
{
	struct work *work = g->given->work;
	struct text *text = &work->text;

	text->renames = rename_count();
	text->dentry = g->dentry;
	text->mount = g->mount;
	text->offset = work->cursor;
	mount_read((void *)text->mount, &text->head);
	bpf_loop(work->hits, given_climb, &text, 0);
	climb(text);
	return !(text->renames & 1) && text->renames == rename_count();
}

/* `base`: the directory that a relative path begins in. Completes work->text; `raw` is
 * scratch. */
static __always_inline void path_given(struct work *work, struct text *raw, const void *pointer,
				       __u32 most, const struct path *base)
{
	struct given given = { work, raw };
	struct giving g = { &given };
	struct text *text = &work->text;
	bool absolute;

	text->incomplete = 0;
	absolute = given_read(&given, pointer, most);
	given_place(&given);
	if (absolute) {
		text->length = TEXT_MAX - text->offset;
		return;
	}
	g.dentry = (unsigned long)BPF_CORE_READ(base, dentry);
	g.mount = mount_of(BPF_CORE_READ(base, mnt));
	work->cursor = text->offset;
	if (bpf_loop(RENAME_RETRIES, given_attempt, &g, 0) >= RENAME_RETRIES &&
	    (text->renames & 1 || text->renames != rename_count()))
		text->incomplete = 1;
}

#endif
