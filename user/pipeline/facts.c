/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/facts.h"

#include <string.h>

#include "pipeline/texts.h"

void facts_compute(struct facts *ret_facts, const struct policy *policy, enum field first,
		   const struct bytes *values, size_t count)
{
	struct work work = { 0 };
	struct matching matching = { &work, policy, &work.text };
	/* a program's own facts only need what events other than its execution test */
	struct keeping keeping = { &work, policy, ret_facts, 0,
				   first == FIELD_fact_image ? ATOM_KEPT : 0 };
	enum field list =
		first >= FIELD_agent_agent_name ? FIELD_agent_agent_name : FIELD_fact_image;
	__u32 all = 0;

	*ret_facts = (struct facts) { 0 };
	for (size_t i = 0; i < count; i++) {
		__u32 bit = 1u << (first + i - list);

		all |= bit;
		if (!values[i].data)
			continue;
		text_fill(&work.text, first + i, values[i]);
		if (work.text.incomplete)
			ret_facts->incomplete |= bit;
		match_text(&matching, first + i);
	}
	keep_facts(&keeping, ret_facts->incomplete, all);
}
