/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From the task's scratch into a ring: the fixed part of the record, then the strings
 * that the event has, one after the other. Every attempt takes a sequence number, so
 * that a record that did not fit is a visible gap; it is counted as well. In global
 * functions, as all that many places of a program come to: the verifier follows those once,
 * and not again for each way to them.
 */
#ifndef FERMATA_EMIT_H
#define FERMATA_EMIT_H

#include "maps.bpf.h"

/* Bytes that wait before the reader is woken, and again when that much more does. A power
 * of two. */
#define TELEMETRY_WAKE (64 << 10)

/* How long the strings of a record are, in the order in which they follow it. */
struct tail {
	__u32 text; /* of work->text */
	__u32 other; /* of the second text, which is at the start of its buffer */
	__u32 image, directory, name, interpreter; /* of struct exec_work */
};

static __always_inline void span_put(struct span *span, __u32 *end, __u32 length)
{
	span->offset = *end;
	span->length = length;
	*end += length;
}

/* Moves the text to the start of its buffer: from there the verifier can follow a copy
 * of any length. The move is downwards, so that overlap does not matter. */
static __always_inline void text_align(struct text *text)
{
	__u32 length = text->length, offset = text->offset & (TEXT_MAX - 1);

	if (!offset)
		return;
	opaque(length);
	if (length > TEXT_MAX)
		length = TEXT_MAX;
	bpf_probe_read_kernel(text->byte, length, &text->byte[offset]);
	text->offset = 0;
}

/* The bound is checked in assembly, so that what is passed on is what was checked: of a
 * register that clang spilled before its check, 6.1 does not know the bound. */
#define TAIL_WRITE(pointer, at, buffer, length, most)                                              \
	do {                                                                                       \
		__u64 n_ = (length);                                                               \
		asm volatile("if %0 <= %1 goto +1\n%0 = 0" : "+r"(n_) : "i"(most));                \
		bpf_dynptr_write(pointer, at, buffer, n_, 0);                                      \
		(at) += n_;                                                                        \
	} while (0)

static __always_inline void tail_write(struct bpf_dynptr *pointer, struct work *work,
				       struct exec_work *exec, struct text *other,
				       const struct tail *tail)
{
	__u32 at = sizeof(struct record);

	bpf_dynptr_write(pointer, 0, &work->record, sizeof(work->record), 0);
	TAIL_WRITE(pointer, at, work->text.byte, tail->text, TEXT_MAX);
	if (other)
		TAIL_WRITE(pointer, at, other->byte, tail->other, TEXT_MAX);
	if (!exec)
		return;
	TAIL_WRITE(pointer, at, exec->image.byte, tail->image, TEXT_MAX);
	TAIL_WRITE(pointer, at, exec->directory, tail->directory, DIRECTORY_MAX);
	TAIL_WRITE(pointer, at, exec->name, tail->name, NAME_MAX_CAPTURE);
	TAIL_WRITE(pointer, at, exec->interpreter, tail->interpreter, NAME_MAX_CAPTURE);
}

/* What only records that are told have in their header: a number within its ring and CPU (a
 * gap in the numbers is a lost record), and the cgroup, which of another task than the one
 * that runs is there by now. */
static __always_inline void header_number(struct record_header *header, enum ring_kind ring)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &zero_key);

	if (c)
		header->sequence = __sync_fetch_and_add(&c->sequence[ring], 1);
	header->cpu = bpf_get_smp_processor_id();
}

static __always_inline void header_complete(struct record_header *header, enum ring_kind ring)
{
	header_number(header, ring);
	if (header->verdict.shell != SHELL_fanotify)
		header->cgroup = bpf_get_current_cgroup_id();
}

/* `exec` and `other` may be NULL. */
__noinline int emit_verdict(struct work *work, struct exec_work *exec, struct text *other,
			    struct tail *tail)
{
	struct bpf_dynptr pointer;

	if (!work || !tail)
		return 0;
	header_complete(&work->record.header, RING_verdict);
	work->record.header.flags |= RECORD_VERDICT;
	if (bpf_ringbuf_reserve_dynptr(&verdict_ring, work->record.header.size, 0, &pointer)) {
		bpf_ringbuf_discard_dynptr(&pointer, 0);
		count_loss(LOSS_verdict_ring);
		return 0;
	}
	tail_write(&pointer, work, exec, other, tail);
	bpf_ringbuf_submit_dynptr(&pointer, BPF_RB_FORCE_WAKEUP);
	return 0;
}

__noinline int emit_telemetry(struct work *work, struct exec_work *exec, struct text *other,
			      struct tail *tail)
{
	struct bpf_dynptr pointer;
	__u64 waiting;

	if (!work || !tail)
		return 0;
	header_complete(&work->record.header, RING_telemetry);
	if (bpf_ringbuf_reserve_dynptr(&telemetry_ring, work->record.header.size, 0, &pointer)) {
		bpf_ringbuf_discard_dynptr(&pointer, 0);
		count_loss(LOSS_telemetry_ring);
		return 0;
	}
	tail_write(&pointer, work, exec, other, tail);
	waiting = bpf_ringbuf_query(&telemetry_ring, BPF_RB_AVAIL_DATA);
	bpf_ringbuf_submit_dynptr(&pointer, waiting % TELEMETRY_WAKE < work->record.header.size
						    ? BPF_RB_FORCE_WAKEUP
						    : BPF_RB_NO_WAKEUP);
	return 0;
}

/* Of a packet: nothing is asked of the task that runs. */
__noinline int emit_packet(struct work *work, struct text *other, struct tail *tail, __u32 ring)
{
	struct bpf_dynptr pointer;
	__u32 size;
	long r;

	if (!work || !other || !tail)
		return 0;
	header_number(&work->record.header, ring == RING_verdict ? RING_verdict : RING_telemetry);
	size = work->record.header.size;
	if (ring == RING_verdict) {
		work->record.header.flags |= RECORD_VERDICT;
		r = bpf_ringbuf_reserve_dynptr(&verdict_ring, size, 0, &pointer);
	} else {
		r = bpf_ringbuf_reserve_dynptr(&telemetry_ring, size, 0, &pointer);
	}
	if (r) {
		bpf_ringbuf_discard_dynptr(&pointer, 0);
		count_loss(ring == RING_verdict ? LOSS_verdict_ring : LOSS_telemetry_ring);
		return 0;
	}
	tail_write(&pointer, work, NULL, other, tail);
	bpf_ringbuf_submit_dynptr(&pointer, BPF_RB_FORCE_WAKEUP);
	return 0;
}

#endif
