/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `fermata run`: everything in one process, without a daemon. Rules are compiled, the
 * kernel side is loaded, the command is made, tagged and let go, and watched to its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/outlet.h"
#include "cmd/calls.h"
#include "cmd/child.h"
#include "cmd/command.h"
#include "cmd/named.h"
#include "cmd/options.h"
#include "cmd/outputs.h"
#include "cmd/rules_load.h"
#include "cmd/run_options.h"
#include "cmd/seed.h"
#include "cmd/shortfalls.h"
#include "cmd/undo.h"
#include "cmd/watch.h"
#include "pipeline/pipeline.h"
#include "rules/strings.h"
#include "sensor/cgroup.h"
#include "sensor/connection.h"
#include "sensor/filter.h"
#include "sensor/homes.h"
#include "sensor/marks.h"
#include "sensor/pin.h"
#include "sensor/sensor.h"
#include "sensor/strength.h"

/* Holds about 4,000 processes that come and go between two looks at the rings. */
#define RING_SIZE (2u << 20)

/* Holds about 20,000 recorded events: what a processor makes of them in 100 ms when it does
 * nothing else, and nobody gets to read. */
#define RECORD_RING_SIZE (8u << 20)

/* See run_adopt(). */
static const char *pinned;

void run_adopt(const char *directory)
{
	pinned = directory;
}

/* Everything that a run holds, released in reverse by run_done(). */
struct run {
	struct run_options options;
	struct ruleset *ruleset;
	struct compiled *compiled;
	struct outputs outputs;
	struct plan plan;
	struct cgroup *cgroup;
	int cgroup_error; /* why there is none */
	int undo;
	struct sensor *sensor;
	struct names names; /* of files that are marked: none on other tiers */
	struct marks *marks;
	struct filter filter; /* of the command's system calls */
	struct pipeline *pipeline;
	struct identity identity;
	__u32 row;
	__u64 session;
	sigset_t signals_before; /* what the caller had blocked: the command gets it back */
	bool ignores_children; /* the caller ignored SIGCHLD: the same */
	struct outlet outlet; /* to standard error, from when the command runs */
	struct watch watch;
};

static void run_done(struct run *run)
{
	int r;

	marks_stop(run->marks);
	names_done(&run->names);
	if (run->pipeline)
		pipeline_free(run->pipeline);
	sensor_close(run->sensor);
	r = cgroup_remove(run->cgroup);
	if (r)
		log_warning(r, "a cgroup could not be removed");
	undo_release(run->undo, !r);
	log_set_outlet(NULL);
	outlet_close(&run->outlet);
	outputs_done(&run->outputs);
	compiled_free(run->compiled);
	ruleset_free(run->ruleset);
	strings_done(&run->options.rules);
	identity_done(&run->identity);
}

/* What is wrong with the call is found before anything is started. */
static int inputs_open(struct run *run)
{
	int r = identity_find(&run->identity, run->options.user);

	if (r == -ENOENT) {
		log_error(0, "there is no user '%s'", run->options.user);
		return STATUS_USAGE;
	}
	if (r) {
		log_error(r, "cannot tell who called sudo from SUDO_UID and SUDO_GID; name a user "
			     "with --user");
		return STATUS_USAGE;
	}
	r = rules_load(&run->ruleset, &run->compiled, &run->options);
	return r ? r
		 : outputs_open(&run->outputs, &run->options,
				run->identity.change ? run->identity.uid : geteuid());
}

static void agent_condemned(void *context, __u32 row, __u64 session)
{
	struct run *run = context;

	(void)row;
	if (session != run->session)
		return;
	run->watch.explained = true;
	watch_kill_cgroup(&run->watch);
}

static void record_take(void *context, const void *data, size_t size)
{
	struct run *run = context;

	(void)pipeline_record(run->pipeline, data, size); /* log_failed() is called for errors */
}

static int agent_kill(void *context, __u32 row, __u64 session)
{
	struct run *run = context;

	(void)row;
	return session == run->session ? watch_kill(&run->watch) : -ESRCH;
}

static int process_kill(void *context, __u32 pid, __u64 start_time)
{
	struct run *run = context;

	(void)start_time; /* the tag tells its members from others */
	return sensor_kill_process(run->sensor, pid, run->session);
}

