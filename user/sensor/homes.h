/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The home directories of who logs in to this host: where files are looked for that rules name
 * in any directory. As /etc/passwd has them.
 */
#ifndef FERMATA_HOMES_H
#define FERMATA_HOMES_H

#include "rules/strings.h"

#define HOMES_MAX 64 /* of more, the files of the others are known by their paths only */

/* Adds those of root and of users from UID 1000 on (login.defs(5): UID_MIN) that exist, each
 * once, as the kernel writes them. 0 or -ENOMEM. */
int homes_find(struct strings *homes);

#endif
