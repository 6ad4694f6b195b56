/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/tier.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "probe.skel.h"
#include "sensor/cgroup.h"
#include "sensor/quiet.h"

const char *const tier_table[TIER_MAX] = {
	[TIER_lsm] = "lsm",
	[TIER_fmod_ret] = "fmod_ret",
	[TIER_portable] = "portable",
};

const char *const strength_table[STRENGTH_MAX] = {
	[STRENGTH_not_seen] = "not seen",
	[STRENGTH_alert_only] = "alert only",
	[STRENGTH_kill_after] = "kill after the act",
	[STRENGTH_kill] = "kill",
	[STRENGTH_deny] = "deny",
};

/* What the throw-away child does once it is marked; its exit status says how it went. */
enum { ACT_PASSED = 0, ACT_REFUSED = 1 };

static int act_open(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd < 0 && errno == EPERM ? ACT_REFUSED : ACT_PASSED;
}

/* Of a datagram socket: nothing is sent. */
static int act_connect(void)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return ACT_PASSED;
	return connect(fd, (struct sockaddr *)&peer, sizeof(peer)) && errno == EPERM ? ACT_REFUSED
										     : ACT_PASSED;
}

static int act_fork(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!child)
		_exit(0);
	return ACT_PASSED;
}

struct trial {
	enum shell shell;
	const char *program;
	int (*act)(void);
};

static const struct trial trials[] = {
	{ SHELL_lsm, "probe_lsm", act_open },
	{ SHELL_fmod_ret, "probe_fmod_ret", act_open },
	{ SHELL_cgroup, "probe_cgroup", act_connect },
	{ SHELL_tracepoint, "probe_tracepoint", act_fork },
};

/* A child that waits for a byte and then acts. */
static pid_t child_start(const struct trial *trial, int *ret_go)
{
	int go[2];
	pid_t child;
	char byte;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(ACT_PASSED);
		_exit(trial->act());
	}
	close(go[0]);
	if (child < 0) {
		close(go[1]);
		return -errno;
	}
	*ret_go = go[1];
	return child;
}

