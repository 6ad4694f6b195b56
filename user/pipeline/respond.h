/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user side does about a decision: it finishes the sessions that the kernel
 * condemned, and answers the matches that the kernel could not decide.
 */
#ifndef FERMATA_RESPOND_H
#define FERMATA_RESPOND_H

#include "pipeline/decision.h"
#include "pipeline/session.h"

/*
 * Carries it out through the responder and notes it in decision->outcome. A deny
 * cannot be had any more: it stays an alert that says what was asked for. `session` may
 * be NULL, when it is not known. Returns 0 or the responder's error, for telling.
 */
int respond(const struct responder *responder, const struct event_view *view,
	    struct session *session, const struct ruleset *rules, struct decision *decision);

#endif
