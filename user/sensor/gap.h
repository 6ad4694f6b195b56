/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that some way of seeing an event cannot tell, or not always: for `doctor`, so that
 * nobody takes their absence for news.
 */
#ifndef FERMATA_GAP_H
#define FERMATA_GAP_H

#include "sensor/plan.h"

struct gap {
	enum event_type event;
	enum shell shell;
	const char *field; /* Sigma name; NULL ends the table */
	const char *why;
};

extern const struct gap gap_table[];

/* Whether it is one on this kernel. */
bool gap_is_here(const struct gap *gap, const struct plan *plan);

#endif
