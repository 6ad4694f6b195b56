/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing lists of owned strings: tags, references, names of files.
 */
#ifndef FERMATA_STRINGS_H
#define FERMATA_STRINGS_H

#include <stdbool.h>

#include "rules/rule.h"

/* Appends a copy. 0 or -ENOMEM, and then nothing has changed. */
int strings_add(struct strings *strings, const char *string);

bool strings_have(const struct strings *strings, const char *string);

/* Frees the strings and leaves an empty list. */
void strings_done(struct strings *strings);

#endif
