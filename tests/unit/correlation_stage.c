/* SPDX-License-Identifier: Apache-2.0 */
#include "correlation_stage.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define SECOND 1000000000ULL
#define STAGE_EVENTS_MAX 512

#define STEP(name, category, selection)                                                            \
	"---\ntitle: " name "\nname: " name "\nlogsource: {product: linux, category: " category    \
	"}\n"                                                                                      \
	"detection: {s: {" selection "}, condition: s}\n"
#define FILE_STEP(letter) STEP(letter, "file_open", "TargetFilename|contains: '" letter "'")

static const char steps[] =
	FILE_STEP("a") "id: 00000000-0000-4000-8000-00000000000a\n" FILE_STEP("b") FILE_STEP("c")
		FILE_STEP("d") FILE_STEP("e") FILE_STEP("f") FILE_STEP("g") FILE_STEP("h")
			STEP("q", "file_open", "TargetFilename: '/q*z'")
				STEP("n", "network_connection", "UserId|gte: 0")
					STEP("m", "network_connection", "DestinationPort: 80")
						STEP("x", "process_termination", "UserId|gte: 0");

bool stage_open(struct stage *stage, const char *rules)
{
	_cleanup_free_ char *text = NULL;

	*stage = (struct stage) { 0 };
	if (asprintf(&text, "%s%s", rules, steps) < 0)
		abort();
	rule_read_text(&stage->read, text);
	if (stage->read.result || stage->read.diagnostics.total[SEVERITY_ERROR]) {
		diagnostics_print(&stage->read.diagnostics, stderr);
		return false;
	}
	while (strcmp(stage->read.ruleset->rules[stage->rule]->title, "t"))
		stage->rule++;
	stage->compiled = build_compiled(stage->read.ruleset);
	if (!stage->compiled)
		return false;
	if (evaluator_new(&stage->replay, stage->compiled->policy) < 0 ||
	    evaluator_new(&stage->kernel, stage->compiled->policy) < 0 ||
	    evaluator_new(&stage->live, stage->compiled->policy) < 0)
		abort();
	return true;
}

void stage_close(struct stage *stage)
{
	evaluator_freep(&stage->replay);
	evaluator_freep(&stage->kernel);
	evaluator_freep(&stage->live);
	compiled_freep(&stage->compiled);
	rule_read_done(&stage->read);
}

/* Takes the characters before one of `end`, into a place that stays for some events. */
static const char *take_word(const char **text, const char *end)
{
	static char words[16][64];
	static size_t next;
	char *word = words[next++ % ARRAY_SIZE(words)];
	size_t length = strcspn(*text, end);

	snprintf(word, sizeof(words[0]), "%.*s", (int)length, *text);
	*text += length;
	return word;
}

static void start(struct built_event *event, const char *what)
{
	if (*what == 'n') {
		event_start(event, EVENT_network_connection);
		event_number(event, FIELD_network_connection_destination_port,
			     strtoull(what + 1, NULL, 10));
	} else if (*what == 'x') {
		event_start(event, EVENT_process_termination);
		event_number(event, FIELD_process_termination_runtime_ms,
			     (__u64)strtoll(what + 1, NULL, 10));
	} else {
		event_start(event, EVENT_file_open);
		event_text(event, FIELD_file_open_target_filename, what);
	}
	event_number(event, FIELD_common_user_id, 0);
}

static void attribute(struct built_event *event, const char *word)
{
	switch (*word++) {
	case 'i':
		event_text(event, FIELD_fact_image, word);
		break;
	case 'd':
		event_text(event, FIELD_fact_current_directory, word);
		break;
	case 'u':
		event_number(event, FIELD_common_user_id, strtoull(word, NULL, 10));
		break;
	default:
		event_number(event, FIELD_network_connection_source_port, strtoull(word, NULL, 10));
	}
}

static __u64 take_time(const char **text)
{
	const char *word = take_word(text, " ");
	char *end;
	__u64 time = (__u64)(strtod(word, &end) * 1000 + 0.5) * (SECOND / 1000);

	return *end == '+' ? time + strtoull(end, NULL, 10) : time;
}

bool stage_event(struct built_event *event, const char **text)
{
	__u64 session = 1;
	const char *what;

	*text += strspn(*text, " ");
	if (!**text)
		return false;
	if ((*text)[1] == ':') {
		session = (__u64)(**text - '0');
		*text += 2;
	}
	what = take_word(text, "/@");
	if (*what != 'n' && *what != 'x') {
		static char paths[8][64];
		static size_t next;
		char *path = paths[next++ % ARRAY_SIZE(paths)];

		snprintf(path, sizeof(paths[0]), "/%s", what);
		what = path;
	}
	start(event, what);
	while (**text == '/') {
		(*text)++;
		attribute(event, take_word(text, "/@"));
	}
	(*text)++;
	event->record.header.session = session;
	event->record.header.time = take_time(text);
	return true;
}

static char told(const struct match *matches, size_t count, size_t rule)
{
	for (size_t i = 0; i < count; i++)
		if (matches[i].rule == rule)
			return matches[i].flags & MATCH_FOLDED ? 'f' : 'F';
	return '.';
}

char stage_play(struct stage *stage, struct built_event *event)
{
	const struct verdict *verdict = &stage->verdict;
	struct record *record = &event->record;
	bool same = true;

	record->header.flags = 0;
	record->header.verdict = (struct verdict) { 0 };
	evaluate(stage->replay, &event->view, SIDE_ALL, &stage->verdict);
	/* as the kernel sends it */
	evaluate(stage->kernel, &event->view, SIDE_KERNEL, &record->header.verdict);
	record->header.flags = RECORD_VERDICT;
	stage->decision.count = 0;
	if (record->header.verdict.matches)
		CU_ASSERT_EQUAL(decide_certain(&stage->decision, &event->view, stage->compiled,
					       stage->live),
				0);
	for (size_t i = 0; i < stage->read.ruleset->count; i++)
		same = same && told(verdict->match, verdict->matches, i) ==
				       told(stage->decision.match, stage->decision.count, i);
	return same ? told(verdict->match, verdict->matches, stage->rule) : '!';
}

static void run_one(const struct stage_case *it)
{
	_cleanup_(stage_close) struct stage stage;
	char got[STAGE_EVENTS_MAX] = "";
	struct built_event event;
	const char *events = it->events;
	bool ready = stage_open(&stage, it->rules);

	for (size_t i = 0; ready && stage_event(&event, &events); i++)
		got[i] = stage_play(&stage, &event);
	if (!ready || strcmp(got, it->expected) ||
	    stage.compiled->rules[stage.rule].confirm != it->user) {
		unit_note("%s: expected %s (%s), got %s (%s)", it->name, it->expected,
			  it->user ? "user" : "kernel", got,
			  ready ? why_table[stage.compiled->rules[stage.rule].why] : "not read");
		CU_FAIL("a correlation fires otherwise");
	}
}

void stage_run(const struct stage_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_one(&cases[i]);
	unit_note("%zu cases", count);
}
