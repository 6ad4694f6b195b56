/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Correlations in the order of their numbers: what one completes is a step of later ones
 * only, so one pass is a whole chain.
 */
#include "pipeline/correlate.h"

#include <errno.h>

#include "pipeline/group.h"
#include "pipeline/group_keys.h"
#include "pipeline/policy_rows.h"

static void group_release(struct recent_row *row)
{
	group_free((struct group *)row);
}

void groups_init(struct groups *groups)
{
	recent_init(&groups->table, GROUPS_MAX, GROUPS_BYTES_MAX, group_release);
}

void groups_done(struct groups *groups)
{
	recent_done(&groups->table);
}

int correlator_new(struct correlator **ret_correlator, const struct policy *policy)
{
	_cleanup_(correlator_freep) struct correlator *c = NULL;
	bool any = false;
	int r;

	for (__u32 i = 0; i < policy->correlation_count; i++)
		any = any || policy_correlation_row(policy, i)->detail;
	*ret_correlator = NULL;
	if (!any)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->policy = policy;
	r = fingerprinter_new(&c->fingerprinter);
	if (r < 0)
		return r;
	*ret_correlator = take_ptr(c);
	return 0;
}

void correlator_free(struct correlator *c)
{
	if (c->fingerprinter)
		fingerprinter_free(c->fingerprinter);
	free(c);
}

/* The event is a step wherever the rule is one. */
static void take_rule(struct correlator *c, __u32 rule, bool folded)
{
	const struct policy_rule *row = policy_rule_row(c->policy, rule);

	for (__u32 i = 0; i < row->user_step_count; i++) {
		const struct policy_step *step =
			policy_step_row(c->policy, row, row->step_count + i);
		__u32 id = step->correlation;

		if (folded && !correlation_takes_folded(policy_correlation_row(c->policy, id)))
			continue;
		c->pending[id / 64] |= 1ULL << (id & 63);
		c->steps[id] |= (__u8)(1u << step->index);
	}
}

/* The correlations that the kernel says the event completed. */
static void take_kernel(const struct correlator *c, struct deciding *d, const struct verdict *told)
{
	for (size_t i = 0; i < told->matches && i < MATCHES_MAX; i++) {
		const struct match *match = &told->match[i];
		const struct policy_rule *row;

		if (match->rule >= c->policy->rule_count || match->flags & MATCH_CANDIDATE)
			continue;
		row = policy_rule_row(c->policy, match->rule);
		if (row->flags & RULE_CORRELATION && !(row->flags & RULE_USER))
			rule_matched(d, match->rule, match->flags & MATCH_FOLDED);
	}
}

static void take_matched(struct correlator *c, const struct work *work)
{
	for (__u32 i = 0; i < RULES_MAX / 64; i++)
		for (__u64 word = work->rule[i]; word; word &= word - 1) {
			__u32 bit = (__u32)__builtin_ctzll(word);

			take_rule(c, i * 64 + bit, work->candidate[i] >> bit & 1);
		}
}

/* One correlation, while the event goes through it. */
struct advancing {
	struct correlator *correlator;
	struct groups *groups;
	const struct event_view *view;
	__u32 id;
	const struct policy_correlation *row;
	const struct policy_detail *detail;
};

static const struct policy_key *keys_of(const struct advancing *a)
{
	return (const void *)((const char *)a->correlator->policy + a->detail->keys);
}

/* The group of that key, made if there is none; the one touched least recently may go. */
static int group_get(const struct advancing *a, const struct fingerprint *key,
		     struct group **ret_group)
{
	_cleanup_(group_freep) struct group *made = NULL;
	struct recent_row *row = recent_find(&a->groups->table, a->id, key);
	int r;

	if (!row) {
		r = group_new(&made, a->row, a->detail, a->id, key);
		if (!r)
			r = recent_add(&a->groups->table, &made->row);
		if (r < 0)
			return r;
		row = &take_ptr(made)->row;
	}
	*ret_group = (struct group *)row;
	return 0;
}

