/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/types.h>

#include "cmd/watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "pipeline/pipeline.h"
#include "sensor/sensor.h"

#define TICK_MS 100 /* telemetry does not wake the loop for each record */
#define LOSS_TICKS 10 /* how often losses are looked for */

static const int signal_list[] = { SIGINT,  SIGQUIT, SIGTERM, SIGHUP,	SIGUSR1, SIGUSR2,
				   SIGALRM, SIGTSTP, SIGCONT, SIGWINCH, SIGPIPE, SIGCHLD };

void watch_signals(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	for (size_t i = 0; i < ARRAY_SIZE(signal_list); i++)
		sigaddset(ret_signals, signal_list[i]);
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
	if (info->ssi_signo == SIGCHLD || info->ssi_signo == SIGPIPE || !from_process)
		return;
	if (!watch->ended)
		kill(watch->child, (int)info->ssi_signo);
}

/* Nobody waits any more: what the command left behind must not go on unwatched. */
static void leftovers_end(struct watch *watch, int signal)
{
	log_info("ending what the command left behind (%s)", strsignal(signal));
	sensor_kill_agent(watch->sensor, watch->row, watch->session);
}

static void child_reap(struct watch *watch)
{
	int status;
	pid_t pid;

	while (!watch->ended &&
	       (pid = waitpid(watch->child, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (WIFSTOPPED(status)) {
			/* the shell sees its job stop when we do */
			raise(SIGSTOP);
		} else if (!WIFCONTINUED(status)) {
			watch->ended = true;
			watch->status = status;
		}
	}
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
}

static int losses_tell(struct watch *watch)
{
	__u64 losses[LOSS_MAX];
	int r = sensor_losses(watch->sensor, losses);

	return r ? r : pipeline_losses(watch->pipeline, losses);
}

/* A verdict that came before the end of the command is in the ring when that has been
 * seen. */
static int rings_read(struct watch *watch)
{
	bool ended = watch->ended;
	int r;

	signals_take(watch);
	r = sensor_read(watch->sensor);
	if (!ended && watch->ended)
		watch->killed = *watch->condemned;
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
	int r;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), TICK_MS) < 0 && errno != EINTR)
			return -errno;
		r = rings_read(watch);
		if (r < 0)
			return r;
		if (++ticks % LOSS_TICKS == 0)
			losses_tell(watch);
		if (!watch->ended)
			continue;
		r = sensor_session_threads(watch->sensor, watch->session, &threads);
		if (r)
			return r;
		if (!threads)
			break;
		if (ticks % 2 == 0)
			leftovers_tell(threads, &told);
	}
	/* what the last members did is in the rings by now */
	r = sensor_read(watch->sensor);
	losses_tell(watch);
	return r < 0 ? r : 0;
}
