/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of a process that acted are evaluated when all of them are there, in the order
 * of their times, with the texts that the pipeline joins to them: what the kernel decided is
 * in them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "differential.h"
#include "judge.h"
#include "pipeline/decode.h"
#include "pipeline/enrich.h"
#include "pipeline/process_table.h"
#include "theatre.h"

static int kept_compare(const void *one, const void *other)
{
	const struct kept *a = one, *b = other;

	return a->time < b->time ? -1 : a->time > b->time;
}

/* What the record says of the decision, as the other way has it from the kernel. */
static void decided_take(struct decided *decided, const struct record_header *header)
{
	*decided = (struct decided) { .matched = header->verdict.matches,
				      .incomplete = header->incomplete,
				      .generation = header->generation,
				      .verdict = header->verdict };
	for (size_t i = 0; i < header->verdict.matches && i < MATCHES_MAX; i++) {
		const struct match *match = &header->verdict.match[i];
		__u64 *words = match->flags & MATCH_CANDIDATE ? decided->candidate : decided->rule;

		words[match->rule / 64] |= 1ULL << (match->rule & 63);
	}
}

/* All that was told, in its order. */
struct jury {
	struct theatre *theatre;
	struct tally tally;
	size_t of_event[EVENT_MAX];
	struct process_table *processes;
	struct enricher *enricher;
	struct evaluator *evaluator;
	struct decided decided;
	bool apart;
};

static void jury_done(struct jury *jury)
{
	evaluator_freep(&jury->evaluator);
	enricher_freep(&jury->enricher);
	if (jury->processes)
		process_table_free(jury->processes);
}

static int jury_ready(struct jury *jury, struct theatre *theatre)
{
	int r = process_table_new(&jury->processes, "", PROCESSES_MAX, PROCESSES_BYTES_MAX);

	jury->theatre = theatre;
	if (!r)
		r = enricher_new(&jury->enricher, jury->processes, "", NULL);
	return r ? r : evaluator_new(&jury->evaluator, theatre->set.compiled->policy);
}

static int record_judge(struct jury *jury, const struct kept *kept)
{
	struct theatre *theatre = jury->theatre;
	const struct record_header *header = &kept->record->header;
	const struct agent_texts agent = { agent_names[0], agent_names[1], agent_names[2] };
	struct event_view view = { 0 };
	struct verdict verdict;
	struct judged_event event = { theatre->set.rules,
				      theatre->set.compiled,
				      &view,
				      &jury->decided,
				      jury->evaluator,
				      &verdict,
				      header->incomplete,
				      jury->apart };
	const char *wrong;
	size_t rule;
	int r = decode(kept->record, kept->size, &view);

	if (r)
		return r;
	enrich(jury->enricher, &agent, &view);
	jury->of_event[header->event]++;
	decided_take(&jury->decided, header);
	r = evaluate(jury->evaluator, &view, SIDE_ALL, &verdict);
	if (r < 0)
		return r;
	jury->apart = jury->apart || judge_overflowed(&event);
	if (header->verdict.matches > MATCHES_MAX) {
		jury->tally.named++; /* the record does not name them all */
		return 0;
	}
	wrong = judge(&event, &jury->tally, &rule);
	if (wrong)
		judge_tell(&event, wrong, rule);
	return wrong ? 1 : 0;
}

static int records_judge(struct jury *jury)
{
	struct theatre *theatre = jury->theatre;
	int r = 0;

	qsort(theatre->kept, theatre->count, sizeof(*theatre->kept), kept_compare);
	for (size_t i = 0; !r && i < theatre->count; i++)
		r = record_judge(jury, &theatre->kept[i]);
	return r;
}

/* Everything was told that happened, and chains were among it. */
static int all_told(const struct jury *jury)
{
	const struct theatre *theatre = jury->theatre;

	return jury->of_event[EVENT_file_open] < theatre->opened ||
	       jury->of_event[EVENT_process_creation] < theatre->executed ||
	       jury->of_event[EVENT_network_connection] < theatre->connected ||
	       !jury->tally.completed || !jury->tally.folded;
}

static void jury_tell(const struct jury *jury, double seconds)
{
	const struct theatre *theatre = jury->theatre;
	const struct tally *tally = &jury->tally;

	printf("# %zu records in %.1f s:", theatre->count, seconds);
	for (size_t i = 0; i < EVENT_MAX; i++)
		printf(" %s %zu", event_table[i].name, jury->of_event[i]);
	printf("\n# %zu rules; %" PRIu64 " matches in the kernel, %" PRIu64
	       " of correlations, %" PRIu64 " folded; %" PRIu64 " candidates, %" PRIu64
	       " confirmed; %" PRIu64 " events overflowed, %" PRIu64
	       " matched more than is named\n",
	       theatre->set.rules->count, (uint64_t)tally->matches, (uint64_t)tally->completed,
	       (uint64_t)tally->folded, (uint64_t)tally->candidates, (uint64_t)tally->confirmed,
	       (uint64_t)tally->overflowed, (uint64_t)tally->named);
}

static int tell(unsigned int number, int r, const char *name)
{
	printf("%s %u - %s\n", r ? "not ok" : "ok", number, name);
	if (r < 0)
		printf("# %s\n", strerror(-r));
	return r ? 1 : 0;
}

int acting(const struct differential *differential)
{
	_cleanup_(theatre_done) struct theatre theatre = { .differential = differential };
	_cleanup_(jury_done) struct jury jury = { 0 };
	__u64 began = clock_boottime();
	const char *step;
	int r = theatre_play(&theatre, &step), q;

	if (!r) {
		step = "the evaluator";
		r = jury_ready(&jury, &theatre);
	}
	if (r) {
		puts("1..1");
		return tell(1, r, step);
	}
	r = tell(1, records_judge(&jury), "of acts: the kernel decided as the user side does");
	q = tell(2, theatre_lost(&theatre) || all_told(&jury), "all that happened was told");
	jury_tell(&jury, (double)(clock_boottime() - began) / CLOCK_SECOND);
	puts("1..2");
	return r || q;
}
