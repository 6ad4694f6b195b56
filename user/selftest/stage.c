/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fields.h"
#include "hook.h"
#include "sensor/trial_acts.h"

#define ACT_SECONDS 60 /* that one act may take; an emulated machine is slow */
#define STATUS_UNTRIED 255

const char *const stage_table[STAGE_MAX] = {
	[STAGE_seen] = "seen",
	[STAGE_refused] = "refused",
};

/* Rules -------------------------------------------------------------------------------- */

/* Of a packet it may not be known which process sends it. */
static bool is_of_process(const struct canary *canary)
{
	return !(PACKET_EVENTS >> canary->event & 1);
}

static void selection_write(FILE *file, const struct canary *canary, const char *ground)
{
	fprintf(file, "        %s: '", canary->key);
	if (strncmp(canary->value, "%s", 2) != 0)
		fprintf(file, "%s'\n", canary->value);
	else
		fprintf(file, "%s%s'\n", ground, canary->value + 2);
}

static void rule_write(FILE *file, const struct canary *canary, enum stage stage,
		       const char *ground)
{
	fprintf(file,
		"---\ntitle: %s\nlevel: low\nresponse: %s\nlogsource:\n    product: linux\n"
		"    category: %s\ndetection:\n    condition: selection\n    selection:\n",
		canary->name, stage == STAGE_refused ? "deny" : "alert",
		event_table[canary->event].name);
	if (is_of_process(canary))
		fprintf(file, "        %s|contains: 'selftest canary %s %s '\n",
			canary->child ? "ParentCommandLine" : "CommandLine", canary->name,
			stage_table[stage]);
	if (canary->key)
		selection_write(file, canary, ground);
}

int stage_rules(const char *path, enum stage stage, const char *ground)
{
	_cleanup_fclose_ FILE *file = fopen(path, "wxe");

	if (!file)
		return -errno;
	for (const struct canary *row = canary_table; row->name; row++)
		/* what is never refused has no such rule */
		if (stage == STAGE_seen || row->event != EVENT_process_termination)
			rule_write(file, row, stage, ground);
	return fflush(file) ? -errno : 0;
}

/* The agent ---------------------------------------------------------------------------- */

int stage_act_one(const char *name, const char *directory)
{
	_cleanup_close_ int ground = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct canary *canary = canary_find(name);
	int r;

	alarm(ACT_SECONDS);
	r = canary && ground >= 0 ? canary->act(ground) : UNTRIED;
	return r == UNTRIED ? STATUS_UNTRIED : r;
}

static void one_start(const char *own, const char *name, const char *stage, const char *ground)
{
	execl(own, own, "selftest", "canary", name, stage, ground, NULL);
	_exit(errno);
}

/* "open 0", "open 1" (EPERM), "open killed" */
static void one_tell(FILE *file, const char *name, int status)
{
	if (WIFEXITED(status))
		fprintf(file, "%s %d\n", name, WEXITSTATUS(status));
	else
		fprintf(file, "%s killed\n", name);
	fflush(file);
}

int stage_act(const char *stage, const char *directory)
{
	char own[PATH_MAX], path[PATH_MAX], ground[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	_cleanup_fclose_ FILE *file = NULL;
	pid_t child;
	int status;

	snprintf(path, sizeof(path), "%s/%s.answers", directory, stage);
	snprintf(ground, sizeof(ground), "%s/%s", directory, stage);
	file = fopen(path, "wxe");
	if (n <= 0 || !file)
		return 1;
	own[n] = '\0';
	for (const struct canary *row = canary_table; row->name; row++) {
		child = fork();
		if (!child)
			one_start(own, row->name, stage, ground);
		if (child > 0 && waitpid(child, &status, 0) == child)
			one_tell(file, row->name, status);
	}
	return 0;
}

/* What came of it ---------------------------------------------------------------------- */

static struct seen *seen_of(struct seen seen[CANARIES_MAX], const char *name)
{
	const struct canary *canary = name ? canary_find(name) : NULL;

	return canary ? &seen[canary - canary_table] : NULL;
}

static void answer_take(struct seen *seen, const char *word)
{
	int status = atoi(word);

	if (!strcmp(word, "killed"))
		seen->answer = ANSWER_refused;
	else if (status == STATUS_UNTRIED)
		seen->answer = ANSWER_untried;
	else if (!status)
		seen->answer = ANSWER_done;
	else
		seen->answer = status == EPERM || status == EACCES || status == EINTR
				       ? ANSWER_refused
				       : ANSWER_failed;
	seen->error = status;
}

static int answers_read(const char *path, struct seen seen[CANARIES_MAX])
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char name[64], word[16];

	if (!file)
		return -errno;
	while (fscanf(file, "%63s %15s", name, word) == 2)
		if (seen_of(seen, name))
			answer_take(seen_of(seen, name), word);
	return 0;
}

