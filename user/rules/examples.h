/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `tests` block of a rule: events on which it fires or does not. It is checked and kept
 * when the rule is read, so that a mistake in it shows at once; `rules test` runs it. The
 * events are kept as flat lines (pipeline/flat_event.h), which is how they are evaluated.
 */
#ifndef FERMATA_EXAMPLES_H
#define FERMATA_EXAMPLES_H

#include "base/cleanup.h"
#include "base/fields.h"
#include "rules/node.h"

#define EXAMPLES_MAX 256 /* of a rule; more are an error */
#define EXAMPLE_EVENTS_MAX 256 /* of an example; the same */
#define EXAMPLE_LINE_MAX (64u << 10) /* bytes of an event; the same */

struct example_event {
	struct place place;
	__u64 after; /* ns since the event before it; 0 where the file has none */
	char *line; /* owned; without a newline */
};

struct example {
	struct place place;
	bool fires;
	struct example_event *events;
	size_t count;
};

struct examples {
	struct example *list;
	size_t count;
};

/* NULL is allowed. */
void examples_free(struct examples *examples);
DEFINE_CLEANUP(struct examples *, examples_free)

/* 0, -EINVAL (diagnosed, as many mistakes as there are) or -ENOMEM. */
int examples_read(struct examples **ret_examples, const struct node *node,
		  struct diagnostics *diagnostics);

#endif
