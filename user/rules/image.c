/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every table has its place before the first byte is written: sizes are summed up, the
 * sum is compared with the limit, then the tables are filled in.
 */
#include "rules/image.h"

#include <errno.h>
#include <string.h>

#include "rules/confirm_rows.h"
#include "rules/policy_image.h"

/* The tables in the order in which they follow the head of the image. */
enum section {
	SECTION_lists,
	SECTION_atoms,
	SECTION_clauses,
	SECTION_rules,
	SECTION_steps,
	SECTION_correlations,
	SECTION_details,
	SECTION_keys,
	SECTION_numbers,
	SECTION_bounds,
	SECTION_bits,
	SECTION_confirms,
	SECTION_spans,
	SECTION_patterns,
	SECTION_automaton,
	SECTION_MAX
};

struct image {
	const struct image_parts *parts;
	struct policy *policy;
	size_t section_size[SECTION_MAX];
	size_t at[SECTION_MAX]; /* while a section is filled: where it goes on */
	size_t size;
};

/* Whether the event has a field of numbers that its rules test. */
static bool event_tests_number(const struct tables *tables, enum event_type event,
			       const struct field_info *field)
{
	return field->origin != ORIGIN_enriched && field->kind != KIND_text &&
	       (field->event < 0 || field->event == (int)event) &&
	       tables->event[event].use >> field->slot & 1;
}

static void measure_fields(struct image *image)
{
	const struct tables *tables = image->parts->tables;
	size_t *size = image->section_size;

	for (size_t i = 0; i < FIELD_MAX; i++) {
		size[SECTION_bounds] +=
			tables->field[i].intervals.count * sizeof(struct policy_bound);
		size[SECTION_bits] += tables->field[i].bit_count * sizeof(__u32);
		for (size_t event = 0; event < EVENT_MAX; event++)
			if (event_tests_number(tables, event, &field_table[i]))
				size[SECTION_numbers] += sizeof(struct policy_number);
	}
}

static void measure_confirms(struct image *image)
{
	size_t *size = image->section_size;
	struct confirm_parts sizes;

	confirm_rows_measure(&sizes, image->parts->atoms);
	size[SECTION_confirms] = sizes.rows;
	size[SECTION_spans] = sizes.spans;
	size[SECTION_patterns] = sizes.patterns;
}

/* Only the user side reads the details of correlations. */
static void measure_details(struct image *image)
{
	const struct ruleset *ruleset = image->parts->ruleset;

	for (size_t i = 0; i < ruleset->count; i++) {
		const struct rule *rule = ruleset->rules[i];

		if (rule->condition || !image->parts->rules[i].confirm)
			continue;
		image->section_size[SECTION_details] += sizeof(struct policy_detail);
		image->section_size[SECTION_keys] +=
			(rule->group_by.count + rule->fields.count) * sizeof(struct policy_key);
	}
}

static void image_measure(struct image *image)
{
	const struct image_parts *parts = image->parts;
	size_t *size = image->section_size;

	size[SECTION_lists] = lists_size(parts->lists);
	size[SECTION_atoms] = atoms_count(parts->atoms) * sizeof(struct policy_atom);
	size[SECTION_clauses] = parts->clauses->count * sizeof(struct policy_clause);
	size[SECTION_rules] = parts->ruleset->count * sizeof(struct policy_rule);
	size[SECTION_steps] = parts->steps->count * sizeof(struct policy_step);
	size[SECTION_correlations] =
		parts->steps->correlation_count * sizeof(struct policy_correlation);
	size[SECTION_automaton] = automaton_size(parts->automaton);
	measure_details(image);
	measure_fields(image);
	measure_confirms(image);
	image->size = sizeof(struct policy);
	for (size_t i = 0; i < SECTION_MAX; i++) {
		image->at[i] = image->size;
		image->size += (size[i] + 7) & ~(size_t)7;
	}
}

