/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results of tests in the XML that build servers read (JUnit's).
 */
#ifndef FERMATA_JUNIT_H
#define FERMATA_JUNIT_H

#include "base/buffer.h"

struct junit {
	struct buffer cases;
	unsigned long tests, failures;
};

#define JUNIT_MAX (64u << 20) /* bytes */

/* Adds a result; `failure` says why it failed, NULL: it passed. */
void junit_add(struct junit *junit, const char *class, const char *name, const char *failure);

/* Writes the file. 0 or -errno. */
int junit_write(const struct junit *junit, const char *suite, const char *path);

#endif
