/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "draft.h"
#include "judge.h"
#include "pipeline/facts.h"
#include "pipeline/texts.h"

#define PROCESSES 3 /* of a session */

#define OWN_FIELDS 3 /* Image, CommandLine, CurrentDirectory; of a parent the first two */
#define FACTS 5

/* What the kernel side and the user side know of a process, each in its way. */
struct process_facts {
	struct tag tag;
	struct draft_text text[FACTS]; /* by FACT_FIELDS row */
	__u64 cut, parent_cut; /* slots of those that are too long: own, the parent's */
};

struct player {
	__u64 session;
	struct facts facts;
	struct draft_text agent[3]; /* by AGENT_FIELDS row */
	struct process_facts process[PROCESSES];
};

struct stage {
	struct kernel_side *kernel;
	const struct ruleset *rules;
	const struct compiled *compiled;
	struct dice *dice;
	struct tally *tally;
	struct evaluator *evaluator;
	__u64 time;
	struct draft draft, execution;
	struct player players[SESSIONS];
};

void stage_free(struct stage *stage)
{
	if (stage->evaluator)
		evaluator_free(stage->evaluator);
	free(stage);
}

static struct bytes bytes_of(const struct draft_text *text)
{
	return (struct bytes) { text->given ? text->data : NULL, text->length };
}

/* An agent with a name, an id and a profile that rules may test. */
static void player_begin(struct stage *stage, size_t row)
{
	struct player *player = &stage->players[row];
	struct bytes values[3];

	player->session = row + 1;
	draft_start(&stage->draft, EVENT_file_open);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		draft_give(&stage->draft, stage->dice, stage->rules,
			   &field_table[FIELD_agent_agent_name + i]);
		player->agent[i] = stage->draft.text[FIELD_agent_agent_name + i];
		values[i] = bytes_of(&player->agent[i]);
	}
	facts_compute(&player->facts, stage->compiled->policy, FIELD_agent_agent_name, values,
		      ARRAY_SIZE(values));
}

int stage_new(struct stage **ret_stage, struct kernel_side *kernel, const struct ruleset *rules,
	      const struct compiled *compiled, struct dice *dice, struct tally *tally)
{
	_cleanup_(stage_freep) struct stage *stage = calloc(1, sizeof(*stage));
	int r;

	if (!stage)
		return -ENOMEM;
	stage->kernel = kernel;
	stage->rules = rules;
	stage->compiled = compiled;
	stage->dice = dice;
	stage->tally = tally;
	stage->time = 1000 * CLOCK_SECOND;
	r = evaluator_new(&stage->evaluator, compiled->policy);
	if (!r)
		r = kernel_side_policy(kernel, compiled->policy);
	if (r)
		return r;
	for (size_t row = 0; row < SESSIONS; row++)
		player_begin(stage, row);
	*ret_stage = take_ptr(stage);
	return 0;
}

/* One event, as both sides are given it -------------------------------------------------- */

/* Where hooks have it: a path ends where the buffer ends. Around it is what was there. */
static void text_place(struct text *text, enum field field, const struct draft_text *from)
{
	bool path = field != FIELD_fact_command_line;

	text_fill(text, field, (struct bytes) { from->data, from->given ? from->length : 0 });
	if (!path)
		return;
	memmove(text->byte + TEXT_MAX - text->length, text->byte, text->length);
	text->offset = TEXT_MAX - text->length;
}

static __u32 name_place(__u8 *to, enum field field, const struct draft_text *from)
{
	struct text text;

	text_fill(&text, field, (struct bytes) { from->data, from->given ? from->length : 0 });
	memcpy(to, text.byte, text.length);
	return text.length;
}

/* In the kernel arguments are ended by NULs; anything may be a part of one. */
static void arguments_part(struct dice *dice, struct text *text)
{
	for (size_t i = 0; i < text->length; i++)
		if (text->byte[i] == ' ' && dice_once(dice, 2))
			text->byte[i] = '\0';
}

/* Whether it is a text of the event's own, that hooks always have. */
static bool is_own_text(enum event_type event, size_t field)
{
	return event != EVENT_process_creation && field_table[field].event == (int)event &&
	       field_table[field].kind == KIND_text;
}

/* Returns the slots of those that are too long. */
static __u64 own_texts_place(struct subject *subject, const struct draft *draft)
{
	enum event_type event = draft->record.header.event;
	__u64 cut = 0;
	__u32 count = 0;

	for (size_t i = event_table[event].first; i < event_table[event].end; i++) {
		if (!is_own_text(event, i))
			continue;
		subject->own[count] = (struct subject_own) { (__u32)i, field_table[i].slot };
		text_place(&subject->text[count], i, &draft->text[i]);
		cut |= subject->text[count].incomplete ? SLOT_BIT(field_table[i].slot) : 0;
		count++;
	}
	subject->own_count = count;
	return cut;
}

