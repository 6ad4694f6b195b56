/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Keys of the kernel (security/keys): keyring. With trampolines at security_key_permission and
 * security_key_alloc. Without, at the exit of the calls, by what they were given.
 */
#include "../shell.bpf.h"
#include "../target.bpf.h"

#define KEY_TEXT_MAX 1024

/* Fills in and matches the key. Both its texts are strings of the kernel's. */
__noinline int key_match(struct work *work, struct text *type, __u64 key_address, __u32 use)
{
	struct key *key = (struct key *)key_address;

	if (!work || !type)
		return 0;
	string_taken(type,
		     bpf_probe_read_kernel_str(type->byte, KEY_TEXT_MAX,
					       BPF_CORE_READ(key, type, name)),
		     KEY_TEXT_MAX);
	string_taken(&work->text,
		     bpf_probe_read_kernel_str(work->text.byte, KEY_TEXT_MAX,
					       BPF_CORE_READ(key, description)),
		     KEY_TEXT_MAX);
	work->record.keyring.use = use;
	return 0;
}

static __always_inline int key_end(struct event *e)
{
	HAS(e, SLOT_keyring_use);
	OTHER_END(e, keyring, key_type);
	return path_end(e, SLOT_keyring_description, FIELD_keyring_description,
			PLACE(keyring, description));
}

/* The last bit of a reference says who has it (include/linux/key.h). */
static __always_inline int key_body(__u32 origin, __u64 reference, __u32 use)
{
	struct event e;
	int r = event_begin_two(&e, EVENT_keyring, origin);

	if (r <= 0)
		return r;
	key_match(e.work, e.other, reference & ~1ull, use);
	return key_end(&e);
}

/* The arguments by number: a reference is of a type that 6.1 lets nobody look at. Of needs
 * (enum key_need_perm), others are the kernel's own. */
static __always_inline int key_permission_body(__u32 origin, void *context)
{
	__u64 reference = 0, need = 0;

	bpf_get_func_arg(context, 0, &reference);
	bpf_get_func_arg(context, 2, &need);
	need = (__u32)need;
	return need >= KEY_USE_view && need <= KEY_USE_setattr ? key_body(origin, reference, need)
							       : 0;
}

static __always_inline int key_alloc_body(__u32 origin, void *context)
{
	__u64 key = 0;

	bpf_get_func_arg(context, 0, &key);
	return key_body(origin, key, KEY_USE_create);
}

ARGUMENT_HOOK(key_permission)
ARGUMENT_HOOK(key_alloc)
