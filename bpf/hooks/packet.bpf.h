/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The programs of a cgroup that its packets pass, out and in.
 */
#include "send.bpf.h"
#include "dns.bpf.h"
#include "tls.bpf.h"

/* Whose the packet is by the cgroup that its socket was made in, or, where that is not asked of
 * all packets of the host, one above it. */
static __always_inline struct owner *owner_of(struct __sk_buff *skb)
{
	__u64 cgroup = bpf_skb_cgroup_id(skb);
	struct owner *owner = bpf_map_lookup_elem(&owners, &cgroup);

	if (!owners_wanted)
		return owner;
	for (int level = 1; level <= OWNER_LEVELS_MAX && !owner; level++) {
		cgroup = bpf_skb_ancestor_cgroup_id(skb, level);
		if (!cgroup)
			return NULL;
		owner = bpf_map_lookup_elem(&owners, &cgroup);
	}
	return owner;
}

/* Nobody was seen sending on the socket: one that was accepted, a part of an MPTCP connection.
 * Returns whether it is known now. A function of its own, so that its stack is not below that of the others. */
__noinline int sender_adopt(struct __sk_buff *skb, __u64 cookie)
{
	struct owner *owner = owner_of(skb);
	struct sender *s;
	struct seat *seat;

	seat = owner ? seat_take() : NULL;
	if (!seat)
		return 0;
	s = (struct sender *)seat->work.text.byte;
	__builtin_memset(s, 0, sizeof(*s));
	s->session = owner->session;
	s->agent = owner->agent;
	s->trial = owner->trial;
	s->cgroup = bpf_skb_cgroup_id(skb);
	bpf_map_update_elem(&senders, &cookie, s, BPF_ANY);
	seat_leave(seat);
	return 1;
}

static __always_inline struct sender *sender_of(struct __sk_buff *skb)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct sender *s = bpf_map_lookup_elem(&senders, &cookie);

	if (s)
		return s;
	return sender_adopt(skb, cookie) ? bpf_map_lookup_elem(&senders, &cookie) : NULL;
}

static __always_inline struct agent *agent_of_sender(const struct sender *s)
{
	__u32 row = s->agent;
	struct agent *agent = bpf_map_lookup_elem(&agents, &row);

	return agent && agent->session == s->session ? agent : NULL;
}

static __always_inline int egress_body(__u32 origin, struct __sk_buff *skb)
{
	struct sender *s = sender_of(skb);
	struct agent *agent = s ? agent_of_sender(s) : NULL;
	struct packet p = { 0 };
	int r = 0;

	if (!agent)
		return 0;
	if (s->trial)
		return trial_note(agent, origin);
	if (agent->state & AGENT_CONDEMNED)
		return -EPERM;
	if (!packet_parse(skb, &p))
		return 0;
	/* that it ends may be told */
	if (p.length && packet_is_refused(s, &p))
		return -EPERM;
	if (packet_events & EVENT_BIT(dns_query))
		r = query_body(skb, s, agent, &p);
	if (!r && packet_events & EVENT_BIT(tls_handshake))
		r = hello_body(skb, s, agent, &p);
	if (!r && packet_events & EVENT_BIT(network_send))
		r = send_body(s, agent, &p);
	return r;
}

SEC("cgroup_skb/egress")
int packet_egress(struct __sk_buff *skb)
{
	return !egress_body(ORIGIN(packet, egress, 0), skb);
}

SEC("cgroup_skb/ingress")
int packet_ingress(struct __sk_buff *skb)
{
	struct sender *s = sender_of(skb);
	struct agent *agent = s ? agent_of_sender(s) : NULL;
	struct packet p = { 0 };

	if (!agent)
		return 1;
	if (s->trial)
		trial_note(agent, ORIGIN(packet, ingress, 0));
	else if (packet_parse(skb, &p))
		answer_body(skb, s, &p);
	return 1;
}
