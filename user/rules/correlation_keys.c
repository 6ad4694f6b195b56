/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/correlation_keys.h"

#include <errno.h>
#include <string.h>

#include "rules/correlation_type.h"
#include "rules/nearest.h"
#include "rules/strings.h"

/* What the key is called in events of a step: by an alias, else its own name. */
static const struct reference *name_in_step(struct correlation *correlation,
					    const struct reference *key, size_t step)
{
	for (size_t i = 0; i < correlation->alias_count; i++) {
		struct alias *alias = &correlation->aliases[i];

		if (strcmp(alias->name.text, key->text) ||
		    !rule_is(correlation->resolved[step], alias->rule.text))
			continue;
		alias->used = true;
		return &alias->field;
	}
	return key;
}

static int field_unknown(const struct correlation *correlation, const struct reference *name,
			 size_t step, enum event_type event, struct diagnostics *diagnostics)
{
	struct nearest nearest;

	nearest_start(&nearest, name->text);
	for (size_t i = 0; i < FIELD_MAX; i++)
		if (field_table[i].event < 0 || field_table[i].event == (int)event)
			nearest_offer(&nearest, field_table[i].name);
	return diagnose(diagnostics, SEVERITY_ERROR, &name->place,
			"events of '%s' (%s) have no field '%s'%s",
			correlation->steps.list[step].text, event_table[event].name, name->text,
			nearest_hint(&nearest, "they have"));
}

static int key_find(struct correlation *correlation, struct policy_key *ret_key,
		    const struct reference *key, struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t step = 0; step < STEPS_MAX; step++)
		for (size_t event = 0; event < EVENT_MAX; event++)
			ret_key->field[step][event] = FIELD_MAX;
	for (size_t step = 0; step < correlation->steps.count; step++) {
		const struct reference *name = name_in_step(correlation, key, step);

		for (size_t event = 0; event < EVENT_MAX && r >= 0; event++) {
			const struct field_info *field = field_find(event, name->text);

			if (!(correlation->resolved[step]->events >> event & 1))
				continue;
			if (!field)
				r = field_unknown(correlation, name, step, event, diagnostics);
			else
				ret_key->field[step][event] = field->id;
		}
	}
	return r;
}

/* Whether the key is the session, whatever the step. */
static bool is_session(const struct policy_key *key)
{
	for (size_t step = 0; step < STEPS_MAX; step++)
		for (size_t event = 0; event < EVENT_MAX; event++)
			if (key->field[step][event] != FIELD_MAX &&
			    key->field[step][event] != FIELD_agent_agent_session)
				return false;
	return true;
}

static int key_add(struct rule *rule, struct strings *names, const struct policy_key *key,
		   const char *name)
{
	size_t count = rule->group_by.count + rule->fields.count;
	struct policy_key *keys = reallocarray(rule->keys, count + 1, sizeof(*keys));

	if (!keys)
		return -ENOMEM;
	rule->keys = keys;
	keys[count] = *key;
	return strings_add(names, name);
}

static int group_find(struct correlation *correlation, struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t i = 0; i < correlation->group_by.count && r >= 0; i++) {
		const struct reference *name = &correlation->group_by.list[i];
		struct policy_key key;

		r = key_find(correlation, &key, name, diagnostics);
		if (r >= 0 && !is_session(&key))
			r = key_add(correlation->rule, &correlation->rule->group_by, &key,
				    name->text);
	}
	return r;
}

/* Numbers are what can be summed and put in order. */
static int number_check(const struct rule *rule, const struct policy_key *key,
			const struct reference *name, struct diagnostics *diagnostics)
{
	if (rule->type == CORRELATION_value_count ||
	    (rule->type == CORRELATION_value_percentile && rule->percentile == PERCENTILE_SHARE))
		return 0;
	for (size_t step = 0; step < STEPS_MAX; step++)
		for (size_t event = 0; event < EVENT_MAX; event++) {
			__u16 field = key->field[step][event];

			if (field != FIELD_MAX && field_table[field].kind != KIND_num)
				return diagnose(diagnostics, SEVERITY_ERROR, &name->place,
						"%s needs a field that is a number, and %s is none",
						correlation_type_table[rule->type],
						field_table[field].name);
		}
	return 0;
}

static int values_find(struct correlation *correlation, struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t i = 0; i < correlation->fields.count && r >= 0; i++) {
		const struct reference *name = &correlation->fields.list[i];
		struct policy_key key;

		r = key_find(correlation, &key, name, diagnostics);
		if (r >= 0)
			r = number_check(correlation->rule, &key, name, diagnostics);
		if (r >= 0)
			r = key_add(correlation->rule, &correlation->rule->fields, &key,
				    name->text);
	}
	return r;
}

/* Whether each alias is of a rule that is a step. */
static int aliases_check(const struct correlation *correlation, struct diagnostics *diagnostics)
{
	int r = 0;

	for (size_t i = 0; i < correlation->alias_count; i++) {
		const struct reference *rule = &correlation->aliases[i].rule;
		struct nearest nearest;
		bool found = false;

		nearest_start(&nearest, rule->text);
		for (size_t step = 0; step < correlation->steps.count; step++) {
			found = found || rule_is(correlation->resolved[step], rule->text);
			nearest_offer(&nearest, correlation->steps.list[step].text);
		}
		if (!found)
			r = diagnose(diagnostics, SEVERITY_ERROR, &rule->place,
				     "'%s' is not one of the rules of this correlation%s",
				     rule->text, nearest_hint(&nearest, "they are"));
	}
	return r;
}

static void unused_warn(const struct correlation *correlation, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < correlation->alias_count; i++) {
		const struct alias *alias = &correlation->aliases[i];

		if (!alias->used)
			diagnose(
				diagnostics, SEVERITY_WARNING, &alias->name.place,
				"the alias '%s' is not used: neither 'group-by' nor 'field' has it",
				alias->name.text);
	}
}

int correlation_keys_find(struct correlation *correlation, struct diagnostics *diagnostics)
{
	int r = aliases_check(correlation, diagnostics);

	if (r >= 0)
		r = group_find(correlation, diagnostics);
	if (r >= 0)
		r = values_find(correlation, diagnostics);
	if (r >= 0)
		unused_warn(correlation, diagnostics);
	return r;
}
