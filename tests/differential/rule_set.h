/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that are read and compiled, those that have errors left out.
 */
#ifndef FERMATA_RULE_SET_H
#define FERMATA_RULE_SET_H

#include "base/buffer.h"
#include "rules/compile.h"

struct rule_set {
	struct ruleset *rules;
	struct compiled *compiled;
};

/* -errno; what is wrong has been told on standard output. */
int rule_set_read(struct rule_set *set, const char *const *paths, size_t count, __u64 generation);
void rule_set_done(struct rule_set *set);

/* Writes a rule file. -EIO. */
int rule_set_write(const char *path, const struct buffer *text);

#endif
