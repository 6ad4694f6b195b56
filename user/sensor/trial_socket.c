/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sensor/trial_acts.h"

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
