/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_check() on broken images: what it lets pass must be safe to evaluate with.
 * Run under ASan this finds every access that it should have refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rule_builder.h"
#include "rules/policy_image.h"
#include "unit.h"

#define PATH FIELD_file_open_target_filename

/* Correlations of every type on the user side, one of them of correlations. */
static void all_correlations(struct ruleset *ruleset)
{
	const size_t steps[] = { 0, 1, 5, 6 };

	for (int type = 0; type < CORRELATION_TYPE_MAX; type++) {
		struct rule *rule = build_correlation(ruleset, steps, 2, 50, RESPONSE_alert);

		rule->type = (enum correlation_type)type;
		build_key(ruleset, rule, FIELD_fact_image, true);
		build_key(ruleset, rule, FIELD_common_user_id, true);
		if (type > CORRELATION_event_count)
			build_key(ruleset, rule, FIELD_common_process_id, false);
		if (type > CORRELATION_temporal)
			build_threshold(rule, THRESHOLD_neq, 3);
		build_threshold(rule, THRESHOLD_gte, 2);
	}
	build_correlation(ruleset, steps, 4, 20, RESPONSE_kill)->type = CORRELATION_temporal;
}

/* Rules that use every table. */
static struct ruleset *all_kinds(void)
{
	struct ruleset *ruleset = build_ruleset();
	union test_value net = { .address = { { 10 }, { 11 } } };

	build_rule(ruleset, EVENT_file_open,
		   build_pattern(build_text(PATH, "*/.ssh/*"), "/etc/sh*"), RESPONSE_deny);
	build_rule(ruleset, EVENT_network_connection,
		   build_and(build_value(build_test(FIELD_network_connection_destination_ip,
						    TEST_ADDRESS),
					 net),
			     build_not(build_range(FIELD_network_connection_destination_port, 80,
						   443))),
		   RESPONSE_kill);
	build_rule(ruleset, EVENT_file_open,
		   build_and(build_bits(FIELD_file_open_access, 5), build_text(PATH, "a*b"),
			     build_not(build_text(FIELD_fact_image, "*/cat"))),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_process_termination, build_and(), RESPONSE_alert);
	build_rule(ruleset, EVENT_file_open, build_cased(FIELD_enriched_user, "Root"),
		   RESPONSE_alert);
	build_correlation(ruleset, (size_t[]) { 0, 1 }, 2, 1000, RESPONSE_kill_agent);
	build_correlation(ruleset, (size_t[]) { 2, 1, 0 }, 3, 1000, RESPONSE_alert);
	build_correlation(ruleset, (size_t[]) { 0, 1 }, 2, 30, RESPONSE_deny)->type =
		CORRELATION_event_count;
	build_correlation(ruleset, (size_t[]) { 0, 1 }, 2, 30, RESPONSE_deny)->type =
		CORRELATION_temporal;
	all_correlations(ruleset);
	return ruleset;
}

/* An image in memory of exactly its size, so that ASan sees what is read behind it. */
struct image {
	struct policy *policy;
	size_t size;
};

static struct image image_copy(const struct compiled *compiled)
{
	struct image image = { malloc(compiled->policy->size), compiled->policy->size };

	if (!image.policy)
		abort();
	memcpy(image.policy, compiled->policy, image.size);
	return image;
}

static void image_seal(struct image *image)
{
	CU_ASSERT_EQUAL(policy_checksum(image->policy, image->policy->sha256), 0);
}