/* Marks the child, lets it act, and says whether it was stopped. */
static int trigger(const struct trial *trial, int map, const struct cgroup *cgroup)
{
	_cleanup_close_ int go = -1, pidfd = -1;
	pid_t child = child_start(trial, &go);
	__u32 mark = 1;
	int status, r = 0;

	if (child < 0)
		return child;
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	if (pidfd < 0 || bpf_map_update_elem(map, &pidfd, &mark, BPF_NOEXIST))
		r = -errno;
	if (!r && cgroup)
		r = cgroup_add(cgroup, child);
	if (!r && write(go, "", 1) != 1)
		r = -errno;
	closep(&go);
	go = -1;
	if (waitpid(child, &status, 0) < 0)
		return -errno;
	if (r)
		return r;
	return (WIFEXITED(status) && WEXITSTATUS(status) == ACT_REFUSED) ||
	       (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static struct bpf_link *attach(struct bpf_program *program, enum shell shell,
			       struct cgroup **ret_cgroup)
{
	char name[64];
	int r;

	if (shell != SHELL_cgroup)
		return bpf_program__attach(program);
	snprintf(name, sizeof(name), "fermata-probe-%d", (int)getpid());
	r = cgroup_make(ret_cgroup, name);
	if (r) {
		errno = -r;
		return NULL;
	}
	return bpf_program__attach_cgroup(program, cgroup_fd(*ret_cgroup));
}

#define SET(shell) (1u << SHELL_##shell)

static bool in_set(const struct trial *trial, unsigned int set)
{
	return set >> trial->shell & 1;
}

/* Attaches one loaded program, and has it stop the child. */
static void trial_run(struct shell_probe *ret, struct probe_bpf *probe, const struct trial *trial)
{
	struct bpf_program *program = bpf_object__find_program_by_name(probe->obj, trial->program);
	struct cgroup *cgroup = NULL;
	struct bpf_link *link;
	int r;

	ret->step = "attach";
	link = attach(program, trial->shell, &cgroup);
	r = link ? 0 : -errno;
	if (!r) {
		ret->step = "trigger";
		r = trigger(trial, bpf_map__fd(probe->maps.probed), cgroup);
		ret->works = r > 0;
	}
	ret->error = r < 0 ? -r : 0;
	bpf_link__destroy(link);
	cgroup_remove(cgroup);
}

/* Tries the shells of the set with one object: to open one costs libbpf more than all
 * that follows. Loading is all or nothing. */
static int shells_load(struct tier_probe *ret, unsigned int set)
{
	struct probe_bpf *probe = probe_bpf__open();
	struct bpf_program *program;
	int r;

	if (!probe)
		return -ENOMEM;
	bpf_object__for_each_program(program, probe->obj) bpf_program__set_autoload(program, false);
	for (size_t i = 0; i < ARRAY_SIZE(trials); i++)
		if (in_set(&trials[i], set))
			bpf_program__set_autoload(
				bpf_object__find_program_by_name(probe->obj, trials[i].program),
				true);
	r = probe_bpf__load(probe);
	for (size_t i = 0; !r && i < ARRAY_SIZE(trials); i++)
		if (in_set(&trials[i], set))
			trial_run(&ret->shell[trials[i].shell], probe, &trials[i]);
	probe_bpf__destroy(probe);
	return r;
}

/* The same, one by one when not all of them load. */
static void shells_try(struct tier_probe *ret, unsigned int set)
{
	int r = shells_load(ret, set);

	if (!r)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
		struct shell_probe *shell = &ret->shell[trials[i].shell];

		if (!in_set(&trials[i], set))
			continue;
		*shell = (struct shell_probe) { .step = "load", .error = -r };
		if (set & (set - 1)) {
			r = shells_load(ret, 1u << trials[i].shell);
			shell->error = shell->works ? 0 : r ? -r : shell->error;
		}
	}
}

/*
 * Whether the kernel takes programs that need a trampoline at all, which micro-VM kernels
 * refuse before they look at what to attach to. Any other has to complain about that: type
 * 1 is no function. Saves opening objects for nothing.
 */
static bool trampolines_refused(void)
{
	struct bpf_insn nothing[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				      { .code = BPF_JMP | BPF_EXIT } };
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_LSM_MAC,
		    .attach_btf_id = 1);
	_cleanup_close_ int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "fermata_probe", "GPL", nothing,
					       ARRAY_SIZE(nothing), &options);

	return fd < 0 && errno == EPERM;
}

/* As far as it takes to know whether the tier is had, or which is the strongest. */
static void tiers_try(struct tier_probe *probe, int tier)
{
	bool refused = trampolines_refused();

	if (tier == TIER_EVERY) {
		shells_try(probe, SET(lsm));
		shells_try(probe, SET(fmod_ret));
		shells_try(probe, SET(cgroup) | SET(tracepoint));
		return;
	}
	if (refused)
		probe->shell[SHELL_lsm] = probe->shell[SHELL_fmod_ret] =
			(struct shell_probe) { .step = "load", .error = EPERM };
	else if (tier == TIER_STRONGEST || tier == TIER_lsm)
		shells_try(probe, SET(lsm) | SET(tracepoint));
	if (!refused && !probe->shell[SHELL_lsm].works && tier != TIER_portable)
		shells_try(probe, SET(fmod_ret) | SET(tracepoint));
	if (!probe->shell[SHELL_lsm].works && !probe->shell[SHELL_fmod_ret].works)
		shells_try(probe, SET(cgroup) | SET(tracepoint));
}

static bool capable(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[capability / 32].effective >> (capability % 32) & 1;
}

/* major << 8 | minor; 0: not known */
static unsigned int kernel_version(void)
{
	unsigned int major, minor;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return major << 8 | minor;
}

static const char *missing(void)
{
	unsigned int version = kernel_version();

	if (!version)
		return "the kernel's version";
	if (version < (6 << 8 | 1))
		return "a kernel of version 6.1 or later";
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "type information of the kernel, /sys/kernel/btf/vmlinux "
		       "(CONFIG_DEBUG_INFO_BTF)";
	return NULL;
}

