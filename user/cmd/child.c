/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/child.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "cmd/inherited.h"
#include "sensor/filter.h"

/* What the child could not do, sent through the pipe that a successful exec closes. */
enum step { STEP_filter, STEP_user, STEP_exec };
static const char *const step_table[] = { [STEP_filter] = "filter the system calls of",
					  [STEP_user] = "become that user",
					  [STEP_exec] = "run" };

struct complaint {
	int error;
	enum step step;
};

void identity_done(struct identity *identity)
{
	free(identity->name);
	free(identity->home);
}

static int number_read(const char *text, uint32_t *ret)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number >= UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)number;
	return 0;
}

static int identity_of(struct identity *ret, const struct passwd *user)
{
	struct identity identity = { true, user->pw_uid, user->pw_gid, strdup(user->pw_name),
				     strdup(user->pw_dir) };

	if (!identity.name || !identity.home) {
		identity_done(&identity);
		return -ENOMEM;
	}
	*ret = identity;
	return 0;
}

static int identity_sudo(struct identity *ret)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	struct identity identity = { .change = true };
	const struct passwd *user;

	if (!uid || geteuid()) {
		*ret = (struct identity) { 0 };
		return 0;
	}
	if (number_read(uid, &identity.uid) || (gid && number_read(gid, &identity.gid)))
		return -EINVAL;
	user = getpwuid(identity.uid);
	if (!gid && !user)
		return -EINVAL;
	if (!user) {
		*ret = identity;
		return 0;
	}
	return identity_of(ret, user);
}

int identity_find(struct identity *ret_identity, const char *user)
{
	struct identity identity = { .change = true };
	const struct passwd *entry;

	if (!user)
		return identity_sudo(ret_identity);
	entry = getpwnam(user);
	if (entry)
		return identity_of(ret_identity, entry);
	if (number_read(user, &identity.uid))
		return -ENOENT;
	entry = getpwuid(identity.uid);
	if (entry)
		return identity_of(ret_identity, entry);
	identity.gid = identity.uid;
	*ret_identity = identity;
	return 0;
}

static int identity_take(const struct identity *identity)
{
	if (!identity->change)
		return 0;
	if (identity->name ? initgroups(identity->name, identity->gid) : setgroups(0, NULL))
		return -errno;
	if (setresgid(identity->gid, identity->gid, identity->gid) ||
	    setresuid(identity->uid, identity->uid, identity->uid))
		return -errno;
	if (identity->home && setenv("HOME", identity->home, 1))
		return -errno;
	if (identity->name &&
	    (setenv("USER", identity->name, 1) || setenv("LOGNAME", identity->name, 1)))
		return -errno;
	return 0;
}

/* In the child: waits for the word, then executes or says why not. */
static _Noreturn void child_main(int go, int failure, const struct child_config *config)
{
	struct complaint failed = { 0 };
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	close(go);
	inherited_examine();
	sigprocmask(SIG_SETMASK, config->mask, NULL);
	if (config->ignores_children)
		signal(SIGCHLD, SIG_IGN);
	/* before it becomes a user who would have to give up setuid programs for that */
	if (config->filter)
		failed = (struct complaint) { -filter_install(config->filter), STEP_filter };
	if (!failed.error)
		failed = (struct complaint) { -identity_take(config->identity), STEP_user };
	if (!failed.error) {
		execvp(config->argv[0], config->argv);
		failed = (struct complaint) { errno, STEP_exec };
	}
	if (write(failure, &failed, sizeof(failed)) != sizeof(failed))
		_exit(1);
	_exit(0);
}

int child_start(struct child *ret_child, const struct child_config *config)
{
	int go[2], failure[2];
	pid_t pid;
	int r;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(failure, O_CLOEXEC)) {
		r = -errno;
		close(go[0]);
		close(go[1]);
		return r;
	}
	pid = fork();
	if (!pid) {
		close(go[1]);
		close(failure[0]);
		child_main(go[0], failure[1], config);
	}
	r = -errno;
	close(go[0]);
	close(failure[1]);
	if (pid < 0) {
		close(go[1]);
		close(failure[0]);
		return r;
	}
	*ret_child = (struct child) { pid, go[1], failure[0] };
	return 0;
}

int child_release(struct child *child, const char **ret_step)
{
	struct complaint failed = { 0 };
	ssize_t n;

	if (write(child->go, "", 1) != 1)
		return errno;
	close(child->go);
	child->go = -1;
	do
		n = read(child->failure, &failed, sizeof(failed));
	while (n < 0 && errno == EINTR);
	close(child->failure);
	child->failure = -1;
	if (n != sizeof(failed))
		return 0;
	*ret_step = step_table[failed.step];
	return failed.error;
}