/* What takes the most comes first in mind: the automaton, and what it is made of. */
static int image_too_large(const struct image *image, struct diagnostics *diagnostics)
{
	const struct automaton *automaton = image->parts->automaton;
	const size_t *size = image->section_size;
	const struct place place = { .file = "policy" };

	return diagnose(diagnostics, SEVERITY_ERROR, &place,
			"the rules need %zu bytes, the limit is %u: %zu for texts (%zu states "
			"of %zu bytes), %zu for lists, %zu for clauses, %zu for numbers, %zu "
			"for all else",
			image->size, POLICY_SIZE_MAX, size[SECTION_automaton],
			automaton_states(automaton), automaton_row_size(automaton),
			size[SECTION_lists], size[SECTION_clauses], size[SECTION_bounds],
			image->size - size[SECTION_automaton] - size[SECTION_lists] -
				size[SECTION_clauses] - size[SECTION_bounds]);
}

/* Takes `size` bytes of a section. */
static void *image_take(struct image *image, enum section section, size_t size)
{
	void *taken = (char *)image->policy + image->at[section];

	image->at[section] += size;
	return taken;
}

/* The offset of a list in the image. */
static __u32 list_offset(const struct image *image, __u32 place)
{
	size_t start = image->at[SECTION_lists];

	return place ? start + place : 0;
}

static void clauses_write(struct image *image)
{
	const struct clauses *clauses = image->parts->clauses;
	struct policy_atom *atoms = (void *)((char *)image->policy + image->at[SECTION_atoms]);

	for (size_t i = 0; i < atoms_count(image->parts->atoms); i++)
		if (atoms_get(image->parts->atoms, i)->events & ~(1u << EVENT_process_creation))
			atoms[i].flags |= ATOM_KEPT;
	for (size_t i = 0; i < clauses->count; i++) {
		const struct clause *clause = &clauses->list[i];
		struct policy_clause *written =
			image_take(image, SECTION_clauses, sizeof(*written));

		written->rule = clause->rule;
		written->event = clause->event;
		written->flags = clause->confirm ? CLAUSE_CONFIRM : 0;
		written->count = clause->count;
		memcpy(written->literal, clause->literal, sizeof(written->literal));
		if (!atoms[clause->pivot].count++)
			atoms[clause->pivot].first = i;
	}
}

static void rules_write(struct image *image)
{
	const struct image_parts *parts = image->parts;
	const struct steps *steps = parts->steps;

	for (size_t i = 0; i < parts->ruleset->count; i++) {
		const struct rule *rule = parts->ruleset->rules[i];
		const struct rule_steps *of = &steps->rules[i];
		struct policy_rule *written = image_take(image, SECTION_rules, sizeof(*written));
		size_t steps_size = (of->kernel + of->user) * sizeof(struct policy_step);

		written->response = rule->response;
		if (rule->silent)
			written->flags |= RULE_SILENT;
		if (!rule->condition)
			written->flags |= RULE_CORRELATION;
		if (!rule->condition && parts->rules[i].confirm)
			written->flags |= RULE_USER;
		written->step_levels = of->levels;
		written->step_count = of->kernel;
		written->user_step_count = of->user;
		written->steps = image->at[SECTION_steps];
		memcpy(image_take(image, SECTION_steps, steps_size), steps->list + of->first,
		       steps_size);
	}
}

/* Returns where it is. */
static __u32 detail_write(struct image *image, const struct rule *rule)
{
	size_t keys_size = (rule->group_by.count + rule->fields.count) * sizeof(struct policy_key);
	__u32 offset = image->at[SECTION_details];
	struct policy_detail *written = image_take(image, SECTION_details, sizeof(*written));

	memcpy(written->threshold, rule->threshold,
	       rule->threshold_count * sizeof(*rule->threshold));
	written->threshold_count = rule->threshold_count;
	written->percentile = rule->percentile;
	written->group_count = rule->group_by.count;
	written->value_count = rule->fields.count;
	written->keys = image->at[SECTION_keys];
	if (keys_size)
		memcpy(image_take(image, SECTION_keys, keys_size), rule->keys, keys_size);
	return offset;
}

static void correlations_write(struct image *image)
{
	const struct steps *steps = image->parts->steps;

	for (size_t i = 0; i < steps->correlation_count; i++) {
		struct policy_correlation *written =
			image_take(image, SECTION_correlations, sizeof(*written));

		*written = steps->correlations[i];
		if (image->parts->rules[written->rule].confirm)
			written->detail =
				detail_write(image, image->parts->ruleset->rules[written->rule]);
	}
}

