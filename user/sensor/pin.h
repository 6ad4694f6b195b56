/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel side that outlives the process that loaded it: its maps, programs and links
 * pinned in a directory of a bpffs. It goes on watching and stopping as its policy says;
 * sensor_open() with `pinned` adopts it. An unmounted bpffs loses all that is pinned there.
 *
 *	DIRECTORY/maps, /programs, /links, /about	names have no dots: bpffs takes none
 */
#ifndef FERMATA_PIN_H
#define FERMATA_PIN_H

#include "sensor/plan.h"

#define DIGEST_SIZE 32

struct sensor;

/* What a pinned kernel side says about itself, in the map `about`. */
struct pinned {
	__u8 object[DIGEST_SIZE]; /* SHA-256 of the BPF object: only the same version adopts it */
	__u64 tier; /* enum tier */
	__u64 failed[SHELL_MAX][HOOK_WORDS]; /* hooks that could not be had in that shell */
};

/* Makes the directory, empty: before loading, which takes its time. -EEXIST: it is there;
 * -EMEDIUMTYPE: it would not be in a bpffs; -EPERM: bpffs does not take the name. */
int pin_place(const char *directory);

/*
 * Pins a sensor that was loaded (not adopted), without a cgroup, in what pin_place() made:
 * each owner attaches the cgroup programs to the cgroup of its own agents. All of it stays
 * after sensor_close(). On failure nothing is left, nor the directory.
 */
int sensor_pin(struct sensor *sensor, const char *directory);

/* Removes the pins, and with them all that no process holds. -EBUSY: it is in use; -ENOENT. */
int pin_remove(const char *directory);

/* Reads `about`. -ESTALE: another version pinned it; -ENOENT: there is nothing, or it was
 * not pinned to its end. */
int pin_read(const char *directory, struct pinned *ret_pinned);

/* The plan that was found when it was loaded. -errno of pin_read(). */
int pin_plan(const char *directory, struct plan *ret_plan);

/* Makes the caller the owner until the descriptor is closed. -EBUSY: another process is. */
int pin_lock(const char *directory);

#endif