static int connection_end(void *context, const struct connection *connection, __u32 pid)
{
	(void)context;
	return connection_abort(connection, pid);
}

static int catch_up(void *context)
{
	int r = sensor_read_telemetry(((struct run *)context)->sensor);

	return r < 0 ? r : 0;
}

static void log_failed(void *context, int error)
{
	struct run *run = context;

	if (outputs_failed(&run->outputs, &run->options, run->options.alerts, error))
		agent_kill(run, run->row, run->session);
}

static void recording_failed(void *context, int error)
{
	struct run *run = context;

	if (outputs_failed(&run->outputs, &run->options, run->options.record, error))
		agent_kill(run, run->row, run->session);
}

static int kernel_check(void)
{
	const char *missing;

	if (!tier_check(&missing))
		return STATUS_DONE;
	log_error(0, "cannot watch here: this needs %s; 'fermata doctor' tells more", missing);
	return STATUS_CANNOT;
}

static struct judged judged(const struct run *run)
{
	return (struct judged) { run->ruleset, run->compiled, &run->names };
}

/* The agent's cgroup, and who removes it if we are killed. Without cgroup v2 the agent
 * stays where it is. */
static int cgroup_open(struct run *run)
{
	char name[64];

	snprintf(name, sizeof(name), "fermata-%016llx", (unsigned long long)run->session);
	run->cgroup_error = cgroup_make(&run->cgroup, name);
	if (run->cgroup_error)
		return STATUS_DONE;
	run->undo = undo_start(run->cgroup);
	if (run->undo < 0) {
		log_error(run->undo, "cannot start a process");
		return STATUS_CANNOT;
	}
	return STATUS_DONE;
}

/* The files that rules name, which are found by their identity, too. */
static int names_collect(struct run *run)
{
	_cleanup_(strings_done) struct strings homes = { 0 };
	int r = names_find(&run->names, run->ruleset, run->compiled);

	if (!r)
		r = homes_find(&homes);
	if (!r)
		r = names_expand(&run->names, &homes);
	if (!r)
		return STATUS_DONE;
	log_error(r, "cannot collect the files that rules name");
	return STATUS_CANNOT;
}

/* What is to be loaded, or what is pinned. Returns a status. */
static int plan_make(struct run *run)
{
	int tier = run->options.tier, r;

	if (pinned) {
		r = pin_plan(pinned, &run->plan);
		if (r) {
			log_error(r, "cannot adopt what is pinned in '%s'", pinned);
			return STATUS_CANNOT;
		}
	} else {
		plan_init(&run->plan, tier < 0 ? TIER_lsm : (enum tier)tier);
		run->plan.every_event = run->options.record;
	}
	run->plan.marks = names_refused(&run->names);
	if (run->cgroup_error) {
		plan_fail_shell(&run->plan, SHELL_cgroup, "make a cgroup", -run->cgroup_error);
		plan_fail_shell(&run->plan, SHELL_packet, "make a cgroup", -run->cgroup_error);
	}
	return STATUS_DONE;
}

static int kernel_load(struct run *run)
{
	struct sensor_config config = {
		.compiled = run->compiled,
		.plan = &run->plan,
		.agents = 1,
		.ring_size = RING_SIZE,
		.telemetry_size = run->options.record ? RECORD_RING_SIZE : RING_SIZE,
		.cgroup_fd = run->cgroup ? cgroup_fd(run->cgroup) : -1,
		.record = record_take,
		.condemned = agent_condemned,
		.context = run,
		.pinned = pinned,
	};
	const char *step;
	int r;

	r = plan_make(run);
	if (r)
		return r;
	r = sensor_open(&run->sensor, &config, &step);
	if (!r)
		return STATUS_DONE;
	if (pinned)
		log_error(r, "'%s': %s failed", pinned, step);
	else
		log_error(r,
			  "the kernel side failed at %s; 'fermata doctor' tells what this kernel "
			  "can do",
			  step);
	return STATUS_CANNOT;
}

/* The files that rules name are labelled, and marked where openings are only seen when the call
 * ends. */
