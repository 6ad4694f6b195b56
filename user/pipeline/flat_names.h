/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of a flat line's members, found by hash: each line has some thirty of them.
 */
#ifndef FERMATA_FLAT_NAMES_H
#define FERMATA_FLAT_NAMES_H

#include "pipeline/event_view.h"

/* Members that are not fields: see flat_event.h and recording.h. */
#define FLAT_MEMBERS(M)                                                                            \
	M(schema, "schema")                                                                        \
	M(category, "category")                                                                    \
	M(timestamp, "@timestamp")                                                                 \
	M(time, "time")                                                                            \
	M(incomplete, "incomplete")                                                                \
	M(done, "done")                                                                            \
	M(tier, "tier")                                                                            \
	M(recording, "recording")                                                                  \
	M(loss, "loss")                                                                            \
	M(count, "count")                                                                          \
	M(matches, "matches")                                                                      \
	M(folded, "folded")                                                                        \
	M(steps, "steps")                                                                          \
	M(unnamed, "unnamed")                                                                      \
	M(asked, "asked")                                                                          \
	M(verdict, "verdict")                                                                      \
	M(version, "version")                                                                      \
	M(boot_id, "boot_id")                                                                      \
	M(policy_sha256, "policy_sha256")                                                          \
	M(meaning, "meaning")

enum flat_name {
	FLAT_NAME_field, /* of some events */
#define M(name, ...) FLAT_NAME_##name,
	FLAT_MEMBERS(M)
#undef M
		FLAT_NAME_MAX
};

#define FLAT_NO_FIELD (-1)

struct flat_known {
	const char *name;
	size_t length;
	enum flat_name id;
	short field[EVENT_MAX]; /* enum field, or FLAT_NO_FIELD; by event */
};

#define FLAT_NAMES_SIZE 512 /* a power of two, several times as many as there are names */

/* Filled by flat_names_init(). */
struct flat_names {
	struct flat_known row[FLAT_NAMES_SIZE];
};

void flat_names_init(struct flat_names *names);

/* The name, or NULL when nobody knows it. */
const struct flat_known *flat_names_find(const struct flat_names *names, struct bytes name);

#endif
