/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/trial_acts.h"

#define HEAR_MS 1000

/* To the discard port of this host. */
union peer {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static int act_network(int family, bool send)
{
	union peer peer = { .in6 = { .sin6_family = (sa_family_t)family, .sin6_port = htons(9) } };
	socklen_t size = family == AF_INET ? sizeof(peer.in) : sizeof(peer.in6);
	_cleanup_close_ int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return UNTRIED;
	if (family == AF_INET)
		peer.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		peer.in6.sin6_addr = in6addr_loopback;
	if (send)
		return sendto(fd, "", 0, MSG_DONTWAIT, &peer.any, size) < 0 ? errno : 0;
	return connect(fd, &peer.any, size) ? errno : 0;
}

int act_connect4(int ground)
{
	(void)ground;
	return act_network(AF_INET, false);
}

int act_connect6(int ground)
{
	(void)ground;
	return act_network(AF_INET6, false);
}

int act_send4(int ground)
{
	(void)ground;
	return act_network(AF_INET, true);
}

int act_send6(int ground)
{
	(void)ground;
	return act_network(AF_INET6, true);
}

static int bound_socket(int type)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	_cleanup_close_ int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)))
		return -errno;
	return take_fd(&fd);
}

/* A packet needs a way, which a network namespace may not have: then the child gets one of its
 * own, with a loopback device. */
static bool loopback_make(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	_cleanup_close_ int fd = -1;

	if (unshare(CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo);
}

int act_egress(int ground)
{
	int error = act_send4(ground);

	if (error != ENETUNREACH)
		return error;
	return loopback_make() ? act_send4(ground) : UNTRIED;
}

/* What it sends to itself. */
int act_hear(int ground)
{
	struct pollfd heard = { .events = POLLIN };
	_cleanup_close_ int fd = -1;
	struct sockaddr_in own;
	socklen_t size = sizeof(own);

	if (act_egress(ground) == UNTRIED)
		return UNTRIED;
	heard.fd = fd = bound_socket(SOCK_DGRAM);
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&own, &size))
		return UNTRIED;
	if (sendto(fd, "", 1, MSG_DONTWAIT, (struct sockaddr *)&own, size) < 0)
		return errno;
	return poll(&heard, 1, HEAR_MS) == 1 ? 0 : ETIMEDOUT;
}

int act_bind(int ground)
{
	_cleanup_close_ int fd = bound_socket(SOCK_DGRAM);

	(void)ground;
	return fd < 0 ? -fd : 0;
}

int act_listen(int ground)
{
	_cleanup_close_ int fd = bound_socket(SOCK_STREAM);

	(void)ground;
	if (fd < 0)
		return UNTRIED;
	return listen(fd, 1) ? errno : 0;
}

/* There is nothing to be taken, which is found out later. */
int act_accept(int ground)
{
	_cleanup_close_ int fd = bound_socket(SOCK_STREAM), taken = -1;

	(void)ground;
	if (fd < 0 || listen(fd, 1))
		return UNTRIED;
	taken = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	return taken >= 0 || errno == EAGAIN ? 0 : errno;
}

int act_socket(int ground)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);

	(void)ground;
	return fd < 0 ? errno : 0;
}

/* A socket of a name that nobody else has, which the kernel chooses. */
static int unix_socket(int type, struct sockaddr_un *ret_name, socklen_t *ret_size)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	*ret_size = sizeof(*ret_name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) ||
	    getsockname(fd, (struct sockaddr *)ret_name, ret_size))
		return -errno;
	return take_fd(&fd);
}

int act_unix_stream(int ground)
{
	struct sockaddr_un name;
	socklen_t size;
	_cleanup_close_ int server = unix_socket(SOCK_STREAM, &name, &size);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)ground;
	if (server < 0 || fd < 0 || listen(server, 1))
		return UNTRIED;
	return connect(fd, (struct sockaddr *)&name, size) ? errno : 0;
}

int act_unix_datagram(int ground)
{
	struct sockaddr_un name;
	socklen_t size;
	_cleanup_close_ int server = unix_socket(SOCK_DGRAM, &name, &size);

	(void)ground;
	if (server < 0)
		return UNTRIED;
	return sendto(server, "", 0, MSG_DONTWAIT, (struct sockaddr *)&name, size) < 0 ? errno : 0;
}

/* A message with one descriptor, or room for one. */
struct handover {
	struct msghdr message;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
};

static void handover_prepare(struct handover *handover, struct iovec *part)
{
	*handover = (struct handover) {
		.control.header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				    .cmsg_level = SOL_SOCKET,
				    .cmsg_type = SCM_RIGHTS },
	};
	handover->message.msg_iov = part;
	handover->message.msg_iovlen = 1;
	handover->message.msg_control = &handover->control;
	handover->message.msg_controllen = sizeof(handover->control);
}

/* From this process to itself. What is refused does not come, and the call succeeds. */
static int receive_by(int from, int to, int descriptor)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct handover handover;

	handover_prepare(&handover, &part);
	memcpy(CMSG_DATA(&handover.control.header), &descriptor, sizeof(descriptor));
	if (sendmsg(from, &handover.message, 0) < 0)
		return UNTRIED;
	handover_prepare(&handover, &part);
	if (recvmsg(to, &handover.message, MSG_CMSG_CLOEXEC) < 0)
		return errno;
	if (handover.message.msg_flags & MSG_CTRUNC)
		return EPERM;
	memcpy(&descriptor, CMSG_DATA(&handover.control.header), sizeof(descriptor));
	close(descriptor);
	return 0;
}

int act_receive(int ground)
{
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return UNTRIED;
	r = receive_by(pair[0], pair[1], ground);
	close(pair[0]);
	close(pair[1]);
	return r;
}
