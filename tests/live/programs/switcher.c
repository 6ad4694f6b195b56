/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy is switched again and again under an agent that opens a file all the time: each
 * opening gets one verdict, of one of two rule sets. Tells what is wrong and exits 1.
 *
 *	switcher TIER TIMES RULES OTHER-RULES RULE PROGRAM FILE PAUSE
 *
 * RULE is the name of the rule in both sets that matches each opening of FILE; PROGRAM is
 * called with the words behind it.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/seed.h"
#include "pipeline/pipeline.h"
#include "rules/compile.h"
#include "sensor/cgroup.h"
#include "sensor/sensor.h"

#define SESSION 7
#define RING_SIZE (8u << 20)
#define POLICY_SIZE (1u << 20)
#define BETWEEN_NS (20 * CLOCK_SECOND / 1000)
#define BROKEN 10 /* one image of so many is tried with a byte flipped, too */

static const char agent_name[] = "switcher";

struct set {
	const char *path;
	struct ruleset *rules;
	size_t rule; /* that matches */
};

struct switcher {
	struct set set[2]; /* by generation, modulo 2 */
	struct compiled *compiled[2]; /* the same: of the last of these generations */
	struct sensor *sensor;
	struct pipeline *pipeline;
	struct cgroup *cgroup;
	__u32 row;
	__u64 generation;
	__u64 verdicts, of_set[2];
	__u64 wrong; /* verdicts that are not what that set says */
	__u64 ahead; /* of generations that are not in force yet, or not any more */
	__u64 slowest, programs;
};

static int fail(const char *what, int error)
{
	printf("%s: %s\n", what, strerror(error < 0 ? -error : error));
	return 1;
}

static void record_take(void *context, const void *data, size_t size)
{
	struct switcher *s = context;
	const struct record_header *header = data;
	const struct verdict *verdict = &header->verdict;

	(void)pipeline_record(s->pipeline, data, size);
	if (header->event != EVENT_file_open || !(header->flags & RECORD_VERDICT))
		return;
	s->verdicts++;
	s->of_set[header->generation % 2]++;
	if (header->generation != s->generation && header->generation + 1 != s->generation)
		s->ahead++;
	if (verdict->matches != 1 || verdict->match[0].flags ||
	    verdict->match[0].rule != s->set[header->generation % 2].rule)
		s->wrong++;
}

static void condemned(void *context, __u32 row, __u64 session)
{
	(void)context;
	(void)row;
	(void)session;
}

/* Compiles the set as that generation. */
static int set_compile(const struct set *set, __u64 generation, struct compiled **ret_compiled)
{
	struct diagnostics diagnostics = { 0 };
	int r = compile(ret_compiled, set->rules, generation, &diagnostics);

	diagnostics_done(&diagnostics);
	return r;
}

static int set_read(struct set *set, const char *rule)
{
	struct diagnostics diagnostics = { 0 };
	int r = ruleset_read(&set->rules, &set->path, 1, NULL, &diagnostics);

	diagnostics_print(&diagnostics, stdout);
	diagnostics_done(&diagnostics);
	for (size_t i = 0; !r && i < set->rules->count; i++)
		if (set->rules->rules[i]->name && !strcmp(set->rules->rules[i]->name, rule)) {
			set->rule = i;
			return 0;
		}
	return r ? r : -ENOENT;
}

static int sensor_start(struct switcher *s, const char *tier)
{
	struct plan plan;
	struct sensor_config config = { .compiled = s->compiled[1],
					.plan = &plan,
					.agents = 1,
					.ring_size = RING_SIZE,
					.telemetry_size = RING_SIZE,
					.policy_size = POLICY_SIZE,
					.record = record_take,
					.condemned = condemned,
					.context = s };
	struct pipeline_config pipeline = { .rules = s->set[1].rules, .compiled = s->compiled[1] };
	const char *step;
	int r = cgroup_make(&s->cgroup, "fermata-switcher");

	if (r)
		return r;
	config.cgroup_fd = cgroup_fd(s->cgroup);
	plan_init(&plan, TIER_lsm);
	for (int i = 0; i < TIER_MAX; i++)
		if (!strcmp(tier_table[i], tier))
			plan_init(&plan, (enum tier)i);
	plan.everything = true;
	r = sensor_open(&s->sensor, &config, &step);
	return r ? r : pipeline_new(&s->pipeline, &pipeline);
}

