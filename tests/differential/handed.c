/* SPDX-License-Identifier: Apache-2.0 */
#include "differential.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "kernel_side.h"
#include "rule_set.h"
#include "rules_make.h"
#include "stage.h"

#define EVENTS_OF_A_SET 2000
#define RULES_OF_A_SET 60
#define RULES_OF_A_DENSE_SET 800
#define DENSE 10 /* one set of so many */
#define RULES_SIZE (1u << 20)

struct run {
	struct kernel_side *kernel;
	struct dice dice;
	struct tally tally;
	size_t sets, rules, certain, correlations;
	char folder[64]; /* of the generated rules */
};

static void rules_count(struct run *run, const struct rule_set *set)
{
	run->sets++;
	run->rules += set->rules->count;
	for (size_t i = 0; i < set->rules->count; i++) {
		run->certain += !set->compiled->rules[i].confirm;
		run->correlations += !set->rules->rules[i]->condition;
	}
}

/* That many events under these rules. 0; 1: disagreement; -errno. */
static int set_play(struct run *run, const char *path, __u64 events)
{
	_cleanup_(rule_set_done) struct rule_set set = { 0 };
	_cleanup_(stage_freep) struct stage *stage = NULL;
	__u64 end = run->tally.events + events;
	int r = rule_set_read(&set, &path, 1, run->sets + 1);

	if (!r && set.rules->count)
		r = stage_new(&stage, run->kernel, set.rules, set.compiled, &run->dice,
			      &run->tally);
	if (stage)
		rules_count(run, &set);
	while (!r && stage && run->tally.events < end)
		r = stage_play(stage);
	if (r)
		printf("# the rules are in %s, generation %zu\n", path, run->sets);
	return r;
}

static int generated_play(struct run *run, __u64 events)
{
	_cleanup_buffer_ struct buffer text = BUFFER(RULES_SIZE);
	char path[96];
	int r;

	if (run->sets % DENSE == DENSE / 2)
		r = rules_make_dense(&text, &run->dice, RULES_OF_A_DENSE_SET);
	else
		r = rules_make(&text, &run->dice, 1 + dice_below(&run->dice, 2 * RULES_OF_A_SET));

	snprintf(path, sizeof(path), "%s/rules.yml", run->folder);
	if (!r)
		r = rule_set_write(path, &text);
	return r ? r : set_play(run, path, events);
}

/* One result of the TAP output. */
static void tell(unsigned int number, int r, const char *name)
{
	printf("%s %u - %s\n", r ? "not ok" : "ok", number, name);
	if (r < 0)
		printf("# %s\n", strerror(-r));
	fflush(stdout);
}

static void tally_tell(const struct run *run, double seconds)
{
	const struct tally *tally = &run->tally;

	printf("# %zu rule sets, %zu rules: %zu wholly in the kernel; %zu correlations\n",
	       run->sets, run->rules, run->certain, run->correlations);
	printf("# %" PRIu64 " events in %.1f s: %" PRIu64 " matches in the kernel, %" PRIu64
	       " of correlations, %" PRIu64 " folded, %" PRIu64 " assumed, %" PRIu64 " early\n",
	       (uint64_t)tally->events, seconds, (uint64_t)tally->matches,
	       (uint64_t)tally->completed, (uint64_t)tally->folded, (uint64_t)tally->assumed,
	       (uint64_t)tally->early);
	printf("# %" PRIu64 " candidates, %" PRIu64 " confirmed; events: %" PRIu64
	       " with a text that was cut, %" PRIu64 " that overflowed, %" PRIu64
	       " with more matches than are named\n",
	       (uint64_t)tally->candidates, (uint64_t)tally->confirmed, (uint64_t)tally->cut,
	       (uint64_t)tally->overflowed, (uint64_t)tally->named);
}

/* Events of which nothing is to be told show little. */
static bool tally_suffices(const struct tally *tally, __u64 events)
{
	const __u64 few = events / 10000;

	return tally->events >= events && tally->matches >= events / 4 &&
	       tally->confirmed >= events / 100 && tally->early >= events / 100 &&
	       tally->completed > few && tally->folded > few && tally->assumed > few &&
	       tally->cut > few && tally->overflowed > few && tally->overflowed <= events / 5;
}

static int events_play(struct run *run, __u64 events, const char *corpus)
{
	struct stat status;
	__u64 end;
	int r = 0;

	if (stat(corpus, &status)) {
		printf("ok 1 - the corpus # SKIP there is no %s\n", corpus);
	} else {
		r = set_play(run, corpus, events / 4);
		tell(1, r, "the corpus: the kernel decides as the user side does");
	}
	end = run->tally.events;
	end = events > end ? events : end;
	while (!r && run->tally.events < end)
		r = generated_play(run, EVENTS_OF_A_SET);
	tell(2, r, "generated rules: the kernel decides as the user side does");
	return r;
}

/* Kept when something is wrong. */
static void folder_remove(const struct run *run)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/rules.yml", run->folder);
	unlink(path);
	rmdir(run->folder);
}

int handed(const struct differential *differential)
{
	struct run run = { .folder = "/tmp/fermata-differential.XXXXXX",
			   .dice.state = differential->seed };
	__u64 began = clock_boottime();
	const char *step;
	int r, weak;

	if (!mkdtemp(run.folder))
		return perror(run.folder), 1;
	r = kernel_side_open(&run.kernel, &step);
	if (r) {
		printf("not ok 1 - %s\n# %s\n1..1\n", step, strerror(-r));
		return 1;
	}
	r = events_play(&run, differential->events, differential->corpus);
	tally_tell(&run, (double)(clock_boottime() - began) / CLOCK_SECOND);
	weak = r || !tally_suffices(&run.tally, differential->events);
	tell(3, weak, "there is enough of everything among them");
	puts("1..3");
	kernel_side_close(run.kernel);
	if (!weak)
		folder_remove(&run);
	return weak;
}
