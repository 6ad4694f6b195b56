/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/named.h"
#include "pipeline/pipeline.h"
#include "sensor/cgroup.h"
#include "sensor/marks.h"
#include "sensor/sensor.h"

#define TICK_MS 100 /* telemetry wakes the loop when much of it waits, not for each record */
#define LOSS_TICKS 10 /* how often losses are looked for */
#define STOP_TIME (2 * CLOCK_SECOND) /* that the command has to stop when the terminal asks */

/* SIGTTIN and SIGTTOU are here so that the agent cannot stop us by them. */
static const int signal_list[] = { SIGINT,  SIGQUIT, SIGTERM, SIGHUP,  SIGUSR1,	 SIGUSR2, SIGALRM,
				   SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH, SIGPIPE, SIGCHLD };

void watch_signals(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	for (size_t i = 0; i < ARRAY_SIZE(signal_list); i++)
		sigaddset(ret_signals, signal_list[i]);
}

int watch_signal_before(const sigset_t *before)
{
	static const int ends[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	const struct timespec at_once = { 0 };
	struct sigaction action;
	sigset_t set;
	int number;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (!sigismember(before, ends[i]) && !sigaction(ends[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	number = sigtimedwait(&set, NULL, &at_once);
	return number > 0 ? number : 0;
}

/* The terminal sends its signals to the whole foreground group, so the command has them
 * already; what a process sent to us is meant for the command. */
static void signal_pass(struct watch *watch, const struct signalfd_siginfo *info)
{
	bool from_process = info->ssi_code == SI_USER || info->ssi_code == SI_QUEUE ||
			    info->ssi_code == SI_TKILL;

	/* but when it hangs up, only to its session's leader, which may be us */
	if (info->ssi_signo == SIGHUP && getsid(0) == getpid())
		from_process = true;
	/* nobody but the kernel can say that it was the kernel */
	if (info->ssi_signo == SIGTSTP && info->ssi_code == SI_KERNEL)
		watch->stop_asked = clock_boottime();
	if (info->ssi_signo == SIGCHLD || info->ssi_signo == SIGPIPE || !from_process)
		return;
	if (!watch->ended)
		kill(watch->child, (int)info->ssi_signo);
}

void watch_kill_cgroup(struct watch *watch)
{
	if (watch->cgroup)
		(void)cgroup_kill(watch->cgroup);
}

static int agent_end(struct watch *watch)
{
	int r;

	watch_kill_cgroup(watch);
	r = sensor_kill_agent(watch->sensor, watch->row, watch->session);
	watch->finished = !r;
	return r;
}

int watch_kill(struct watch *watch)
{
	watch->explained = true;
	return agent_end(watch);
}

/* Nobody waits any more: what the command left behind must not go on unwatched. */
static void leftovers_end(struct watch *watch, int signal)
{
	log_info("ending what the command left behind (%s)", strsignal(signal));
	watch->read = true; /* what follows is not about the command */
	(void)watch_kill(watch);
}

static void child_reap(struct watch *watch)
{
	int status;
	pid_t pid;

	while (!watch->ended &&
	       (pid = waitpid(watch->child, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		watch->stopped = WIFSTOPPED(status);
		if (watch->stopped || WIFCONTINUED(status))
			continue;
		watch->ended = true;
		watch->status = status;
	}
}

/* The shell sees its job stop when we do. Only a person at the terminal may ask for that:
 * else the agent could, and go on unwatched. */
static void stop_if_asked(struct watch *watch)
{
	if (!watch->stopped || !watch->stop_asked ||
	    clock_boottime() - watch->stop_asked > STOP_TIME)
		return;
	watch->stop_asked = 0;
	raise(SIGSTOP);
}

static void signals_take(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;

		signal_pass(watch, &info);
		if (watch->ended && (number == SIGINT || number == SIGTERM || number == SIGHUP))
			leftovers_end(watch, number);
	}
	child_reap(watch);
	stop_if_asked(watch);
}

static int losses_tell(struct watch *watch)
{
	__u64 losses[LOSS_MAX];
	int r = sensor_losses(watch->sensor, losses);

	return r ? r : pipeline_losses(watch->pipeline, losses);
}

static bool is_condemned(const struct watch *watch)
{
	return sensor_session_condemned(watch->sensor, watch->row, watch->session);
}

/* Signals, then the rings, as far as sensor_read() goes; returns what that does. A verdict
 * that came before the end of the command is in the ring when that has been seen. */
static int rings_read(struct watch *watch)
{
	int r;

	signals_take(watch);
	r = sensor_read(watch->sensor);
	if (watch->ended && !watch->read) {
		watch->killed = is_condemned(watch);
		watch->read = !r;
	}
	if (is_condemned(watch) && !watch->finished)
		(void)agent_end(watch); /* else at the next tick */
	return r;
}

/* What the last members did is in the rings by now. */
static int rings_finish(struct watch *watch)
{
	int r;

	do
		r = sensor_read(watch->sensor);
	while (r > 0);
	pipeline_flush(watch->pipeline, true);
	if (!watch->read)
		watch->killed = is_condemned(watch);
	if (is_condemned(watch) && !watch->explained)
		log_warning(0, "the agent was killed; the record that says why is lost");
	losses_tell(watch);
	return r;
}

static void leftovers_tell(size_t threads, bool *told)
{
	if (*told)
		return;
	*told = true;
	log_info("the command has ended, %zu of its threads have not: still watching them",
		 threads);
}

int watch_run(struct watch *watch)
{
	struct pollfd fds[] = { { .fd = sensor_fd(watch->sensor), .events = POLLIN },
				{ .fd = watch->signals, .events = POLLIN } };
	unsigned int ticks = 0;
	size_t threads;
	bool told = false;
	int r = 0, q;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), r ? 0 : TICK_MS) < 0 && errno != EINTR)
			return -errno;
		r = rings_read(watch);
		if (r < 0)
			return r;
		pipeline_flush(watch->pipeline, false);
		if (++ticks % LOSS_TICKS == 0) {
			losses_tell(watch);
			if (marks_overflowed(watch->marks))
				named_tell_full();
		}
		if (!watch->ended)
			continue;
		q = sensor_session_threads(watch->sensor, watch->session, &threads);
		if (q)
			return q;
		if (!threads)
			return rings_finish(watch);
		if (ticks % 2 == 0)
			leftovers_tell(threads, &told);
	}
}
