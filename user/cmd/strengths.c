/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/strengths.h"

#include <string.h>

#include "base/utf8.h"
#include "sensor/survey.h"

void strengths_find(struct strengths *ret_strengths)
{
	const char *missing;

	*ret_strengths = (struct strengths) { 0 };
	for (int tier = 0; tier < TIER_MAX; tier++)
		ret_strengths->tier[tier].tier = (enum tier)tier;
	ret_strengths->known = !survey(&ret_strengths->here, TIER_lsm, &missing);
}

static enum strength of(const struct plan *plan, const struct ruleset *ruleset,
			const struct compiled *compiled, size_t i)
{
	return rule_strength(plan, ruleset, ruleset->rules[i],
			     compiled && compiled->rules[i].confirm);
}

static const char *here(const struct strengths *strengths, const struct ruleset *ruleset,
			const struct compiled *compiled, size_t i)
{
	return strengths->known ? strength_table[of(&strengths->here, ruleset, compiled, i)] : "-";
}

void strengths_print(const struct strengths *strengths, const struct ruleset *ruleset,
		     const struct compiled *compiled, FILE *out)
{
	static const char format[] = "%-10s  %-18s  %-18s  %-18s  ";
	bool any = false;

	for (size_t i = 0; i < ruleset->count; i++) {
		_cleanup_buffer_ struct buffer title = BUFFER(4096);
		const struct rule *rule = ruleset->rules[i];
		const char *now = here(strengths, ruleset, compiled, i);

		if (rule->silent || (rule->response < RESPONSE_deny &&
				     strcmp(now, strength_table[STRENGTH_not_seen]) != 0))
			continue;
		if (!any)
			fprintf(out, "%-10s  %-18s  %-18s  %-18s  %s\n", "RESPONSE", "HERE",
				"LSM, FMOD_RET", "PORTABLE", "TITLE");
		any = true;
		utf8_escape(&title, rule->title, strlen(rule->title));
		fprintf(out, format, response_table[rule->response], now,
			strength_table[of(&strengths->tier[TIER_lsm], ruleset, compiled, i)],
			strength_table[of(&strengths->tier[TIER_portable], ruleset, compiled, i)]);
		fprintf(out, "%s\n", buffer_string(&title));
	}
	if (any && !strengths->known)
		fputs("HERE is told when root asks, on a kernel that Fermata works on\n", out);
}

void strengths_write(struct json *json, const char *key, const struct strengths *strengths,
		     const struct ruleset *ruleset, const struct compiled *compiled)
{
	json_array_begin(json, key);
	for (size_t i = 0; i < ruleset->count; i++) {
		const struct rule *rule = ruleset->rules[i];

		json_object_begin(json, NULL);
		json_put_string(json, "id", rule->id);
		json_put_string(json, "title", rule->title);
		json_put_string(json, "response", response_table[rule->response]);
		json_put_bool(json, "step_only", rule->silent);
		json_object_begin(json, "strength");
		json_put_string(json, "here",
				strengths->known ? here(strengths, ruleset, compiled, i) : NULL);
		for (int tier = 0; tier < TIER_MAX; tier++)
			json_put_string(
				json, tier_table[tier],
				strength_table[of(&strengths->tier[tier], ruleset, compiled, i)]);
		json_object_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}
