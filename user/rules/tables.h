/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the atoms that clauses have are found: for each field the intervals, bits or
 * literals, for each event the lists and the fields that it needs.
 */
#ifndef FERMATA_TABLES_H
#define FERMATA_TABLES_H

#include "rules/atom.h"
#include "rules/automaton.h"
#include "rules/clause.h"

#define SET_BITS 64

struct field_tables {
	__u32 exists; /* place in the lists */
	struct intervals intervals; /* num, bool, one, ip */
	__u32 bits[SET_BITS]; /* set: places in the lists */
	size_t bit_count;
};

struct event_tables {
	__u64 use; /* by slot */
	__u32 always, enforcing; /* places in the lists */
};

struct tables {
	struct field_tables field[FIELD_MAX];
	struct event_tables event[EVENT_MAX];
};

void tables_done(struct tables *tables);

/*
 * Makes the tables, adds the literals to the automaton and links it. The clauses are
 * sorted. -E2BIG: limit of automaton_add(), or with *ret_field less than FIELD_MAX more
 * than BOUNDS_MAX intervals there, tables->field[].intervals.count; -ENOSPC:
 * lists_add(); -ENOMEM. `tables` is to be released in any case.
 */
int tables_make(struct tables *tables, const struct atoms *atoms, const struct clauses *clauses,
		struct automaton *automaton, struct lists *lists, enum field *ret_field);

#endif
