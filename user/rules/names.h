/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that rules on file_open name: they are known by their identity too, whatever name
 * they are opened by, and a mark on the file can refuse what the portable tier can otherwise
 * only kill after.
 */
#ifndef FERMATA_NAMES_H
#define FERMATA_NAMES_H

#include "rules/compile.h"
#include "rules/pattern.h"
#include "rules/strings.h"

struct rule_names {
	/* Whatever the rule matches is a file that it names without a wildcard, and the
	 * kernel decides it alone: a mark refuses all that the rule refuses, of the files
	 * that are there. */
	bool served;
};

struct name {
	/* Its wildcards are here within a path component; of one that begins with a
	 * wildcard, see names_expand(). */
	struct pattern path;
	bool refused; /* by some rule that refuses or kills: to be marked */
};

struct names {
	struct name *list; /* each path once */
	size_t count, capacity;
	struct rule_names *rules; /* by rule index */
};

/* Finds them. 0 or -errno of dnf_make(), -ENOMEM. */
int names_find(struct names *ret_names, const struct ruleset *ruleset,
	       const struct compiled *compiled);
void names_done(struct names *names);

/* Puts names below the homes that there are in the place of those that begin with any
 * directory: files elsewhere are not looked for. 0 or -ENOMEM. */
int names_expand(struct names *names, const struct strings *homes);

/* Whether any is to be marked. */
bool names_refused(const struct names *names);

/* Whether every file is there that the rule names without a wildcard. */
bool names_exist(const struct rule *rule);

#endif
