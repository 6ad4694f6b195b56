/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The atoms that hold for strings that the kernel side has not seen itself: of the
 * program that runs already when it is tagged, and of the agent.
 */
#ifndef FERMATA_FACTS_H
#define FERMATA_FACTS_H

#include "agent.h"
#include "pipeline/event_view.h"

/*
 * Computes the facts of `count` values, the first of which is the value of the field
 * `first`, the next of the field after it, and so on; all of them are FACT_FIELDS or
 * AGENT_FIELDS. A value without data does not exist. Bits of ret_facts->incomplete
 * count from the first field of the list: of ParentImage 3. When more atoms hold than
 * fit, all these fields are incomplete.
 */
void facts_compute(struct facts *ret_facts, const struct policy *policy, enum field first,
		   const struct bytes *values, size_t count);

#endif