int tier_probe(struct tier_probe *ret, int tier, const char **ret_missing)
{
	struct tier_probe probe = { 0 };
	const char *what = missing();

	if (!capable(CAP_BPF) || !capable(CAP_PERFMON) || !capable(CAP_SYS_ADMIN)) {
		*ret_missing = "privilege (root, or CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN and "
			       "CAP_SYS_ADMIN)";
		return -EPERM;
	}
	if (what) {
		*ret_missing = what;
		return -ENOSYS;
	}
	libbpf_quiet();
	tiers_try(&probe, tier);
	if (!probe.shell[SHELL_tracepoint].works) {
		*ret_missing = "BPF tracepoint programs with task storage (CONFIG_BPF_SYSCALL, "
			       "CONFIG_BPF_EVENTS)";
		return -ENOSYS;
	}
	/* 7.0 runs tracepoints under SRCU; before, with pre-emption disabled */
	probe.tracepoints_preempted = kernel_version() >= 7 << 8;
	probe.shell[SHELL_sys_exit] = probe.shell[SHELL_tracepoint];
	probe.tier = probe.shell[SHELL_lsm].works	 ? TIER_lsm
		     : probe.shell[SHELL_fmod_ret].works ? TIER_fmod_ret
							 : TIER_portable;
	*ret = probe;
	return 0;
}

bool tier_works(const struct tier_probe *probe, enum tier tier)
{
	switch (tier) {
	case TIER_lsm:
		return probe->shell[SHELL_lsm].works;
	case TIER_fmod_ret:
		return probe->shell[SHELL_fmod_ret].works;
	default:
		return true;
	}
}

enum strength tier_event_strength(const struct tier_probe *probe, enum tier tier,
				  enum event_type event)
{
	bool trampolines = tier != TIER_portable;

	switch (event) {
	case EVENT_process_creation:
		return trampolines ? STRENGTH_deny : STRENGTH_kill;
	case EVENT_file_open:
		return trampolines ? STRENGTH_deny : STRENGTH_kill;
	case EVENT_file_event:
		return trampolines ? STRENGTH_deny : STRENGTH_kill_after;
	case EVENT_network_connection:
		return trampolines || probe->shell[SHELL_cgroup].works ? STRENGTH_deny
								       : STRENGTH_not_seen;
	default:
		return STRENGTH_alert_only;
	}
}

/* Whether a condition can be decided before the exec: it tests nothing that is known
 * only after it. */
static bool known_early(const struct expression *expression)
{
	const struct field_info *field;

	if (expression->op == EXPRESSION_TEST) {
		field = &field_table[expression->test.field];
		return field->origin != ORIGIN_event && field->id != FIELD_fact_command_line &&
		       field->id != FIELD_fact_current_directory;
	}
	for (size_t i = 0; i < expression->count; i++)
		if (!known_early(expression->child[i]))
			return false;
	return true;
}

static enum strength weaker(enum strength a, enum strength b)
{
	return a < b ? a : b;
}

enum strength tier_rule_strength(const struct tier_probe *probe, enum tier tier,
				 const struct ruleset *ruleset, const struct rule *rule,
				 bool confirm)
{
	const struct rule *decides = rule;
	enum strength most;

	if (!rule->condition)
		decides = ruleset->rules[rule->steps[rule->step_count - 1]];
	most = tier_event_strength(probe, tier, decides->event);
	for (size_t i = 0; i < rule->step_count; i++)
		if (tier_event_strength(probe, tier, ruleset->rules[rule->steps[i]]->event) ==
		    STRENGTH_not_seen)
			return STRENGTH_not_seen;
	if (most <= STRENGTH_alert_only || rule->response == RESPONSE_alert)
		return weaker(most, STRENGTH_alert_only);
	if (confirm)
		return rule->response < RESPONSE_kill ? STRENGTH_alert_only : STRENGTH_kill_after;
	if (decides->event == EVENT_process_creation &&
	    (!rule->condition || !known_early(rule->condition)))
		most = weaker(most, STRENGTH_kill);
	return most;
}

bool tier_satisfies(enum strength strength, enum requirement requirement)
{
	switch (requirement) {
	case REQUIREMENT_kill:
		return strength >= STRENGTH_kill;
	case REQUIREMENT_deny:
		return strength >= STRENGTH_deny;
	default:
		return true;
	}
}

bool tier_falls_short(const struct rule *rule, enum strength strength)
{
	if (rule->response >= RESPONSE_deny)
		return strength < STRENGTH_kill;
	return strength < STRENGTH_alert_only;
}
