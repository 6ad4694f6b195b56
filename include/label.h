/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Labels: a file by its identity, and the name by which rules know it, whatever name it is
 * opened by. The user side labels files that rules name (user/sensor/placing.c), the kernel
 * side those that an agent links or renames (bpf/label.bpf.h).
 */
#ifndef FERMATA_LABEL_H
#define FERMATA_LABEL_H

#include "match.h"

#define LABELS_MAX 4096 /* beyond it a file is known by the name it is opened by: LOSS_label */

struct file_identity {
	__u64 inode;
	__u32 device; /* as the kernel holds it: its first 12 bits are the major number */
	__u32 pad;
};

struct label {
	__u64 generation; /* of the inode: another that gets its number is another file */
	struct text name;
};

/* Asks who the file behind a descriptor is (bpf/label.bpf.h, file_identify). */
struct identity_question {
	__u32 descriptor;
	__u32 found; /* 1: there is such a file */
	struct file_identity file;
	__u64 generation;
};

/*
 * Which files may have a label, by the last bits of their inode number: one look tells most
 * that have none. Bits are set before a label is made and never taken back.
 */
#define LABEL_WORDS 64
#define LABEL_WORD(inode) ((inode) / 64 % LABEL_WORDS)
#define LABEL_BIT(inode) (1ull << (inode) % 64)

#endif