static void alert_take(struct seen seen[CANARIES_MAX], const json_t *alert)
{
	const char *rule =
		json_string_value(json_object_get(json_object_get(alert, "rule"), "name"));
	const json_t *fermata = json_object_get(alert, "fermata");
	const char *verdict = json_string_value(json_object_get(fermata, "verdict"));
	struct seen *one = seen_of(seen, rule);
	enum told told;

	if (!one || !verdict)
		return;
	told = !strcmp(verdict, "denied")   ? TOLD_denied
	       : !strcmp(verdict, "killed") ? TOLD_killed
					    : TOLD_alerted;
	if (told < one->told)
		return;
	one->told = told;
	one->after =
		json_is_true(json_object_get(json_object_get(fermata, "response"), "after_effect"));
}

static int alerts_read(const char *path, struct seen seen[CANARIES_MAX])
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	json_t *alert;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while ((alert = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		alert_take(seen, alert);
		json_decref(alert);
	}
	return 0;
}

/* The whole of it ---------------------------------------------------------------------- */

static _Noreturn void run_start(const char *directory, enum stage stage, const char *tier)
{
	char own[PATH_MAX], rules[PATH_MAX], alerts[PATH_MAX], errors[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	const char *argv[24];
	int argc = 0, fd;

	own[n > 0 ? n : 0] = '\0';
	snprintf(rules, sizeof(rules), "%s/%s.yml", directory, stage_table[stage]);
	snprintf(alerts, sizeof(alerts), "%s/%s.ndjson", directory, stage_table[stage]);
	snprintf(errors, sizeof(errors), "%s/%s.errors", directory, stage_table[stage]);
	fd = open(errors, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(1);
	for (const char *const *word =
		     (const char *const[]) { own, "run", "--quiet", "--user", "root", "--rules",
					     rules, "--alerts", alerts, NULL };
	     *word; word++)
		argv[argc++] = *word;
	if (tier) {
		argv[argc++] = "--tier";
		argv[argc++] = tier;
	}
	for (const char *const *word =
		     (const char *const[]) { "--", own, "selftest", "stage", stage_table[stage],
					     directory, NULL };
	     *word; word++)
		argv[argc++] = *word;
	argv[argc] = NULL;
	execv(own, (char **)argv);
	_exit(1);
}

static volatile sig_atomic_t stopped, running; /* running: the `run` that is waited for */

void stage_interrupt(void)
{
	stopped = 1;
	if (running > 0)
		kill(running, SIGTERM);
}

/* No signal comes between the question whether one has come and what it is to end. */
static pid_t run_fork(void)
{
	sigset_t all, before;
	pid_t child = -1;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	errno = EINTR;
	if (!stopped)
		child = fork();
	running = child;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return child;
}

static int run_wait(pid_t child, int *ret_status)
{
	pid_t ended;

	do
		ended = waitpid(child, ret_status, 0);
	while (ended < 0 && errno == EINTR);
	running = 0;
	if (stopped)
		return -EINTR;
	return ended < 0 ? -errno : 0;
}

/* Says what `run` said. */
static void errors_tell(const char *directory, enum stage stage)
{
	char path[PATH_MAX], line[1024];
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), "%s/%s.errors", directory, stage_table[stage]);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		fputs(line, stderr);
}

int stage_hold(const char *directory, enum stage stage, const char *tier,
	       struct seen ret_seen[CANARIES_MAX])
{
	struct seen seen[CANARIES_MAX] = { 0 };
	char path[PATH_MAX];
	pid_t child = run_fork();
	int status, r;

	if (!child)
		run_start(directory, stage, tier);
	if (child < 0)
		return -errno;
	r = run_wait(child, &status);
	if (r)
		return r;
	snprintf(path, sizeof(path), "%s/%s.answers", directory, stage_table[stage]);
	r = answers_read(path, seen);
	if (r || !WIFEXITED(status) || WEXITSTATUS(status)) {
		errors_tell(directory, stage);
		return -ECHILD;
	}
	snprintf(path, sizeof(path), "%s/%s.ndjson", directory, stage_table[stage]);
	r = alerts_read(path, seen);
	if (!r)
		memcpy(ret_seen, seen, sizeof(seen));
	return r;
}
