/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who a task is: privilege_change. With trampolines at security_task_fix_setuid, _setgid and
 * security_capset. Without, at the exit of the calls, against what was there at the last look
 * (struct tag, privileges). What an exec gains is process_creation's PrivilegeGain.
 */
#include "../shell.bpf.h"

/* Two words of 32 bits before 6.3, one of 64 since: the same bytes. */
static __always_inline __u64 capabilities_read(const kernel_cap_t *set)
{
	__u64 capabilities = 0;

	bpf_probe_read_kernel(&capabilities, sizeof(capabilities), set);
	return capabilities;
}

static __always_inline struct privileges privileges_of(const struct cred *cred)
{
	return (struct privileges) { cred->uid.val, cred->euid.val, cred->gid.val, cred->egid.val,
				     capabilities_read(&cred->cap_effective) };
}

static __always_inline bool users_differ(const struct cred *a, const struct cred *b)
{
	return a->uid.val != b->uid.val || a->euid.val != b->euid.val ||
	       a->suid.val != b->suid.val || a->fsuid.val != b->fsuid.val;
}

static __always_inline bool groups_differ(const struct cred *a, const struct cred *b)
{
	return a->gid.val != b->gid.val || a->egid.val != b->egid.val ||
	       a->sgid.val != b->sgid.val || a->fsgid.val != b->fsgid.val;
}

static __always_inline int privilege_end(struct event *e, __u32 kind, struct privileges old,
					 struct privileges new)
{
	struct event_privilege_change *p = &e->work->record.privilege_change;

	p->kind = kind;
	p->old_user = old.effective_user;
	p->new_user = new.effective_user;
	p->old_group = old.effective_group;
	p->new_group = new.effective_group;
	p->capabilities = new.capabilities & ~old.capabilities;
	HAS(e, SLOT_privilege_change_kind);
	HAS(e, SLOT_privilege_change_old_user);
	HAS(e, SLOT_privilege_change_new_user);
	HAS(e, SLOT_privilege_change_old_group);
	HAS(e, SLOT_privilege_change_new_group);
	HAS(e, SLOT_privilege_change_capabilities);
	return event_end(e, 0);
}

/* Whether the act is to be told; in a trial, what changes nothing is as well. */
static __always_inline int privilege_body(__u32 origin, __u32 kind, struct privileges old,
					  struct privileges new, bool differ)
{
	struct event e;
	int r;

	if (!event_tagged(&e) || (!differ && !e.tag->trial))
		return 0;
	r = event_start(&e, EVENT_privilege_change, origin);
	return r > 0 ? privilege_end(&e, kind, old, new) : r;
}

/* fmod_ret comes before the kernel has the new user's capabilities follow: who becomes root
 * gets what is permitted (cap_emulate_setxuid of security/commoncap.c). */
static __always_inline int task_fix_setuid_body(__u32 origin, const struct cred *new,
						const struct cred *old)
{
	struct privileges after = privileges_of(new);

	if (!after.effective_user && old->euid.val)
		after.capabilities = capabilities_read(&new->cap_permitted);
	return privilege_body(origin, PRIVILEGE_user, privileges_of(old), after,
			      users_differ(new, old));
}
SECURITY_HOOK(task_fix_setuid, task_fix_setuid, task_fix_setuid_body,
	      (const struct cred *new, const struct cred *old), (new, old))

static __always_inline int task_fix_setgid_body(__u32 origin, const struct cred *new,
						const struct cred *old)
{
	return privilege_body(origin, PRIVILEGE_group, privileges_of(old), privileges_of(new),
			      groups_differ(new, old));
}
SECURITY_HOOK(task_fix_setgid, task_fix_setgid, task_fix_setgid_body,
	      (const struct cred *new, const struct cred *old), (new, old))

static __always_inline int capset_body(__u32 origin, const struct cred *old,
				       const kernel_cap_t *effective)
{
	struct privileges before = privileges_of(old), after = before;

	after.capabilities = capabilities_read(effective);
	return privilege_body(origin, PRIVILEGE_capabilities, before, after,
			      before.capabilities != after.capabilities);
}
SECURITY_HOOK(capset, capset, capset_body,
	      (const struct cred *new, const struct cred *old, const kernel_cap_t *effective),
	      (old, effective))