/* Puts events of all kinds through it. */
static void image_use(const struct image *image)
{
	_cleanup_(evaluator_freep) struct evaluator *evaluator = NULL;
	static const char *const texts[] = { "/home/u/.ssh/id_rsa", "/etc/shadow", "aXb", "" };
	static const unsigned char address[16] = { 10, [15] = 7 };
	struct built_event event;
	struct verdict verdict;

	if (evaluator_new(&evaluator, image->policy) < 0)
		abort();
	for (size_t i = 0; i < 4 * EVENT_MAX; i++) {
		event_start(&event, i / 4);
		for (size_t field = 0; field < FIELD_MAX; field++)
			if (field_table[field].kind == KIND_text)
				event_text(&event, field, texts[i % 4]);
		event.record.header.present = ~0ULL;
		event.record.header.incomplete = i & 1 ? ~0ULL : 0;
		event.record.header.time = 1 + i;
		if (i / 4 == EVENT_network_connection)
			event_address(&event, FIELD_network_connection_destination_ip, address);
		if (i / 4 == EVENT_file_open)
			event_number(&event, FIELD_file_open_access, 5);
		evaluate(evaluator, &event.view, SIDE_ALL, &verdict);
		evaluate(evaluator, &event.view, SIDE_KERNEL, &verdict);
	}
}

UNIT_TEST(policy_image, head)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = all_kinds();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);
	struct image image;

	if (!compiled)
		return;
	image = image_copy(compiled);
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), 0);
	for (size_t size = 0; size < image.size; size += size < sizeof(struct policy) ? 64 : 16)
		CU_ASSERT_NOT_EQUAL(policy_check(image.policy, size), 0);
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size - 1), -EINVAL);
	/* generation is not part of the checksum */
	image.policy->generation = 77;
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), 0);
	((char *)image.policy)[image.size - 9] ^= 1;
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), -EBADMSG);
	((char *)image.policy)[image.size - 9] ^= 1;
	image.policy->version++;
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), -EPROTONOSUPPORT);
	image.policy->version--;
	image.policy->record_schema++;
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), -EPROTONOSUPPORT);
	image.policy->record_schema--;
	image.policy->magic++;
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), -EINVAL);
	free(image.policy);
}

/* One change of 32 bits anywhere, with the values that are most likely to lead astray. */
static size_t words_damage(const struct compiled *compiled, uint64_t *random, size_t *used)
{
	struct image image = image_copy(compiled);
	__u32 *words = (__u32 *)image.policy;
	size_t refused = 0;

	for (size_t i = 0; i < 20000; i++) {
		size_t at = unit_below(random, image.size / 4);
		__u32 before = words[at];
		const __u32 values[] = { 0,
					 ~0u,
					 before + 1,
					 before - 1,
					 before ^ SCAN_STEP_BIT,
					 before ^ 1u << unit_below(random, 32),
					 (__u32)image.size - 4,
					 (__u32)image.size - 2,
					 (__u32)unit_below(random, image.size),
					 (__u32)unit_below(random, image.size) & ~7u };

		words[at] = values[unit_below(random, ARRAY_SIZE(values))];
		if (image.policy->size == image.size)
			image_seal(&image);
		if (policy_check(image.policy, image.size)) {
			refused++;
		} else {
			image_use(&image);
			(*used)++;
		}
		words[at] = before;
	}
	image_seal(&image);
	CU_ASSERT_EQUAL(policy_check(image.policy, image.size), 0);
	free(image.policy);
	return refused;
}

UNIT_TEST(policy_image, single_damage)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = all_kinds();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);
	uint64_t random = unit_seed();
	size_t refused, used = 0;

	if (!compiled)
		return;
	refused = words_damage(compiled, &random, &used);
	unit_note("%zu refused, %zu accepted and evaluated", refused, used);
	CU_ASSERT(refused > 1000);
	CU_ASSERT(used > 1000);
}

/* Several bytes at once, and stretches of the image moved. */
UNIT_TEST(policy_image, heavy_damage)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = all_kinds();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);
	uint64_t random = unit_seed() + 1;
	size_t used = 0;

	for (size_t i = 0; compiled && i < 4000; i++) {
		struct image image = image_copy(compiled);
		unsigned char *bytes = (unsigned char *)image.policy;

		for (size_t n = unit_below(&random, 6); n; n--)
			bytes[unit_below(&random, image.size)] = unit_random(&random);
		if (unit_below(&random, 4) == 0)
			memmove(bytes + unit_below(&random, image.size / 2),
				bytes + unit_below(&random, image.size / 2),
				unit_below(&random, image.size / 2));
		image.policy->magic = POLICY_MAGIC;
		image.policy->version = POLICY_VERSION;
		image.policy->record_schema = RECORD_SCHEMA;
		image.policy->size = image.size;
		image_seal(&image);
		if (!policy_check(image.policy, image.size)) {
			image_use(&image);
			used++;
		}
		free(image.policy);
	}
	unit_note("%zu accepted and evaluated", used);
}

