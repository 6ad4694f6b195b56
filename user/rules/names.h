/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that rules name: where a mark on the file can refuse what the portable tier
 * can otherwise only kill after.
 */
#ifndef FERMATA_NAMES_H
#define FERMATA_NAMES_H

#include "rules/compile.h"
#include "rules/pattern.h"

struct rule_names {
	/* Whatever the rule matches is a file that it names without a wildcard, and the
	 * kernel decides it alone: a mark refuses all that the rule refuses, of the files
	 * that are there. */
	bool served;
};

struct names {
	/* Paths of detections on file_open that refuse or kill: as patterns, whose
	 * wildcards are here within a path component. Each once. */
	struct pattern *list;
	size_t count, capacity;
	struct rule_names *rules; /* by rule index */
};

/* Finds them. 0 or -errno of dnf_make(), -ENOMEM. */
int names_find(struct names *ret_names, const struct ruleset *ruleset,
	       const struct compiled *compiled);
void names_done(struct names *names);

/* Whether every file is there that the rule names without a wildcard. */
bool names_exist(const struct rule *rule);

#endif
