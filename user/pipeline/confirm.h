/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests that only the user side can make: patterns, regular expressions, comparisons
 * of fields, parts of a moment. Made once for a policy image; of an event only the tests
 * are examined whose gate holds in it. Comes after the matcher, hands to the decider.
 */
#ifndef FERMATA_CONFIRM_H
#define FERMATA_CONFIRM_H

#include "base/cleanup.h"
#include "match.h"
#include "pipeline/event_view.h"

struct confirmer;

/* `policy` is borrowed, compiled here or checked. -EINVAL: a regular expression does not
 * compile; -ENOMEM. */
int confirmer_new(struct confirmer **ret_confirmer, const struct policy *policy);
void confirmer_free(struct confirmer *confirmer);
DEFINE_CLEANUP(struct confirmer *, confirmer_free)

/* Tests that were given up, because a regular expression took too long: they count as
 * false. */
struct undecided {
	size_t count;
	__u16 atom; /* of one of them */
};

/* Lets the user atoms hold that are true of the event, whose other atoms hold already. */
void confirmer_confirm(struct confirmer *confirmer, struct work *work,
		       const struct event_view *view, struct undecided *ret_undecided);

/* Lists the user atoms of `field` in `event` that are true of a text alone, `most` at most.
 * Returns how many there are. */
size_t confirmer_text_atoms(struct confirmer *confirmer, enum event_type event, enum field field,
			    struct bytes text, __u16 *atoms, size_t most);

#endif
