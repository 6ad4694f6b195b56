/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that the command of `run` has from its caller. What can be read through them was
 * opened by nobody that is watched; so the child opens it once more, in its own name.
 */
#ifndef FERMATA_INHERITED_H
#define FERMATA_INHERITED_H

/*
 * In the child, when it is tagged and has not executed yet: opens every file again that a
 * descriptor which it keeps may be read through (regular files, directories, block devices). Each
 * is a file_open like any other: told, recorded, a step of correlations. One that is refused is
 * closed; of the first three, the null device takes its place. Descriptors beyond INHERITED_MAX
 * are closed as if they were refused.
 */
#define INHERITED_MAX 1024
void inherited_examine(void);

#endif
