/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/policy_correlations.h"

#include "base/fields.h"

static const void *table_at(const struct policy *policy, __u32 offset)
{
	return (const char *)policy + offset;
}

bool policy_table_fits(const struct policy *policy, __u32 offset, __u32 count, size_t size,
		       size_t alignment)
{
	return !count || (offset >= sizeof(*policy) && offset % alignment == 0 &&
			  offset + (__u64)count * size <= policy->size);
}

static const struct policy_correlation *correlation_at(const struct policy *p, __u32 id)
{
	return (const struct policy_correlation *)table_at(p, p->correlations) + id;
}

static const struct policy_rule *rule_at(const struct policy *p, __u32 rule)
{
	return (const struct policy_rule *)table_at(p, p->rules) + rule;
}

static const struct policy_step *steps_of(const struct policy *p, const struct policy_rule *rule)
{
	return table_at(p, rule->steps);
}

/* Whether a step is one of a correlation that `user` side, or the other, advances. */
static bool step_ok(const struct policy *p, const struct policy_step *step, bool user)
{
	const struct policy_correlation *correlation = correlation_at(p, step->correlation);

	return step->correlation < p->correlation_count && step->index < correlation->steps &&
	       !(rule_at(p, correlation->rule)->flags & RULE_USER) == !user;
}

static bool rule_ok(const struct policy *p, const struct policy_rule *rule)
{
	const __u32 known = RULE_SILENT | RULE_CORRELATION | RULE_USER;
	const struct policy_step *steps = steps_of(p, rule);
	__u32 count = rule->step_count + rule->user_step_count, levels = 0;

	if (rule->response >= RESPONSE_MAX || rule->flags & ~known || count > RULE_STEPS_MAX ||
	    !policy_table_fits(p, rule->steps, count, sizeof(*steps), 2) ||
	    (rule->flags & RULE_USER && !(rule->flags & RULE_CORRELATION)) ||
	    (rule->step_count && rule->flags & RULE_CORRELATION))
		return false;
	for (__u32 i = 0; i < count; i++) {
		if (!step_ok(p, &steps[i], i >= rule->step_count))
			return false;
		if (i < rule->step_count)
			levels |= 1u << steps[i].index;
	}
	return levels == rule->step_levels;
}

/* The field stands for a key in such an event. */
static bool field_ok(__u16 field, enum event_type event, bool number)
{
	const struct field_info *info;

	if (field >= FIELD_MAX)
		return field == FIELD_MAX;
	info = &field_table[field];
	return (info->event < 0 || info->event == (int)event) &&
	       (!number || info->kind == KIND_num);
}

static bool keys_ok(const struct policy *p, const struct policy_detail *detail, bool numbers)
{
	const struct policy_key *keys = table_at(p, detail->keys);
	__u32 count = detail->group_count + detail->value_count;

	if (detail->group_count > KEY_FIELDS_MAX || detail->value_count > KEY_FIELDS_MAX ||
	    !policy_table_fits(p, detail->keys, count, sizeof(*keys), 2))
		return false;
	for (__u32 i = 0; i < count; i++)
		for (__u32 step = 0; step < STEPS_MAX; step++)
			for (__u32 event = 0; event < EVENT_MAX; event++)
				if (!field_ok(keys[i].field[step][event], event,
					      numbers && i >= detail->group_count))
					return false;
	return true;
}

static bool detail_ok(const struct policy *p, const struct policy_correlation *correlation)
{
	const struct policy_detail *detail = table_at(p, correlation->detail);
	bool values = correlation->type > CORRELATION_event_count, numbers;

	if (!policy_table_fits(p, correlation->detail, 1, sizeof(*detail), 8) ||
	    !correlation->detail || detail->threshold_count > THRESHOLD_MAX ||
	    (detail->percentile > 100 && detail->percentile != PERCENTILE_SHARE) ||
	    (values && !detail->value_count))
		return false;
	for (__u32 i = 0; i < detail->threshold_count; i++)
		if (detail->threshold[i].op >= THRESHOLD_MAX ||
		    detail->threshold[i].millionths >= 1000000)
			return false;
	numbers = values && correlation->type != CORRELATION_value_count &&
		  (correlation->type != CORRELATION_value_percentile ||
		   detail->percentile != PERCENTILE_SHARE);
	return keys_ok(p, detail, numbers);
}

static bool ring_ok(const struct policy_correlation *correlation, __u32 most)
{
	__u32 ring = correlation->ring;

	return correlation->type != CORRELATION_event_count ||
	       (ring && ring <= most && !(ring & (ring - 1)) && correlation->need <= ring);
}

/* Of one that the kernel advances: as it needs no more than what is in its row. */
static bool words_ok(const struct policy_correlation *correlation)
{
	__u32 words = correlation->steps + (correlation->type != CORRELATION_temporal_ordered);

	if (correlation->type == CORRELATION_event_count)
		words = 2u + correlation->ring;
	return correlation->type <= CORRELATION_event_count && !correlation->detail &&
	       (correlation->need || correlation->type == CORRELATION_temporal_ordered) &&
	       correlation->word + words <= CHAIN_WORDS;
}

static bool correlation_ok(const struct policy *p, __u32 id)
{
	const struct policy_correlation *correlation = correlation_at(p, id);
	const struct policy_rule *rule = rule_at(p, correlation->rule);
	bool user;

	if (correlation->rule >= p->rule_count || !(rule->flags & RULE_CORRELATION) ||
	    correlation->type >= CORRELATION_TYPE_MAX || !correlation->steps ||
	    correlation->steps > STEPS_MAX)
		return false;
	user = rule->flags & RULE_USER;
	return ring_ok(correlation, user ? COUNT_MAX + 1 : COUNT_KERNEL_MAX) &&
	       (user ? detail_ok(p, correlation) : words_ok(correlation));
}

/* Whether what a correlation is a step of has a higher number. */
static bool order_ok(const struct policy *p, __u32 id)
{
	const struct policy_rule *rule = rule_at(p, correlation_at(p, id)->rule);
	const struct policy_step *steps = steps_of(p, rule);

	for (__u32 i = 0; i < rule->user_step_count; i++)
		if (steps[rule->step_count + i].correlation <= id)
			return false;
	return true;
}

bool policy_correlations_ok(const struct policy *p)
{
	for (__u32 i = 0; i < p->correlation_count; i++)
		if (!correlation_ok(p, i))
			return false;
	for (__u32 i = 0; i < p->rule_count; i++)
		if (!rule_ok(p, rule_at(p, i)))
			return false;
	for (__u32 i = 0; i < p->correlation_count; i++)
		if (!order_ok(p, i))
			return false;
	return true;
}
