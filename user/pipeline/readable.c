/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words are put together first and escaped as one; only the time, the verdict and
 * the colours, which are ours, go around that.
 */
#include "pipeline/readable.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "pipeline/act.h"
#include "pipeline/rule_json.h"
#include "rules/correlation_type.h"
#include "rules/step.h"

#define COLOUR_STOP "\033[1;31m" /* bold red */
#define COLOUR_WARN "\033[1;33m" /* bold yellow */
#define COLOUR_OFF "\033[0m"

static int add_line(struct buffer *out, __u64 wall, const char *verdict, const char *colour,
		    const struct buffer *words)
{
	char time[CLOCK_TEXT_SIZE];

	buffer_print(out, "%s %s", clock_text_short(time, wall), colour);
	for (const char *c = verdict; *c; c++)
		buffer_add_byte(out, (char)toupper((unsigned char)*c));
	buffer_print(out, "%s%*s ", *colour ? COLOUR_OFF : "",
		     (int)(strlen(verdict) < 10 ? 10 - strlen(verdict) : 0), "");
	utf8_escape(out, buffer_string(words), words->length);
	return buffer_add_byte(out, '\n');
}

/* "after cat[4709] read /x 2.1s before, then …": the events before the last. */
static void add_steps(struct buffer *words, const struct evidence_link *link, __u64 time)
{
	__u64 tenths =
		time > link->event->time ? (time - link->event->time) / (CLOCK_SECOND / 10) : 0;

	if (link->before)
		add_steps(words, link->before, time);
	buffer_add_string(words, link->before ? ", then " : "after ");
	buffer_add(words, buffer_string(&link->event->words), link->event->words.length);
	buffer_print(words, " %llu.%llus before", (unsigned long long)tenths / 10,
		     (unsigned long long)tenths % 10);
}

/* " (event_count 12, after …)": what a correlation has reached, and what led to it. */
static void add_correlation(struct buffer *words, const struct alert *alert)
{
	const struct evidence_link *before = alert->led_to.last ? alert->led_to.last->before : NULL;

	if (!before && !alert->reached.count)
		return;
	buffer_add_string(words, " (");
	if (alert->reached.count) {
		buffer_print(words, "%s %s", correlation_type_table[alert->rule->type],
			     alert->reached.at_least ? "at least " : "");
		reached_print(words, &alert->reached);
		buffer_add_string(words, before ? ", " : "");
	}
	if (before)
		add_steps(words, before, alert->view->record->header.time);
	buffer_add_byte(words, ')');
}

static void add_agent(struct buffer *words, const struct event_view *view)
{
	struct bytes name = view->text[FIELD_agent_agent_name];
	struct bytes session = view->text[FIELD_agent_agent_session];

	if (name.data) {
		buffer_add_string(words, " — agent ");
		buffer_add(words, name.data, name.length);
	}
	if (session.data) {
		buffer_add_string(words, name.data ? ", session " : " — session ");
		buffer_add(words, session.data, session.length);
	}
}

int readable_alert(struct buffer *out, const struct alert *alert, struct clock *clock, bool colour)
{
	_cleanup_buffer_ struct buffer words = BUFFER(READABLE_BYTES_MAX);
	__u64 time = alert->view->record->header.time;
	const char *start = "";
	char verdict[32];

	buffer_print(&words, "%-9s ", alert->rule ? level_table[alert->rule->level] : "medium");
	act_describe_process(&words, alert->view);
	buffer_add_byte(&words, ' ');
	act_describe(&words, alert->view, ACT_PLAIN);
	buffer_print(&words, " — %s",
		     alert->rule ? rule_title(alert->rule) : "no memory to examine it");
	if (alert->rule && !alert->rule->condition)
		add_correlation(&words, alert);
	add_agent(&words, alert->view);
	if (alert->outcome.gone)
		buffer_add_string(&words, " — it had ended before it could be killed");
	else if (alert->outcome.done & DONE_AFTER)
		buffer_add_string(&words, " — after the act took effect");
	else if (!alert->outcome.done && alert_asked(alert) > RESPONSE_alert)
		buffer_print(&words, " — %s was asked for and could not be done",
			     response_table[alert_asked(alert)]);
	if (alert->folded)
		buffer_print(&words, " — and %llu times before", (unsigned long long)alert->folded);
	if (colour)
		start = outcome_stopped(&alert->outcome) ? COLOUR_STOP : COLOUR_WARN;
	outcome_verdict(verdict, &alert->outcome, alert_asked(alert));
	return add_line(out, clock_wall(clock, time), verdict, start, &words);
}

int readable_note(struct buffer *out, const char *words, struct clock *clock, __u64 time,
		  bool colour)
{
	_cleanup_buffer_ struct buffer text = BUFFER(READABLE_BYTES_MAX);

	buffer_add_string(&text, words);
	return add_line(out, clock_wall(clock, time), "note", colour ? COLOUR_WARN : "", &text);
}
