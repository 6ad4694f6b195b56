/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads: one answers, the other walks file systems, which may hang (FUSE) or take long
 * where the first must not.
 */
#include "sensor/marks.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/detach.h"
#include "fermata.skel.h"
#include "question.h"
#include "sensor/answer.h"
#include "sensor/internal.h"

#define START_TIME_MS 10000 /* for the first look at the file systems */
#define STOP_TIME_MS 2000

struct marks {
	int process; /* socket to it */
};

/* Of the process; made before it, and copied by the fork. */
struct keeper {
	struct placing placing;
	struct answering answering;
	struct mark_table table;
	int maker; /* socket */
};

/* Unlimited: an event that does not fit into a limited queue is allowed. The files are
 * opened again for us, which must neither wait nor be noticed. */
static int group_open(void)
{
	int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_TID |
					  FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
				  O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NONBLOCK | O_NOATIME);

	return group < 0 ? -errno : group;
}

static void tell(const struct keeper *keeper)
{
	(void)send(keeper->maker, &keeper->placing.placed, sizeof(keeper->placing.placed),
		   MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void *place_all(void *context)
{
	struct keeper *keeper = context;
	bool full;
	int r;

	placing_run(&keeper->placing);
	tell(keeper);
	do {
		full = keeper->placing.placed.full;
		r = placing_follow(&keeper->placing);
		if (!full && keeper->placing.placed.full)
			tell(keeper);
	} while (!r);
	return NULL;
}

static void keeper_work(struct keeper *keeper)
{
	struct pollfd fds[] = { { .fd = keeper->answering.group, .events = POLLIN },
				{ .fd = keeper->maker, .events = POLLIN } };
	pthread_t placing;

	if (pthread_create(&placing, NULL, place_all, keeper))
		return;
	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return;
		/* nothing is ever said there: it has ended */
		if (fds[1].revents)
			return;
		if (fds[0].revents && answer_one(&keeper->answering))
			return;
	}
}

static void keeper_main(void *context, int maker)
{
	struct keeper *keeper = context;

	keeper->maker = maker;
	keeper_work(keeper);
	placing_end(&keeper->placing);
}

static bool keeper_keeps(const void *context, int fd)
{
	const struct keeper *keeper = context;

	return fd == keeper->answering.group || fd == keeper->placing.inotify ||
	       fd == keeper->placing.labels.map || fd == keeper->placing.labels.program ||
	       (keeper->answering.question &&
		(fd == keeper->answering.tags || fd == keeper->answering.program));
}

static int placed_wait(const struct marks *marks, struct placed *ret_placed)
{
	struct pollfd fd = { .fd = marks->process, .events = POLLIN };

	if (poll(&fd, 1, START_TIME_MS) <= 0)
		return -ETIMEDOUT;
	return recv(marks->process, ret_placed, sizeof(*ret_placed), 0) == sizeof(*ret_placed)
		       ? 0
		       : -ECHILD;
}

DEFINE_CLEANUP(struct marks *, marks_stop)

static int keeper_start(struct keeper *keeper, struct marks **ret_marks, struct placed *ret_placed)
{
	_cleanup_(marks_stopp) struct marks *marks = calloc(1, sizeof(*marks));
	int r;

	if (!marks)
		return -ENOMEM;
	marks->process =
		detach(&(struct detached) { "fermata-marks", keeper_main, keeper_keeps, keeper });
	if (marks->process < 0)
		return marks->process;
	r = placed_wait(marks, ret_placed);
	if (!r)
		*ret_marks = take_ptr(marks);
	return r;
}

/* What it takes to answer; without marks, nothing. */
static int answering_init(struct keeper *keeper, const struct marks_config *config)
{
	struct sensor *sensor = config->sensor;
	struct answering *answering = &keeper->answering;
	struct question *question;
	int r = confirmer_new(&answering->confirmer, config->policy);

	if (r < 0)
		return r;
	question = mmap(NULL, sizeof(*question), PROT_READ | PROT_WRITE, MAP_SHARED,
			sensor->handles.map[MAP_questions], 0);
	if (question == MAP_FAILED)
		return -errno;
	answering->question = question;
	answering->tags = sensor->handles.map[MAP_tags];
	answering->program = handles_program(&sensor->handles, "file_mark")->fd;
	answering->table = &keeper->table;
	answering->observe = config->observe;
	answering->group = group_open();
	return answering->group < 0 ? answering->group : 0;
}

/* The group must be that process's alone: whoever else has it keeps the marks. */
static void keeper_free(struct keeper *keeper)
{
	if (keeper->answering.group >= 0)
		close(keeper->answering.group);
	if (keeper->placing.inotify >= 0)
		close(keeper->placing.inotify);
	if (keeper->answering.question)
		munmap(keeper->answering.question, sizeof(*keeper->answering.question));
	confirmer_freep(&keeper->answering.confirmer);
	free(keeper);
}
DEFINE_CLEANUP(struct keeper *, keeper_free)

int marks_start(struct marks **ret_marks, const struct marks_config *config,
		struct placed *ret_placed)
{
	_cleanup_(keeper_freep) struct keeper *keeper = calloc(1, sizeof(*keeper));
	struct handles *handles = &config->sensor->handles;
	int r = 0;

	if (!keeper)
		return -ENOMEM;
	mark_table_init(&keeper->table);
	keeper->answering.group = -1;
	keeper->placing = (struct placing) {
		.names = config->names,
		.inotify = inotify_init1(IN_CLOEXEC),
		.table = &keeper->table,
		.labels = { handles->map[MAP_labels],
			    handles_program(handles, "file_identify")->fd },
	};
	if (keeper->placing.inotify < 0)
		return -errno;
	if (config->marked)
		r = answering_init(keeper, config);
	keeper->placing.group = keeper->answering.group;
	return r ? r : keeper_start(keeper, ret_marks, ret_placed);
}

bool marks_overflowed(struct marks *marks)
{
	struct placed placed;

	return marks &&
	       recv(marks->process, &placed, sizeof(placed), MSG_DONTWAIT) == sizeof(placed) &&
	       placed.full;
}

void marks_stop(struct marks *marks)
{
	struct pollfd fd = { .fd = marks ? marks->process : -1, .events = POLLIN };
	struct placed placed;

	if (!marks)
		return;
	if (marks->process >= 0) {
		shutdown(marks->process, SHUT_WR);
		while (poll(&fd, 1, STOP_TIME_MS) > 0 &&
		       recv(marks->process, &placed, sizeof(placed), 0) > 0)
			;
		close(marks->process);
	}
	free(marks);
}

/* The child that opens what is marked: its status is 0 when that is refused. */
static pid_t trial_start(int file)
{
	char path[64];
	pid_t child;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	child = fork();
	if (child)
		return child < 0 ? -errno : child;
	_exit(open(path, O_RDONLY) >= 0 || errno != EPERM);
}

static int trial_answer(int group)
{
	struct pollfd fd = { .fd = group, .events = POLLIN };
	struct fanotify_event_metadata event;
	struct fanotify_response response = { .response = FAN_DENY };

	if (poll(&fd, 1, STOP_TIME_MS) <= 0)
		return 0;
	if (read(group, &event, sizeof(event)) != sizeof(event))
		return -errno;
	response.fd = event.fd;
	if (write(group, &response, sizeof(response)) < 0)
		return -errno;
	close(event.fd);
	return 0;
}

bool marks_probe(struct failure *ret_failure)
{
	_cleanup_close_ int group = group_open(), file = memfd_create("fermata", MFD_CLOEXEC);
	int status = 1, r = group < 0 ? group : file < 0 ? -errno : 0;
	struct failure failure = { .step = "load" };
	bool refused = false;
	pid_t child = -1;

	if (!r) {
		failure.step = "attach";
		r = fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, file, NULL) ? -errno : 0;
	}
	if (!r) {
		failure.step = plan_silent;
		child = trial_start(file);
		r = child < 0 ? child : trial_answer(group);
	}
	/* without the group it does not wait any more */
	closep(&group);
	group = -1;
	if (child > 0 && waitpid(child, &status, 0) == child)
		refused = WIFEXITED(status) && !WEXITSTATUS(status);
	failure.error = -r;
	if (!refused)
		*ret_failure = failure;
	return refused;
}
