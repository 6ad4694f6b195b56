/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Descriptors that a call has received: where the kernel wrote their numbers for the caller, in
 * the control data of the messages. Another thread may have rewritten those since.
 */
#include "../target.bpf.h"

/* include/linux/socket.h */
#define SOL_SOCKET 1
#define SCM_RIGHTS 1

/* What is asked for: of which events to tell, and */
#define RECEIVED_COMPAT (1 << 0) /* pointers and lengths in memory have 32 bits */
#define RECEIVED_HANDOVER (1 << 1)
#define RECEIVED_OPEN (1 << 2)

__noinline int handover_called(__u64 file)
{
	struct event e;

	if (event_begin_two(&e, EVENT_ipc_handover, ORIGIN(sys_exit, sys_exit, 0)) > 0)
		handover_end(&e, file);
	return 0;
}

__noinline int reopened_called(__u64 file)
{
	struct event e;

	if (event_begin(&e, EVENT_file_open, ORIGIN(sys_exit, sys_exit, 0)) > 0)
		reopened_end(&e, (struct file *)file);
	return 0;
}

static __always_inline void descriptor_received(__u32 asked, __u32 descriptor)
{
	struct file *file = file_installed(bpf_get_current_task_btf(), descriptor);

	if (!file)
		return;
	if (asked & RECEIVED_HANDOVER)
		handover_called((unsigned long)file);
	if (asked & RECEIVED_OPEN && file_counts_as_opened(file))
		reopened_called((unsigned long)file);
}

/* How far it is. One loop for messages, the parts of their control data and descriptors: of
 * loops in loops the verifier allows few. */
struct receiving {
	__u64 message; /* the next of `messages` that are left; 0: there is no next */
	__u64 control, left; /* its control data that is left, in bytes */
	__u64 descriptor; /* the next of `descriptors` that are left of this part */
	__u32 messages, descriptors, asked, pad;
};

/* Parts of control data that a call can have received: descriptors, and their heads. */
#define RECEIVED_MAX (1 << 19)

/* A number as long as pointers are. */
static __always_inline __u64 word_given(__u64 address, bool compat)
{
	__u64 word = 0;

	if (compat)
		bpf_probe_read_user(&word, 4, (const void *)address);
	else
		bpf_probe_read_user(&word, 8, (const void *)address);
	return word;
}

/* struct msghdr and struct mmsghdr, of which compat_msghdr is half */
static __always_inline void receiving_message(struct receiving *r)
{
	bool compat = r->asked & RECEIVED_COMPAT;

	r->control = word_given(r->message + (compat ? 16 : 32), compat);
	r->left = word_given(r->message + (compat ? 20 : 40), compat);
	r->message += compat ? 32 : 64;
	r->messages--;
}

/* struct cmsghdr: a length, and two numbers */
static __always_inline void receiving_part(struct receiving *r)
{
	bool compat = r->asked & RECEIVED_COMPAT;
	__u64 word = compat ? 4 : 8, head = word + 8;
	__u64 length = word_given(r->control, compat), step = (length + word - 1) & ~(word - 1);
	__u32 kind[2] = {};

	bpf_probe_read_user(kind, sizeof(kind), (const void *)(r->control + word));
	if (length < head || length > r->left) {
		r->left = 0;
		return;
	}
	if (kind[0] == SOL_SOCKET && kind[1] == SCM_RIGHTS) {
		r->descriptor = r->control + head;
		r->descriptors = (length - head) / sizeof(__u32);
	}
	r->control += step;
	r->left = step < r->left ? r->left - step : 0;
}

static long receiving_step(__u32 i, struct receiving *r)
{
	__u32 descriptor = -1;

	if (r->descriptors) {
		bpf_probe_read_user(&descriptor, sizeof(descriptor), (const void *)r->descriptor);
		r->descriptor += sizeof(descriptor);
		r->descriptors--;
		descriptor_received(r->asked, descriptor);
	} else if (r->left) {
		receiving_part(r);
	} else if (r->messages) {
		receiving_message(r);
	} else {
		return 1;
	}
	return 0;
}

/* `count`: of so many struct mmsghdr; 0: of one struct msghdr. */
static __always_inline void messages_received(__u32 asked, __u64 message, __u32 count)
{
	static const struct receiving none;
	struct receiving r;

	/* read, so that the 6.1 verifier does not take what is zero now for zero in the loop */
	bpf_probe_read_kernel(&r, sizeof(r), &none);
	r.message = message;
	r.messages = count ? count : 1;
	r.asked = asked;
	bpf_loop(RECEIVED_MAX, receiving_step, &r, 0);
}
