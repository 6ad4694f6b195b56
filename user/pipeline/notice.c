/* SPDX-License-Identifier: Apache-2.0 */
/*
 * They share the head and the log's numbers with the alerts, so that a reader of the log
 * cannot miss them.
 */
#include "pipeline/notice.h"

#include "base/json_tree.h"
#include "pipeline/loss.h"
#include "pipeline/rule_json.h"
#include "rules/step.h"

static int write_tree(struct buffer *out, struct json_tree *tree)
{
	struct json w;
	int r;

	json_init(&w, out);
	r = json_tree_write(tree, &w, NULL);
	if (r < 0)
		return r;
	return buffer_add_byte(out, '\n');
}

static void add_start(struct json_tree *tree, const char *action, __u64 wall)
{
	char text[CLOCK_TEXT_SIZE];

	json_put_string(json_tree_add(tree, "@timestamp"), NULL, clock_text(text, wall));
	json_put_string(json_tree_add(tree, "event.action"), NULL, action);
}

int notice_loss(struct buffer *out, unsigned int cause, __u64 count,
		const struct alert_stamp *stamp, const struct alert_origin *origin,
		__u64 generation, __u64 wall)
{
	_cleanup_json_tree_ struct json_tree tree;

	json_tree_init(&tree, ALERT_BYTES_MAX);
	add_start(&tree, "loss", wall);
	alert_add_head(&tree, "pipeline_error", stamp, origin, generation);
	json_put_string(json_tree_add(&tree, "event.reason"), NULL, loss_table[cause].meaning);
	json_put_string(json_tree_add(&tree, "fermata.loss.cause"), NULL, loss_table[cause].name);
	json_put_number(json_tree_add(&tree, "fermata.loss.count"), NULL, count);
	return write_tree(out, &tree);
}

int notice_folded(struct buffer *out, const struct rule *rule, __u64 count,
		  const struct agent_texts *agent, const struct alert_stamp *stamp,
		  const struct alert_origin *origin, __u64 generation, __u64 wall)
{
	_cleanup_json_tree_ struct json_tree tree;
	_cleanup_buffer_ struct buffer reason = BUFFER(64 << 10);

	json_tree_init(&tree, ALERT_BYTES_MAX);
	add_start(&tree, "folded_matches", wall);
	alert_add_head(&tree, "event", stamp, origin, generation);
	buffer_print(&reason, "rule \"%s\" matched %llu more times within its time span",
		     rule_title(rule), (unsigned long long)count);
	json_put_text(json_tree_add(&tree, "event.reason"), NULL, buffer_string(&reason),
		      reason.length);
	json_put_number(json_tree_add(&tree, "fermata.folded"), NULL, count);
	if (agent->name)
		json_put_string(json_tree_add(&tree, "gen_ai.agent.name"), NULL, agent->name);
	if (agent->id)
		json_put_string(json_tree_add(&tree, "gen_ai.agent.id"), NULL, agent->id);
	rule_json_add(&tree, rule, RULE_JSON_BRIEF);
	return write_tree(out, &tree);
}