/* Each of these is one fault that must be refused by itself. */
UNIT_TEST(policy_image, named_faults)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = all_kinds();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);

	for (int fault = 0; compiled && fault < 31; fault++) {
		struct image image = image_copy(compiled);
		struct policy *p = image.policy;
		char *base = (char *)p;
		struct policy_rule *rules = (void *)(base + p->rules);
		struct policy_clause *clauses = (void *)(base + p->clauses);
		struct policy_correlation *correlations = (void *)(base + p->correlations);
		struct policy_correlation *counted = correlations, *grouped = correlations;
		struct policy_correlation *summed = correlations;
		struct policy_detail *detail;
		struct policy_key *keys;
		struct policy_step *steps;
		struct policy_atom *atoms = (void *)(base + p->atoms);
		struct policy_field *port = &p->field[FIELD_network_connection_destination_port];
		struct policy_bound *bounds = (void *)(base + port->table);
		struct policy_event *open = &p->event[EVENT_file_open];
		struct policy_confirm *confirms = (void *)(base + open->confirms);
		struct policy_number *numbers = (void *)(base + open->numbers);

		while (counted->type != CORRELATION_event_count || counted->detail)
			counted++;
		while (grouped->type != CORRELATION_event_count || !grouped->detail)
			grouped++;
		while (summed->type != CORRELATION_value_sum)
			summed++;
		detail = (void *)(base + summed->detail);
		keys = (void *)(base + detail->keys);
		steps = (void *)(base + rules[0].steps);
		switch (fault) {
		case 18:
			counted->ring = 3;
			break;
		case 19:
			counted->need = counted->ring + 1;
			break;
		case 20:
			counted->ring = 2 * COUNT_KERNEL_MAX;
			break;
		case 21:
			counted->word = CHAIN_WORDS - 2;
			break;
		case 22:
			grouped->detail = p->size - 8;
			break;
		case 23:
			grouped->ring = 0;
			break;
		case 24:
			summed->type = CORRELATION_TYPE_MAX;
			break;
		case 25:
			detail->threshold_count = THRESHOLD_MAX + 1;
			break;
		case 26:
			detail->group_count = KEY_FIELDS_MAX + 1;
			break;
		case 27:
			detail->value_count = 0;
			break;
		case 28: /* the sum of what is no number */
			keys[2].field[0][EVENT_file_open] = FIELD_fact_image;
			break;
		case 29: /* a field of another event */
			keys[0].field[0][EVENT_file_open] = FIELD_network_connection_protocol;
			break;
		case 30: /* the kernel would advance what it cannot */
			steps[rules[0].step_count - 1].correlation =
				(__u16)(grouped - correlations);
			break;
		case 0:
			p->atom_count = ATOMS_MAX + 1;
			break;
		case 1:
			p->rules += 2;
			break;
		case 2:
			rules[0].response = RESPONSE_MAX;
			break;
		case 3:
			rules[0].step_levels ^= 1;
			break;
		case 4:
			rules[1].step_count = RULE_STEPS_MAX + 1;
			break;
		case 5:
			clauses[0].rule = p->rule_count;
			break;
		case 6:
			clauses[0].count = LITERALS_MAX + 1;
			break;
		case 7:
			clauses[0].flags ^= CLAUSE_CONFIRM;
			break;
		case 8:
			clauses[0].event = EVENT_MAX;
			break;
		case 9:
			correlations[0].steps = 1;
			break;
		case 10:
			correlations[0].word = CHAIN_WORDS - 1;
			break;
		case 11:
			atoms[0].count = p->clause_count + 1;
			break;
		case 12:
			port->count = 0;
			break;
		case 13:
			bounds[1].low = 0;
			break;
		case 14:
			confirms[0].atom = p->atom_count;
			break;
		case 15:
			numbers[0].offset += 8;
			break;
		case 17:
			atoms[0].flags = 0x8000;
			break;
		case 16:
			p->column['A'] = p->column['b'];
			break;
		}
		image_seal(&image);
		if (policy_check(p, image.size) != -EINVAL)
			unit_note("fault %d was not refused", fault);
		CU_ASSERT_EQUAL(policy_check(p, image.size), -EINVAL);
		free(p);
	}
}

