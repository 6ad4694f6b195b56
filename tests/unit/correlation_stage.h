/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlations from their text, and sequences of events on which they fire: through the real
 * reader, compiler and evaluator, once as a replay decides and once as the kernel side and
 * the live user side do together. Both must say the same of every correlation.
 */
#ifndef FERMATA_CORRELATION_STAGE_H
#define FERMATA_CORRELATION_STAGE_H

#include "pipeline/decision.h"
#include "rule_builder.h"
#include "rule_text.h"

/*
 * The steps: a … h are files whose name has that letter, q is a file 'q*z' (which the user
 * side has to confirm), n is any connection, m one to port 80, x the end of a process.
 */
#define STAGE_DOCUMENT(name, block, more)                                                          \
	"---\ntitle: " name "\nname: " name "\ncorrelation: {" block "}\n" more
/* The correlation that is looked at, and others. */
#define T(block) STAGE_DOCUMENT("t", block, "")
#define OTHER(name, block) STAGE_DOCUMENT(name, block, "")

struct stage_case {
	const char *name;
	const char *rules; /* T(…) and others */
	/*
	 * Events, with a space between: [SESSION:]WHAT[/ATTRIBUTE]…@SECONDS[+NS]. WHAT is the
	 * letters of a file's name, nPORT, or xRUNTIME. Attributes: iIMAGE, uUSER, dDIRECTORY
	 * (which events do not have otherwise, but for user 0), sPORT (source port).
	 */
	const char *events;
	/* of `t`, a character an event: F it fires, f it holds and was told before, or '.' */
	const char *expected;
	bool user; /* the user side decides */
};

struct stage {
	struct rule_read read;
	struct compiled *compiled;
	struct evaluator *replay, *kernel, *live;
	struct decision decision; /* of the kernel and the live user side together */
	struct verdict verdict; /* of the replay */
	__u16 rule; /* t */
};

/* Reads and compiles. False: something is wrong, which was told. */
bool stage_open(struct stage *stage, const char *rules);
void stage_close(struct stage *stage);

/* Makes the event of that text (see struct stage_case), which it cuts off; returns whether
 * there was one. */
bool stage_event(struct built_event *event, const char **text);

/* Puts an event through both. Returns F, f or '.' of `t`, or '!' when they do not agree. */
char stage_play(struct stage *stage, struct built_event *event);

/* Plays cases, and tells which are wrong. */
void stage_run(const struct stage_case *cases, size_t count);

#endif
