/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Between who answers for the marks (user/sensor/answer.c) and the program that decides
 * (bpf/hooks/mark.bpf.h): a task waits in the opening of a file that a rule names.
 */
#ifndef FERMATA_QUESTION_H
#define FERMATA_QUESTION_H

#include "decide.h"

/* Parameters of the iterator, which is run over the one task. */
struct question {
	__u32 descriptor; /* of the file, in the process that asks */
	__u32 early; /* EARLY_NAMED, or EARLY_ASSUME: `atoms` says nothing */
	struct text name; /* that the rule gave; of length 0: none */
	struct facts atoms; /* that hold of the name and that the kernel cannot evaluate */
};

/* What it writes; nothing when there is no such task any more. */
struct answer {
	__u64 session; /* 0: the task is no agent's */
	__u32 process_id; /* as the process that asks sees it */
	__u8 refuse;
	__u8 kill; /* the process */
	__u8 pad[2];
};

#endif
