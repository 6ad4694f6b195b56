/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The exits of calls on processes, privileges and keys, for events that no hook could be
 * attached for. Calls that failed have done nothing.
 */
#include "../given.bpf.h"
#include "../target.bpf.h"

/* pidfd_getfd(2) is in the table of sockets, as CALL_getfd. */
enum process_call_kind {
	CALL_ptrace,
	CALL_memory,
	CALL_pidfd,
	CALL_privilege,
	CALL_add_key,
	CALL_request_key,
	CALL_keyctl
};

/* C(call, number on x86-64, on i386, kind); arch/x86/entry/syscalls. x32 has numbers of its own
 * for some, and i386 has ids of 16 bits, too. */
#define PROCESS_CALLS(C)                                                                           \
	C(ptrace, 101, 26, ptrace)                                                                 \
	C(ptrace_x32, 521, -1, ptrace)                                                             \
	C(process_vm_readv, 310, 347, memory)                                                      \
	C(process_vm_writev, 311, 348, memory)                                                     \
	C(process_vm_readv_x32, 539, -1, memory)                                                   \
	C(process_vm_writev_x32, 540, -1, memory)                                                  \
	C(setuid, 105, 213, privilege)                                                             \
	C(setgid, 106, 214, privilege)                                                             \
	C(setreuid, 113, 203, privilege)                                                           \
	C(setregid, 114, 204, privilege)                                                           \
	C(setresuid, 117, 208, privilege)                                                          \
	C(setresgid, 119, 210, privilege)                                                          \
	C(setfsuid, 122, 215, privilege)                                                           \
	C(setfsgid, 123, 216, privilege)                                                           \
	C(setuid16, -1, 23, privilege)                                                             \
	C(setgid16, -1, 46, privilege)                                                             \
	C(setreuid16, -1, 70, privilege)                                                           \
	C(setregid16, -1, 71, privilege)                                                           \
	C(setfsuid16, -1, 138, privilege)                                                          \
	C(setfsgid16, -1, 139, privilege)                                                          \
	C(setresuid16, -1, 164, privilege)                                                         \
	C(setresgid16, -1, 170, privilege)                                                         \
	C(capset, 126, 185, privilege)                                                             \
	C(add_key, 248, 286, add_key)                                                              \
	C(request_key, 249, 287, request_key)                                                      \
	C(keyctl, 250, 288, keyctl)

#define PTRACE_TRACEME 0
#define PTRACE_ATTACH 16
#define PTRACE_SEIZE 0x4206

static __always_inline bool access_begin(struct event *e)
{
	return event_begin_done(e, EVENT_process_access);
}

/* Who is traced from now on: the tracer's list begins with it. */
__noinline int traced_called(__u32 request)
{
	struct task_struct *task = bpf_get_current_task_btf(), *target;
	struct event e;

	if (!access_begin(&e))
		return 0;
	if (request == PTRACE_TRACEME)
		target = BPF_CORE_READ(task, parent);
	else
		target = (void *)BPF_CORE_READ(task, ptraced.next) -
			 bpf_core_field_offset(struct task_struct, ptrace_entry);
	target = BPF_CORE_READ(target, group_leader);
	access_end(&e, (unsigned long)target,
		   pid_number((unsigned long)BPF_CORE_READ(target, thread_pid), e.agent->pid_level),
		   request == PTRACE_TRACEME ? REACH_traceme : REACH_attach);
	return 0;
}

/* A process by the number that the caller gave, or by its own descriptor (`pidfd`). */
__noinline int reached_called(__u32 number, __u32 pidfd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	unsigned long pid = 0;
	struct event e;

	if (!pidfd && number == (__u32)task->tgid)
		return 0;
	if (!access_begin(&e))
		return 0;
	if (pidfd) {
		pid = pidfd_pid(number);
		number = pid_number(pid, e.agent->pid_level);
	}
	return access_end(&e, pid_process(pid), number, REACH_attach);
}