static void creation_place(struct stage *stage, struct subject *subject, const struct draft *draft)
{
	text_place(&subject->text[SUBJECT_DIRECTORY], FIELD_fact_current_directory,
		   &draft->text[FIELD_fact_current_directory]);
	text_place(&subject->text[SUBJECT_IMAGE], FIELD_fact_image, &draft->text[FIELD_fact_image]);
	text_place(&subject->text[SUBJECT_ARGUMENTS], FIELD_fact_command_line,
		   &draft->text[FIELD_fact_command_line]);
	arguments_part(stage->dice, &subject->text[SUBJECT_ARGUMENTS]);
	subject->name_length = name_place(subject->name, FIELD_process_creation_original_file_name,
					  &draft->text[FIELD_process_creation_original_file_name]);
	subject->interpreter_length =
		name_place(subject->interpreter, FIELD_process_creation_interpreter,
			   &draft->text[FIELD_process_creation_interpreter]);
}

/* Returns the slots of texts that are too long. */
static __u64 subject_place(struct stage *stage, const struct draft *draft,
			   const struct player *player, const struct process_facts *process)
{
	struct subject *subject = kernel_side_subject(stage->kernel);
	const struct text *text = subject->text;

	subject->record = draft->record;
	subject->tag = process->tag;
	subject->agent.session = player->session;
	subject->agent.facts[0] = subject->agent.facts[1] = player->facts;
	if (draft->record.header.event == EVENT_process_creation) {
		creation_place(stage, subject, draft);
		return (text[SUBJECT_IMAGE].incomplete ? SLOT_BIT(SLOT_fact_image) : 0) |
		       (text[SUBJECT_DIRECTORY].incomplete ? SLOT_BIT(SLOT_fact_current_directory)
							   : 0);
	}
	return own_texts_place(subject, draft);
}

/* The texts as the pipeline has them. */
static struct event_view view_of(const struct draft *draft, const struct player *player,
				 const struct process_facts *process)
{
	struct event_view view = { .record = &draft->record };

	for (size_t i = 0; i < FIELD_MAX; i++)
		if (field_table[i].kind == KIND_text)
			view.text[i] = bytes_of(&draft->text[i]);
	for (size_t i = 0; i < FACTS; i++)
		if (draft->record.header.event != EVENT_process_creation || i >= OWN_FIELDS)
			view.text[FIELD_fact_image + i] = bytes_of(&process->text[i]);
	for (size_t i = 0; i < ARRAY_SIZE(player->agent); i++)
		view.text[FIELD_agent_agent_name + i] = bytes_of(&player->agent[i]);
	return view;
}

/* What became of earlier steps is not the same on both sides any more. */
static int chains_forget(struct stage *stage, size_t row)
{
	evaluator_forget(stage->evaluator, stage->players[row].session);
	return kernel_side_forget(stage->kernel, (__u32)row);
}

/* Whole seconds, so that time spans end exactly; now and then a nanosecond later. */
static void time_pass(struct stage *stage)
{
	stage->time += dice_below(stage->dice, dice_once(stage->dice, 3) ? 20 : 2) * CLOCK_SECOND +
		       dice_once(stage->dice, 16);
}

static int stage_decide(struct stage *stage, struct draft *draft, size_t row,
			struct process_facts *process, const struct decided **ret_decided)
{
	struct player *player = &stage->players[row];
	struct record_header *header = &draft->record.header;
	struct event_view view = view_of(draft, player, process);
	struct verdict verdict;
	struct judged_event event = { stage->rules,	stage->compiled, &view, NULL,
				      stage->evaluator, &verdict,	 0,	false };
	const char *wrong;
	size_t rule;
	int r;

	time_pass(stage);
	header->time = stage->time;
	header->agent = (__u32)row;
	header->session = player->session;
	event.incomplete = subject_place(stage, draft, player, process);
	event.incomplete |= process->parent_cut;
	if (header->event != EVENT_process_creation)
		event.incomplete |= process->cut;
	r = kernel_side_decide(stage->kernel, &event.kernel);
	if (r)
		return r;
	r = evaluate(stage->evaluator, &view, SIDE_ALL, &verdict);
	if (r < 0)
		return r;
	wrong = judge(&event, stage->tally, &rule);
	if (wrong)
		judge_tell(&event, wrong, rule);
	if (!wrong && judge_overflowed(&event))
		r = chains_forget(stage, row);
	*ret_decided = event.kernel;
	return wrong ? 1 : r < 0 ? r : 0;
}

/* What happens ---------------------------------------------------------------------------- */

/* Hooks have no event without these texts. */
static void text_need(struct stage *stage, struct draft *draft, enum field field)
{
	if (!draft->text[field].given)
		draft_give(draft, stage->dice, stage->rules, &field_table[field]);
}

/* Names of files that are empty are not there. */
static void names_normalize(struct draft *draft)
{
	for (size_t i = event_table[EVENT_process_creation].first;
	     i < event_table[EVENT_process_creation].end; i++)
		draft->text[i].given = draft->text[i].given && draft->text[i].length;
}

/* The process executes what `draft` is the execution of: from here on its facts are that
 * program's. */
