/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes of bytes in regular expressions: `[a-f_]`, `\d` and their like, as sets.
 */
#ifndef FERMATA_REGEX_CLASS_H
#define FERMATA_REGEX_CLASS_H

#include <stdbool.h>
#include <stddef.h>

/* Adds the class that `\` and this letter stand for. Returns false when they are none. */
bool regex_class_letter(bool set[256], unsigned char letter);

/* The byte that an escape stands for, after its backslash: *ret_length is how long it is.
 * -1 when it is something else, or not understood. */
int regex_escaped_byte(const unsigned char *at, size_t left, size_t *ret_length);

/*
 * Reads a class after its `[`. Returns how many bytes it takes, with the `]`, or 0 when it
 * is not understood.
 */
size_t regex_class_read(bool set[256], const unsigned char *at, size_t left, bool ignore_case);

#endif
