/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a file that someone else wrote: read whole, bounded, and known to be
 * UTF-8 without characters that YAML forbids. Comes before document.c.
 */
#ifndef FERMATA_SOURCE_H
#define FERMATA_SOURCE_H

#include <stddef.h>

#include "rules/diagnostic.h"

#define SOURCE_SIZE_MAX (4u << 20) /* bytes of one file; a larger one is refused */

/*
 * Reads `file`. The caller frees *ret_text, which is NUL-terminated and has no other
 * NUL. Never waits: FIFOs, devices and the like are refused. Everything is
 * diagnosed. -EINVAL: the content is not acceptable; another -errno: the file cannot
 * be read.
 */
int source_read(char **ret_text, size_t *ret_length, const char *file,
		struct diagnostics *diagnostics);

#endif
