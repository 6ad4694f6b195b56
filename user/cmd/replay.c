/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata replay`: runs recorded events, or flat Sigma events of any origin, through
 * rules, and tells what the rules would have done; or what other rules would have done
 * otherwise. Touches nothing, and needs no privilege.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/replay_report.h"
#include "cmd/rules_command.h"
#include "pipeline/flat_lines.h"
#include "rules/strings.h"

#define MISTAKES_SHOWN 20 /* lines with a mistake; of more, the number */
#define LINES_BYTES_MAX (16u << 20) /* of what is told of one event */

struct options {
	struct strings rules, before;
	const char *config; /* as in struct rules_session */
	bool json, quiet;
};

static int rules_store(void *target, const char *value)
{
	return strings_add(&((struct options *)target)->rules, value);
}

static int diff_store(void *target, const char *value)
{
	return strings_add(&((struct options *)target)->before, value);
}

static int config_store(void *target, const char *value)
{
	((struct options *)target)->config = value;
	return 0;
}

static int json_store(void *target, const char *value)
{
	(void)value;
	((struct options *)target)->json = true;
	return 0;
}

static int quiet_store(void *target, const char *value)
{
	(void)value;
	((struct options *)target)->quiet = true;
	return 0;
}

static const struct option_row option_table[] = {
	{ "rules", "PATH", "rule file or directory, also several times (default: the shipped ones)",
	  rules_store, 0 },
	{ "diff", "PATH",
	  "rules of before, also several times: tell only the verdicts that are not the same",
	  diff_store, 0 },
	{ "config", "FILE", "lists that rules take by 'expand' (default: " PLACEHOLDERS_FILE ")",
	  config_store, 0 },
	{ "json", NULL, "a line of JSON for each match, or change, and nothing else", json_store,
	  0 },
	{ "quiet", NULL, "the summary only", quiet_store, 0 },
	{ 0 },
};

/* Rules of the command line, ready to evaluate. */
struct side {
	struct rules_session session;
	struct replayed replayed;
};

struct replaying {
	struct options options;
	const char *path;
	struct side now, before; /* `before` only with --diff */
	struct flat_reader *reader;
	struct flat_lines *lines;
	struct buffer out;
	struct replay_totals totals;
};

static void side_done(struct side *side)
{
	replay_freep(&side->replayed.replay);
	rules_session_done(&side->session);
}

static void replaying_done(struct replaying *r)
{
	side_done(&r->now);
	side_done(&r->before);
	flat_reader_freep(&r->reader);
	flat_lines_freep(&r->lines);
	buffer_done(&r->out);
	strings_done(&r->options.rules);
	strings_done(&r->options.before);
}

static int side_load(struct side *side, const struct strings *paths, const char *config)
{
	int status;

	side->session.config = config;
	status = rules_session_load_whole(&side->session, (const char *const *)paths->list,
					  paths->count, STATUS_USAGE);

	if (status != STATUS_DONE)
		return status;
	side->replayed.rules = side->session.ruleset;
	if (replay_new(&side->replayed.replay, side->session.ruleset, side->session.compiled) < 0)
		return log_error(ENOMEM, "cannot set up the rules"), STATUS_CANNOT;
	return STATUS_DONE;
}

static void mistake(struct replaying *r, __u64 line)
{
	if (r->totals.bad++ < MISTAKES_SHOWN)
		log_error(0, "%s:%llu: %s", r->path, (unsigned long long)line,
			  flat_reader_error(r->reader));
	else if (r->totals.bad == MISTAKES_SHOWN + 1)
		log_error(0, "%s: further lines with mistakes are only counted", r->path);
}

static int out_flush(struct replaying *r)
{
	if (r->out.error)
		return r->out.error;
	if (r->out.length && fwrite(r->out.data, 1, r->out.length, stdout) != r->out.length)
		return -errno;
	buffer_reset(&r->out);
	return 0;
}

/* Evaluates the event, and tells what there is to tell. 0 or -errno. */
static int event_replay(struct replaying *r, struct flat_event *event, __u64 number)
{
	const struct replay_line line = { &event->view, r->options.json };
	int error;

	r->totals.events++;
	event->record.header.sequence = number;
	error = replay_event(r->now.replayed.replay, &event->view);
	if (!error && r->before.replayed.replay)
		error = replay_event(r->before.replayed.replay, &event->view);
	if (error)
		return error;
	if (r->before.replayed.replay)
		r->totals.changes +=
			report_changes(&r->out, &line, &r->before.replayed, &r->now.replayed);
	else
		report_matches(&r->out, &line, &r->now.replayed);
	if (r->options.quiet && !r->out.error) {
		buffer_reset(&r->out);
		return 0;
	}
	return out_flush(r);
}

static int line_replay(struct replaying *r, const struct flat_text *line)
{
	struct flat_event *event;
	int kind = flat_read(r->reader, line->data, line->length, &event);

	switch (kind) {
	case FLAT_EVENT:
		return event_replay(r, event, line->number);
	case FLAT_LOSS:
		r->totals.lost += event->lost;
		return 0;
	case FLAT_FOREIGN:
		r->totals.foreign++;
		return 0;
	case FLAT_HEAD:
		return 0;
	case -EINVAL:
		mistake(r, line->number);
		return 0;
	default:
		return kind;
	}
}

static int lines_replay(struct replaying *r)
{
	__u64 began = clock_boottime(), processor = clock_processor();
	struct flat_text line;
	int error;

	while ((error = flat_lines_next(r->lines, &line)) > 0) {
		r->totals.lines++;
		error = line_replay(r, &line);
		if (error)
			break;
	}
	r->totals.seconds = (double)(clock_boottime() - began) / CLOCK_SECOND;
	r->totals.processor = (double)(clock_processor() - processor) / CLOCK_SECOND;
	if (!error)
		return STATUS_DONE;
	log_error(error, "cannot go on with '%s' at line %llu", r->path,
		  (unsigned long long)r->totals.lines);
	return STATUS_CANNOT;
}

static void report_limits(const struct replayed *replayed)
{
	report_undecided(replayed);
	report_forgotten(replayed);
}

/* The summary is left out where each line of the answer stands for itself. */
static int summary_print(struct replaying *r)
{
	const struct options *options = &r->options;

	if (options->json && options->quiet)
		report_summary_json(&r->out, &r->now.replayed, &r->totals);
	else if (!options->json && r->options.before.count)
		buffer_print(
			&r->out, "%llu events, %llu verdicts change, %llu skipped, %llu errors\n",
			(unsigned long long)r->totals.events, (unsigned long long)r->totals.changes,
			(unsigned long long)r->totals.foreign, (unsigned long long)r->totals.bad);
	else if (!options->json)
		report_summary(&r->out, &r->now.replayed, &r->totals);
	report_left_out(r->reader, &r->totals);
	report_limits(&r->now.replayed);
	if (r->before.replayed.replay)
		report_limits(&r->before.replayed);
	if (out_flush(r) < 0 || fflush(stdout))
		return log_error(errno, "cannot write to standard output"), STATUS_CANNOT;
	return r->totals.bad ? STATUS_NO : STATUS_DONE;
}

static int replay_file(struct replaying *r, int fd)
{
	int status = side_load(&r->now, &r->options.rules, r->options.config);

	if (status == STATUS_DONE && r->options.before.count)
		status = side_load(&r->before, &r->options.before, r->options.config);
	if (status != STATUS_DONE)
		return status;
	buffer_init(&r->out, LINES_BYTES_MAX);
	if (flat_reader_new(&r->reader) < 0 || flat_lines_new(&r->lines, fd) < 0)
		return log_error(ENOMEM, "cannot read events"), STATUS_CANNOT;
	status = lines_replay(r);
	return status == STATUS_DONE ? summary_print(r) : status;
}

int cmd_replay(int argc, char **argv)
{
	_cleanup_(replaying_done) struct replaying r = { 0 };
	int next = options_read(argc, argv, option_table, &r.options, "replay");
	_cleanup_close_ int fd = -1;

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (argc - next != 1) {
		log_error(0, "replay takes one FILE, or - for standard input; 'fermata replay -h' "
			     "shows how");
		return STATUS_USAGE;
	}
	r.path = argv[next];
	fd = strcmp(r.path, "-") ? open(r.path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	if (fd < 0) {
		log_error(errno, "cannot open '%s'", r.path);
		return STATUS_USAGE;
	}
	return replay_file(&r, fd);
}