__noinline int privilege_called(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct privileges old, new;
	struct event e;
	__u32 kind;

	if (!event_tagged(&e))
		return 0;
	old = e.tag->privileges;
	new = privileges_of(task->cred);
	e.tag->privileges = new;
	kind = old.user != new.user || old.effective_user != new.effective_user ? PRIVILEGE_user
	       : old.group != new.group || old.effective_group != new.effective_group
		       ? PRIVILEGE_group
	       : old.capabilities != new.capabilities ? PRIVILEGE_capabilities
						      : 0;
	if (!kind || event_start(&e, EVENT_privilege_change, ORIGIN(sys_exit, sys_exit, 0)) <= 0)
		return 0;
	e.after = true;
	return privilege_end(&e, kind, old, new);
}

/* By the strings of the caller's. */
__noinline int key_called(__u64 type, __u64 description, __u32 use)
{
	struct event e;

	if (!event_begin_after(&e, EVENT_keyring, true, exec_work_get()))
		return 0;
	string_taken(e.other,
		     bpf_probe_read_user_str(e.other->byte, KEY_TEXT_MAX, (const void *)type),
		     KEY_TEXT_MAX);
	string_taken(&e.work->text,
		     bpf_probe_read_user_str(e.work->text.byte, KEY_TEXT_MAX,
					     (const void *)description),
		     KEY_TEXT_MAX);
	e.work->record.keyring.use = use;
	return key_end(&e);
}

/* Of a key that is told by its number. */
__noinline int key_number_called(__u32 use)
{
	struct event e;

	if (!event_begin_done(&e, EVENT_keyring))
		return 0;
	e.work->record.keyring.use = use;
	HAS(&e, SLOT_keyring_use);
	e.work->record.header.incomplete |=
		SLOT_BIT(SLOT_keyring_description) | SLOT_BIT(SLOT_keyring_key_type);
	return event_end(&e, 0);
}

/* keyctl(2); include/uapi/linux/keyctl.h. Other operations are not told. */
static __always_inline void keyctl_exit(const struct pt_regs *regs, bool compat)
{
	static const __u8 uses[] = {
		[2] = KEY_USE_write, /* UPDATE */
		[3] = KEY_USE_write, /* REVOKE */
		[4] = KEY_USE_setattr, /* CHOWN */
		[5] = KEY_USE_setattr, /* SETPERM */
		[6] = KEY_USE_view, /* DESCRIBE */
		[7] = KEY_USE_write, /* CLEAR */
		[8] = KEY_USE_link, /* LINK */
		[10] = KEY_USE_search, /* SEARCH */
		[11] = KEY_USE_read, /* READ */
	};
	__u32 operation = argument(regs, compat, 0);

	if (operation == 10)
		key_called(argument(regs, compat, 2), argument(regs, compat, 3), KEY_USE_search);
	else if (operation < sizeof(uses) && uses[operation])
		key_number_called(uses[operation]);
}

static __always_inline void key_exit(const struct pt_regs *regs, bool compat, __u32 kind)
{
	if (kind == CALL_keyctl)
		keyctl_exit(regs, compat);
	else
		key_called(argument(regs, compat, 0), argument(regs, compat, 1),
			   kind == CALL_add_key ? KEY_USE_create : KEY_USE_search);
}

static __always_inline void access_exit(const struct pt_regs *regs, bool compat, __u32 kind)
{
	__u32 first = argument(regs, compat, 0);

	if (kind != CALL_ptrace)
		reached_called(first, kind == CALL_pidfd);
	else if (first == PTRACE_TRACEME || first == PTRACE_ATTACH || first == PTRACE_SEIZE)
		traced_called(first);
}

static __always_inline void process_exit(struct task_struct *task, __u32 kind, __u32 events)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;

	if (kind == CALL_privilege && events & EVENT_BIT(privilege_change))
		privilege_called();
	else if (kind >= CALL_add_key && events & EVENT_BIT(keyring))
		key_exit(regs, compat, kind);
	else if (kind <= CALL_pidfd && events & EVENT_BIT(process_access))
		access_exit(regs, compat, kind);
}