/* The value that the event has as that step. Returns 1, 0 when it has none, or -ENOMEM. */
static int value_take(const struct advancing *a, __u32 step, struct occurrence *event)
{
	const struct policy_key *keys = keys_of(a) + a->detail->group_count;
	const struct field_info *field;
	int r;

	if (a->row->type <= CORRELATION_event_count)
		return 1;
	r = fingerprint_take(&event->id, a->correlator->fingerprinter, a->view, keys,
			     a->detail->value_count, step);
	if (r <= 0)
		return r;
	field = &field_table[keys->field[step][event_view_type(a->view)]];
	if (field->kind == KIND_num)
		event->value = (__s64)event_view_number(a->view, field);
	return 1;
}

/* Takes the event as these steps, which are in the same group. Returns enum advance or
 * -ENOMEM. */
static int steps_take(const struct advancing *a, const struct fingerprint *key, __u32 steps,
		      struct reached *ret_reached)
{
	struct occurrence event = { .time = a->view->record->header.time, .steps = steps };
	struct group *group;
	int r = value_take(a, last_step(steps), &event);

	*ret_reached = (struct reached) { 0 };
	if (r <= 0)
		return r;
	r = group_get(a, key, &group);
	if (r < 0)
		return r;
	r = group_advance(group, &event, ret_reached, &a->correlator->values_lost);
	recent_resize(&a->groups->table, &group->row, group_bytes(group));
	return r;
}

/* Advances one correlation, in each group that the event is in. Returns enum advance: the
 * best; or -ENOMEM. */
static int correlation_advance_groups(const struct advancing *a, __u32 steps,
				      struct reached *ret_reached)
{
	struct group_keys keys;
	struct reached reached;
	int best = ADVANCE_none;
	int r = group_keys_take(&keys, a->correlator->fingerprinter, a->correlator->policy, a->row,
				a->view, steps);

	while (steps && r >= 0) {
		__u32 same = group_keys_same(&keys, steps);

		r = steps_take(a, &keys.step[last_step(same)], same, &reached);
		steps &= ~same;
		if (r <= best)
			continue;
		best = r;
		*ret_reached = reached;
	}
	return r < 0 ? r : best;
}

/* The next correlation that the event is a step of, from `id` on. */
static __u32 pending_next(const struct correlator *c, __u32 id)
{
	for (; id < CORRELATIONS_MAX; id = (id / 64 + 1) * 64) {
		__u64 word = c->pending[id / 64] >> (id & 63);

		if (word)
			return id + (__u32)__builtin_ctzll(word);
	}
	return id;
}

static int pending_advance(struct correlator *c, struct advancing *a, struct deciding *d)
{
	int result = 0;

	for (__u32 id = pending_next(c, 0); id < CORRELATIONS_MAX; id = pending_next(c, id + 1)) {
		int r;

		a->id = id;
		a->row = policy_correlation_row(c->policy, id);
		a->detail = (const void *)((const char *)c->policy + a->row->detail);
		r = correlation_advance_groups(a, c->steps[id], &c->reached[id]);
		c->pending[id / 64] &= ~(1ULL << (id & 63));
		c->steps[id] = 0;
		if (r < 0)
			result = r;
		if (r <= ADVANCE_none)
			continue;
		rule_matched(d, a->row->rule, r == ADVANCE_folds ? MATCH_FOLDED : 0);
		take_rule(c, a->row->rule, r == ADVANCE_folds);
	}
	return result;
}

int correlate(struct correlator *c, struct groups *groups, struct deciding *d,
	      const struct event_view *view)
{
	struct advancing advancing = { .correlator = c, .groups = groups, .view = view };

	for (__u32 id = 0; id < c->policy->correlation_count; id++)
		c->reached[id].count = 0;
	if (d->side == SIDE_CONFIRM)
		take_kernel(c, d, &view->record->header.verdict);
	take_matched(c, d->work);
	return pending_advance(c, &advancing, d);
}

const struct reached *correlator_reached(const struct correlator *c, __u32 rule)
{
	for (__u32 id = 0; id < c->policy->correlation_count; id++)
		if (policy_correlation_row(c->policy, id)->rule == rule)
			return c->reached[id].count ? &c->reached[id] : NULL;
	return NULL;
}
