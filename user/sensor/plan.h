/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs do the work on this kernel: by event, the strongest shell of which nothing
 * has failed. The sensor enters what fails (absent, refused by the verifier, attached and
 * never run) and plans anew, so that a hook that one kernel lacks falls back alone.
 */
#ifndef FERMATA_PLAN_H
#define FERMATA_PLAN_H

#include <stdbool.h>

#include "policy.h"
#include "sensor/hooks.h"
#include "sensor/tier.h"

struct failure {
	const char *step; /* constant: what failed, in words; NULL: nothing did */
	int error; /* of the step, positive; 0: there is none */
};

/* What no kernel should do. */
extern const char plan_silent[], plan_ignored[];

/* The failure in words, in `text`. */
const char *failure_text(const struct failure *failure, char *text, size_t size);

struct plan {
	enum tier tier; /* no stronger shell is used */
	bool everything; /* all programs, also those that the policy does not need */
	bool every_event; /* they are recorded: also those that no rule is about */
	bool pre_empted; /* a task can be pre-empted inside of a tracepoint's program */
	bool marks; /* rules name files: see sensor/marks.h */
	bool skips; /* the kernel may skip fmod_ret: others examine what it was kept from */
	struct failure failed[HOOK_MAX][SHELL_MAX];
};

/* Enters what can be told without loading anything. */
void plan_init(struct plan *ret_plan, enum tier tier);

/* The hook cannot be had in that shell. The first failure is kept. Returns whether it was
 * news. */
bool plan_fail(struct plan *plan, enum hook hook, enum shell shell, const char *step, int error);

/* The same of all hooks of the shell. */
void plan_fail_shell(struct plan *plan, enum shell shell, const char *step, int error);

/* Whether a tracepoint that agents are followed by failed: then nothing can be watched. */
bool plan_tagging_failed(const struct plan *plan);

/* Of the shell's first hook that failed; NULL: not one did. */
const struct failure *plan_shell_failure(const struct plan *plan, enum shell shell);

/* Of a plan of everything: whether anything of the shell was tried, or found not to work. */
bool plan_shell_tried(const struct plan *plan, enum shell shell);

/* Whether any hook can be had in that shell. */
bool plan_shell_works(const struct plan *plan, enum shell shell);

/* What an event is seen by, SHELL_none: by nothing. */
enum shell plan_event(const struct plan *plan, enum event_type event);

/* Whether what the kernel keeps the program from is examined by another, in the same call, so
 * that nothing is lost by it: fmod_ret has others behind it, and they have it before them. */
bool plan_backs(const struct plan *plan, const struct program *program,
		const struct policy *policy);

/* Whether the files that rules name are marked: where their opening is else killed. */
bool plan_marks(const struct plan *plan);

/* Whether the program is loaded for this policy. */
bool plan_wants(const struct plan *plan, const struct program *program,
		const struct policy *policy);

/* EVENT_BIT of the events that sys_exit has to see. */
__u32 plan_sys_exit_events(const struct plan *plan, const struct policy *policy);

/* Whether sys_exit stands behind no other shell, nor keeps what is condemned from going on: the
 * hooks of lsm do. */
bool plan_sys_exit_alone(const struct plan *plan);

/* EVENT_BIT of the events that packets have to be looked at for. */
__u32 plan_packet_events(const struct plan *plan, const struct policy *policy);

/* Whether every sending on a socket is seen, so that it need not be asked what cgroup a packet
 * comes from. */
bool plan_knows_senders(const struct plan *plan);

/* Whether names of addresses are learnt. */
bool plan_names(const struct plan *plan, const struct policy *policy);

/* The tier that results: that of the strongest shell of which something works. */
enum tier plan_tier(const struct plan *plan);

#endif
