/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each part is checked before anything is read through it. Work is bounded by the size
 * of the image: lists and rows that overlap, which no compiler writes, are refused.
 */
#include "rules/policy_image.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fields.h"
#include "base/fold.h"
#include "rules/policy_confirms.h"
#include "rules/policy_correlations.h"
#include "rules/policy_states.h"

DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)

int policy_checksum(const struct policy *policy, __u8 ret_sha256[32])
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *digest = EVP_MD_CTX_new();
	_cleanup_free_ struct policy *head = malloc(sizeof(*head));

	if (!digest || !head)
		return -ENOMEM;
	*head = *policy;
	head->generation = 0;
	memset(head->sha256, 0, sizeof(head->sha256));
	if (!EVP_DigestInit_ex(digest, EVP_sha256(), NULL) ||
	    !EVP_DigestUpdate(digest, head, sizeof(*head)) ||
	    !EVP_DigestUpdate(digest, policy + 1, policy->size - sizeof(*policy)) ||
	    !EVP_DigestFinal_ex(digest, ret_sha256, NULL))
		return -ENOMEM;
	return 0;
}

static const void *table_at(const struct policy *policy, __u32 offset)
{
	return (const char *)policy + offset;
}

static int head_check(const struct policy *policy, size_t size)
{
	__u8 sha256[32];
	int r;

	if (size < sizeof(*policy) || policy->magic != POLICY_MAGIC)
		return -EINVAL;
	if (policy->version != POLICY_VERSION || policy->record_schema != RECORD_SCHEMA)
		return -EPROTONOSUPPORT;
	if (policy->size < sizeof(*policy) || policy->size > size || policy->size > POLICY_SIZE_MAX)
		return -EINVAL;
	r = policy_checksum(policy, sha256);
	if (r < 0)
		return r;
	return memcmp(sha256, policy->sha256, sizeof(sha256)) ? -EBADMSG : 0;
}

static bool tables_fit(const struct policy *p)
{
	return p->atom_count <= ATOMS_MAX && p->clause_count <= CLAUSES_MAX &&
	       p->rule_count <= RULES_MAX && p->correlation_count <= CORRELATIONS_MAX &&
	       policy_table_fits(p, p->atoms, p->atom_count, sizeof(struct policy_atom), 4) &&
	       policy_table_fits(p, p->clauses, p->clause_count, sizeof(struct policy_clause), 4) &&
	       policy_table_fits(p, p->rules, p->rule_count, sizeof(struct policy_rule), 4) &&
	       policy_table_fits(p, p->correlations, p->correlation_count,
				 sizeof(struct policy_correlation), 8);
}

static bool atoms_ok(const struct policy *p)
{
	const struct policy_atom *atoms = table_at(p, p->atoms);
	__u64 clauses = 0;

	for (__u32 i = 0; i < p->atom_count; i++) {
		if ((__u64)atoms[i].first + atoms[i].count > p->clause_count ||
		    atoms[i].flags & ~ATOM_KEPT)
			return false;
		clauses += atoms[i].count;
	}
	return clauses <= p->clause_count;
}

static bool clause_ok(const struct policy *p, const struct policy_clause *clause)
{
	const __u32 known = 0x1fff | 63 << 16 | LITERAL_NOT | LITERAL_USER;
	const struct policy_rule *rules = table_at(p, p->rules);
	__u32 all = 0;

	if (clause->rule >= p->rule_count || rules[clause->rule].flags & RULE_CORRELATION ||
	    clause->event >= EVENT_MAX || clause->count > LITERALS_MAX)
		return false;
	for (__u32 i = 0; i < clause->count; i++) {
		if (LITERAL_ATOM(clause->literal[i]) >= p->atom_count)
			return false;
		all |= clause->literal[i];
	}
	return !(all & ~known) && clause->flags == (all & LITERAL_USER ? CLAUSE_CONFIRM : 0);
}

static bool clauses_ok(const struct policy *p)
{
	const struct policy_clause *clauses = table_at(p, p->clauses);

	for (__u32 i = 0; i < p->clause_count; i++)
		if (!clause_ok(p, &clauses[i]))
			return false;
	return true;
}

