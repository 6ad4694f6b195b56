/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canaries: harmless acts, at least one for each event, and ways around a monitor from the
 * catalogue (tests/live/README.md), by the names that they have there. `fermata selftest` has
 * them done under rules that are about them, and looks at what comes out of the pipe.
 */
#ifndef FERMATA_CANARY_H
#define FERMATA_CANARY_H

#include <stdbool.h>

#include "event.h"

struct canary {
	const char *name; /* NULL ends the table */
	/* a Sigma key and value beside the command line, by which a rule knows the act; "%s" in
	 * the value is the ground's path; NULL: none is needed */
	const char *key, *value;
	/* Does it, on the ground (a descriptor of its directory): 0, the errno of what failed, or
	 * UNTRIED (sensor/trial_acts.h). */
	int (*act)(int ground);
	enum event_type event;
	/* what is asked for is not there, so that the call fails, and is seen only by who is asked
	 * before: harmless, where to do it would not be */
	bool fails;
	/* its child is what the rule is about */
	bool child;
};

extern const struct canary canary_table[];
#define CANARIES_MAX 96

/* NULL: there is none of that name. */
const struct canary *canary_find(const char *name);

/* Lays out what the acts work on in an empty directory. 0 or -errno. */
int canary_ground_lay(int ground);

/* user/selftest/packet_acts.c: what leaves in packets. */
int act_datagram(int ground);
int act_query(int ground);
int act_hello(int ground);
int act_mapped(int ground);
int act_fastopen(int ground);
int act_many(int ground);
int act_vsock(int ground);

/* user/selftest/evasion_acts.c: ways to a file or a program. */
int act_symlink_read(int ground);
int act_hardlink_read(int ground);
int act_proc_root_read(int ground);
int act_openat2(int ground);
int act_handle_read(int ground);
int act_bind_mount_read(int ground);
int act_chroot_read(int ground);
int act_double_fork(int ground);
int act_setsid(int ground);
int act_vfork_read(int ground);
int act_thread_fork(int ground);
int act_compat_read(int ground);
int act_memfd(int ground);

#endif
