/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A packet on its way, and the events that are made of it: record, decide, act, emit as in
 * record.bpf.h and verdict.bpf.h, but that who sent it need not be the task that runs. So no
 * signal is sent from here: the packet is dropped, and the user side kills.
 */
#ifndef FERMATA_PACKET_H
#define FERMATA_PACKET_H

#include "address.h"
#include "sender.bpf.h"
#include "verdict.bpf.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPPROTO_UDP 17
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
/* linux/in.h, linux/in6.h */
enum { IPPROTO_HOPOPTS = 0, IPPROTO_DCCP = 33, IPPROTO_ROUTING = 43, IPPROTO_FRAGMENT = 44 };
enum { IPPROTO_DSTOPTS = 60, IPPROTO_SCTP = 132, IPPROTO_UDPLITE = 136 };

#define IPV6_HEADERS_MAX 6 /* extension headers that are passed; behind more no port is seen */
#define SOCK_STREAM 1
#define TCP_FIN 1
#define TCP_RST 4

struct packet {
	struct address source, destination;
	__u16 source_port, destination_port;
	__u16 protocol;
	__u16 flags; /* of TCP */
	__u32 payload; /* where it begins */
	__u32 length; /* of it, in bytes */
	__u32 sequence; /* number of its first byte, of what a TCP socket sends */
	__u32 stream; /* it is that, and not made by hand */
};

/* RFC 791, 3.1 */
struct ipv4_header {
	__u8 version_length, service;
	__u16 length, id, fragment;
	__u8 lifetime, protocol;
	__u16 checksum;
	__u32 source, destination;
};

/* RFC 8200, 3 */
struct ipv6_header {
	__u32 version;
	__u16 length;
	__u8 next, hops;
	struct address source, destination;
} __attribute__((packed));

/* Returns where what is in the packet begins; 0: it is none. */
static __always_inline __u32 ipv4_parse(struct __sk_buff *skb, struct packet *p, bool *first)
{
	struct ipv4_header h;

	if (bpf_skb_load_bytes(skb, 0, &h, sizeof(h)))
		return 0;
	p->source = address_v4(h.source);
	p->destination = address_v4(h.destination);
	p->protocol = h.protocol;
	*first = !(__builtin_bswap16(h.fragment) & 0x1fff);
	return (h.version_length & 15) * 4;
}

static __always_inline __u32 ipv6_parse(struct __sk_buff *skb, struct packet *p, bool *first)
{
	struct ipv6_header h;
	__u32 at = sizeof(h);
	__u8 option[4];

	if (bpf_skb_load_bytes(skb, 0, &h, sizeof(h)))
		return 0;
	p->source = h.source;
	p->destination = h.destination;
	p->protocol = h.next;
#pragma unroll
	for (int i = 0; i < IPV6_HEADERS_MAX; i++) {
		__u16 kind = p->protocol;

		if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_DSTOPTS &&
		    kind != IPPROTO_FRAGMENT)
			break;
		if (bpf_skb_load_bytes(skb, at, option, sizeof(option)))
			return 0;
		if (kind == IPPROTO_FRAGMENT && (option[2] || option[3] & 0xf8))
			*first = false;
		p->protocol = option[0];
		at += kind == IPPROTO_FRAGMENT ? 8 : (option[1] + 1) * 8;
	}
	return at;
}

static __always_inline bool socket_is_stream(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	sk = sk ? bpf_sk_fullsock(sk) : NULL;
	return sk && sk->type == SOCK_STREAM;
}

static __always_inline void ports_parse(struct __sk_buff *skb, struct packet *p)
{
	__u8 h[14]; /* RFC 9293, 3.1, of which others have the first four */

	if (p->protocol == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(skb, p->payload, h, sizeof(h)))
			return;
		p->payload += (h[12] >> 4) * 4;
		p->flags = h[13];
		p->sequence = h[4] << 24 | h[5] << 16 | h[6] << 8 | h[7];
		p->stream = socket_is_stream(skb);
	} else if (p->protocol == IPPROTO_UDP || p->protocol == IPPROTO_UDPLITE ||
		   p->protocol == IPPROTO_SCTP || p->protocol == IPPROTO_DCCP) {
		if (bpf_skb_load_bytes(skb, p->payload, h, 4))
			return;
		if (p->protocol == IPPROTO_UDP || p->protocol == IPPROTO_UDPLITE)
			p->payload += 8;
	} else {
		return;
	}
	p->source_port = h[0] << 8 | h[1];
	p->destination_port = h[2] << 8 | h[3];
}

/* Returns 0 for what is no IP packet. */
__noinline int packet_parse(struct __sk_buff *skb, struct packet *p)
{
	bool first = true;

	if (!p)
		return 0;
	p->source_port = p->destination_port = p->flags = 0;
	p->sequence = p->stream = 0;
	if (skb->protocol == __builtin_bswap16(ETH_P_IP))
		p->payload = ipv4_parse(skb, p, &first);
	else if (skb->protocol == __builtin_bswap16(ETH_P_IPV6))
		p->payload = ipv6_parse(skb, p, &first);
	else
		return 0;
	if (!p->payload)
		return 0;
	if (first)
		ports_parse(skb, p);
	p->length = skb->len > p->payload ? skb->len - p->payload : 0;
	return 1;
}