static void files_mark(struct run *run)
{
	const struct failure *failure = &run->plan.failed[HOOK_file_mark][SHELL_fanotify];

	if (run->names.count)
		run->marks = named_mark(&(struct marks_config) {
			.sensor = run->sensor,
			.names = &run->names,
			.policy = run->compiled->policy,
			.marked = plan_marks(&run->plan),
			.observe = run->options.observe,
		});
	if (run->plan.marks && !plan_marks(&run->plan) && failure->step)
		named_tell_failure(failure);
}

/* What was loaded, against what was asked for. Nothing has been started. */
static int plan_check(const struct run *run)
{
	const struct judged rules = judged(run);
	enum tier tier = plan_tier(&run->plan);

	if (run->options.tier >= 0 && (int)tier != run->options.tier) {
		log_error(0, "tier '%s' does not work here; 'fermata doctor' says why",
			  tier_table[run->options.tier]);
		return STATUS_CANNOT;
	}
	if (run->cgroup_error && tier == TIER_portable) {
		log_error(run->cgroup_error, "cannot make a cgroup for the agent, which network "
					     "rules need on this kernel");
		return STATUS_CANNOT;
	}
	if (run->cgroup_error)
		log_warning(run->cgroup_error, "cannot make a cgroup for the agent: if fermata is "
					       "killed, it will go on");
	return shortfalls_check(&run->plan, &rules, run->options.require);
}

static int pipeline_open(struct run *run)
{
	bool terminal = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
	struct pipeline_config config = {
		.rules = run->ruleset,
		.compiled = run->compiled,
		.log = run->outputs.alerts,
		.recording = run->outputs.recording,
		.cgroup_path = cgroup_find,
		.readable = run->options.quiet ? NULL : &run->outlet,
		.colour = terminal,
		.responder = { process_kill, agent_kill, connection_end, catch_up, log_failed,
			       recording_failed, run },
	};
	int r;

	config.before = sensor_before(run->sensor, &config.cpus);
	r = pipeline_new(&run->pipeline, &config);

	if (r) {
		log_error(r, "cannot set up the pipeline");
		return STATUS_CANNOT;
	}
	return STATUS_DONE;
}

/* The session's row, and what the pipeline is to call it. */
static int session_begin(struct run *run, const char *command)
{
	const char *slash = strrchr(command, '/');
	const char *name = run->options.agent ? run->options.agent : slash ? slash + 1 : command;
	struct sensor_session session = {
		.session = run->session,
		.cgroup = run->cgroup ? cgroup_id(cgroup_fd(run->cgroup)) : 0,
	};
	char id[17];
	int r;

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)run->session);
	session.state = (run->options.observe ? AGENT_OBSERVE : 0) |
			(run->options.record ? AGENT_RECORD : 0);
	seed_agent(run->compiled->policy, &session.facts, name, id, run->options.profile);
	r = sensor_session_begin(run->sensor, &session, &run->row);
	if (!r)
		r = pipeline_session_begin(
			run->pipeline,
			&(struct pipeline_agent) { .row = run->row,
						   .session = run->session,
						   .name = name,
						   .id = id,
						   .profile = run->options.profile,
						   .observe = run->options.observe });
	if (r) {
		log_error(r, "cannot begin a session");
		return STATUS_CANNOT;
	}
	return STATUS_DONE;
}

/* Held, the child is a copy of us: that is the program it runs, and its parent's. */
static int child_tag(struct run *run, const struct child *child)
{
	struct tag tag = { .session = run->session };
	__u64 threads;
	int r = seed_self(run->compiled->policy, &tag);

	if (!r)
		r = sensor_tag(run->sensor, run->row, &tag, (__u32)child->pid, &threads);
	if (!r && run->cgroup)
		r = cgroup_add(run->cgroup, child->pid);
	return r;
}

/* A command whose tree was to be killed is told as killed, also when it was quick enough
 * to end by itself. */
static int status_of(const struct watch *watch)
{
	if (watch->killed)
		return STATUS_SIGNAL + SIGKILL;
	if (WIFSIGNALED(watch->status))
		return STATUS_SIGNAL + WTERMSIG(watch->status);
	return WEXITSTATUS(watch->status);
}

