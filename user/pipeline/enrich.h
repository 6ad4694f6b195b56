/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins to an event what the record does not carry: the texts of the program and of its
 * parent, of the agent, and what only the user side knows.
 */
#ifndef FERMATA_ENRICH_H
#define FERMATA_ENRICH_H

#include <limits.h>

#include "base/cleanup.h"
#include "pipeline/event_view.h"
#include "pipeline/process_table.h"

struct enricher;

/* Finds the path of a cgroup in the v2 hierarchy by its id. 0 or -errno. */
typedef int (*cgroup_path_fn)(__u64 id, char path[PATH_MAX]);

/* `root` is in front of /proc; borrowed. The table is borrowed too. `cgroup_path` may be
 * NULL. */
int enricher_new(struct enricher **ret_enricher, struct process_table *table, const char *root,
		 cgroup_path_fn cgroup_path);
void enricher_free(struct enricher *enricher);
DEFINE_CLEANUP(struct enricher *, enricher_free)

/* What is known about an agent; NULL: no value. */
struct agent_texts {
	const char *name, *id, *profile;
};

/*
 * Completes `view` in place; but of a record that no rule matched, and whose process has its
 * facts in words already (process_table_keep_facts()), nothing but the process and the
 * user, because nobody asks for more. `agent` may be NULL. What cannot be found stays without a
 * value. Added texts are borrowed until the next call. ProcessGuid is BOOT-PID-START:
 * the kernel's boot id, the process id in decimal, the start time in ns since boot in
 * hexadecimal; the three are never the same again.
 */
void enrich(struct enricher *enricher, const struct agent_texts *agent, struct event_view *view);

/* The container id in a cgroup path: 64 hexadecimal digits that are a component, alone
 * or as in docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope.
 * The innermost one; no value when there is none. */
struct bytes container_id(struct bytes cgroup_path);

#endif