/* Scratch for a packet; NULL: there is none. */
static __always_inline struct seat *seat_take(void)
{
	__u32 first = bpf_get_smp_processor_id() * SEATS_TRIED, key;
	struct seat *seat;

#pragma unroll
	for (int i = 0; i < SEATS_TRIED; i++) {
		key = (first + i) % SEATS;
		seat = bpf_map_lookup_elem(&seats, &key);
		if (seat && !__sync_val_compare_and_swap(&seat->busy, 0, 1))
			return seat;
	}
	return NULL;
}

/* What becomes of a packet that there is no scratch for: as of event_unexamined(). */
static __always_inline int packet_unexamined(const struct agent *agent)
{
	count_loss(LOSS_scratch);
	return agent->state & AGENT_OBSERVE ? 0 : -EPERM;
}

static __always_inline void seat_leave(struct seat *seat)
{
	*(volatile __u32 *)&seat->busy = 0;
}

/* All that is known of a process, and of no more than the session. */
#define SLOTS_OF_PROCESS (SLOT_BIT(SLOT_agent_agent_name) - 1)
#define SLOTS_OF_FACTS (SLOTS_OF_PROCESS & ~(SLOT_BIT(SLOT_fact_image) - 1))

/* Starts the record of a packet event. */
__noinline int packet_begin(struct work *work, struct sender *s, __u32 event)
{
	struct record_header *h;
	__u32 slot = policy_slot & 1;

	if (!work || !s)
		return 0;
	h = &work->record.header;
	work_forget(work);
	work->policy_slot = slot;
	h->size = sizeof(struct record);
	h->event = event;
	h->flags = 0;
	h->time = bpf_ktime_get_boot_ns();
	h->agent = s->agent;
	h->session = s->session;
	h->present = s->present;
	h->incomplete = 0;
	if (!s->process_id)
		h->incomplete = SLOTS_OF_PROCESS;
	else if (s->generation != policy_generation[slot])
		h->incomplete = SLOTS_OF_FACTS;
	h->start_time = s->start_time;
	h->parent_start_time = s->parent_start_time;
	h->cgroup = s->cgroup;
	h->image.offset = h->image.length = 0;
	h->common = s->common;
	h->verdict.done = 0;
	h->verdict.latency = 0;
	h->verdict.shell = SHELL_packet;
	work->record.command_line.length = 0;
	work->record.current_directory.length = 0;
	work->text.length = work->text.offset = work->text.incomplete = 0;
	return 0;
}

/* Decides when the texts are matched. Returns whether a rule matched. */
__noinline int packet_decide(struct work *work, struct sender *s, struct agent *agent)
{
	const struct policy *policy;

	if (!work || !s || !agent)
		return 0;
	policy = policy_get(work->policy_slot);
	if (s->process_id && s->generation == policy_generation[work->policy_slot & 1]) {
		match_facts(work, &s->own, SLOT_fact_image);
		match_facts(work, &s->parent, SLOT_fact_image);
	}
	match_facts(work, &agent->facts[work->policy_slot & 1], SLOT_agent_agent_name);
	return policy ? decide_by(work, policy, 0) : 0;
}

/* What is done about the packet. Returns -EPERM when it is to be dropped. */
static __always_inline int packet_act(struct work *work, struct agent *agent)
{
	struct verdict *verdict = &work->record.header.verdict;

	if (verdict->asked < RESPONSE_deny)
		return 0;
	verdict->done = DONE_DENIED;
	if (verdict->asked >= RESPONSE_kill)
		verdict->done |= DONE_KILLED;
	if (verdict->asked == RESPONSE_kill_agent)
		verdict->done |= DONE_CONDEMNED;
	return done_really(work, agent) ? -EPERM : 0;
}

/* As event_end(). `places`: of seat->work.text, and of seat->other. */
__noinline int packet_end(struct seat *seat, struct sender *s, struct agent *agent, __u32 places)
{
	__u32 end = sizeof(struct record), matched;
	struct tail tail = { 0 };
	struct work *work;
	int r = 0;

	if (!seat || !s || !agent)
		return 0;
	work = &seat->work;
	matched = packet_decide(work, s, agent);
	if (!matched && !(agent->state & AGENT_RECORD))
		return 0;
	if (matched)
		r = packet_act(work, agent);
	tell_texts(work, &seat->other, places, &tail, &end);
	work->record.header.size = end;
	emit_packet(work, &seat->other, &tail, matched ? RING_verdict : RING_telemetry);
	return r;
}

/* What was refused is sent again and again: nothing on that socket leaves for there any more. */
static __always_inline void packet_refused(struct work *work, struct sender *s,
					   const struct packet *p)
{
	s->refused_to = p->destination;
	s->refused = work->record.header.generation;
}

static __always_inline bool packet_is_refused(const struct sender *s, const struct packet *p)
{
	return s->refused && s->refused == policy_generation[policy_slot & 1] &&
	       s->refused_to.half[0] == p->destination.half[0] &&
	       s->refused_to.half[1] == p->destination.half[1];
}

#define PACKET_HAS(work, slot) ((work)->record.header.present |= SLOT_BIT(slot))

#endif