static int session_start(struct switcher *s, pid_t pid)
{
	struct pipeline_agent agent = { .session = SESSION, .name = agent_name };
	struct sensor_session session = { .session = SESSION };
	struct tag tag = { .session = SESSION };
	__u64 threads;
	int r;

	seed_agent(s->compiled[1]->policy, &session.facts, agent_name, NULL, NULL);
	r = sensor_session_begin(s->sensor, &session, &s->row);
	agent.row = s->row;
	if (!r)
		r = pipeline_session_begin(s->pipeline, &agent);
	if (!r)
		r = seed_self(s->compiled[1]->policy, &tag);
	if (!r)
		r = sensor_tag(s->sensor, s->row, &tag, (__u32)pid, &threads);
	return r ? r : cgroup_add(s->cgroup, pid);
}

static int rings_empty(struct switcher *s)
{
	int r;

	do
		r = sensor_read(s->sensor);
	while (r > 0);
	return r;
}

static int program_take(void *context, const struct program_key *key,
			const struct program_facts *facts)
{
	struct switcher *s = context;

	s->programs++;
	return sensor_policy_program(s->sensor, key, facts);
}

/* Our own program is the parent's of the agent's first. */
static int self_renew(struct switcher *s, const struct policy *policy)
{
	struct tag tag;
	int r = seed_self(policy, &tag);

	return r ? r
		 : sensor_policy_program(s->sensor, &tag.program,
					 &(struct program_facts) { .own = tag.own,
								   .as_parent = tag.as_parent });
}

/* An image with a byte that is another is refused, and nothing changes. */
static int broken_refused(struct switcher *s, const struct compiled *compiled)
{
	struct compiled broken = *compiled;
	int r;

	broken.policy = malloc(compiled->capacity);
	if (!broken.policy)
		return -ENOMEM;
	memcpy(broken.policy, compiled->policy, compiled->policy->size);
	((char *)broken.policy)[compiled->policy->size / 2] ^= 1;
	r = sensor_policy_prepare(s->sensor, &broken);
	free(broken.policy);
	return r == -EBADMSG || r == -EINVAL ? 0 : -EPROTO;
}

static int policy_switch(struct switcher *s)
{
	__u64 began, next = s->generation + 1;
	struct compiled *compiled = NULL;
	struct facts facts;
	int r = set_compile(&s->set[next % 2], next, &compiled);

	if (!r && next % BROKEN == 0)
		r = broken_refused(s, compiled);
	if (r)
		return r;
	began = clock_boottime();
	r = sensor_policy_prepare(s->sensor, compiled);
	if (!r)
		r = sensor_read_past(s->sensor);
	if (r)
		return r;
	seed_agent(compiled->policy, &facts, agent_name, NULL, NULL);
	sensor_policy_session(s->sensor, s->row, &facts);
	r = self_renew(s, compiled->policy);
	if (!r)
		r = pipeline_renew(s->pipeline, compiled->policy, program_take, s);
	if (!r)
		r = pipeline_policy(s->pipeline, s->set[next % 2].rules, compiled);
	if (r)
		return r;
	s->generation = next;
	r = sensor_policy_commit(s->sensor);
	began = clock_boottime() - began;
	s->slowest = began > s->slowest ? began : s->slowest;
	compiled_free(s->compiled[next % 2]);
	s->compiled[next % 2] = compiled;
	return r;
}

static int read_for(struct switcher *s, __u64 time)
{
	struct pollfd poller = { .fd = sensor_fd(s->sensor), .events = POLLIN };
	__u64 end = clock_boottime() + time;
	int r = 0;

	while (r >= 0 && clock_boottime() < end) {
		(void)poll(&poller, 1, 1);
		r = sensor_read(s->sensor);
	}
	return r < 0 ? r : 0;
}

/* The agent, held until `go` has something to read; ends when that is closed. */
static pid_t agent_start(char **command, const int go[2], const int words[2])
{
	char byte;
	pid_t pid = fork();

	if (pid)
		return pid;
	close(go[1]);
	close(words[0]);
	if (read(go[0], &byte, 1) == 1 && dup2(go[0], STDIN_FILENO) >= 0 &&
	    dup2(words[1], STDOUT_FILENO) >= 0)
		execv(command[0], command);
	_exit(1);
}

