/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of an event under their ECS names, for alerts and their evidence.
 */
#ifndef FERMATA_EVENT_JSON_H
#define FERMATA_EVENT_JSON_H

#include "base/clock.h"
#include "base/json_tree.h"
#include "pipeline/event_view.h"

enum event_json_extent {
	EVENT_JSON_ALL, /* every field that has a value */
	EVENT_JSON_BRIEF, /* who and what: the process's program and the event's own fields */
};

/*
 * Adds the fields, `@timestamp` and `event.action`. Types are those of ECS: ids
 * that it has as keywords (user.id, file.inode) are strings. The clock turns boot
 * time into wall time.
 */
void event_json_add(struct json_tree *tree, const struct event_view *view, struct clock *clock,
		    enum event_json_extent extent);

#endif
