/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an alert says about its rule, in ECS: rule.*, threat.*, labels, tags, and the
 * maestro block.
 */
#ifndef FERMATA_RULE_JSON_H
#define FERMATA_RULE_JSON_H

#include "base/json_tree.h"
#include "rules/rule.h"

enum rule_json_extent {
	RULE_JSON_ALL,
	RULE_JSON_BRIEF, /* without what the author may make long: description, references, tags */
};

/*
 * Adds it. Sigma tags become: attack.t1552.001 → threat.technique.id "T1552.001" (and
 * threat.technique.subtechnique.id, as it has a dot), attack.credential-access →
 * threat.tactic.name "Credential Access", owasp.asi03 → labels.owasp "asi03"; `tags`
 * has all of them as written.
 */
void rule_json_add(struct json_tree *tree, const struct rule *rule, enum rule_json_extent extent);

/* event.severity: 1 informational, 2 low, 3 medium, 4 high, 5 critical. */
unsigned int rule_severity(const struct rule *rule);

/* What evidence calls a step: its name, or else id, or else title. Never NULL. */
const char *rule_step_name(const struct rule *rule);

#endif