/* Reads until it has ended, and how often it opened the file. */
static int agent_end(struct switcher *s, pid_t pid, int words, unsigned long opened[2])
{
	char line[64] = "";
	int r = 0, status = -1;

	while (!r && waitpid(pid, &status, WNOHANG) != pid)
		r = read_for(s, BETWEEN_NS);
	if (!r)
		r = rings_empty(s);
	if (r || status || read(words, line, sizeof(line) - 1) <= 0 ||
	    sscanf(line, "%lu %lu", &opened[0], &opened[1]) != 2)
		return r ? r : -ECHILD;
	return 0;
}

/* Nothing may be lost but what the kernel kept from being examined, and that is counted: at
 * most so many openings have no verdict. */
static int losses_none(const struct switcher *s, __u64 *ret_skipped)
{
	__u64 losses[LOSS_MAX];
	int r = sensor_losses(s->sensor, losses);

	if (r)
		return r;
	for (size_t i = 0; i < LOSS_MAX; i++)
		if (losses[i]) {
			printf("# lost: cause %zu, %" PRIu64 "\n", i, (uint64_t)losses[i]);
			r = i == LOSS_skipped ? r : -ENOBUFS;
		}
	*ret_skipped = losses[LOSS_skipped];
	return r;
}

static int judge(const struct switcher *s, const unsigned long opened[2])
{
	const struct pipeline_counters *counters = pipeline_counters(s->pipeline);
	unsigned long all = opened[0] + opened[1];
	__u64 skipped = 0;
	int lost = losses_none(s, &skipped);

	printf("# %lu openings by one process, %lu by as many programs; verdicts: %" PRIu64
	       " and %" PRIu64 " of the two sets\n",
	       opened[0], opened[1], (uint64_t)s->of_set[0], (uint64_t)s->of_set[1]);
	printf("# %" PRIu64 " switches, the slowest %" PRIu64 " us; %" PRIu64
	       " programs were renewed\n",
	       (uint64_t)s->generation - 1, (uint64_t)s->slowest / 1000, (uint64_t)s->programs);
	if (s->verdicts > all || s->verdicts + skipped < all || counters->alerts != s->verdicts ||
	    !s->of_set[0] || !s->of_set[1])
		return printf("%lu openings, %" PRIu64 " verdicts, %" PRIu64 " alerts\n", all,
			      (uint64_t)s->verdicts, (uint64_t)counters->alerts),
		       1;
	if (s->wrong || s->ahead || counters->refuted || counters->lost)
		return printf("%" PRIu64 " verdicts are not those of their policy, %" PRIu64
			      " of a policy not in force, %" PRIu64 " lost\n",
			      (uint64_t)s->wrong, (uint64_t)s->ahead, (uint64_t)counters->lost),
		       1;
	return lost ? 1 : 0;
}

static int play(struct switcher *s, __u64 times, char **command)
{
	unsigned long opened[2];
	int go[2], words[2], r;
	pid_t pid;

	if (pipe(go) || pipe(words))
		return fail("pipe", errno);
	pid = agent_start(command, go, words);
	r = pid < 0 ? -errno : session_start(s, pid);
	if (r || write(go[1], "!", 1) != 1)
		return kill(pid, SIGKILL), fail("the agent", r);
	r = read_for(s, BETWEEN_NS);
	while (!r && s->generation <= times) {
		r = policy_switch(s);
		if (!r)
			r = read_for(s, BETWEEN_NS);
	}
	close(go[1]);
	if (r)
		return kill(pid, SIGKILL), fail("the switch", r);
	r = agent_end(s, pid, words[0], opened);
	return r ? fail("the agent's end", r) : judge(s, opened);
}

int main(int argc, char **argv)
{
	struct switcher s = { .generation = 1 };
	int r;

	if (argc != 9)
		return 2;
	s.set[1].path = argv[3];
	s.set[0].path = argv[4];
	r = set_read(&s.set[1], argv[5]);
	if (!r)
		r = set_read(&s.set[0], argv[5]);
	if (!r)
		r = set_compile(&s.set[1], s.generation, &s.compiled[1]);
	if (!r)
		r = sensor_start(&s, argv[1]);
	r = r ? fail("the sensor", r) : play(&s, strtoull(argv[2], NULL, 0), argv + 6);
	sensor_close(s.sensor);
	(void)cgroup_remove(s.cgroup);
	if (s.pipeline)
		pipeline_free(s.pipeline);
	for (int i = 0; i < 2; i++) {
		compiled_free(s.compiled[i]);
		ruleset_free(s.set[i].rules);
	}
	return r;
}
