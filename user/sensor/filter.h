/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell `seccomp`: refuses to an agent's tree the system calls by which an act would get
 * past the other shells of the portable tier, as far as loaded rules are about such acts.
 */
#ifndef FERMATA_FILTER_H
#define FERMATA_FILTER_H

#include <linux/filter.h>

#include "policy.h"
#include "sensor/plan.h"

#define FILTER_MAX 160 /* instructions */
#define FILTER_NAMES_MAX 512

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short count; /* 0: nothing is to be refused */
	char names[FILTER_NAMES_MAX]; /* of what is refused, for a message */
};

/* What rules that refuse or kill need. */
void filter_make(struct filter *ret_filter, const struct policy *policy);

/* Puts it on the calling process, for good, and on all that it makes. Needs CAP_SYS_ADMIN,
 * as it leaves programs that gain privileges as they are. 0 or -errno. */
int filter_install(const struct filter *filter);

/* Tries it in a throw-away child. Returns whether the call was refused, else why not. */
bool filter_probe(struct failure *ret_failure);

#endif