static int process_execute(struct stage *stage, struct draft *draft, size_t row,
			   struct process_facts *process)
{
	const struct text *text = kernel_side_subject(stage->kernel)->text;
	const struct decided *decided;
	int r;

	for (size_t i = 0; i < OWN_FIELDS; i++)
		text_need(stage, draft, FIELD_fact_image + i);
	names_normalize(draft);
	r = stage_decide(stage, draft, row, process, &decided);
	if (r)
		return r;
	process->tag.own = decided->tag.own;
	process->tag.as_parent = decided->tag.as_parent;
	for (size_t i = 0; i < OWN_FIELDS; i++) {
		struct draft_text *kept = &process->text[i];

		*kept = draft->text[FIELD_fact_image + i];
		for (size_t k = 0; k < kept->length; k++)
			if (!kept->data[k])
				kept->data[k] = ' '; /* as pipeline/program.c keeps it */
	}
	process->cut =
		(text[SUBJECT_IMAGE].incomplete ? SLOT_BIT(SLOT_fact_image) : 0) |
		(text[SUBJECT_DIRECTORY].incomplete ? SLOT_BIT(SLOT_fact_current_directory) : 0);
	return 0;
}

/* The process executes a program with these texts, where they are given; of the rest chance
 * decides. */
static int process_becomes(struct stage *stage, size_t row, struct process_facts *process,
			   const struct draft_text *texts, size_t count)
{
	struct draft *draft = &stage->execution;

	draft_start(draft, EVENT_process_creation);
	for (size_t i = 0; i < count; i++)
		draft->text[FIELD_fact_image + i] = texts[i];
	draft_fill(draft, stage->dice, stage->rules);
	return process_execute(stage, draft, row, process);
}

/* As a task is created: it has its parent's program, and that for a parent. */
static void process_fork(struct process_facts *child, const struct process_facts *parent)
{
	*child = *parent;
	child->tag.parent = parent->tag.as_parent;
	child->text[OWN_FIELDS] = parent->text[0];
	child->text[OWN_FIELDS + 1] = parent->text[1];
	child->parent_cut =
		parent->cut & SLOT_BIT(SLOT_fact_image) ? SLOT_BIT(SLOT_fact_parent_image) : 0;
}

static bool any_given(const struct draft_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i].given)
			return true;
	return false;
}

/* Makes the process one of which the draft's facts are true. */
static int process_prepare(struct stage *stage, const struct draft *draft, size_t row,
			   struct process_facts *process)
{
	const struct draft_text *own = &draft->text[FIELD_fact_image];
	struct process_facts *parent =
		&stage->players[row].process[dice_below(stage->dice, PROCESSES)];
	int r = 0;

	if (any_given(own + OWN_FIELDS, FACTS - OWN_FIELDS) || dice_once(stage->dice, 8)) {
		r = process_becomes(stage, row, parent, own + OWN_FIELDS, FACTS - OWN_FIELDS);
		if (!r && parent != process)
			process_fork(process, parent);
	}
	if (r || draft->record.header.event == EVENT_process_creation)
		return r;
	return any_given(own, OWN_FIELDS) || dice_once(stage->dice, 8)
		       ? process_becomes(stage, row, process, own, OWN_FIELDS)
		       : 0;
}

static int detection_play(struct stage *stage, const struct rule *rule, size_t row)
{
	struct process_facts *process =
		&stage->players[row].process[dice_below(stage->dice, PROCESSES)];
	struct draft *draft = &stage->draft;
	const struct decided *decided;
	int r;

	draft_start(draft, rule->event);
	if (!dice_once(stage->dice, 8))
		draft_aim(draft, stage->dice, rule->condition);
	if (dice_once(stage->dice, 2))
		draft_miss(draft, stage->dice);
	r = process_prepare(stage, draft, row, process);
	if (r)
		return r;
	draft_fill(draft, stage->dice, stage->rules);
	if (rule->event == EVENT_process_creation)
		return process_execute(stage, draft, row, process);
	for (size_t i = 0; i < FIELD_MAX; i++)
		if (is_own_text(rule->event, i))
			text_need(stage, draft, (enum field)i);
	return stage_decide(stage, draft, row, process, &decided);
}

/* A correlation is played step by step, by one session, and once more. */
static int rule_play(struct stage *stage, size_t index, size_t row, size_t depth)
{
	const struct rule *rule = stage->rules->rules[index];
	size_t times = 1 + dice_below(stage->dice, 3);
	int r = 0;

	if (rule->condition)
		return detection_play(stage, rule, row);
	for (size_t i = 0; !r && depth && i < times * rule->step_count; i++)
		r = rule_play(stage, rule->steps[i % rule->step_count], row, depth - 1);
	return r;
}

#define DEPTH_MAX 4 /* of correlations of correlations */

int stage_play(struct stage *stage)
{
	return rule_play(stage, dice_below(stage->dice, stage->rules->count),
			 dice_below(stage->dice, SESSIONS), DEPTH_MAX);
}
