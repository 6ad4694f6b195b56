/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/replay_report.h"

#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "pipeline/act.h"
#include "pipeline/evaluate.h"
#include "rules/step.h"

#define WORDS_MAX (64u << 10) /* bytes of an event in words */
#define RESPONSE_WIDTH 11 /* that of "quarantine" and a space */

static const struct rule *rule_of(const struct replayed *replayed, const struct replay_match *match)
{
	return replayed->rules->rules[match->number];
}

static void write_match(struct json *w, const struct replay_match *match)
{
	json_put_string(w, "where", match->user ? "user" : "kernel");
	json_array_begin(w, "evidence");
	for (size_t i = 0; i < match->evidence_count; i++)
		json_put_number(w, NULL, match->evidence[i]);
	json_array_end(w);
}

static void write_rule(struct json *w, const struct rule *rule)
{
	json_object_begin(w, "rule");
	json_put_string(w, "id", rule->id);
	json_put_string(w, "title", rule->title);
	json_object_end(w);
}

/* "cat[4711] read /etc/shadow", with the lines of the events before it. */
static void add_words(struct buffer *out, const struct replay_line *line,
		      const struct replay_match *match)
{
	_cleanup_buffer_ struct buffer words = BUFFER(WORDS_MAX);

	act_describe_process(&words, line->view);
	buffer_add_byte(&words, ' ');
	act_describe(&words, line->view, ACT_PLAIN);
	buffer_add_string(out, ": ");
	utf8_escape(out, buffer_string(&words), words.length);
	for (size_t i = 0; i + 1 < match->evidence_count; i++)
		buffer_print(out, "%s%llu", i ? ", " : " (after ",
			     (unsigned long long)match->evidence[i]);
	if (match->evidence_count > 1)
		buffer_add_byte(out, ')');
}

static void add_title(struct buffer *out, const struct rule *rule)
{
	const char *title = rule_title(rule);

	utf8_escape(out, title, strlen(title));
}

static __u64 line_number(const struct replay_line *line)
{
	return line->view->record->header.sequence;
}

static void report_match(struct buffer *out, const struct replay_line *line,
			 const struct rule *rule, const struct replay_match *match)
{
	struct json w;

	if (!line->json) {
		buffer_print(out, "%llu: %-*s", (unsigned long long)line_number(line),
			     RESPONSE_WIDTH, response_table[rule->response]);
		add_title(out, rule);
		add_words(out, line, match);
		buffer_add_byte(out, '\n');
		return;
	}
	json_init(&w, out);
	json_object_begin(&w, NULL);
	json_put_number(&w, "line", line_number(line));
	write_rule(&w, rule);
	json_put_string(&w, "verdict", response_table[rule->response]);
	write_match(&w, match);
	json_object_end(&w);
	buffer_add_byte(out, '\n');
}

void report_matches(struct buffer *out, const struct replay_line *line,
		    const struct replayed *replayed)
{
	size_t count;
	const struct replay_match *match = replay_matches(replayed->replay, &count);

	for (size_t i = 0; i < count; i++)
		report_match(out, line, rule_of(replayed, &match[i]), &match[i]);
}

/* A verdict that is not what it was. `rule`: the new one, or, of a verdict that is gone,
 * the old one. */
struct change {
	const char *what;
	const struct rule *rule;
	const struct replay_match *match;
	const char *was, *is; /* responses; NULL: there was none, there is none */
};

static void report_change(struct buffer *out, const struct replay_line *line,
			  const struct change *change)
{
	struct json w;

	if (!line->json) {
		buffer_print(out, "%llu: %-*s -> %-*s", (unsigned long long)line_number(line),
			     RESPONSE_WIDTH, change->was ? change->was : "nothing", RESPONSE_WIDTH,
			     change->is ? change->is : "nothing");
		add_title(out, change->rule);
		add_words(out, line, change->match);
		buffer_add_byte(out, '\n');
		return;
	}
	json_init(&w, out);
	json_object_begin(&w, NULL);
	json_put_number(&w, "line", line_number(line));
	write_rule(&w, change->rule);
	json_put_string(&w, "change", change->what);
	json_put_string(&w, "was", change->was);
	json_put_string(&w, "verdict", change->is);
	write_match(&w, change->match);
	json_object_end(&w);
	buffer_add_byte(out, '\n');
}

