/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel file systems, whether they are mounted or not.
 */
#ifndef FERMATA_MOUNT_H
#define FERMATA_MOUNT_H

/* Returns a descriptor of the root of a mount of our own that nobody sees and that ends with
 * the descriptor. -errno. */
int filesystem_make(const char *type);

/*
 * Returns a descriptor of the root of the file system `type` (cgroup2, tracefs): of a mount
 * of our own, else, as sandboxes may refuse that, of where it is mounted. -ENODEV: neither.
 */
int filesystem_open(const char *type);

#endif
