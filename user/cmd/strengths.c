/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/strengths.h"

#include <string.h>

#include "base/utf8.h"
#include "sensor/survey.h"

int strengths_find(struct strengths *ret_strengths, const struct ruleset *ruleset,
		   const struct compiled *compiled)
{
	struct strengths strengths = { .judged = { ruleset, compiled, NULL } };
	const char *missing;
	int r = compiled ? names_find(&strengths.names, ruleset, compiled) : 0;

	if (r)
		return r;
	for (int tier = 0; tier < TIER_MAX; tier++)
		strengths.tier[tier] = (struct plan) { .tier = (enum tier)tier, .marks = true };
	strengths.known = !survey(&strengths.here, TIER_lsm, &missing);
	*ret_strengths = strengths;
	if (compiled)
		ret_strengths->judged.names = &ret_strengths->names;
	return 0;
}

void strengths_done(struct strengths *strengths)
{
	names_done(&strengths->names);
}

static const char *of(const struct strengths *strengths, const struct plan *plan, size_t i)
{
	return strength_table[rule_strength(plan, &strengths->judged, i)];
}

const char *strengths_of(const struct strengths *strengths, int tier, size_t i)
{
	if (tier >= 0)
		return of(strengths, &strengths->tier[tier], i);
	return strengths->known ? of(strengths, &strengths->here, i) : NULL;
}

void strengths_print(const struct strengths *strengths, FILE *out)
{
	const struct ruleset *ruleset = strengths->judged.ruleset;
	static const char format[] = "%-10s  %-18s  %-18s  %-18s  ";
	bool any = false;

	for (size_t i = 0; i < ruleset->count; i++) {
		_cleanup_buffer_ struct buffer title = BUFFER(4096);
		const struct rule *rule = ruleset->rules[i];
		const char *now = strengths->known ? of(strengths, &strengths->here, i) : "-";

		if (rule->silent || (rule->response < RESPONSE_deny &&
				     strcmp(now, strength_table[STRENGTH_not_seen]) != 0))
			continue;
		if (!any)
			fprintf(out, "%-10s  %-18s  %-18s  %-18s  %s\n", "RESPONSE", "HERE",
				"LSM, FMOD_RET", "PORTABLE", "TITLE");
		any = true;
		utf8_escape(&title, rule->title, strlen(rule->title));
		fprintf(out, format, response_table[rule->response], now,
			of(strengths, &strengths->tier[TIER_lsm], i),
			of(strengths, &strengths->tier[TIER_portable], i));
		fprintf(out, "%s\n", buffer_string(&title));
	}
	if (any && !strengths->known)
		fputs("HERE is told when root asks, on a kernel that Fermata works on\n", out);
}

void strengths_write(struct json *json, const char *key, const struct strengths *strengths)
{
	const struct ruleset *ruleset = strengths->judged.ruleset;

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
				strengths->known ? of(strengths, &strengths->here, i) : NULL);
		for (int tier = 0; tier < TIER_MAX; tier++)
			json_put_string(json, tier_table[tier],
					of(strengths, &strengths->tier[tier], i));
		json_object_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}
