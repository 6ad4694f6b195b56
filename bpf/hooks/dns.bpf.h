/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * dns_query: a question that leaves for port 53, RFC 1035, 4.1; and of the answers that come
 * from there the names of addresses. Over TCP what is known is of a segment that is one message.
 */
#include "../packet.bpf.h"

#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_QR 0x80 /* in the third byte: it is an answer */
#define DNS_POINTER 0xc0
#define DNS_RECORD 10 /* type, class, lifetime and length, behind the name */
#define DNS_STEPS_MAX 256 /* names and records of an answer that are looked at */
enum { DNS_A = 1, DNS_AAAA = 28 };
enum question_state { QUESTION_RUNS, QUESTION_ENDS, QUESTION_BAD };

/* Copies up to `most` bytes from there to the start of the text; returns how many. */
static __always_inline __u32 payload_load(struct __sk_buff *skb, struct text *text, __u32 at,
					  __u32 length, __u32 most)
{
	__u64 n = length < most ? length : most;

	asm volatile("if %0 <= %1 goto +1\n%0 = 1\nif %0 > 0 goto +1\n%0 = 1"
		     : "+r"(n)
		     : "i"(TEXT_MAX));
	return bpf_skb_load_bytes(skb, at, text->byte, n) ? 0 : n;
}

static __always_inline __u16 two_bytes(const struct text *text, __u32 at)
{
	return text->byte[at & (TEXT_MAX - 1)] << 8 | text->byte[(at + 1) & (TEXT_MAX - 1)];
}

/* Labels are separated by dots where their lengths were. In the work: `state` is what is
 * left of the label, `cursor` the length of what was loaded, `hits` enum question_state. */
static long question_step(__u32 i, struct work **of)
{
	struct work *work = *of;
	__u8 *byte = &work->text.byte[(DNS_HEADER + i) & (TEXT_MAX - 1)];

	work->position = i;
	if (DNS_HEADER + i >= work->cursor) {
		work->hits = QUESTION_BAD;
		return 1;
	}
	if (work->state) {
		work->state--;
		return 0;
	}
	work->state = *byte;
	if (!*byte || *byte >= 64) {
		work->hits = *byte ? QUESTION_BAD : QUESTION_ENDS;
		return 1;
	}
	*byte = '.';
	return 0;
}

/* Leaves the name in the text, and in `position` where it ended. */
static __always_inline void question_parse(struct work *work, __u32 loaded)
{
	work->state = 0;
	work->cursor = loaded;
	work->hits = QUESTION_RUNS;
	repeat(HOSTNAME_MAX, (void *)question_step, &work);
	work->text.offset = DNS_HEADER + 1;
	work->text.length = work->position ? work->position - 1 : 0;
	work->text.incomplete = work->hits != QUESTION_ENDS;
}

static __always_inline int query_examine(struct seat *seat, struct sender *s, struct agent *agent,
					 const struct packet *p)
{
	struct work *work = &seat->work;
	struct event_dns_query *q = &work->record.dns_query;
	__u32 place = 0;

	q->resolver = p->destination;
	q->protocol = p->protocol;
	q->source_ip = p->source;
	q->source_port = p->source_port;
	PACKET_HAS(work, SLOT_dns_query_resolver);
	PACKET_HAS(work, SLOT_dns_query_protocol);
	PACKET_HAS(work, SLOT_dns_query_source_ip);
	PACKET_HAS(work, SLOT_dns_query_source_port);
	if (work->text.incomplete) {
		work->record.header.incomplete |=
			SLOT_BIT(SLOT_dns_query_query_name) | SLOT_BIT(SLOT_dns_query_query_type);
	} else {
		q->query_type = two_bytes(&work->text, DNS_HEADER + work->position + 1);
		PACKET_HAS(work, SLOT_dns_query_query_type);
	}
	if (work->text.length || !work->text.incomplete) {
		PACKET_HAS(work, SLOT_dns_query_query_name);
		match_field(work, &work->text, FIELD_dns_query_query_name);
		place = PLACE(dns_query, query_name);
	}
	return packet_end(seat, s, agent, place);
}

/* Over TCP a message has its length before it. */
static __always_inline __u32 message_prefix(const struct packet *p)
{
	return p->protocol == IPPROTO_TCP ? 2 : 0;
}

static __always_inline bool packet_speaks_dns(const struct packet *p, __u16 port)
{
	return port == DNS_PORT && (p->protocol == IPPROTO_UDP || p->protocol == IPPROTO_TCP) &&
	       p->length > DNS_HEADER + message_prefix(p);
}

/* Whether the segment is one message and nothing else. What is put together of several, or is more
 * than one, may ask for anything. */
static __always_inline bool message_is_whole(struct __sk_buff *skb, const struct packet *p)
{
	__u8 length[2];

	if (p->protocol == IPPROTO_UDP)
		return true;
	return p->length > 2 + DNS_HEADER &&
	       !bpf_skb_load_bytes(skb, p->payload, length, sizeof(length)) &&
	       2u + (length[0] << 8 | length[1]) == p->length;
}

