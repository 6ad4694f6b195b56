/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the test's user side and its program in the kernel: one event that is to be
 * decided, and what became of it.
 */
#ifndef FERMATA_SUBJECT_H
#define FERMATA_SUBJECT_H

#include "decide.h"

/* Where the event's own texts are, as many as SUBJECT_OWN_MAX, or those of an execution. */
enum subject_text {
	SUBJECT_DIRECTORY,
	SUBJECT_IMAGE,
	SUBJECT_ARGUMENTS,
	SUBJECT_TEXTS,
};
#define SUBJECT_OWN_MAX 2

struct subject_own {
	__u32 field; /* enum field */
	__u32 slot; /* of that field */
};

struct subject {
	struct record record; /* its numbers, and the texts that are there, in `present` */
	struct tag tag; /* who acts: facts of the program and its parent */
	struct agent agent; /* facts of the agent */
	struct text text[SUBJECT_TEXTS]; /* each at its place in the buffer, like a hook's */
	struct subject_own own[SUBJECT_OWN_MAX];
	__u32 own_count, pad;
	__u32 name_length, interpreter_length;
	__u8 name[NAME_MAX_CAPTURE];
	__u8 interpreter[NAME_MAX_CAPTURE];
};

struct decided {
	__u64 count; /* counts up with each event that went to the end */
	__u64 matched; /* what decide_event() returned */
	__u64 incomplete;
	__u64 generation;
	struct verdict verdict;
	__u64 rule[RULES_MAX / 64]; /* matched for certain */
	__u64 candidate[RULES_MAX / 64]; /* matched as far as the kernel sees */
	__u64 early[RULES_MAX / 64]; /* matched for certain before the program was executed */
	struct tag tag; /* of an execution: the facts that were kept */
};

#endif