static int not_executed(const char *step, const char *command, int error)
{
	log_error(error, "cannot %s '%s'", step, command);
	return error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

/* Readies the held child to be let go. Returns a status: why it is not. */
static int child_prepare(struct run *run, const struct child *child)
{
	int r = child_tag(run, child), number;

	if (r) {
		log_error(r, "cannot tag the command; it was not started");
		return STATUS_CANNOT;
	}
	number = watch_signal_before(&run->signals_before);
	if (number) {
		log_error(0, "ended by a signal (%s); the command was not started",
			  strsignal(number));
		return STATUS_SIGNAL + number;
	}
	return STATUS_DONE;
}

/* From the held child to the end of all that it left behind. Returns the status. */
static int command_watch(struct run *run, char **argv)
{
	struct watch *watch = &run->watch;
	_cleanup_close_ int signals = -1;
	const char *step = NULL;
	struct child child;
	sigset_t taken;
	int r, failed;

	watch_signals(&taken);
	signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	r = signals < 0
		    ? -errno
		    : child_start(&child, &(struct child_config) {
						  argv, &run->identity,
						  run->filter.count ? &run->filter : NULL,
						  &run->signals_before, run->ignores_children });
	if (r) {
		log_error(r, "cannot start a process");
		return STATUS_CANNOT;
	}
	r = child_prepare(run, &child);
	if (r) {
		kill(child.pid, SIGKILL);
		waitpid(child.pid, NULL, 0);
		return r;
	}
	*watch = (struct watch) { .sensor = run->sensor,
				  .pipeline = run->pipeline,
				  .cgroup = run->cgroup,
				  .marks = run->marks,
				  .row = run->row,
				  .session = run->session,
				  .child = child.pid,
				  .signals = signals };
	outlet_open(&run->outlet, STDERR_FILENO);
	log_set_outlet(&run->outlet);
	failed = child_release(&child, &step);
	r = watch_run(watch);
	if (r) {
		log_error(r, "reading from the kernel failed; the agent is stopped");
		(void)watch_kill(watch);
		return STATUS_CANNOT;
	}
	if (failed)
		return not_executed(step, argv[0], failed);
	return status_of(watch);
}

static int run_command(struct run *run, char **argv)
{
	struct judged rules;
	int status = inputs_open(run);

	if (!status)
		status = kernel_check();
	if (status)
		return status;
	if (getrandom(&run->session, sizeof(run->session), 0) != sizeof(run->session)) {
		log_error(errno, "cannot get random bytes");
		return STATUS_CANNOT;
	}
	run->session |= 1; /* 0 is no session */
	status = cgroup_open(run);
	if (!status)
		status = names_collect(run);
	if (!status)
		status = kernel_load(run);
	if (!status)
		status = plan_check(run);
	if (status)
		return status;
	rules = judged(run);
	shortfalls_tell(&run->plan, &rules);
	files_mark(run);
	calls_choose(&run->filter, &run->options, &run->plan, run->compiled->policy);
	status = outputs_begin(&run->outputs, &run->options, run->compiled);
	if (!status)
		status = pipeline_open(run);
	if (!status)
		status = session_begin(run, argv[0]);
	if (status)
		return status;
	status = command_watch(run, argv);
	pipeline_session_end(run->pipeline, run->row);
	return status;
}

/* From the start: blocked signals wait for the loop, and a pipe that nobody reads any
 * more is an error of write(2) and not our end. */
static void signals_block(struct run *run)
{
	sigset_t taken;

	watch_signals(&taken);
	sigprocmask(SIG_BLOCK, &taken, &run->signals_before);
	/* who ignores it is not told how its children ended */
	run->ignores_children = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

int cmd_run(int argc, char **argv)
{
	_cleanup_(run_done) struct run run = { .options.tier = -1, .undo = -1, .outlet.fd = -1 };
	int next = options_read(argc, argv, run_option_table, &run.options, "run");

	if (next < 0)
		return next == -1 ? STATUS_DONE : STATUS_USAGE;
	if (next == argc) {
		log_error(0, "no command to run; 'fermata run -h' shows how");
		return STATUS_USAGE;
	}
	signals_block(&run);
	return run_command(&run, argv + next);
}