/* The match of the rule that has the same id, or else name or title. */
static const struct replay_match *same_rule(const struct replayed *replayed,
					    const struct rule *rule)
{
	size_t count;
	const struct replay_match *match = replay_matches(replayed->replay, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(rule_key(rule_of(replayed, &match[i])), rule_key(rule)))
			return &match[i];
	return NULL;
}

static size_t changes_of_now(struct buffer *out, const struct replay_line *line,
			     const struct replayed *before, const struct replayed *now)
{
	size_t count, changes = 0;
	const struct replay_match *match = replay_matches(now->replay, &count);

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_of(now, &match[i]);
		const struct replay_match *old = same_rule(before, rule);
		const struct rule *was = old ? rule_of(before, old) : NULL;

		if (was && was->response == rule->response)
			continue;
		report_change(out, line,
			      &(struct change) { was ? "changes" : "appears", rule, &match[i],
						 was ? response_table[was->response] : NULL,
						 response_table[rule->response] });
		changes++;
	}
	return changes;
}

size_t report_changes(struct buffer *out, const struct replay_line *line,
		      const struct replayed *before, const struct replayed *now)
{
	size_t count, changes = changes_of_now(out, line, before, now);
	const struct replay_match *match = replay_matches(before->replay, &count);

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_of(before, &match[i]);

		if (same_rule(now, rule))
			continue;
		report_change(out, line,
			      &(struct change) { "disappears", rule, &match[i],
						 response_table[rule->response], NULL });
		changes++;
	}
	return changes;
}

static __u64 rate(const struct replay_totals *totals)
{
	return totals->seconds > 0 ? (__u64)((double)totals->events / totals->seconds) : 0;
}

static struct replay_count sum(const struct replayed *replayed)
{
	const struct replay_count *counts = replay_counts(replayed->replay);
	struct replay_count all = { 0 };

	for (size_t i = 0; i < replayed->rules->count; i++) {
		all.matches += counts[i].matches;
		all.folded += counts[i].folded;
	}
	return all;
}

void report_summary(struct buffer *out, const struct replayed *replayed,
		    const struct replay_totals *totals)
{
	const struct replay_count *counts = replay_counts(replayed->replay), all = sum(replayed);

	buffer_print(out, "%llu events, %llu matches, %llu folded, %llu skipped, %llu errors\n",
		     (unsigned long long)totals->events, (unsigned long long)all.matches,
		     (unsigned long long)all.folded, (unsigned long long)totals->foreign,
		     (unsigned long long)totals->bad);
	for (size_t i = 0; i < replayed->rules->count; i++) {
		const struct rule *rule = replayed->rules->rules[i];

		if (!counts[i].matches && !counts[i].folded)
			continue;
		buffer_print(out, "%9llu  %-*s", (unsigned long long)counts[i].matches,
			     RESPONSE_WIDTH, response_table[rule->response]);
		add_title(out, rule);
		if (counts[i].folded)
			buffer_print(out, " (and %llu folded)",
				     (unsigned long long)counts[i].folded);
		buffer_add_byte(out, '\n');
	}
	buffer_print(out, "%.3f s, %llu events/s\n", totals->seconds,
		     (unsigned long long)rate(totals));
}

