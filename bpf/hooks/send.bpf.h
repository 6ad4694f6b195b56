/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * network_send: what a session sends to an address is added up, whichever of its sockets,
 * and whichever call, it takes. Decided on with the first packet of a socket, with each
 * SEND_STEP bytes, after SEND_PAUSE, and at the end of a connection.
 */
#include "../packet.bpf.h"

struct sent {
	__u64 bytes, total; /* see struct event_network_send */
	bool due, unknown;
};

static __always_inline struct peer_account *account_get(const struct peer_key *key)
{
	struct peer_account *account = bpf_map_lookup_elem(&peers, key), none = { 0 };

	if (account)
		return account;
	bpf_map_update_elem(&peers, key, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&peers, key);
}

/* Bytes that were not in a segment before: TCP sends again what was lost, or slow. */
static __always_inline __u32 fresh_bytes(struct sender *s, const struct packet *p)
{
	__u32 end = p->sequence + p->length;
	__s32 fresh = end - s->sequence;

	if (!p->stream)
		return p->length;
	if (s->sequence_known && fresh <= 0)
		return 0;
	if (!s->sequence_known || fresh > (__s32)p->length)
		fresh = p->length;
	s->sequence = end;
	s->sequence_known = 1;
	return fresh;
}

/* Adds the packet to the account of its peer. */
static __always_inline void sent_add(struct sent *sent, struct sender *s, const struct packet *p,
				     const struct peer_key *key)
{
	struct peer_account *account = account_get(key);
	__u64 now = bpf_ktime_get_boot_ns(), told;
	bool end = p->flags & (TCP_FIN | TCP_RST);

	if (!account) {
		count_loss(LOSS_peer);
		sent->due = sent->unknown = true;
		sent->bytes = p->length;
		return;
	}
	__sync_fetch_and_add(&account->total, fresh_bytes(s, p));
	sent->total = account->total;
	told = account->told;
	sent->bytes = sent->total - told;
	if (!sent->bytes ||
	    !(end || !s->told || sent->bytes >= SEND_STEP || now - account->time >= SEND_PAUSE))
		return;
	/* who comes second has its bytes told by who came first, or next time */
	if (__sync_val_compare_and_swap(&account->told, told, sent->total) != told)
		return;
	account->time = now;
	s->told = 1;
	sent->due = true;
}

static __always_inline void send_fill(struct work *work, const struct packet *p,
				      const struct sent *sent)
{
	struct event_network_send *n = &work->record.network_send;

	n->destination_ip = p->destination;
	n->destination_port = p->destination_port;
	n->source_ip = p->source;
	n->source_port = p->source_port;
	n->protocol = p->protocol;
	n->bytes = sent->bytes;
	n->total_bytes = sent->total;
	n->loopback = address_is_loopback(&p->destination);
	n->private_address = address_is_private(&p->destination);
	PACKET_HAS(work, SLOT_network_send_destination_ip);
	PACKET_HAS(work, SLOT_network_send_protocol);
	PACKET_HAS(work, SLOT_network_send_source_ip);
	PACKET_HAS(work, SLOT_network_send_bytes);
	PACKET_HAS(work, SLOT_network_send_loopback);
	PACKET_HAS(work, SLOT_network_send_private_address);
	if (p->destination_port) {
		PACKET_HAS(work, SLOT_network_send_destination_port);
		PACKET_HAS(work, SLOT_network_send_source_port);
	}
	if (sent->unknown)
		work->record.header.incomplete |= SLOT_BIT(SLOT_network_send_total_bytes);
	else
		PACKET_HAS(work, SLOT_network_send_total_bytes);
}

static __always_inline int send_examine(struct seat *seat, struct sender *s, struct agent *agent,
					const struct packet *p, struct peer_key *key,
					const struct sent *sent)
{
	struct work *work = &seat->work;
	__u32 place = 0;

	packet_begin(work, s, EVENT_network_send);
	send_fill(work, p, sent);
	if (names_wanted && hostname_get(&work->text, key)) {
		PACKET_HAS(work, SLOT_network_send_destination_hostname);
		match_field(work, &work->text, FIELD_network_send_destination_hostname);
		place = PLACE(network_send, destination_hostname);
	}
	return packet_end(seat, s, agent, place);
}

/* Returns -EPERM when the packet is to be dropped. */
__noinline int send_body(struct sender *s, struct agent *agent, struct packet *p)
{
	struct sent sent = { 0 };
	struct peer_key key;
	struct seat *seat;
	int r;

	if (!s || !agent || !p || (!p->length && !(p->flags & (TCP_FIN | TCP_RST))))
		return 0;
	key = (struct peer_key) { s->session, p->destination };
	sent_add(&sent, s, p, &key);
	if (!sent.due)
		return 0;
	seat = seat_take();
	if (!seat)
		return packet_unexamined(agent);
	r = send_examine(seat, s, agent, p, &key, &sent);
	if (r)
		packet_refused(&seat->work, s, p);
	seat_leave(seat);
	return r;
}