static void bounds_write(struct image *image, const struct intervals *intervals)
{
	for (size_t i = 0; i < intervals->count; i++) {
		struct policy_bound *bound = image_take(image, SECTION_bounds, sizeof(*bound));

		*bound = intervals->bounds[i];
		bound->list = list_offset(image, bound->list);
	}
}

static void fields_write(struct image *image)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_tables *tables = &image->parts->tables->field[i];
		struct policy_field *field = &image->policy->field[i];

		field->exists = list_offset(image, tables->exists);
		if (field_table[i].kind == KIND_set) {
			field->table = image->at[SECTION_bits];
			field->count = tables->bit_count;
		} else if (field_table[i].kind != KIND_text && field_table[i].kind != KIND_time) {
			field->table = image->at[SECTION_bounds];
			field->count = tables->intervals.count;
		}
		bounds_write(image, &tables->intervals);
		for (size_t k = 0; k < tables->bit_count; k++)
			*(__u32 *)image_take(image, SECTION_bits, sizeof(__u32)) =
				list_offset(image, tables->bits[k]);
	}
}

static void numbers_write(struct image *image, enum event_type id)
{
	struct policy_event *event = &image->policy->event[id];

	event->numbers = image->at[SECTION_numbers];
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct field_info *field = &field_table[i];

		if (!event_tests_number(image->parts->tables, id, field))
			continue;
		*(struct policy_number *)image_take(image, SECTION_numbers,
						    sizeof(struct policy_number)) =
			(struct policy_number) { .field = field->id,
						 .slot = field->slot,
						 .kind = field->kind,
						 .offset = field->offset };
		event->number_count++;
	}
}

static int events_write(struct image *image)
{
	const struct confirm_parts at = { .rows = image->at[SECTION_confirms],
					  .spans = image->at[SECTION_spans],
					  .patterns = image->at[SECTION_patterns] };

	for (size_t i = 0; i < EVENT_MAX; i++) {
		const struct event_tables *tables = &image->parts->tables->event[i];
		struct policy_event *event = &image->policy->event[i];

		event->use = tables->use;
		event->always = list_offset(image, tables->always);
		event->enforcing = list_offset(image, tables->enforcing);
		numbers_write(image, i);
	}
	return confirm_rows_write(image->policy, &at, image->parts->atoms);
}

static void head_write(struct image *image)
{
	const struct image_parts *parts = image->parts;
	struct policy *policy = image->policy;

	policy->magic = POLICY_MAGIC;
	policy->version = POLICY_VERSION;
	policy->size = image->size;
	policy->record_schema = RECORD_SCHEMA;
	policy->generation = parts->generation;
	policy->atom_count = atoms_count(parts->atoms);
	policy->clause_count = parts->clauses->count;
	policy->rule_count = parts->ruleset->count;
	policy->correlation_count = parts->steps->correlation_count;
	policy->atoms = image->at[SECTION_atoms];
	policy->clauses = image->at[SECTION_clauses];
	policy->rules = image->at[SECTION_rules];
	policy->correlations = image->at[SECTION_correlations];
}

int image_make(struct policy **ret_policy, size_t *ret_capacity, const struct image_parts *parts,
	       struct diagnostics *diagnostics)
{
	_cleanup_free_ struct policy *policy = NULL;
	struct image image = { .parts = parts };
	size_t capacity = POLICY_SIZE_MIN;
	int r;

	image_measure(&image);
	if (image.size > POLICY_SIZE_MAX)
		return image_too_large(&image, diagnostics);
	while (capacity < image.size)
		capacity *= 2;
	policy = calloc(1, capacity);
	if (!policy)
		return -ENOMEM;
	image.policy = policy;
	head_write(&image);
	memcpy((char *)policy + image.at[SECTION_lists], lists_bytes(parts->lists),
	       lists_size(parts->lists));
	automaton_write(parts->automaton, policy, image.at[SECTION_automaton],
			image.at[SECTION_lists]);
	clauses_write(&image);
	rules_write(&image);
	correlations_write(&image);
	fields_write(&image);
	r = events_write(&image);
	if (r >= 0)
		r = policy_checksum(policy, policy->sha256);
	if (r < 0)
		return r;
	*ret_policy = take_ptr(policy);
	*ret_capacity = capacity;
	return 0;
}