void report_summary_json(struct buffer *out, const struct replayed *replayed,
			 const struct replay_totals *totals)
{
	const struct replay_count *counts = replay_counts(replayed->replay), all = sum(replayed);
	struct json w;

	json_init(&w, out);
	json_object_begin(&w, NULL);
	json_put_number(&w, "events", totals->events);
	json_put_number(&w, "matches", all.matches);
	json_put_number(&w, "folded", all.folded);
	json_put_number(&w, "changes", totals->changes);
	json_put_number(&w, "skipped", totals->foreign);
	json_put_number(&w, "errors", totals->bad);
	json_put_number(&w, "lost", totals->lost);
	json_put_number(&w, "microseconds", (__u64)(totals->seconds * 1e6));
	json_put_number(&w, "processor_microseconds", (__u64)(totals->processor * 1e6));
	json_put_number(&w, "events_per_second", rate(totals));
	json_array_begin(&w, "rules");
	for (size_t i = 0; i < replayed->rules->count; i++) {
		const struct rule *rule = replayed->rules->rules[i];

		if (!counts[i].matches && !counts[i].folded)
			continue;
		json_object_begin(&w, NULL);
		json_put_string(&w, "id", rule->id);
		json_put_string(&w, "title", rule->title);
		json_put_string(&w, "verdict", response_table[rule->response]);
		json_put_number(&w, "matches", counts[i].matches);
		json_put_number(&w, "folded", counts[i].folded);
		json_object_end(&w);
	}
	json_array_end(&w);
	json_object_end(&w);
	buffer_add_byte(out, '\n');
}

void report_left_out(const struct flat_reader *reader, const struct replay_totals *totals)
{
	const struct tally *categories = flat_reader_unknown_categories(reader);
	const struct tally *fields = flat_reader_unknown_fields(reader);

	for (size_t i = 0; i < categories->count; i++)
		log_warning(0,
			    "%llu events of category '%s' were skipped: it is not one that is seen",
			    (unsigned long long)categories->row[i].count, categories->row[i].name);
	if (categories->others)
		log_warning(0, "%llu events of further categories were skipped",
			    (unsigned long long)categories->others);
	for (size_t i = 0; i < fields->count; i++)
		log_warning(0,
			    "'%s' was ignored %llu times: the event has no such field; 'fermata "
			    "rules fields' lists them",
			    fields->row[i].name, (unsigned long long)fields->row[i].count);
	if (fields->others)
		log_warning(0, "further fields were ignored %llu times",
			    (unsigned long long)fields->others);
	if (totals->lost)
		log_warning(0, "the recording says that %llu events are missing in it",
			    (unsigned long long)totals->lost);
}

void report_undecided(const struct replayed *replayed)
{
	struct replay_losses losses;

	replay_losses(replayed->replay, &losses);
	if (losses.undecided)
		log_warning(0,
			    "a regular expression took too long on %llu events, and counts as not "
			    "matching there: one of '%s'; rewrite it so that fewer ways lead to "
			    "the same text, without repetitions inside of repetitions",
			    (unsigned long long)losses.undecided,
			    rule_title(replayed->rules->rules[losses.undecided_rule]));
	if (losses.crowded)
		log_warning(0,
			    "%llu events have more than %d tests that hold, or are more than %d "
			    "steps of correlations: of the others nothing is known there; use "
			    "fewer rules at once",
			    (unsigned long long)losses.crowded, HELD_MAX, STEPPED_MAX);
}

void report_forgotten(const struct replayed *replayed)
{
	struct replay_losses losses;

	replay_losses(replayed->replay, &losses);
	if (losses.sessions)
		log_warning(0,
			    "the correlations of %llu sessions were forgotten on the way: those of "
			    "%d are followed at the same time",
			    (unsigned long long)losses.sessions, EVALUATOR_SESSIONS_MAX);
	if (losses.groups)
		log_warning(0,
			    "%llu groups of correlations were forgotten on the way: %d of one "
			    "session are followed at the same time, in %u MiB",
			    (unsigned long long)losses.groups, GROUPS_MAX, GROUPS_BYTES_MAX >> 20);
	if (losses.values)
		log_warning(0,
			    "%llu values were left out of a value_percentile: more of them are in "
			    "its time span than are kept",
			    (unsigned long long)losses.values);
}
