/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What did not get through, by cause: the kernel's counters, gaps in the sequence
 * numbers that those do not explain, and what the user side had to drop.
 */
#ifndef FERMATA_LOSS_H
#define FERMATA_LOSS_H

#include "agent.h"
#include "base/cleanup.h"

/* Causes on the user side, after the kernel's (enum loss). */
/* clang-format off */
#define USER_LOSSES(L)                                                         \
	L(sequence_gap, "records are missing from the rings, and no counter says why") \
	L(record,       "a record was malformed and was dropped")                      \
	L(rule,         "a match named a rule that the policy does not have")          \
	L(match,        "more rules matched one event than a record can name")         \
	L(evidence,     "no memory to keep events as evidence, or too many groups of them") \
	L(group,        "correlations had more groups in a session than are followed") \
	L(value,        "a correlation had more values in its time span than are kept") \
	L(evaluation,   "an event could not be confirmed on the user side")            \
	L(alert,        "an alert could not be put into words")                        \
	L(alert_log,    "the alert log did not take a record")                         \
	L(recording,    "the recording did not take an event")                         \
	L(readable,     "standard error did not take a line at once")
/* clang-format on */
enum user_loss {
	USER_LOSS_before = LOSS_MAX - 1,
#define L(name, ...) USER_LOSS_##name,
	USER_LOSSES(L)
#undef L
		LOSS_CAUSES
};

struct loss_cause {
	const char *name;
	const char *meaning;
};

extern const struct loss_cause loss_table[LOSS_CAUSES];

struct losses;

int losses_new(struct losses **ret_losses);
void losses_free(struct losses *losses);
DEFINE_CLEANUP(struct losses *, losses_free)

/* The first record of a ring and CPU that will come has this number, instead of 0. To be told
 * before any comes. -EINVAL, -ENOMEM: the CPU cannot be followed. */
int losses_expect(struct losses *losses, enum ring_kind ring, __u32 cpu, __u64 first);

/* Takes note of a record's number. Records of one CPU may come in another order than their
 * numbers. -EINVAL, -ENOMEM: the CPU cannot be followed. */
int losses_sequence(struct losses *losses, enum ring_kind ring, __u32 cpu, __u64 sequence);

/* Counts `count` more of a cause of the user side. */
void losses_count(struct losses *losses, enum user_loss cause, __u64 count);

/* The kernel's running totals. Gaps that they do not explain become losses when they
 * are still there at the next call: a record may be on its way. */
void losses_update(struct losses *losses, const __u64 counters[LOSS_MAX]);

/* How many of this cause since it was taken last, and takes them. */
__u64 losses_take(struct losses *losses, unsigned int cause);

#endif