/* Leaves the question in the work's text. Returns false for what is none. */
static __always_inline bool query_read(struct __sk_buff *skb, struct work *work,
				       const struct packet *p)
{
	__u32 prefix = message_prefix(p), loaded;

	if (!message_is_whole(skb, p)) {
		work->text.incomplete = 1;
		return true;
	}
	loaded = payload_load(skb, &work->text, p->payload + prefix, p->length - prefix,
			      DNS_HEADER + HOSTNAME_MAX + 5);
	if (!loaded || work->text.byte[2] & DNS_QR)
		return false;
	question_parse(work, loaded);
	return true;
}

static __always_inline bool packet_asks(const struct packet *p)
{
	if (p->destination_port != DNS_PORT)
		return false;
	return p->protocol == IPPROTO_TCP ? p->length
					  : p->protocol == IPPROTO_UDP && p->length > DNS_HEADER;
}

/* Returns -EPERM when the packet is to be dropped. */
__noinline int query_body(struct __sk_buff *skb, struct sender *s, struct agent *agent,
			  struct packet *p)
{
	struct seat *seat;
	int r = 0;

	if (!s || !agent || !p || !packet_asks(p))
		return 0;
	seat = seat_take();
	if (!seat)
		return packet_unexamined(agent);
	packet_begin(&seat->work, s, EVENT_dns_query);
	if (query_read(skb, &seat->work, p))
		r = query_examine(seat, s, agent, p);
	seat_leave(seat);
	return r;
}

/* Nothing in it changes while the loop runs. */
struct answering {
	struct work *work;
	struct hostname *name;
	__u64 session;
};

static __always_inline void answer_keep(struct answering *a, __u32 at, __u16 type, __u16 length)
{
	const struct text *text = &a->work->text;
	struct peer_key key = { .session = a->session };
	__u32 v4;

	/* the bytes behind TEXT_MAX are there to be read */
	if (type == DNS_A && length == sizeof(v4)) {
		bpf_probe_read_kernel(&v4, sizeof(v4), &text->byte[at & (TEXT_MAX - 1)]);
		key.address = address_v4(v4);
	} else if (type == DNS_AAAA && length == sizeof(key.address)) {
		bpf_probe_read_kernel(&key.address, sizeof(key.address),
				      &text->byte[at & (TEXT_MAX - 1)]);
	} else {
		return;
	}
	bpf_map_update_elem(&hostnames, &key, a->name, BPF_ANY);
}

/* A label, or a record whose name has ended. In the work: `position` is where the next
 * begins, `cursor` the length of what was loaded. */
static long answer_step(__u32 i, struct answering *a)
{
	struct work *work = a->work;
	__u32 at = work->position, length;
	__u8 c = work->text.byte[at & (TEXT_MAX - 1)];

	if (at >= work->cursor)
		return 1;
	if (c && c < DNS_POINTER) {
		work->position = at + 1 + c;
		return 0;
	}
	at += c ? 2 : 1;
	length = two_bytes(&work->text, at + 8);
	if (at + DNS_RECORD + length > work->cursor)
		return 1;
	answer_keep(a, at + DNS_RECORD, two_bytes(&work->text, at), length);
	work->position = at + DNS_RECORD + length;
	return 0;
}

/* Every address in the answer is one of the name that was asked for. */
static __always_inline void answers_keep(struct seat *seat, __u64 session, __u32 loaded)
{
	struct work *work = &seat->work;
	struct answering a = { work, (struct hostname *)seat->other.byte, session };
	__u32 length;

	question_parse(work, loaded);
	length = work->text.length;
	opaque(length);
	if (work->text.incomplete || !length || length > HOSTNAME_MAX)
		return;
	a.name->length = length;
	bpf_probe_read_kernel(a.name->byte, length, &work->text.byte[DNS_HEADER + 1]);
	work->position = DNS_HEADER + work->position + 1 + 4; /* type and class */
	repeat(DNS_STEPS_MAX, (void *)answer_step, &a);
}

/* Without a seat the names are not learnt, and the next answer brings them. */
__noinline int answer_body(struct __sk_buff *skb, struct sender *s, struct packet *p)
{
	struct seat *seat;
	__u32 prefix, loaded;

	if (!s || !p || !packet_speaks_dns(p, p->source_port))
		return 0;
	seat = seat_take();
	if (!seat)
		return 0;
	prefix = message_prefix(p);
	loaded = payload_load(skb, &seat->work.text, p->payload + prefix, p->length - prefix,
			      TEXT_MAX);
	if (loaded > DNS_HEADER && seat->work.text.byte[2] & DNS_QR)
		answers_keep(seat, s->session, loaded);
	seat_leave(seat);
	return 0;
}
