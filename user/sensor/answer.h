/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers to openings of marked files. Tasks of the whole host wait for them: so who
 * gives them does nothing else, and opens no file.
 */
#ifndef FERMATA_ANSWER_H
#define FERMATA_ANSWER_H

#include "pipeline/confirm.h"
#include "sensor/mark_table.h"

struct answering {
	int group; /* of fanotify, with FAN_REPORT_TID */
	int tags; /* the map */
	struct question *question; /* in its map */
	int program; /* file_mark */
	struct mark_table *table;
	struct confirmer *confirmer; /* of the policy */
	bool observe; /* then what cannot be examined is allowed */
};

/* Answers one event; waits for it. Returns -errno when there will be none any more. */
int answer_one(const struct answering *answering);

#endif
