/* SPDX-License-Identifier: Apache-2.0 */
#include "theatre.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/seed.h"
#include "dice.h"
#include "rules_make.h"
#include "sensor/cgroup.h"
#include "sensor/sensor.h"

#define SESSION 7
#define RULES 120
#define RULES_SIZE (1u << 20)
#define VERDICTS_SIZE (16u << 20)
#define TELEMETRY_SIZE (16u << 20)
#define KEPT_MAX (1u << 20)
#define WAIT_MS 20

const char *const agent_names[3] = { "actor", "session", "profile" };

void theatre_done(struct theatre *theatre)
{
	sensor_close(theatre->sensor);
	(void)cgroup_remove(theatre->cgroup);
	for (size_t i = 0; i < theatre->count; i++)
		free(theatre->kept[i].record);
	free(theatre->kept);
	rule_set_done(&theatre->set);
}

static void record_keep(void *context, const void *data, size_t size)
{
	struct theatre *theatre = context;
	struct record *record = theatre->count < KEPT_MAX ? malloc(size) : NULL;

	if (!record) {
		theatre->unkept++;
		return;
	}
	memcpy(record, data, size);
	theatre->kept[theatre->count++] = (struct kept) { record->header.time, size, record };
}

static void condemned(void *context, __u32 row, __u64 session)
{
	(void)context;
	(void)row;
	(void)session;
}

#define SIMPLE(name, category, test)                                                               \
	"---\ntitle: " name "\nname: " name "\nlevel: low\n"                                       \
	"logsource: {product: linux, category: " category "}\n"                                    \
	"detection:\n  condition: s\n  s: {" test "}\n"
#define CHAIN(name, rules)                                                                         \
	"---\ntitle: " name "\nlevel: low\nresponse: kill\ncorrelation:\n"                         \
	"  type: temporal_ordered\n  timespan: 1s\n  generate: true\n  rules: [" rules "]\n"

/* Chance makes few correlations that happen within a time span. */
static const char chains[] = SIMPLE("opens", "file_open", "TargetFilename|contains: a")
	SIMPLE("connects", "network_connection", "'DestinationPort|gte': 0")
		SIMPLE("executes", "process_creation", "Image|contains: /")
			CHAIN("one", "opens, connects") CHAIN("two", "connects, executes, opens");

/* Rules made up, and the corpus, in the current folder's rules.yml and where they are. */
static int rules_ready(struct theatre *theatre)
{
	_cleanup_buffer_ struct buffer text = BUFFER(RULES_SIZE);
	const char *const paths[] = { "rules.yml", theatre->differential->corpus };
	struct dice dice = { theatre->differential->seed };
	int r = rules_make(&text, &dice, RULES);

	if (!r)
		r = buffer_add_string(&text, chains);
	if (!r)
		r = rule_set_write(paths[0], &text);
	return r ? r : rule_set_read(&theatre->set, paths, access(paths[1], R_OK) ? 1 : 2, 1);
}

static int sensor_ready(struct theatre *theatre, const char **ret_step)
{
	struct plan plan;
	struct sensor_config config = { .compiled = theatre->set.compiled,
					.plan = &plan,
					.agents = 1,
					.ring_size = VERDICTS_SIZE,
					.telemetry_size = TELEMETRY_SIZE,
					.record = record_keep,
					.condemned = condemned,
					.context = theatre };
	int r;

	*ret_step = "making a cgroup";
	r = cgroup_make(&theatre->cgroup, "fermata-differential");
	if (r)
		return r;
	config.cgroup_fd = cgroup_fd(theatre->cgroup);
	plan_init(&plan, TIER_lsm);
	for (int i = 0; i < TIER_MAX; i++)
		if (!strcmp(tier_table[i], theatre->differential->tier))
			plan_init(&plan, (enum tier)i);
	plan.every_event = true;
	r = sensor_open(&theatre->sensor, &config, ret_step);
	if (!r)
		printf("# tier %s\n", tier_table[plan_tier(&plan)]);
	return r;
}

