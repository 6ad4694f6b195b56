/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules ask for, against what the loaded kernel side does: said before anything is
 * started, never silently weakened.
 */
#ifndef FERMATA_SHORTFALLS_H
#define FERMATA_SHORTFALLS_H

#include "sensor/strength.h"

/* Whether every rule that refuses or kills has what it requires, and `require` at least; says
 * which have not. Returns a status of the program. */
int shortfalls_check(const struct plan *plan, const struct judged *judged,
		     enum requirement require);

/* Tells the hooks that failed where they should not, and the rules that get less than they ask
 * for. */
void shortfalls_tell(const struct plan *plan, const struct judged *judged);

#endif
