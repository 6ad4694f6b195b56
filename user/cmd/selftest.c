/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata selftest`: does what it is to see and to refuse, on this host, and looks whether it
 * was seen and refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/options.h"
#include "rules/names.h"
#include "rules/rule.h"
#include "selftest/verdict.h"
#include "sensor/filter.h"
#include "sensor/survey.h"

struct selftest {
	bool json;
	const char *tier_name; /* NULL: the strongest */
	enum tier tier;
	char directory[64]; /* empty: there is none */
	struct plan plan;
	struct diagnostics diagnostics;
	struct ruleset *ruleset; /* that of the stage that refuses */
	struct compiled *compiled;
	struct names names;
	bool filtered;
	struct seen stage[STAGE_MAX][CANARIES_MAX];
	unsigned int count[PROOF_unpromised + 1];
};

static volatile sig_atomic_t interrupted; /* the signal */

static int store_json(void *target, const char *value)
{
	(void)value;
	((struct selftest *)target)->json = true;
	return 0;
}

static int store_tier(void *target, const char *value)
{
	struct selftest *test = target;

	for (int tier = 0; tier < TIER_MAX; tier++)
		if (!strcmp(tier_table[tier], value)) {
			test->tier = (enum tier)tier;
			test->tier_name = tier_table[tier];
			return 0;
		}
	log_error(0, "--tier is lsm, fmod_ret or portable, not '%s'", value);
	return -1;
}

static const struct option_row selftest_options[] = {
	{ "tier", "lsm|fmod_ret|portable",
	  "test this tier (default: the strongest that works here)", store_tier, 0 },
	{ "json", NULL, "print JSON", store_json, 0 },
	{ 0 },
};

static int one_remove(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void directory_remove(const char *path)
{
	if (*path)
		nftw(path, one_remove, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void selftest_done(struct selftest *test)
{
	directory_remove(test->directory);
	names_done(&test->names);
	compiled_free(test->compiled);
	ruleset_free(test->ruleset);
	diagnostics_done(&test->diagnostics);
}

static void on_signal(int signal)
{
	interrupted = signal;
	stage_interrupt();
}

static void signals_take(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int ground_make(const char *directory, enum stage stage)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX], rules[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%s", directory, stage_table[stage]);
	snprintf(rules, sizeof(rules), "%s/%s.yml", directory, stage_table[stage]);
	if (mkdir(path, 0700))
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : canary_ground_lay(fd);
	return r ? r : stage_rules(rules, stage, path);
}

static int scene_make(struct selftest *test)
{
	const char *parent = getenv("TMPDIR");
	int r = 0;

	if (snprintf(test->directory, sizeof(test->directory), "%s/fermata-selftest-XXXXXX",
		     parent ? parent : "/tmp") >= (int)sizeof(test->directory) ||
	    !mkdtemp(test->directory)) {
		log_error(errno, "cannot make a directory in %s", parent ? parent : "/tmp");
		test->directory[0] = '\0';
		return -EIO;
	}
	for (int stage = 0; !r && stage < STAGE_MAX; stage++)
		r = ground_make(test->directory, (enum stage)stage);
	if (r)
		log_error(r, "cannot lay out %s", test->directory);
	return r;
}

/* What is promised is told by the same as `doctor` and `run`: from the rules that refuse. */
static int promises_read(struct selftest *test)
{
	char path[PATH_MAX];
	const char *paths[] = { path };
	int r;

	snprintf(path, sizeof(path), "%s/%s.yml", test->directory, stage_table[STAGE_refused]);
	r = ruleset_read(&test->ruleset, paths, 1, &(const struct rule_inputs) { 0 },
			 &test->diagnostics);
	if (!r)
		r = compile(&test->compiled, test->ruleset, 1, &test->diagnostics);
	if (!r)
		r = names_find(&test->names, test->ruleset, test->compiled);
	if (r)
		log_error(r, "the rules of the test do not compile");
	return r;
}

static enum strength promise(const struct selftest *test, const struct canary *canary)
{
	const struct judged judged = { test->ruleset, test->compiled, &test->names };

	for (size_t i = 0; i < test->ruleset->count; i++)
		if (!strcmp(test->ruleset->rules[i]->title, canary->name))
			return rule_strength(&test->plan, &judged, i);
	return event_strength(plan_event(&test->plan, canary->event), canary->event);
}

static const char *const proof_table[] = {
	[PROOF_held] = "held",
	[PROOF_broken] = "failed",
	[PROOF_none] = "not tried",
	[PROOF_unpromised] = "not here",
};

/* Why an event is not seen: what its first hook failed with. */
static void why_not(const struct selftest *test, const struct canary *canary, struct buffer *words)
{
	char text[160];

	for (const struct program *row = program_table; row->name; row++)
		if (row->events >> canary->event & 1 && row->need != NEED_ALWAYS &&
		    test->plan.failed[row->hook][row->shell].step) {
			buffer_print(words, ": %s, %s", row->name,
				     failure_text(&test->plan.failed[row->hook][row->shell], text,
						  sizeof(text)));
			return;
		}
}

static void canary_tell(struct selftest *test, const struct canary *canary, struct json *json)
{
	size_t i = (size_t)(canary - canary_table);
	const struct seen seen[STAGE_MAX] = { test->stage[STAGE_seen][i],
					      test->stage[STAGE_refused][i] };
	_cleanup_buffer_ struct buffer words = BUFFER(4096);
	enum strength promised = promise(test, canary);
	enum proof proof = canary_judge(canary, seen, promised, test->filtered, &words);

	if (proof == PROOF_unpromised)
		why_not(test, canary, &words);
	test->count[proof]++;
	if (!json) {
		printf("  %-20s %-20s %.*s\n", canary->name, event_table[canary->event].name,
		       (int)words.length, words.data);
		return;
	}
	json_object_begin(json, NULL);
	json_put_string(json, "name", canary->name);
	json_put_string(json, "event", event_table[canary->event].name);
	json_put_string(json, "promised", strength_table[promised]);
	json_put_string(json, "proof", proof_table[proof]);
	json_put_text(json, "result", words.data, words.length);
	json_object_end(json);
}

static void counts_put(const struct selftest *test, struct json *json)
{
	for (size_t i = 0; i < sizeof(proof_table) / sizeof(*proof_table); i++)
		json_put_number(json, proof_table[i], test->count[i]);
}

static int json_tell(struct selftest *test)
{
	_cleanup_buffer_ struct buffer out = BUFFER(1 << 20);
	struct json json;

	json_init(&json, &out);
	json_object_begin(&json, NULL);
	json_put_string(&json, "tier", tier_table[plan_tier(&test->plan)]);
	json_array_begin(&json, "canaries");
	for (const struct canary *row = canary_table; row->name; row++)
		canary_tell(test, row, &json);
	json_array_end(&json);
	counts_put(test, &json);
	json_object_end(&json);
	buffer_add_byte(&out, '\n');
	if (out.error)
		return out.error;
	return fwrite(out.data, 1, out.length, stdout) == out.length ? 0 : -EIO;
}

static int text_tell(struct selftest *test)
{
	printf("tier %s\n", tier_table[plan_tier(&test->plan)]);
	for (const struct canary *row = canary_table; row->name; row++)
		canary_tell(test, row, NULL);
	printf("%u as promised, %u failed, %u not tried, %u not on this kernel\n",
	       test->count[PROOF_held], test->count[PROOF_broken], test->count[PROOF_none],
	       test->count[PROOF_unpromised]);
	return fflush(stdout) ? -EIO : 0;
}

static int kernel_survey(struct selftest *test)
{
	const char *missing;
	int r = survey(&test->plan, test->tier, &missing);
	struct failure failure;

	if (r) {
		log_error(0, "cannot test here: this needs %s; 'fermata doctor' tells more",
			  missing);
		return STATUS_CANNOT;
	}
	test->plan.everything = false;
	test->filtered = plan_tier(&test->plan) == TIER_portable && filter_probe(&failure);
	return STATUS_DONE;
}

static int stages_hold(struct selftest *test)
{
	int r = 0;

	for (int stage = 0; !r && stage < STAGE_MAX; stage++)
		r = stage_hold(test->directory, (enum stage)stage, test->tier_name,
			       test->stage[stage]);
	if (r == -ECHILD)
		log_error(0, "the agent of the test could not be run to its end; what 'run' says "
			     "is above");
	else if (r && r != -EINTR)
		log_error(r, "the test could not be held");
	return r;
}

static int selftest_hold(struct selftest *test)
{
	int status = kernel_survey(test);

	if (status)
		return status;
	signals_take();
	if (scene_make(test) || promises_read(test) || stages_hold(test))
		return interrupted ? STATUS_SIGNAL + interrupted : STATUS_CANNOT;
	if (test->json ? json_tell(test) : text_tell(test)) {
		log_error(EIO, "cannot write to standard output");
		return STATUS_CANNOT;
	}
	return test->count[PROOF_broken] ? STATUS_NO : STATUS_DONE;
}

int cmd_selftest(int argc, char **argv)
{
	_cleanup_(selftest_done) struct selftest test = { 0 };
	int next;

	/* what it runs itself as */
	if (argc == 4 && !strcmp(argv[1], "stage"))
		return stage_act(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "canary"))
		return stage_act_one(argv[2], argv[4]);
	next = options_read(argc, argv, selftest_options, &test, "selftest");
	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (next < argc) {
		log_error(0, "selftest takes no '%s'; 'fermata selftest -h' shows how", argv[next]);
		return STATUS_USAGE;
	}
	return selftest_hold(&test);
}
