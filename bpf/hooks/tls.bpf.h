/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * tls_handshake: a ClientHello (RFC 8446, 4.1.2) at the start of a segment, whatever the
 * port. What of it is not in that segment is incomplete.
 */
#include "../packet.bpf.h"

enum { TLS_HANDSHAKE = 22, TLS_CLIENT_HELLO = 1 };
#define TLS_HEAD 6 /* bytes by which one is known */
#define TLS_SESSION 43 /* record and handshake headers, version, random */
#define TLS_EXTENSIONS_MAX 64
#define ALPN_PROTOCOLS_MAX 128 /* separated by commas; beyond, by their lengths */
enum { EXTENSION_server_name = 0, EXTENSION_alpn = 16 };

/* An extension. In the work: `position` is where the next begins, `cursor` where they end;
 * `state` and `hits` are where the server name is and its length, `key_low` and `key_high`
 * the same of the list of protocols. */
static long extension_step(__u32 i, struct work **of)
{
	struct work *work = *of;
	__u32 at = work->position, length = two_bytes(&work->text, at + 2);

	if (at + 4 > work->cursor)
		return 1;
	work->position = at + 4 + length;
	if (work->position > work->cursor)
		return 1;
	switch (two_bytes(&work->text, at)) {
	case EXTENSION_server_name: /* RFC 6066, 3: a list, of which a client sends one */
		if (length >= 5) {
			work->state = at + 9;
			work->hits = two_bytes(&work->text, at + 7);
			if (work->state + work->hits > work->position)
				work->hits = work->position - work->state;
		}
		break;
	case EXTENSION_alpn: /* RFC 7301, 3.1 */
		if (length > 2) {
			work->key_low = at + 6;
			work->key_high = length - 2;
		}
		break;
	}
	return 0;
}

/* Returns whether all of the hello was there. In several records it may say anything. */
static __always_inline bool hello_parse(struct work *work, __u32 loaded)
{
	__u32 at = TLS_SESSION;
	struct text *text = &work->text;

	work->state = work->hits = 0;
	work->key_low = work->key_high = 0;
	if (loaded < TLS_SESSION || text->byte[6] || 4u + two_bytes(text, 7) > two_bytes(text, 3))
		return false;
	at += 1 + text->byte[at & (TEXT_MAX - 1)]; /* session id */
	at += 2 + two_bytes(text, at); /* ciphers */
	at += 1 + text->byte[at & (TEXT_MAX - 1)]; /* compression */
	work->cursor = at + 2 + two_bytes(text, at);
	work->position = at + 2;
	/* without extensions it ends here */
	if (5u + two_bytes(text, 3) <= at)
		return 5u + two_bytes(text, 3) <= loaded;
	if (work->cursor <= loaded) {
		repeat(TLS_EXTENSIONS_MAX, (void *)extension_step, &work);
		return work->position >= work->cursor;
	}
	work->cursor = loaded;
	repeat(TLS_EXTENSIONS_MAX, (void *)extension_step, &work);
	return false;
}

struct alpn_list {
	struct work *work;
	struct text *list;
};

/* A protocol: its length becomes a comma. In the work: `position`. */
static long protocol_step(__u32 i, struct alpn_list *a)
{
	__u32 at = a->work->position;
	__u8 *byte = &a->list->byte[at & (TEXT_MAX - 1)];

	if (at >= a->list->length)
		return 1;
	a->work->position = at + 1 + *byte;
	*byte = ',';
	return 0;
}

static __always_inline bool alpn_get(struct work *work, struct text *list)
{
	struct alpn_list a = { work, list };
	__u32 length = work->key_high;

	list->offset = list->length = 0;
	if (length < 2)
		return false;
	opaque(length);
	if (length > TEXT_MAX)
		length = TEXT_MAX;
	bpf_probe_read_kernel(list->byte, length, &work->text.byte[work->key_low & (TEXT_MAX - 1)]);
	list->length = length;
	work->position = 0;
	repeat(ALPN_PROTOCOLS_MAX, (void *)protocol_step, &a);
	list->offset = 1;
	list->length = length - 1;
	return true;
}

