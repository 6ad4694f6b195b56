/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/tier.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/mount.h"

const char *const tier_table[TIER_MAX] = {
	[TIER_lsm] = "lsm",
	[TIER_fmod_ret] = "fmod_ret",
	[TIER_portable] = "portable",
};

static bool capable(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[capability / 32].effective >> (capability % 32) & 1;
}

unsigned int kernel_version(void)
{
	unsigned int major, minor;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return major << 8 | minor;
}

bool kernel_pre_emptible(void)
{
	_cleanup_close_ int debugfs = -1, file = -1;
	struct utsname name;
	char modes[128] = "";

	if (uname(&name) || !strstr(name.version, "PREEMPT"))
		return false;
	if (!strstr(name.version, "PREEMPT_DYNAMIC"))
		return true;
	debugfs = filesystem_open("debugfs");
	file = debugfs < 0 ? -1 : openat(debugfs, "sched/preempt", O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, modes, sizeof(modes) - 1) <= 0)
		return true;
	return !strstr(modes, "(none)") && !strstr(modes, "(voluntary)");
}

int tier_check(const char **ret_missing)
{
	unsigned int version = kernel_version();

	if (!capable(CAP_BPF) || !capable(CAP_PERFMON) || !capable(CAP_SYS_ADMIN)) {
		*ret_missing = "privilege (root, or CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN and "
			       "CAP_SYS_ADMIN)";
		return -EPERM;
	}
	if (version < (6 << 8 | 1))
		*ret_missing =
			version ? "a kernel of version 6.1 or later" : "the kernel's version";
	else if (access("/sys/kernel/btf/vmlinux", R_OK))
		*ret_missing = "type information of the kernel, /sys/kernel/btf/vmlinux "
			       "(CONFIG_DEBUG_INFO_BTF)";
	else
		return 0;
	return -ENOSYS;
}

/* Programs of this shell load and attach all the same, and never fire: a look saves that. */
int tier_lsm_refused(const char **ret_step)
{
	_cleanup_close_ int securityfs = filesystem_open("securityfs"), file = -1;
	char list[256] = "", *rest = list, *name;

	file = securityfs < 0 ? -1 : openat(securityfs, "lsm", O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, list, sizeof(list) - 1) <= 0)
		return 0;
	while ((name = strsep(&rest, ",\n")))
		if (!strcmp(name, "bpf"))
			return 0;
	*ret_step = "'bpf' is not among the active security modules";
	return ENOENT;
}

/* Micro-VM kernels refuse them before they look at what to attach to. Any other has to
 * complain about that: type 1 is no function. */
int tier_trampolines_refused(const char **ret_step)
{
	struct bpf_insn nothing[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				      { .code = BPF_JMP | BPF_EXIT } };
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_LSM_MAC,
		    .attach_btf_id = 1);
	_cleanup_close_ int fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "fermata_probe", "GPL", nothing,
					       ARRAY_SIZE(nothing), &options);

	if (fd >= 0 || errno != EPERM)
		return 0;
	*ret_step = "load";
	return EPERM;
}