static bool bounds_ok(struct policy_lists *lists, const struct policy_field *field)
{
	const struct policy *p = lists->policy;
	const struct policy_bound *bound = table_at(p, field->table);

	if (!field->count || field->count > BOUNDS_MAX ||
	    !policy_table_fits(p, field->table, field->count, sizeof(*bound), 8) || bound->high ||
	    bound->low)
		return false;
	for (__u32 i = 0; i < field->count; i++) {
		if (i && (bound[i].high < bound[i - 1].high ||
			  (bound[i].high == bound[i - 1].high && bound[i].low <= bound[i - 1].low)))
			return false;
		if (!policy_list_ok(lists, bound[i].list))
			return false;
	}
	return true;
}

static bool bits_ok(struct policy_lists *lists, const struct policy_field *field)
{
	const __u32 *bit = table_at(lists->policy, field->table);

	if (field->count > 64 ||
	    !policy_table_fits(lists->policy, field->table, field->count, sizeof(*bit), 4))
		return false;
	for (__u32 i = 0; i < field->count; i++)
		if (!policy_list_ok(lists, bit[i]))
			return false;
	return true;
}

static bool fields_ok(struct policy_lists *lists)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		const struct policy_field *field = &lists->policy->field[i];
		enum kind kind = field_table[i].kind;

		if (!policy_list_ok(lists, field->exists))
			return false;
		if (kind == KIND_text)
			continue;
		if (kind == KIND_time) {
			if (field->start || field->table || field->count)
				return false;
			continue;
		}
		if (field->start ||
		    !(kind == KIND_set ? bits_ok(lists, field) : bounds_ok(lists, field)))
			return false;
	}
	return true;
}

static bool numbers_ok(const struct policy *p, enum event_type event)
{
	const struct policy_event *e = &p->event[event];
	const struct policy_number *number = table_at(p, e->numbers);

	if (e->number_count > FIELD_MAX ||
	    !policy_table_fits(p, e->numbers, e->number_count, sizeof(*number), 4))
		return false;
	for (__u32 i = 0; i < e->number_count; i++) {
		const struct field_info *field;

		if (number[i].field >= FIELD_MAX)
			return false;
		field = &field_table[number[i].field];
		if (field->kind == KIND_text || field->origin == ORIGIN_enriched ||
		    (field->event >= 0 && field->event != (int)event) ||
		    number[i].slot != field->slot || number[i].kind != field->kind ||
		    number[i].offset != field->offset)
			return false;
	}
	return true;
}

static bool enforcing_ok(const struct policy *p, __u32 offset)
{
	const __u16 *list = table_at(p, offset);

	if (!offset)
		return true;
	if (!policy_table_fits(p, offset, 1, sizeof(*list), 2) ||
	    !policy_table_fits(p, offset, 1 + list[0], sizeof(*list), 2))
		return false;
	for (__u32 i = 1; i <= list[0]; i++)
		if (list[i] >= p->clause_count)
			return false;
	return true;
}

static bool events_ok(struct policy_lists *lists)
{
	const struct policy *p = lists->policy;

	for (size_t i = 0; i < EVENT_MAX; i++)
		if (!policy_list_ok(lists, p->event[i].always) || !numbers_ok(p, i) ||
		    !enforcing_ok(p, p->event[i].enforcing))
			return false;
	return true;
}

int policy_check(const void *image, size_t size)
{
	const struct policy *policy = image;
	_cleanup_(policy_lists_done) struct policy_lists lists = { 0 };
	int r = head_check(policy, size);

	if (r < 0)
		return r;
	if (!tables_fit(policy) || !atoms_ok(policy) || !clauses_ok(policy) ||
	    !policy_correlations_ok(policy))
		return -EINVAL;
	r = policy_lists_init(&lists, policy);
	if (r < 0)
		return r;
	if (!fields_ok(&lists) || !events_ok(&lists))
		return -EINVAL;
	r = policy_confirms_check(policy);
	if (r < 0)
		return r;
	return policy_states_check(&lists);
}