/* The server's name is one of its address, unless that has one. */
static __always_inline void hello_names(struct seat *seat, const struct sender *s,
					const struct packet *p)
{
	struct hostname *name = (struct hostname *)seat->other.byte;
	struct text *text = &seat->work.text;
	struct peer_key key = { s->session, p->destination };
	__u32 length = text->length;

	opaque(length);
	if (!length || length > HOSTNAME_MAX)
		return;
	name->length = length;
	bpf_probe_read_kernel(name->byte, length, &text->byte[text->offset & (TEXT_MAX - 1)]);
	bpf_map_update_elem(&hostnames, &key, name, BPF_NOEXIST);
}

static __always_inline void hello_fill(struct seat *seat, const struct packet *p, bool whole)
{
	struct work *work = &seat->work;
	struct event_tls_handshake *t = &work->record.tls_handshake;

	t->destination_ip = p->destination;
	t->destination_port = p->destination_port;
	t->source_ip = p->source;
	t->source_port = p->source_port;
	t->loopback = address_is_loopback(&p->destination);
	t->private_address = address_is_private(&p->destination);
	PACKET_HAS(work, SLOT_tls_handshake_destination_ip);
	PACKET_HAS(work, SLOT_tls_handshake_destination_port);
	PACKET_HAS(work, SLOT_tls_handshake_source_ip);
	PACKET_HAS(work, SLOT_tls_handshake_source_port);
	PACKET_HAS(work, SLOT_tls_handshake_loopback);
	PACKET_HAS(work, SLOT_tls_handshake_private_address);
	if (!whole && !work->text.length)
		work->record.header.incomplete |= SLOT_BIT(SLOT_tls_handshake_server_name);
	if (!whole && !seat->other.length)
		work->record.header.incomplete |= SLOT_BIT(SLOT_tls_handshake_alpn);
}

static __always_inline int hello_examine(struct seat *seat, struct sender *s, struct agent *agent,
					 const struct packet *p, __u32 loaded)
{
	struct work *work = &seat->work;
	bool whole = hello_parse(work, loaded);
	__u32 place = 0, other = 0;

	work->text.offset = work->state & (TEXT_MAX - 1);
	work->text.length = work->hits;
	if (names_wanted)
		hello_names(seat, s, p);
	alpn_get(work, &seat->other);
	hello_fill(seat, p, whole);
	if (work->text.length) {
		PACKET_HAS(work, SLOT_tls_handshake_server_name);
		match_field(work, &work->text, FIELD_tls_handshake_server_name);
		place = PLACE(tls_handshake, server_name);
	}
	if (seat->other.length) {
		PACKET_HAS(work, SLOT_tls_handshake_alpn);
		match_field(work, &seat->other, FIELD_tls_handshake_alpn);
		other = PLACE(tls_handshake, alpn);
	}
	return packet_end(seat, s, agent, PLACES(place, other));
}

/* Whether it may be one: by its head, of which the first segment of a connection may be a part. */
static __always_inline bool packet_says_hello(struct __sk_buff *skb, struct sender *s,
					      const struct packet *p)
{
	__u8 head[TLS_HEAD] = { 0 };
	bool first = !s->spoke;

	s->spoke = 1;
	if (p->length >= TLS_HEAD)
		return !bpf_skb_load_bytes(skb, p->payload, head, sizeof(head)) &&
		       head[0] == TLS_HANDSHAKE && head[1] == 3 && head[5] == TLS_CLIENT_HELLO;
	return first && !bpf_skb_load_bytes(skb, p->payload, head, 1) && head[0] == TLS_HANDSHAKE;
}

/* Returns -EPERM when the packet is to be dropped. */
__noinline int hello_body(struct __sk_buff *skb, struct sender *s, struct agent *agent,
			  struct packet *p)
{
	struct seat *seat;
	__u32 loaded;
	int r = 0;

	if (!s || !agent || !p || p->protocol != IPPROTO_TCP || !p->length ||
	    !packet_says_hello(skb, s, p))
		return 0;
	seat = seat_take();
	if (!seat)
		return packet_unexamined(agent);
	packet_begin(&seat->work, s, EVENT_tls_handshake);
	loaded = payload_load(skb, &seat->work.text, p->payload, p->length, TEXT_MAX - 1);
	if (loaded)
		r = hello_examine(seat, s, agent, p, loaded);
	if (r)
		packet_refused(&seat->work, s, p);
	seat_leave(seat);
	return r;
}
