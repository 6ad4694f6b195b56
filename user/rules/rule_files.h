/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files rules are read from: the paths that were given, and what is in those
 * that are folders.
 */
#ifndef FERMATA_RULE_FILES_H
#define FERMATA_RULE_FILES_H

#include "rules/diagnostic.h"
#include "rules/rule.h"

#define RULE_FILES_MAX 20000 /* more are refused, and those before are read */
#define RULE_FOLDERS_DEPTH_MAX 32 /* folders in folders; deeper ones are refused */

/*
 * Lists the files: a file that is given, whatever its name; of a folder all `*.yml` and
 * `*.yaml` in it and below, in byte order of their paths, without those whose name or
 * folder begins with a dot and without maestro.yml. A file that was listed already
 * (the same inode) is not listed twice. 0; -errno when a given path does not exist or
 * cannot be read, and then *files, empty before, holds those of the other paths; all
 * diagnosed.
 */
int rule_files_find(struct strings *files, const char *const *paths, size_t count,
		    struct diagnostics *diagnostics);

#endif