/* Held until it is tagged; then it is another program, of which all is told. */
static pid_t actor_start(const struct theatre *theatre, int hold, int words)
{
	const struct differential *differential = theatre->differential;
	char events[24], seed[24], byte;
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(events, sizeof(events), "%" PRIu64, (uint64_t)differential->events);
	snprintf(seed, sizeof(seed), "%" PRIu64, (uint64_t)differential->seed);
	if (read(hold, &byte, 1) == 1 && dup2(words, STDOUT_FILENO) >= 0)
		execl("/proc/self/exe", "differential", "act", events, seed, differential->corpus,
		      "", differential->program, NULL);
	_exit(1);
}

static int actor_tag(struct theatre *theatre, pid_t pid)
{
	struct sensor_session session = { .session = SESSION,
					  .state = AGENT_OBSERVE | AGENT_RECORD };
	const struct policy *policy = theatre->set.compiled->policy;
	struct tag tag = { .session = SESSION };
	__u64 threads;
	__u32 row;
	int r;

	seed_agent(policy, &session.facts, agent_names[0], agent_names[1], agent_names[2]);
	r = sensor_session_begin(theatre->sensor, &session, &row);
	if (!r)
		r = seed_self(policy, &tag);
	if (!r)
		r = sensor_tag(theatre->sensor, row, &tag, (__u32)pid, &threads);
	return r ? r : cgroup_add(theatre->cgroup, pid);
}

/* Reads the rings until the actor has ended and they are empty. */
static int actor_watch(struct theatre *theatre, pid_t pid)
{
	struct pollfd poller = { .fd = sensor_fd(theatre->sensor), .events = POLLIN };
	bool ended = false;
	int r, status = 0;

	do {
		(void)poll(&poller, 1, WAIT_MS);
		ended = ended || waitpid(pid, &status, WNOHANG) == pid;
		r = sensor_read(theatre->sensor);
	} while (r > 0 || (!r && !ended));
	return r ? r : status ? -ECHILD : 0;
}

/* What the actor says at its end. */
static int words_read(struct theatre *theatre, int words)
{
	uint64_t opened, executed, connected;
	char line[128];
	ssize_t length = read(words, line, sizeof(line) - 1);

	if (length <= 0)
		return -EIO;
	line[length] = '\0';
	if (sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64, &opened, &executed, &connected) != 3)
		return -EIO;
	theatre->opened = opened;
	theatre->executed = executed;
	theatre->connected = connected;
	return 0;
}

static int actor_play(struct theatre *theatre)
{
	int hold[2], words[2], r;
	pid_t pid;

	if (pipe(hold) || pipe(words))
		return -errno;
	pid = actor_start(theatre, hold[0], words[1]);
	if (pid < 0)
		return -errno;
	r = actor_tag(theatre, pid);
	if (r || write(hold[1], "!", 1) != 1) {
		kill(pid, SIGKILL);
		return r ? r : -errno;
	}
	close(words[1]);
	r = actor_watch(theatre, pid);
	return r ? r : words_read(theatre, words[0]);
}

int theatre_play(struct theatre *theatre, const char **ret_step)
{
	int r;

	*ret_step = "the rules";
	theatre->kept = calloc(KEPT_MAX, sizeof(*theatre->kept));
	if (!theatre->kept)
		return -ENOMEM;
	r = rules_ready(theatre);
	if (!r)
		r = sensor_ready(theatre, ret_step);
	if (r)
		return r;
	*ret_step = "the actor";
	return actor_play(theatre);
}

/* `skipped` is an upper bound of what the kernel kept from the sensor on the whole host. */
int theatre_lost(struct theatre *theatre)
{
	__u64 losses[LOSS_MAX];
	int r = sensor_losses(theatre->sensor, losses);
	bool lost = theatre->unkept;

	if (r)
		return r;
	if (theatre->unkept)
		printf("# %" PRIu64 " records had no place\n", (uint64_t)theatre->unkept);
	for (size_t i = 0; i < LOSS_MAX; i++) {
		if (losses[i])
			printf("# lost: cause %zu, %" PRIu64 "\n", i, (uint64_t)losses[i]);
		lost = lost || (losses[i] && i != LOSS_skipped);
	}
	return lost;
}
