/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/answer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "question.h"
#include "sensor/internal.h"

/* A descriptor of the process if it is of the session, or of any for session 0; -ESRCH. */
static int member_open(const struct answering *answering, pid_t process, __u64 session)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	struct tag tag;

	if (pidfd < 0 || bpf_map_lookup_elem(answering->tags, &pidfd, &tag) ||
	    (session && tag.session != session))
		return -ESRCH;
	return take_fd(&pidfd);
}

/* Adds what the kernel cannot evaluate of the name. */
static void name_evaluate(const struct answering *answering)
{
	struct question *question = answering->question;
	const struct bytes name = { (const char *)question->name.byte, question->name.length };
	size_t count = confirmer_text_atoms(answering->confirmer, EVENT_file_open,
					    FIELD_file_open_target_filename, name,
					    question->atoms.atom, FACT_ATOMS_MAX);

	question->early = count > FACT_ATOMS_MAX ? EARLY_ASSUME : EARLY_NAMED;
	question->atoms.count = count > FACT_ATOMS_MAX ? FACT_ATOMS_MAX : count;
}

/* Has the kernel side decide. -ESRCH: the thread is no more. */
static int ask(const struct answering *answering, pid_t thread, struct answer *ret_answer)
{
	union bpf_iter_link_info info = { .task.tid = (__u32)thread };
	size_t size;
	int r = sensor_iterate(answering->program, &info, ret_answer, sizeof(*ret_answer), &size);

	if (r)
		return r;
	return size == sizeof(*ret_answer) ? 0 : -ESRCH;
}

/* It may have been killed out of its wait, and its id be another's. */
static void kill_process(const struct answering *answering, const struct answer *answer)
{
	_cleanup_close_ int pidfd =
		member_open(answering, (pid_t)answer->process_id, answer->session);

	if (pidfd >= 0)
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* What cannot be examined does not happen, to an agent; to nobody else. */
static bool refuses_unexamined(const struct answering *answering, pid_t thread)
{
	_cleanup_close_ int pidfd = member_open(answering, thread, 0);

	return pidfd >= 0 && !answering->observe;
}

/* Asks for every name that rules have for the file, and at least once, until one is
 * refused. */
static bool refuses(const struct answering *answering, int file, pid_t thread)
{
	struct question *question = answering->question;
	struct answer answer = { 0 };
	struct stat status;
	size_t nth = 0;
	int r = fstat(file, &status) ? -errno : 0;

	question->descriptor = (__u32)file;
	question->name.length = 0;
	while (!r && !answer.refuse &&
	       (mark_table_name(answering->table, &status, nth, &question->name) || !nth)) {
		name_evaluate(answering);
		r = ask(answering, thread, &answer);
		if (!r && !answer.session)
			return false;
		nth++;
	}
	if (r)
		return r != -ESRCH && refuses_unexamined(answering, thread);
	if (answer.kill)
		kill_process(answering, &answer);
	return answer.refuse;
}

int answer_one(const struct answering *answering)
{
	struct fanotify_event_metadata event;
	struct fanotify_response response = { .response = FAN_ALLOW };
	ssize_t size = read(answering->group, &event, sizeof(event));

	if (size < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (size != sizeof(event) || event.vers != FANOTIFY_METADATA_VERSION)
		return -EPROTO;
	if (event.fd < 0)
		return 0;
	response.fd = event.fd;
	/* 0: it is in none of our pid namespaces, where all agents are */
	if (event.pid > 0 && refuses(answering, event.fd, event.pid))
		response.response = FAN_DENY;
	/* it can have been killed out of its wait, so that nobody takes the answer */
	if (write(answering->group, &response, sizeof(response)) < 0)
		(void)errno;
	close(event.fd);
	return 0;
}