/* One rule for each operator that the user side confirms, all on process_creation. */
static struct ruleset *all_confirmed(void)
{
	struct ruleset *ruleset = build_ruleset();
	struct expression *regex = build_test(FIELD_fact_image, TEST_REGEX);
	struct expression *hour = build_test(FIELD_enriched_utc_time, TEST_TIME);
	struct expression *other = build_test(FIELD_fact_image, TEST_FIELD);

	hour->test.flags = TIME_hour;
	build_rule(ruleset, EVENT_process_creation, build_bytes(regex, "x+y(z|a)", 8, false, false),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_process_creation,
		   build_value(hour, (union test_value) { .range = { 3, 5 } }), RESPONSE_alert);
	build_rule(ruleset, EVENT_process_creation,
		   build_value(other, (union test_value) { .other = FIELD_fact_parent_image }),
		   RESPONSE_alert);
	build_rule(ruleset, EVENT_process_creation, build_text(FIELD_fact_image, "a*b"),
		   RESPONSE_alert);
	return ruleset;
}

static struct policy_confirm *row_of(struct policy *policy, enum confirm_op op)
{
	const struct policy_event *event = &policy->event[EVENT_process_creation];
	struct policy_confirm *row = (void *)((char *)policy + event->confirms);

	while (row->op != op)
		row++;
	return row;
}

UNIT_TEST(policy_image, faults_of_what_is_confirmed)
{
	_cleanup_(ruleset_freep) struct ruleset *ruleset = all_confirmed();
	_cleanup_(compiled_freep) struct compiled *compiled = build_compiled(ruleset);

	for (int fault = 0; compiled && fault < 16; fault++) {
		struct image image = image_copy(compiled);
		struct policy *p = image.policy;
		struct policy_event *event = &p->event[EVENT_process_creation];
		struct policy_confirm *rows = (void *)((char *)p + event->confirms);
		struct policy_confirm *regex = row_of(p, CONFIRM_REGEX);
		struct policy_confirm *hour = row_of(p, CONFIRM_TIME);
		struct policy_confirm *other = row_of(p, CONFIRM_FIELD);
		struct policy_confirm *glob = row_of(p, CONFIRM_GLOB);

		switch (fault) {
		case 0:
			rows[0].gate = (__u16)p->atom_count;
			break;
		case 1:
			rows[0].gate = rows[event->confirm_count - 1].gate + 1;
			break;
		case 2:
			rows[0].op = CONFIRM_MAX;
			break;
		case 3:
			rows[0].pad = 1;
			break;
		case 4:
			regex->flags = REGEX_FLAGS + 1;
			break;
		case 5:
			((char *)p)[regex->pattern + regex->length - 1] = '(';
			break;
		case 6:
			regex->pattern = p->size - 1;
			break;
		case 7:
			regex->length = p->size;
			break;
		case 8:
			hour->flags = TIME_PART_MAX;
			break;
		case 9:
			hour->pattern += 4;
			break;
		case 10:
			hour->length = 8;
			break;
		case 11:
			hour->field = FIELD_fact_image;
			break;
		case 12:
			other->other = FIELD_common_user_id;
			break;
		case 13:
			other->other = FIELD_file_open_target_filename;
			break;
		case 14:
			other->flags = COMPARE_lt;
			break;
		case 15:
			glob->flags = 1;
			break;
		}
		image_seal(&image);
		if (policy_check(p, image.size) != -EINVAL)
			unit_note("fault %d was not refused", fault);
		CU_ASSERT_EQUAL(policy_check(p, image.size), -EINVAL);
		free(p);
	}
}
