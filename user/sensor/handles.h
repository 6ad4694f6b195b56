/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel side's maps and programs by descriptor, wherever they come from: an object
 * that was loaded, or pins.
 */
#ifndef FERMATA_HANDLES_H
#define FERMATA_HANDLES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct bpf_object;
struct plan;
struct policy;

/* The maps that the user side works with, by their names in bpf/ (bss: its variables). */
#define SENSOR_MAPS(M)                                                                             \
	M(tags)                                                                                    \
	M(agents)                                                                                  \
	M(chains)                                                                                  \
	M(policies)                                                                                \
	M(renewals)                                                                                \
	M(verdict_ring)                                                                            \
	M(telemetry_ring)                                                                          \
	M(counters)                                                                                \
	M(seeds)                                                                                   \
	M(questions)                                                                               \
	M(owners)                                                                                  \
	M(peers)                                                                                   \
	M(labels)                                                                                  \
	M(bss)

enum sensor_map {
#define M(name) MAP_##name,
	SENSOR_MAPS(M)
#undef M
		MAP_MAX
};

extern const char *const sensor_map_table[MAP_MAX];

struct handle {
	const char *name; /* of a program in bpf/ */
	int fd;
	__u64 skipped; /* how often the kernel had not run it when it began to be needed */
	/* by a policy that was in force, where no other examines the same in the same call */
	bool needed;
};

struct handles {
	int map[MAP_MAX]; /* -1: none */
	struct handle *programs;
	size_t count;
	bool owned; /* the descriptors are closed with it */
};

/* Holds nothing, and is done. */
#define HANDLES_NONE ((struct handles) { .map = { [0 ... MAP_MAX - 1] = -1 } })

/* Those of a loaded object, which keeps them. -ENOMEM, or -ENOENT: it lacks a map. */
int handles_of_object(struct handles *handles, const struct bpf_object *object);

/* Those that are pinned in DIRECTORY/maps and DIRECTORY/programs. -errno: of a map that is
 * missing; a program that is missing was not loaded. */
int handles_of_pins(struct handles *handles, const char *directory);

void handles_done(struct handles *handles);

/* NULL: it was not loaded. */
const struct handle *handles_program(const struct handles *handles, const char *name);

/* Counts from here on what the programs are kept from that the policy needs. What is pinned has
 * programs that nobody needs now. */
void handles_need(struct handles *handles, const struct plan *plan, const struct policy *policy);

/* How often the kernel kept all copies of a program from running, summed over the programs
 * that were needed, but for what others examine in the same call; see bpf/shell.bpf.h. */
__u64 handles_skipped(const struct handles *handles);

#endif
