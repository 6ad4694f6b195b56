/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Whose a packet is. It is sent when another task may run, so that who sends on a socket is
 * remembered with the socket; and what a session sent to whom, and the names it knows.
 */
#ifndef FERMATA_SENDER_H
#define FERMATA_SENDER_H

#include "agent.h"

/* Sockets of agents that are remembered. Full: the one that was used least lately is
 * forgotten, until its process sends on it again. */
#define SENDERS_MAX 4096

/* Who has sent on a socket last. */
struct sender {
	__u64 session;
	__u32 agent; /* row */
	__u32 process_id; /* as the kernel numbers it; 0: not known, but for the session */
	__u64 trial;
	__u64 present; /* as in a record, of `common` */
	__u64 start_time, parent_start_time, cgroup; /* the same */
	struct event_common common;
	__u64 generation; /* of the policy that the facts are atoms of */
	struct program_key program;
	struct facts own, parent;
	__u32 sequence, sequence_known; /* of TCP, behind the last byte that was sent */
	__u64 spoke; /* something was sent that may have been a hello */
	__u64 told; /* a network_send was told since */
	__u64 refused; /* generation of a policy that refused what it sends, */
	struct address refused_to; /* to this address */
};

/* Of a cgroup that is a session's alone. */
struct owner {
	__u64 session;
	__u32 agent; /* row */
	__u32 trial;
};

#define OWNERS_MAX AGENTS_MAX
#define OWNER_LEVELS_MAX 16 /* depth of such a cgroup; deeper ones are not found */

/* Addresses that sessions have sent to. Full: counted (LOSS_peer), and TotalBytes is not
 * known of those that are beyond. */
#define PEERS_MAX 16384

struct peer_key {
	__u64 session;
	struct address address;
};

struct peer_account {
	__u64 total; /* bytes of payload */
	__u64 told; /* of which the last network_send told */
	__u64 time; /* of that, CLOCK_BOOTTIME, ns */
};

/* Of one socket. */
struct connection {
	struct address source, destination;
	__u16 source_port, destination_port;
};

/* A network_send is told with the first packet of a socket, and then with so much more. */
#define SEND_STEP (64u << 10)
#define SEND_PAUSE 1000000000ull /* ns */

/* Names of addresses, by session. Full: the one that was used least lately is forgotten. */
#define HOSTNAMES_MAX 4096
#define HOSTNAME_MAX 255 /* RFC 1035, 2.3.4 */

struct hostname {
	__u32 length;
	__u8 byte[HOSTNAME_MAX + 1];
};

#endif
