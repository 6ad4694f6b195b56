/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/renewal.h"

#include "base/cleanup.h"
#include "pipeline/facts.h"
#include "pipeline/process_table.h"

struct renewing {
	const struct policy *policy;
	renewal_fn take;
	void *context;
};

static int program_renew(const struct renewing *renewing, const struct program *program)
{
	struct program_facts facts = { .generation = renewing->policy->generation };
	struct bytes texts[3];

	if (!program || !program->key.time)
		return 0;
	texts[0] = program->image;
	texts[1] = program->command_line;
	texts[2] = program->current_directory;
	facts_compute(&facts.own, renewing->policy, FIELD_fact_image, texts, ARRAY_SIZE(texts));
	facts_compute(&facts.as_parent, renewing->policy, FIELD_fact_parent_image, texts, 2);
	facts.own.incomplete |= program->incomplete;
	if (program->incomplete & 1)
		facts.as_parent.incomplete |= 1u << (FIELD_fact_parent_image - FIELD_fact_image);
	return renewing->take(renewing->context, &program->key, &facts);
}

static int process_renew(void *context, const struct process *process)
{
	int r = process->past ? 0 : program_renew(context, process->program);

	return r || process->past ? r : program_renew(context, process->parent_program);
}

int renew(const struct process_table *table, const struct policy *policy, renewal_fn take,
	  void *context)
{
	struct renewing renewing = { policy, take, context };

	return process_table_each(table, process_renew, &renewing);
}
