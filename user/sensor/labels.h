/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels files in the kernel side: see include/label.h.
 */
#ifndef FERMATA_LABELS_H
#define FERMATA_LABELS_H

#include "label.h"

struct labels {
	int map, program; /* of the kernel side: `labels`, and file_identify */
};

/*
 * Gives the file of that name in an open directory the label; one that it has is replaced.
 * Symbolic links are not followed. -errno: of the opening; -ENOSPC: no room; -ENOMEM.
 */
int labels_set(const struct labels *labels, int directory, const char *name, const char *label,
	       struct file_identity *ret_file);

void labels_remove(const struct labels *labels, const struct file_identity *file);

#endif
