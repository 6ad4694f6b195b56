/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts on the network, all of this host: to ports that nobody serves, to port 53, and to a socket of
 * the act's own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/canary.h"
#include "sensor/trial_acts.h"

#define ARRIVES_MS 500 /* a packet that has not come by then was dropped */
#define DISCARD 9
#define DAYTIME 13 /* of no other act */

static struct sockaddr_in own_host(__u16 port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int send_own(const void *bytes, size_t size, __u16 port)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in peer = own_host(port);

	if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		return UNTRIED;
	return send(fd, bytes, size, 0) < 0 ? errno : 0;
}

int act_datagram(int ground)
{
	(void)ground;
	return send_own("fermata selftest", 16, DAYTIME);
}

/* RFC 1035, 4.1: a question for the address of fermata-selftest.invalid. */
int act_query(int ground)
{
	static const char query[] =
		"\x12\x67\1\0\0\1\0\0\0\0\0\0\20fermata-selftest\7invalid\0\0\1\0\1";

	(void)ground;
	return send_own(query, sizeof(query) - 1, 53);
}

/* A connection to a socket of our own: both its ends; -1: there is none. */
struct ends {
	int here, there;
};

static struct ends connection_make(void)
{
	_cleanup_close_ int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ends ends = { -1, -1 };
	struct sockaddr_in address = own_host(0);
	socklen_t size = sizeof(address);

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) ||
	    listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &size))
		return ends;
	ends.here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ends.here >= 0 && !connect(ends.here, (struct sockaddr *)&address, size))
		ends.there = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return ends;
}

/* RFC 8446, 4.1.2, with nothing but the name of a server: fermata-selftest.invalid. */
static const char hello[] = "\26\3\1\0\120\1\0\0\114\3\3"
			    "0123456789abcdef0123456789abcdef"
			    "\0\0\2\x13\1\1\0\0\41\0\0\0\35\0\33\0\0\30fermata-selftest.invalid";

int act_hello(int ground)
{
	struct ends ends = connection_make();
	struct pollfd arrives = { .fd = ends.there, .events = POLLIN };
	char bytes[sizeof(hello)];
	int r = UNTRIED;

	(void)ground;
	if (ends.there >= 0 && send(ends.here, hello, sizeof(hello) - 1, MSG_NOSIGNAL) > 0)
		r = poll(&arrives, 1, ARRIVES_MS) == 1 &&
				    recv(ends.there, bytes, sizeof(bytes), MSG_DONTWAIT) > 0
			    ? 0
			    : EPERM;
	closep(&ends.here);
	closep(&ends.there);
	return r;
}

/* An IPv4 address as IPv6 has it. */
int act_mapped(int ground)
{
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6, .sin6_port = htons(DISCARD) };
	_cleanup_close_ int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)ground;
	if (fd < 0)
		return UNTRIED;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &peer.sin6_addr);
	return connect(fd, (struct sockaddr *)&peer, sizeof(peer)) ? errno : 0;
}

/* Connects as it sends. Nobody listens, which is as good as if somebody did. */
int act_fastopen(int ground)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in peer = own_host(DISCARD);

	(void)ground;
	if (fd < 0)
		return UNTRIED;
	if (sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&peer,
		   sizeof(peer)) >= 0)
		return 0;
	return errno == EOPNOTSUPP ? UNTRIED : errno == EPERM ? EPERM : 0;
}

int act_many(int ground)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in peer = own_host(DISCARD);
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_name = &peer,
						.msg_namelen = sizeof(peer),
						.msg_iov = &part,
						.msg_iovlen = 1 } };

	(void)ground;
	if (fd < 0)
		return UNTRIED;
	return sendmmsg(fd, &message, 1, 0) < 0 ? errno : 0;
}

/* To this host, which nobody serves there. */
int act_vsock(int ground)
{
	struct sockaddr_vm peer = { .svm_family = AF_VSOCK,
				    .svm_cid = VMADDR_CID_LOCAL,
				    .svm_port = 4711 };
	_cleanup_close_ int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)ground;
	if (fd < 0)
		return UNTRIED;
	if (!connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		return 0;
	return errno == EPERM ? EPERM : errno == ENODEV ? UNTRIED : 0;
}
