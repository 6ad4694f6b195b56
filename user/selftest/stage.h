/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage: `fermata run` over an agent that does every canary, each in a process of its own,
 * under rules that are about them; and what came of each, as the agent and as the alert log
 * have it. The whole pipe is between the two.
 */
#ifndef FERMATA_STAGE_H
#define FERMATA_STAGE_H

#include <stdbool.h>

#include "selftest/canary.h"

enum stage {
	STAGE_seen, /* the rules only tell */
	STAGE_refused, /* they refuse */
	STAGE_MAX
};

/* What the agent says of an act. */
enum answer { ANSWER_none, ANSWER_done, ANSWER_refused, ANSWER_failed, ANSWER_untried };

/* What the alert log says of it. */
enum told { TOLD_nothing, TOLD_alerted, TOLD_denied, TOLD_killed };

struct seen {
	enum answer answer;
	int error; /* of ANSWER_failed */
	enum told told;
	bool after; /* the act had taken effect */
};

/* Writes the rules of the stage to `path`. 0 or -errno. */
int stage_rules(const char *path, enum stage stage, const char *ground);

/*
 * Holds it in the directory, whose file STAGE.yml has the rules, with the ground that is in it.
 * `tier` may be NULL. By row of canary_table. 0; -errno; -EINTR: stage_interrupt(); -ECHILD: `run` would not start, and
 * said why on stderr.
 */
int stage_hold(const char *directory, enum stage stage, const char *tier,
	       struct seen ret_seen[CANARIES_MAX]);

/* Of a signal handler: the stage ends, with its agent, and no other begins. */
void stage_interrupt(void);

/* What the agent is, and what its children are; exit statuses. */
int stage_act(const char *stage, const char *directory);
int stage_act_one(const char *canary, const char *directory);

extern const char *const stage_table[STAGE_MAX];

#endif
