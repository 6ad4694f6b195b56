/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs of the kernel side a tier uses, and for what.
 */
#ifndef FERMATA_HOOKS_H
#define FERMATA_HOOKS_H

#include "sensor/tier.h"

/* What must be so for a program to be loaded. */
enum hook_need {
	NEED_ALWAYS, /* tagging, and who a process is */
	NEED_EVENT, /* some rule is about the event */
	NEED_REFUSAL, /* some rule about the event refuses or kills */
};

struct hook {
	const char *program; /* its name in bpf/ */
	enum shell shell;
	enum hook_need need;
	enum event_type event; /* with NEED_EVENT and NEED_REFUSAL */
	const char *copy_of; /* a program that does the same: see bpf/shell.bpf.h */
};

/* Ended by a NULL program. */
extern const struct hook hook_table[];

/* Whether the tier, on this kernel, takes the hook for this policy. */
bool hook_wanted(const struct hook *hook, const struct tier_probe *probe, enum tier tier,
		 const struct policy *policy);

#endif
